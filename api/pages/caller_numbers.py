"""Caller IDs: the numbers people see, their limits, how they do, and the pools of campaigns."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from babel.numbers import format_percent
from fastapi import APIRouter
from fastapi.responses import Response

from api.auth import Permission, may
from api.labels import mark
from api.languages import language_of, locale_of
from api.pages.lists import campaigns_of
from api.registers.desk import Asked, AskedDep, AskedToChangeDep, WantedDep
from api.registers.putting import put, ticked
from api.registers.sheet import Button, Field, Line, Mark, Sheet, Typed, draw, draw_one, rows_of
from campaigns.models import CallerId
from campaigns.registers import caller_numbers
from campaigns.registers.caller_numbers import Health
from campaigns.registers.changing import Done
from campaigns.registers.finding import Shown, Wanted, find_row
from campaigns.registers.registers import CALLER_IDS
from campaigns.registers.wishes import BadFields
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/caller-ids")

#: Numbers that were marked as spam are usually forgotten about after some weeks without calls.
RESTS = {"rested-day": timedelta(days=1), "rested-month": timedelta(days=30)}
SHEET = Sheet(
    CALLER_IDS,
    "/caller-ids",
    mark("Caller IDs"),
    mark(
        "The numbers people see. Where a campaign has several, a person sees the nearest one,"
        " then the least worn."
    ),
    mark(
        "There are no numbers yet. Make the first below: one that rings at your place when it is called back."
    ),
    mark("Find a number"),
    (
        ("number", mark("by number")),
        ("region", mark("by region")),
        ("new", mark("newest first")),
    ),
    (
        Button("rested-day", mark("Rest for a day")),
        Button("rested-month", mark("Rest for 30 days: marked as spam")),
        Button("woken", mark("Wake up")),
        Button("verified", mark("It was called back and rings here")),
        Button("disabled", mark("Disable"), "stop"),
        Button("enabled", mark("Enable"), shown=frozenset({Shown.PUT_AWAY, Shown.ALL})),
    ),
    (
        Field("e164", mark("Number"), mark("With its country code."), needed=True, only_new=True),
        Field("display_name", mark("Name people see"), mark("Where the network shows names.")),
        Field(
            "region", mark("Region"), mark("ISO 3166, such as RU or US-NY: people there see it.")
        ),
        Field(
            "attestation",
            mark("Attestation"),
            mark("How the operator signs it, in North America."),
            kind="select",
            choices=(("", "–"), ("A", "A"), ("B", "B"), ("C", "C")),
        ),
        Field("label", mark("Label"), mark("The text the operator shows with it.")),
        Field("daily_cap", mark("Most calls a day"), mark("Empty: no limit."), kind="number"),
        Field("rest_s", mark("Seconds between two calls"), mark("Empty: none."), kind="number"),
    ),
    mark("New number"),
    mark("Make the number"),
)


def _line(asked: Asked, row: CallerId, health: Health, pools: list[str], at: datetime) -> Line:
    marks = []
    if row.disabled_at is not None:
        marks.append(Mark(mark("disabled"), "stopped"))
    elif row.rests_until is not None and row.rests_until > at:
        marks.append(Mark(mark("rests until"), "paused", row.rests_until))
    if row.verified_at is not None:
        marks.append(Mark(mark("verified"), "running"))
    if health.looks_like_spam:
        marks.append(Mark(mark("answered much less than the others"), "stopped"))
    under = " · ".join(one for one in (row.display_name, row.region, row.label) if one)
    used = ", ".join(pools) or asked.say(mark("no campaign shows it"))
    away = row.disabled_at is not None
    return Line(row.id, row.e164, under, marks, f"{_rate(asked, health)}; {used}", is_away=away)


def _rate(asked: Asked, health: Health) -> str:
    if health.answer_rate is None:
        return asked.say(mark("too few calls in 7 days to say how it does"))
    locale = locale_of(language_of(asked.request))
    return asked.say(
        mark("%(rate)s answered of %(calls)s calls in 7 days"),
        rate=format_percent(health.answer_rate, locale=locale),
        calls=health.attempts,
    )


@router.get("")
async def caller_ids_page(asked: AskedDep, wanted: WantedDep) -> Response:
    """Show the client's caller IDs."""
    return await _list(asked, wanted)


