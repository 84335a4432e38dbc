"""``outdial day-off``: days on which a client calls nobody."""

import asyncio
from typing import Annotated

import typer
from sqlmodel import col, select

from campaigns.commands import CommandName, send
from campaigns.registers import changing, free_days
from campaigns.registers.changing import Done
from campaigns.registers.free_days import DayWish
from campaigns.registers.models import DayOff
from campaigns.registers.register import CommandLine
from campaigns.registers.registers import DAYS_OFF
from campaigns.registers.wishes import BadFields
from cli.installation import Opened, opened
from cli.output import listing, report
from cli.users import AsJson, Client
from dialer.db import transaction
from dialer.errors import Invalid, NotFound

app = typer.Typer(help="Days off: days on which a client calls nobody.", no_args_is_help=True)

Day = Annotated[str, typer.Argument(help="The day, as 2026-05-09.")]
Region = Annotated[str, typer.Option(help="ISO 3166, such as RU or US-NY; empty: everywhere.")]


@app.command()
def add(
    day: Day,
    name: Annotated[str, typer.Argument(help="What day it is.")],
    region: Region = "",
    every_year: Annotated[bool, typer.Option(help="Every year on this date.")] = False,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Add a day off; campaigns that run follow at once."""
    given = {"on_date": day, "name": name, "region": region, "every_year": "x" * every_year}
    asyncio.run(_add(given, client, as_json=as_json))


async def _add(given: dict[str, str], client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        async with transaction(work.sessions) as session:
            try:
                row, done = await free_days.save_day(
                    session,
                    None,
                    DayWish.read(given),
                    who=CommandLine(work.client_id),
                    clock=work.clock,
                )
            except BadFields as wrong:
                said = "; ".join(f"{name}: {one}" for name, one in wrong.problems.items())
                raise Invalid(said) from wrong
        await _tell(work, done)
    report(
        {"day": row.on_date.isoformat(), "name": row.name, "region": row.region}, as_json=as_json
    )


@app.command("list")
def list_days(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List a client's days off by date."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        mine = select(DayOff).where(
            col(DayOff.client_id) == work.client_id, col(DayOff.archived_at).is_(None)
        )
        rows = [
            {
                "day": row.on_date.isoformat(),
                "name": row.name,
                "region": row.region,
                "every_year": row.every_year,
            }
            for row in await session.exec(mine.order_by(col(DayOff.on_date)))
        ]
    listing(rows, as_json=as_json, empty="No days off yet: `outdial day-off add DAY NAME`.")


@app.command()
def remove(
    day: Day, region: Region = "", client: Client = "Outdial", as_json: AsJson = False
) -> None:
    """Put a day off away; what the law closes stays closed."""
    asyncio.run(_remove(day, region.upper(), client, as_json=as_json))


async def _remove(day: str, region: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        async with transaction(work.sessions) as session:
            mine = select(DayOff).where(
                col(DayOff.client_id) == work.client_id, col(DayOff.region) == region
            )
            found = [row for row in await session.exec(mine) if row.on_date.isoformat() == day]
            if not found:
                raise NotFound
            values = {DAYS_OFF.put_away: work.clock.now()}
            done = await changing.change_rows(
                session,
                DAYS_OFF,
                [row.id for row in found],
                values,
                "archived",
                who=CommandLine(work.client_id),
                clock=work.clock,
            )
        await _tell(work, done)
    report({"day": day, "removed": True}, as_json=as_json)


async def _tell(work: Opened, done: Done) -> None:
    for campaign_id in done.campaigns:
        await send(work.redis, campaign_id, CommandName.REFRESH)
