"""Days off: made, changed, and what one of them would change on the floor. Nothing here commits."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.registers import changing
from campaigns.registers.changing import Done
from campaigns.registers.models import DayOff
from campaigns.registers.register import Author
from campaigns.registers.registers import DAYS_OFF
from campaigns.registers.wishes import BadFields, Reader
from campaigns.tenancy import audit
from compliance.hours.calendars import Calendars
from compliance.hours.days_off import OwnDay, OwnDays
from dialer.clock import Clock

_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")  # ISO 3166-1 alpha-2 or ISO 3166-2
NO_REGION = "A region is a code of ISO 3166, such as RU, US or US-NY."
IS_THERE = "This day is there already for this region, perhaps put away."
_FIRST, _LAST = 2020, 2100
YEAR_OUT = "Choose a day between 2020 and 2100."


@dataclass(frozen=True, slots=True)
class DayWish:
    """What shall be kept of a day off."""

    name: str
    on_date: date
    region: str
    every_year: bool

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "DayWish":
        """Read a form.

        Raises:
            BadFields: something cannot be kept.
        """
        form = Reader(given)
        wish = cls(
            form.text("name", most=100, needed=True),
            form.day("on_date"),
            form.text("region").upper(),
            form.ticked("every_year"),
        )
        if wish.region and not _REGION.fullmatch(wish.region):
            form.problems["region"] = NO_REGION
        if "on_date" not in form.problems and not _FIRST <= wish.on_date.year <= _LAST:
            form.problems["on_date"] = YEAR_OUT
        form.finish()
        return wish


async def save_day(
    session: AsyncSession, row: DayOff | None, wish: DayWish, *, who: Author, clock: Clock
) -> tuple[DayOff, Done]:
    """Make a day off or change one; campaigns that run follow at once.

    Raises:
        BadFields: the day is there already.
    """
    made = row or DayOff(client_id=who.client_id, on_date=wish.on_date, name=wish.name)
    before = {made.id: changing.facts_of(DAYS_OFF, made)}
    try:
        async with session.begin_nested():
            made.name, made.on_date = wish.name, wish.on_date
            made.region, made.every_year = wish.region, wish.every_year
            session.add(made)
    except IntegrityError as taken:
        raise BadFields({"on_date": IS_THERE}) from taken
    if row is not None:
        done = await changing.remember(
            session, DAYS_OFF, "changed", before, [made], who=who, clock=clock
        )
        return made, done
    facts = {"on_date": wish.on_date.isoformat(), "region": wish.region, "name": wish.name}
    await audit.trace(session, made, "day_off.created", facts, user_id=who.user_id, clock=clock)
    return made, Done(None, await DAYS_OFF.follow(session, who.client_id, [made.id], clock.now()))


@dataclass(frozen=True, slots=True)
class Effect:
    """What a day off would change in one campaign."""

    campaign: str
    leads: int  #: open, of the region, that would be called by nobody on that day
    of: int  #: open leads of the campaign


_OPEN = text(
    """
    SELECT c.name, count(*) AS leads, count(*) FILTER (
        WHERE :region = '' OR :region = ANY(p.jurisdictions)) AS closed
    FROM campaign c JOIN lead l ON l.campaign_id = c.id JOIN place p ON p.id = l.place_id
    WHERE c.client_id = :client_id AND c.state IN ('running', 'paused') AND l.state <> 'done'
    GROUP BY c.id, c.name ORDER BY c.name
    """
)


async def effects(session: AsyncSession, region: str, *, client_id: UUID) -> list[Effect]:
    """Return what a day off in a region would change: the client's campaigns under way."""
    rows = await session.execute(_OPEN, {"client_id": client_id, "region": region})
    return [Effect(row.name, row.closed, row.leads) for row in rows]


def next_dates(row: DayOff, today: date) -> date | None:
    """Return the next date of a day off, today's too; None: it is over."""
    own = OwnDays((OwnDay(row.on_date, row.every_year, row.region),))
    return next((one for one in own.dates(row.region) if one >= today), None)


def also_public(calendars: Calendars, day: date, region: str) -> list[str]:
    """Return the countries whose law has a holiday on that day, among the region's or all."""
    keys: Iterable[str] = sorted(calendars.days)
    wanted = [key for key in keys if not region or key in (region, region[:2])]
    return [key for key in wanted if calendars.is_holiday(key, day)]
