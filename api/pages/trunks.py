"""Trunks: the ways out to the telephone network, their limits, and what they do now."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from api.auth import Permission, may
from api.labels import mark
from api.registers.desk import Asked, AskedDep, AskedToManageDep, WantedDep
from api.registers.putting import BRING_BACK, PUT_AWAY, put
from api.registers.sheet import Button, Field, Line, Mark, Sheet, Typed, draw, draw_one, rows_of
from campaigns.models import Trunk
from campaigns.registers import trunks
from campaigns.registers.finding import Shown, Wanted, find_row
from campaigns.registers.registers import TRUNKS
from campaigns.registers.trunks import TrunkNow, TrunkWish
from campaigns.registers.wishes import BadFields
from dialer.errors import Conflict, Invalid, NotFound, OutdialError

router = APIRouter(prefix="/trunks")

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: Buttons that let a trunk rest, and for how long.
RESTS = {"rested-hour": _HOUR, "rested-day": _DAY, "rested-open": trunks.LONGEST_REST}
SHEET = Sheet(
    TRUNKS,
    "/trunks",
    mark("Trunks"),
    mark(
        "The ways out to the telephone network. All clients dial by them; who manages clients changes them."
    ),
    mark(
        "There are no trunks yet, so nothing can be dialled. Make one below with the name of its endpoint in"
        " Asterisk; to try the program without a carrier, a campaign's set-up page offers a simulated one."
    ),
    mark("Find a trunk"),
    (
        ("name", mark("by name")),
        ("channels", mark("most lines first")),
        ("new", mark("newest first")),
    ),
    (
        Button("rested-hour", mark("Rest for an hour")),
        Button("rested-day", mark("Rest for a day")),
        Button("rested-open", mark("Rest until woken")),
        Button("woken", mark("Wake up")),
        Button(PUT_AWAY, mark("Put away"), "stop", frozenset({Shown.USED, Shown.ALL})),
        Button(BRING_BACK, mark("Bring back"), shown=frozenset({Shown.PUT_AWAY, Shown.ALL})),
    ),
    (
        Field("name", mark("Name"), needed=True),
        Field(
            "endpoint",
            mark("What is dialled"),
            mark(
                "Empty: PJSIP/{number}@ and the name. Its password is kept in Asterisk, not here."
            ),
        ),
        Field("max_channels", mark("Most calls at once"), kind="number", usual="30"),
        Field("calls_per_s", mark("Most new calls a second"), kind="number", usual="4"),
    ),
    mark("New trunk"),
    mark("Make the trunk"),
)


def _line(asked: Asked, row: Trunk, now: TrunkNow, at: datetime) -> Line:
    marks = []
    if row.archived_at:
        marks.append(Mark(mark("put away"), "stopped"))
    elif row.paused_until is not None and row.paused_until > at:
        by_hand = row.rests_until is not None and row.rests_until > at
        words = mark("rests until") if by_hand else mark("paused by faults until")
        marks.append(Mark(words, "paused", row.paused_until))
    elif now.calls + now.parties:
        marks.append(Mark(mark("in use"), "running"))
    if row.simulated:
        marks.append(Mark(mark("simulated")))
    if row.client_id is not None:
        marks.append(Mark(mark("this client's own")))
    live = asked.say(
        mark("%(lines)s of %(most)s lines in use, %(rate)s new calls a second at most"),
        lines=now.calls + now.parties,
        most=row.max_channels,
        rate=f"{row.calls_per_s:g}",
    )
    campaigns = ", ".join(now.campaigns) or asked.say(mark("no campaign uses it now"))
    away = row.archived_at is not None
    return Line(row.id, row.name, row.endpoint, marks, f"{live}; {campaigns}", is_away=away)


def _values(action: str, now: datetime) -> tuple[str, Mapping[str, Any] | None]:
    """Return what a button writes, and the word of the audit log for it."""
    if action in RESTS:
        return "rested", trunks.rest(now + RESTS[action])
    return action, trunks.wake() if action == "woken" else None


@router.get("")
async def trunks_page(asked: AskedDep, wanted: WantedDep) -> Response:
    """Show the trunks the client may use."""
    return await _list(asked, wanted)


async def _list(
    asked: Asked, wanted: Wanted, problem: OutdialError | None = None, typed: Typed | None = None
) -> Response:
    found = await rows_of(asked, SHEET, wanted)
    ids = [row.id for row in found.rows]
    now = await trunks.trunks_now(asked.session, ids, client_id=asked.who.client_id)
    at = asked.services.clock.now()
    return draw(
        asked,
        SHEET,
        found,
        [_line(asked, row, now[row.id], at) for row in found.rows],
        wanted,
        can_change=may(asked.who, Permission.MANAGE_CLIENTS),
        flash=await asked.flash(),
        problem=problem,
        typed=typed,
    )


@router.post("")
async def make_trunk(asked: AskedToManageDep) -> Response:
    """Make a trunk for all clients."""
    given, _ = await asked.form()
    try:
        row, done = await trunks.save_trunk(
            asked.session, None, TrunkWish.read(given), who=asked.who, clock=asked.services.clock
        )
    except BadFields as wrong:
        return await _list(asked, Wanted(), wrong, Typed(given, wrong.problems))
    return asked.back(f"/trunks/{row.id}", "created", done)


@router.post("/chosen/{action}")
async def change_trunks(action: str, asked: AskedToManageDep) -> Response:
    """Let the ticked trunks rest, wake them, put them away or bring them back."""
    given, ids = await asked.form()
    code, values = _values(action, asked.services.clock.now())
    try:
        done = await put(asked, TRUNKS, ids, code, values)
    except (Conflict, Invalid) as problem:
        return await _list(asked, Wanted(), problem)
    here = f"/trunks/{ids[0]}" if given.get("here") else "/trunks"
    return asked.back(here, "" if done.step else "nothing", done)


@router.get("/{trunk_id}")
async def trunk_page(trunk_id: UUID, asked: AskedDep) -> Response:
    """Show one trunk."""
    return await _one(asked, trunk_id)


async def _one(
    asked: Asked, trunk_id: UUID, problem: OutdialError | None = None, typed: Typed | None = None
) -> Response:
    row = await find_row(asked.session, TRUNKS, trunk_id, asked.who.client_id)
    now = await trunks.trunks_now(asked.session, [row.id], client_id=asked.who.client_id)
    given = {
        "name": row.name,
        "endpoint": row.endpoint,
        "max_channels": str(row.max_channels),
        "calls_per_s": f"{row.calls_per_s:g}",
    }
    return draw_one(
        asked,
        SHEET,
        _line(asked, row, now[row.id], asked.services.clock.now()),
        typed or Typed(given),
        can_change=may(asked.who, Permission.MANAGE_CLIENTS),
        flash=await asked.flash(),
        problem=problem,
    )


@router.post("/{trunk_id}")
async def change_trunk(trunk_id: UUID, asked: AskedToManageDep) -> Response:
    """Change a trunk; campaigns that run follow at once."""
    given, _ = await asked.form()
    row = await find_row(asked.session, TRUNKS, trunk_id, asked.who.client_id)
    if row.simulated:
        raise NotFound  # the simulated carrier is the installation's, and is not led elsewhere
    try:
        _, done = await trunks.save_trunk(
            asked.session, row, TrunkWish.read(given), who=asked.who, clock=asked.services.clock
        )
    except BadFields as wrong:
        return await _one(asked, trunk_id, wrong, Typed(given, wrong.problems))
    return asked.back(f"/trunks/{trunk_id}", "" if done.step else "nothing", done)
