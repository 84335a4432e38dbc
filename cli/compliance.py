"""``outdial compliance``: what the law says of a call, which rules there are, and the proof."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from campaigns.law import evidence as proof
from campaigns.law import replace_places
from campaigns.law.evidence import EvidenceFormat, Scope
from campaigns.law.instants import parse_instant
from campaigns.lists.writing.placing import Places
from cli import exemptions, whatif
from cli.installation import Opened, opened
from cli.law import e164_of, law_of, reading
from cli.output import console, report
from cli.users import AsJson, Client
from compliance.places.number_range_builder import rebuild_ru_ranges
from compliance.places.number_ranges import TABLE
from dialer.db import transaction

app = typer.Typer(help="The law: what-if questions, rules, evidence.", no_args_is_help=True)
whatif.add_to(app)
exemptions.add_to(app)
ranges = typer.Typer(help="Tables of number ranges.", no_args_is_help=True)
app.add_typer(ranges, name="ranges")


@app.command()
def evidence(
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    number: Annotated[str | None, typer.Option(help="Only this number.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day or instant on.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this day or instant.")] = None,
    form: Annotated[
        EvidenceFormat, typer.Option("--format", help="How to write it.")
    ] = EvidenceFormat.JSONL,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Export what was decided about a number or in a period, with the receipts and a manifest."""
    asyncio.run(_evidence(out, number, since, until, form, client, as_json=as_json))


async def _evidence(
    out: Path,
    number: str | None,
    since: str | None,
    until: str | None,
    form: EvidenceFormat,
    client: str,
    *,
    as_json: bool,
) -> None:
    async with opened(client) as work, work.sessions() as session:
        scope = Scope(
            work.client_id,
            e164_of(number) if number else None,
            parse_instant(since) if since else None,
            parse_instant(until) if until else None,
        )
        manifest = await proof.export(
            session, scope, out, law=law_of(work.settings), clock=work.clock, form=form
        )
    report(manifest, as_json=as_json, title=f"Evidence in {out}")


@ranges.command("build")
def build_ranges(
    source: Annotated[Path, typer.Argument(help="The regulator's DEF-9xx.csv.")],
    out: Annotated[Path, typer.Option(help="The table to write.")] = TABLE,
    as_json: AsJson = False,
) -> None:
    """Rebuild the table of Russian mobile ranges; then place the numbers again."""
    with reading(source):
        done = rebuild_ru_ranges(source, out)
    facts = {
        "rows": done.rows,
        "ranges": done.ranges,
        "numbers": done.numbers,
        "nationwide": done.nationwide,
        "skipped_rows": done.skipped_rows,
        "unknown_regions": done.unknown_regions,
        "next": "outdial compliance place-again",
    }
    report(facts, as_json=as_json, title=f"Ranges in {out}")


@app.command()
def place_again(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Find the places of all numbers anew, after new ranges or zones."""
    asyncio.run(_place_again(client, as_json=as_json))


async def _place_again(client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        phones, moved, leads = await _place_all(work, quiet=as_json)
        async with transaction(work.sessions) as session:
            asked = await replace_places.finish(
                session,
                client_id=work.client_id,
                user_id=None,
                phones=phones,
                moved=moved,
                clock=work.clock,
            )
    facts = {"phones": phones, "phones_moved": moved, "leads_moved": leads, "leads_woken": asked}
    report(facts, as_json=as_json)


async def _place_all(work: Opened, *, quiet: bool) -> tuple[int, int, int]:
    places, phones, moved, leads = Places(), 0, 0, 0
    cursor: replace_places.Cursor | None = replace_places.START
    with console.status("placing numbers") as shown:
        if quiet:
            shown.stop()
        while cursor is not None:
            async with transaction(work.sessions) as session:
                done = await replace_places.place_chunk(
                    session, places, client_id=work.client_id, cursor=cursor
                )
            phones, moved = phones + done.phones, moved + done.phones_moved
            leads, cursor = leads + done.leads_moved, done.cursor
            shown.update(f"placing numbers: {phones} done, {moved} moved")
    return phones, moved, leads
