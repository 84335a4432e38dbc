"""``outdial dnc``: do-not-call lists of registers, and the client's own."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from campaigns.law import dnc_lists, suppressions
from campaigns.law.dnc_lists import Loaded
from campaigns.law.instants import parse_instant
from campaigns.law.list_sources import ListSource, ListTerms, Owner
from cli import suppressions as own_list
from cli.installation import Opened, opened
from cli.law import e164_of, reading
from cli.output import listing, report
from cli.users import AsJson, Client
from compliance.dnc.formats import DncFormat
from compliance.rulebook.rules import DncSemantics
from dialer.db import transaction

app = typer.Typer(help="Do-not-call lists.", no_args_is_help=True)
own_list.add_to(app)

Code = Annotated[str, typer.Argument(help="The list, as the rules name it: US-NATIONAL.")]
File = Annotated[Path, typer.Argument(help="The register's file, packed or not.")]
Obtained = Annotated[
    str, typer.Option("--obtained-at", help="When the register gave it: 2026-11-20.")
]
Region = Annotated[str, typer.Option(help="Country of numbers without a code: US, GB…")]
Everybody = Annotated[bool, typer.Option("--for-everybody", help="A list of all clients.")]
Format = Annotated[
    DncFormat | None, typer.Option("--format", help="Told from the file when left out.")
]


@app.command()
def load(
    code: Code,
    file: File,
    obtained_at: Obtained,
    region: Region = "US",
    for_everybody: Everybody = False,
    semantics: Annotated[
        DncSemantics | None, typer.Option(help="Whether listed numbers are barred or allowed.")
    ] = None,
    max_age_days: Annotated[
        int | None, typer.Option(min=1, help="Own limit of its age, besides the rules'.")
    ] = None,
    always: Annotated[
        bool | None,
        typer.Option("--always/--by-rule", help="Ask it for every call, or when a rule says so."),
    ] = None,
    form: Format = None,
    force: Annotated[
        bool, typer.Option("--force", help="Even if a newer one is in force.")
    ] = False,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Load a full list and put it in force; running campaigns take it over within seconds."""
    source = ListSource(code, file, parse_instant(obtained_at), region, format=form)
    terms = ListTerms(semantics, max_age_days, always)
    asyncio.run(_load(source, terms, client, everybody=for_everybody, force=force, as_json=as_json))


async def _load(
    source: ListSource,
    terms: ListTerms,
    client: str,
    *,
    everybody: bool,
    force: bool,
    as_json: bool,
) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        with reading(source.path):
            done = await dnc_lists.load_list(
                session,
                source,
                directory=work.settings.dnc_lists(),
                owner=Owner(work.client_id, for_everybody=everybody),
                clock=work.clock,
                terms=terms,
                force=force,
            )
        facts = _facts(done, work)
    report(facts, as_json=as_json, title=f"{source.code} is in force")


@app.command()
def change(
    code: Code,
    file: File,
    obtained_at: Obtained,
    region: Region = "US",
    for_everybody: Everybody = False,
    form: Format = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Apply a change list to the list in force."""
    source = ListSource(code, file, parse_instant(obtained_at), region, format=form)
    asyncio.run(_change(source, client, everybody=for_everybody, as_json=as_json))


async def _change(source: ListSource, client: str, *, everybody: bool, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        with reading(source.path):
            done = await dnc_lists.apply_changes(
                session,
                source,
                directory=work.settings.dnc_lists(),
                owner=Owner(work.client_id, for_everybody=everybody),
                clock=work.clock,
            )
        facts = _facts(done, work)
    report(facts, as_json=as_json, title=f"{source.code} is changed")


def _facts(done: Loaded, work: Opened) -> dict[str, object]:
    return {
        **dnc_lists.shown(done.row, work.clock.now()),
        "lines": done.report.lines,
        "lines_refused": done.report.refused,
        "first_refused_lines": list(done.report.refused_samples),
        "leads_woken": done.leads_woken,
    }


@app.command("list")
def list_lists(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the lists in force, and how old they are."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        found = await dnc_lists.find_lists(session, client_id=work.client_id)
        rows = [dnc_lists.shown(row, work.clock.now()) for row in found]
    listing(rows, as_json=as_json, empty="No lists yet: `outdial dnc load CODE FILE`.")


@app.command()
def contains(
    number: Annotated[str, typer.Argument(help="The number, with its country code.")],
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Say on which lists a number is, the client's own one included."""
    asyncio.run(_contains(e164_of(number), client, as_json=as_json))


async def _contains(e164: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        directory = work.settings.dnc_lists()
        answers: list[dict[str, object]] = [
            {
                "list": row.code,
                "listed": await dnc_lists.contains(row, e164, directory=directory),
                "since": row.obtained_at.isoformat(),
                "id": str(row.id),
            }
            for row in await dnc_lists.find_lists(session, client_id=work.client_id)
        ]
        own = await suppressions.find(session, client_id=work.client_id, e164=e164)
    answers += [
        {
            "list": "own" if row.campaign_id is None else f"own, campaign {row.campaign_id}",
            "listed": True,
            "since": row.added_at.isoformat(),
            "id": str(row.id),
        }
        for row in own
    ]
    listing(answers, as_json=as_json, empty="On no list, and none is loaded.")
