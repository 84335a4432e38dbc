"""``outdial report``: standard reports on the terminal, rolling up by hand, and the check of the roll-ups."""

import asyncio
from datetime import date
from typing import Annotated, Any

import typer

from campaigns.reports.cases import count_changes
from campaigns.reports.measures import MEASURES
from campaigns.reports.naming import names_of
from campaigns.reports.periods import Period, Usual, day_of, usual
from campaigns.reports.query import figures
from campaigns.reports.rolling import Checked, check, roll_all
from campaigns.reports.settings import terms_of
from campaigns.reports.standard import ReportKey, report_named
from cli.installation import Opened, opened
from cli.main import FAILED
from cli.output import console, listing, report
from cli.users import AsJson, Client
from dialer.db import transaction
from dialer.errors import Invalid

app = typer.Typer(help="Figures: standard reports, roll-ups and their check.", no_args_is_help=True)

Since = Annotated[str, typer.Option("--from", help="The first day, as 2026-11-01.")]
Until = Annotated[str, typer.Option("--to", help="The last day.")]
Which = Annotated[Usual, typer.Option("--period", help="Unless --from and --to are given.")]


class BadDay(Invalid):
    """A day that is no date."""

    code = "bad_day"
    message = "Write a day as 2026-11-01, and both --from and --to."


@app.command("show")
def show(
    name: Annotated[ReportKey, typer.Argument(help="Which report.")],
    period: Which = Usual.DAYS_30,
    since: Since = "",
    until: Until = "",
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Print a standard report."""
    asyncio.run(_show(name, period, since, until, client, as_json=as_json))


async def _show(
    name: ReportKey, which: Usual, since: str, until: str, client: str, *, as_json: bool
) -> None:
    async with opened(client) as work, work.sessions() as session:
        period = await _period(work, which, since, until)
        question = report_named(name.value).question(period, {})
        table = await figures(session, work.client_id, question, now=work.clock.now())
        by = question.dimensions
        values = {one: {row.key[n] for row in table.rows} for n, one in enumerate(by)}
        names = await names_of(session, work.client_id, values)
    rows = []
    for row in table.rows:
        line: dict[str, Any] = {
            one.value: names.get(one, {}).get(value, value)
            for one, value in zip(by, row.key, strict=True)
        }
        for measure in question.columns():
            value = table.value(row, measure)
            line[measure.key] = None if value is None else float(value)
        rows.append(line)
    listing(rows, as_json=as_json, empty="No calls in this period.")


@app.command("measures")
def measures(as_json: AsJson = False) -> None:
    """List every measure with its formula and source."""
    rows = [
        {"measure": one.key, "name": one.name, "formula": one.formula, "source": one.source}
        for one in MEASURES.values()
    ]
    listing(rows, as_json=as_json, empty="")


@app.command("roll-up")
def roll_up(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Roll up now what the background worker would: days that are over, and changed cases."""
    asyncio.run(_roll_up(client, as_json=as_json))


async def _roll_up(client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        changes = 0
        while True:
            async with transaction(work.sessions) as session:
                taken = await count_changes(session)
            changes += taken
            if not taken:
                break
        days = 0
        async for rolled in roll_all(work.sessions, work.clock, client_id=work.client_id):
            days += rolled
    report({"days": days, "changed_cases": changes}, as_json=as_json)


@app.command("check")
def check_rollups(
    period: Which = Usual.DAYS_30,
    since: Since = "",
    until: Until = "",
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Count a period again from single calls and compare each kept cell; differences are an error."""
    found = asyncio.run(_check(period, since, until, client))
    facts = {"days_rolled_up": found.days, "wrong_cells": len(found.wrong)}
    report(facts, as_json=as_json)
    if found.wrong:
        for key in found.wrong[:20]:
            console.print("  " + " ".join(str(part) for part in key), markup=False)
        raise typer.Exit(FAILED)


async def _check(which: Usual, since: str, until: str, client: str) -> Checked:
    async with opened(client) as work, work.sessions() as session:
        period = await _period(work, which, since, until)
        return await check(session, work.client_id, period, work.clock)


async def _period(work: Opened, which: Usual, since: str, until: str) -> Period:
    if since or until:
        try:
            return Period(date.fromisoformat(since), date.fromisoformat(until))
        except ValueError:
            raise BadDay from None
    async with work.sessions() as session:
        terms = await terms_of(session, work.client_id)
    return usual(which, day_of(work.clock.now(), terms.zone))
