"""``outdial``: every command of the dialer."""

import sys

import typer
from pydantic import ValidationError

from cli import agents, campaign, files, processes, trunks, users
from cli.demo import command as demo
from cli.embedded.process import EmbeddedError
from cli.output import console
from dialer.errors import OutdialError

app = typer.Typer(
    name="outdial",
    help="Outbound campaign dialer on Asterisk. `outdial demo` shows everything.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(campaign.app, name="campaign")
app.add_typer(agents.app, name="agent")
app.add_typer(trunks.app, name="trunk")
app.add_typer(users.app, name="user")
app.command("import")(files.import_file)
app.command("export")(files.export_file)
app.command("serve")(processes.serve)
app.command("worker")(processes.worker)
app.command("stop")(processes.stop)
app.command("demo")(demo.demo)

#: Exit codes: 1 = the work failed, 2 = the input or the set-up must be changed.
FAILED, WRONG_INPUT = 1, 2


def main() -> None:
    """Run the command line; what a person can mend is told in a sentence, never as a traceback."""
    try:
        app()
    except OutdialError as error:
        _tell(error.detail, error.code)
        for name, value in error.facts.items():
            console.print(f"  {name}: {value}", style="dim", highlight=False)
        sys.exit(WRONG_INPUT)
    except (EmbeddedError, ValidationError) as error:
        _tell(str(error), "configuration")
        sys.exit(WRONG_INPUT)


def _tell(sentence: str, code: str) -> None:
    console.print(f"[bold red]{code}[/]: ", end="")
    console.print(sentence, markup=False, highlight=False)
