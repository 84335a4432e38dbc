"""A call of one's own on a page, and the calendar of a callback.

The calendar is by the contact's own clock, and offers only the times at which the gate lets us call.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.languages import locale_of
from api.pages.desk_asked import HOME, DeskAsked, DeskAskedDep
from api.pages.desk_view import Typed
from api.templating import render
from campaigns import lifecycle
from campaigns.desk.slots import calendar_of
from campaigns.desk.strangers import trace_stranger
from campaigns.leads.keeping import keeper_for
from campaigns.leads.models import Attempt, Lead
from campaigns.leads.places import load_places

router = APIRouter(prefix=f"{HOME}/calls")

#: The clock of a contact of whom nobody knows where he or she is.
_NOWHERE = "UTC"


@dataclass(frozen=True, slots=True)
class Look:
    """Which part of the calendar is looked at."""

    day: date | None = None
    clock: Annotated[str, Query(max_length=64)] = ""  #: IANA
    at: datetime | None = None  #: the time that was chosen before


LookDep = Annotated[Look, Depends()]


@router.get("/{attempt_id}")
async def call_page(
    asked: DeskAskedDep, attempt_id: UUID, look: LookDep, calendar: bool = False
) -> Response:
    """Show one of the own calls, to read or to give it its result late."""
    return await show_call(asked, attempt_id, look if calendar else None)


async def show_call(
    asked: DeskAsked,
    attempt_id: UUID,
    look: Look | None = None,
    *,
    said: str = "",
    typed: Typed | None = None,
) -> Response:
    """Return the page of a call; ``said`` is why its result was not saved."""
    async with asked.stored() as session:
        attempt = await asked.call(session, attempt_id)
        await _looked_at(asked, session, attempt)
    if look is None and typed is not None and typed.opens_callback:
        look = Look(at=typed.chosen_at())
    work = await asked.view.call_context(attempt_id, typed)
    if look is not None:
        work["calendar"] = await _calendar(asked, attempt_id, look)
    code = HTTPStatus.BAD_REQUEST if said else HTTPStatus.OK
    return render(
        asked.request,
        "desk/call.html",
        http_code=code,
        who=asked.who,
        said=said,
        is_bad=bool(said),
        work=work,
    )


async def _looked_at(asked: DeskAsked, session: AsyncSession, attempt: Attempt) -> None:
    who, clock = asked.who.user_id, asked.services.clock
    await trace_stranger(session, attempt, "call.looked_at", user_id=who, clock=clock)


@router.get("/{attempt_id}/callback")
async def calendar(asked: DeskAskedDep, attempt_id: UUID, look: LookDep) -> Response:
    """Show the days, and the times of one of them."""
    found = await _calendar(asked, attempt_id, look)
    return render(asked.request, "desk/_callback.html", calendar=found)


async def _calendar(asked: DeskAsked, attempt_id: UUID, look: Look) -> dict[str, Any]:
    services, locale = asked.services, locale_of(asked.view.language)
    async with asked.stored() as session:
        attempt = await asked.call(session, attempt_id)
        campaign = await lifecycle.find(session, attempt.campaign_id, client_id=attempt.client_id)
        keeper = await keeper_for(session, campaign, services.law, services.shelf, services.clock)
        lead = await session.get_one(Lead, attempt.lead_id)
        place = (await load_places(session, [lead.place_id]))[lead.place_id]
    now = services.clock.now()
    zones = different_clocks(place.zones, now)
    clock = look.clock if look.clock in place.zones else next(iter(zones), _NOWHERE)

    # A "+" in an address is a blank; what cannot be read is no choice.
    chosen = None
    with suppress(OverflowError):  # of the year 1, or 9999
        chosen = look.at.astimezone(ZoneInfo(clock)) if look.at and look.at.tzinfo else None
    day = look.day or (chosen.date() if chosen else None)

    def day_name(day: date) -> str:
        return str(format_date(day, "EEE d MMM", locale=locale))

    return {
        "path": f"{HOME}/calls/{attempt_id}",
        "offered": calendar_of(lambda at: keeper.next_opening(place, at), clock, now, day),
        "zones": zones,
        "is_sure": len(zones) <= 1,
        "now": now,
        "day_name": day_name,
        "chosen": chosen,
    }


def different_clocks(zones: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Return one zone for each clock that shows another time now."""
    clocks: dict[object, str] = {}
    for zone in zones:
        clocks.setdefault(now.astimezone(ZoneInfo(zone)).utcoffset(), zone)
    return tuple(clocks.values())
