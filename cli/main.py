"""``outdial``: the command line."""

import sys

import typer
from pydantic import ValidationError

from cli.embedded.process import EmbeddedError
from cli.output import console
from dialer.errors import OutdialError

#: Exit codes: 1 = the work failed, 2 = the input or the set-up must be changed.
FAILED, WRONG_INPUT = 1, 2

#: Commands of ``outdial compliance`` that need no services.
LIGHT = (["check"], ["rules"])


def main() -> None:
    """Run the command line; what a person can mend is told in a sentence, never as a traceback."""
    try:
        _program(sys.argv[1:])()
    except OutdialError as error:
        _tell(error.detail, error.code)
        for name, value in error.facts.items():
            console.print(
                f"  {name}: {value}", style="dim", markup=False, emoji=False, highlight=False
            )
        sys.exit(WRONG_INPUT)
    except (EmbeddedError, ValidationError) as error:
        _tell(str(error), "configuration")
        sys.exit(WRONG_INPUT)


def _tell(sentence: str, code: str) -> None:
    console.print(f"[bold red]{code}[/]: ", end="")
    console.print(sentence, markup=False, emoji=False, highlight=False)


def _program(arguments: list[str]) -> typer.Typer:
    """Return the program that has the command: what needs no services starts without them."""
    if arguments[:1] == ["compliance"] and arguments[1:2] in LIGHT:
        from cli import whatif  # importing what another command needs would take longer

        return whatif.light_app()
    from dialer import logs

    logs.configure(json=False, level="WARNING")  # to stderr: what is printed is the answer alone
    if arguments[:1] == ["import"]:
        from cli import imports

        return imports.light_app()  # it loads the rest unless the file alone answers
    from cli.commands import app  # takes seconds: it imports the server, the workers and the demo

    return app