async def _list(
    asked: Asked, wanted: Wanted, problem: OutdialError | None = None, typed: Typed | None = None
) -> Response:
    found = await rows_of(asked, SHEET, wanted)
    return draw(
        asked,
        SHEET,
        found,
        await _lines(asked, list(found.rows)),
        wanted,
        can_change=may(asked.who, Permission.CHANGE),
        flash=await asked.flash(),
        problem=problem,
        typed=typed,
        template="registers/caller_ids.html",
        campaigns=await campaigns_of(asked.session, asked.who.client_id),
    )


async def _lines(asked: Asked, rows: list[CallerId]) -> list[Line]:
    at, client_id = asked.services.clock.now(), asked.who.client_id
    health = await caller_numbers.health_of(asked.session, client_id, now=at)
    pools = await caller_numbers.pools(asked.session, [row.id for row in rows], client_id=client_id)
    return [
        _line(asked, row, health.get(row.e164, Health()), pools.get(row.id, []), at) for row in rows
    ]


@router.post("")
async def make_caller_id(asked: AskedToChangeDep) -> Response:
    """Make a number."""
    given, _ = await asked.form()
    try:
        row = await caller_numbers.make(
            asked.session, given, who=asked.who, clock=asked.services.clock
        )
    except BadFields as wrong:
        return await _list(asked, Wanted(), wrong, Typed(given, wrong.problems))
    return asked.back(f"/caller-ids/{row.id}", "created")


@router.post("/chosen/{action}")
async def change_caller_ids(action: str, asked: AskedToChangeDep) -> Response:
    """Let the ticked numbers rest, wake them, mark them, or give them to a campaign."""
    given, ids = await asked.form()
    here = f"/caller-ids/{ids[0]}" if given.get("here") and ids else "/caller-ids"
    try:
        if action in ("pool-in", "pool-out"):
            await _pool(asked, ids, given.get("campaign", ""), out=action == "pool-out")
            return asked.back(here, "pooled")
        code, values = _values(action, asked.services.clock.now())
        done = await put(asked, CALLER_IDS, ids, code, values)
    except (Conflict, Invalid) as problem:
        return await _list(asked, Wanted(), problem)
    return asked.back(here, "" if done.step else "nothing", done)


def _values(action: str, now: datetime) -> tuple[str, Mapping[str, Any] | None]:
    if action in RESTS:
        reason = "spam" if action == "rested-month" else ""
        return "rested", caller_numbers.rest(now + RESTS[action], reason)
    wake = {"woken": caller_numbers.wake(), "verified": {"verified_at": now}}
    return action, wake.get(action)


async def _pool(asked: Asked, ids: list[UUID], campaign: str, *, out: bool) -> None:
    try:
        campaign_id = UUID(campaign)
    except ValueError:
        raise Invalid("Choose the campaign first.") from None
    await caller_numbers.change_pool(
        asked.session,
        campaign_id,
        ticked(ids),
        out=out,
        who=asked.who,
        clock=asked.services.clock,
    )
    asked.told(Done(None, [campaign_id]))


@router.get("/{caller_id}")
async def caller_id_page(caller_id: UUID, asked: AskedDep) -> Response:
    """Show one number."""
    return await _one(asked, caller_id)


async def _one(
    asked: Asked, caller_id: UUID, problem: OutdialError | None = None, typed: Typed | None = None
) -> Response:
    row = await find_row(asked.session, CALLER_IDS, caller_id, asked.who.client_id)
    names = ("display_name", "region", "attestation", "label", "daily_cap", "rest_s")
    given = {name: str(getattr(row, name) or "") for name in names}
    return draw_one(
        asked,
        SHEET,
        (await _lines(asked, [row]))[0],
        typed or Typed(given),
        can_change=may(asked.who, Permission.CHANGE),
        flash=await asked.flash(),
        problem=problem,
    )


@router.post("/{caller_id}")
async def change_caller_id(caller_id: UUID, asked: AskedToChangeDep) -> Response:
    """Change a number; campaigns that show it follow at once."""
    given, _ = await asked.form()
    row = await find_row(asked.session, CALLER_IDS, caller_id, asked.who.client_id)
    try:
        done = await caller_numbers.change(
            asked.session,
            row,
            caller_numbers.read_wish(given),
            who=asked.who,
            clock=asked.services.clock,
        )
    except BadFields as wrong:
        return await _one(asked, caller_id, wrong, Typed(given, wrong.problems))
    return asked.back(f"/caller-ids/{caller_id}", "" if done.step else "nothing", done)
