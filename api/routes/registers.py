"""Trunks, caller IDs, days off and times of keeping, for programs."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import ManagerDep, ReaderDep
from api.deps import ClockDep, LawDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.registers import (
    CallerIdOut,
    DayOffIn,
    DayOffOut,
    KeepingIn,
    KeepingOut,
    RestIn,
    TrunkOut,
)
from campaigns.commands import CommandName
from campaigns.models import CallerId, Trunk
from campaigns.registers import caller_numbers, changing, free_days, keeping, trunks
from campaigns.registers.caller_numbers import Health
from campaigns.registers.changing import Done
from campaigns.registers.finding import Shown, Wanted, find_row, find_rows
from campaigns.registers.free_days import DayWish
from campaigns.registers.registers import CALLER_IDS, DAYS_OFF, TRUNKS
from campaigns.registers.trunks import TrunkNow
from campaigns.registers.wishes import BadFields
from dialer.errors import Forbidden, NotFound, Unauthenticated

router = APIRouter(tags=["registers"], responses=problems(Unauthenticated, Forbidden))


def _tell(outbox: OutboxDep, done: Done) -> None:
    for campaign_id in done.campaigns:
        outbox.tell(campaign_id, CommandName.REFRESH)


@router.get("/trunks")
async def list_trunks(
    who: ReaderDep, session: SessionDep, q: str = "", shown: Shown = Shown.USED, page: int = 0
) -> list[TrunkOut]:
    """Return a page of the trunks the client may use, by name."""
    wanted = Wanted(q[:200], "name", shown, page)
    rows = (await find_rows(session, TRUNKS, wanted, client_id=who.client_id)).rows
    now = await trunks.trunks_now(session, [row.id for row in rows], client_id=who.client_id)
    return [_trunk(row, now[row.id]) for row in rows]


def _trunk(row: Trunk, now: TrunkNow) -> TrunkOut:
    return TrunkOut(
        **row.model_dump(include=set(TrunkOut.model_fields)),
        is_shared=row.client_id is None,
        lines_in_use=now.calls + now.parties,
    )


@router.post("/trunks/{trunk_id}/rest", responses=problems(NotFound))
async def rest_trunk(
    trunk_id: UUID,
    body: RestIn,
    who: ManagerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> TrunkOut:
    """Let a trunk rest, or wake it: only who manages clients may. Calls that are on the line go on."""
    values = trunks.rest(body.until) if body.until else trunks.wake()
    action = "rested" if body.until else "woken"
    done = await changing.change_rows(
        session, TRUNKS, [trunk_id], values, action, who=who, clock=clock
    )
    _tell(outbox, done)
    row = await find_row(session, TRUNKS, trunk_id, who.client_id)
    now = await trunks.trunks_now(session, [row.id], client_id=who.client_id)
    return _trunk(row, now[row.id])


@router.get("/caller-ids")
async def list_caller_ids(
    who: ReaderDep,
    session: SessionDep,
    clock: ClockDep,
    q: str = "",
    shown: Shown = Shown.USED,
    page: int = 0,
) -> list[CallerIdOut]:
    """Return a page of the client's numbers, and how they do."""
    wanted = Wanted(q[:200], "number", shown, page)
    found = await find_rows(session, CALLER_IDS, wanted, client_id=who.client_id)
    return await _numbers(session, list(found.rows), who.client_id, clock.now())


async def _numbers(
    session: SessionDep, rows: list[CallerId], client_id: UUID, now: datetime
) -> list[CallerIdOut]:
    health = await caller_numbers.health_of(session, client_id, now=now)
    pools = await caller_numbers.pools(session, [row.id for row in rows], client_id=client_id)
    shown = []
    for row in rows:
        one = health.get(row.e164, Health())
        shown.append(
            CallerIdOut(
                **row.model_dump(include=set(CallerIdOut.model_fields)),
                attempts_7_days=one.attempts,
                answer_rate_7_days=one.answer_rate,
                looks_like_spam=one.looks_like_spam,
                campaigns=pools.get(row.id, []),
            )
        )
    return shown


@router.post("/caller-ids/{caller_id}/rest", responses=problems(NotFound))
async def rest_caller_id(
    caller_id: UUID,
    body: RestIn,
    who: ManagerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> CallerIdOut:
    """Let a number rest, such as after it was marked as spam, or show it again."""
    values = caller_numbers.rest(body.until, body.reason) if body.until else caller_numbers.wake()
    action = "rested" if body.until else "woken"
    done = await changing.change_rows(
        session, CALLER_IDS, [caller_id], values, action, who=who, clock=clock
    )
    _tell(outbox, done)
    row = await find_row(session, CALLER_IDS, caller_id, who.client_id)
    return (await _numbers(session, [row], who.client_id, clock.now()))[0]


@router.get("/days-off")
async def list_days_off(
    who: ReaderDep, session: SessionDep, q: str = "", shown: Shown = Shown.USED, page: int = 0
) -> list[DayOffOut]:
    """Return a page of the client's days off, by date."""
    wanted = Wanted(q[:200], "date", shown, page)
    found = await find_rows(session, DAYS_OFF, wanted, client_id=who.client_id)
    return [DayOffOut.model_validate(row) for row in found.rows]


@router.post("/days-off", status_code=HTTPStatus.CREATED, responses=problems(BadFields))
async def create_day_off(
    body: DayOffIn, who: ManagerDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> DayOffOut:
    """Make a day off; campaigns that run follow at once."""
    given = {name: str(value or "") for name, value in body.model_dump(mode="json").items()}
    wish = DayWish.read(given)
    row, done = await free_days.save_day(session, None, wish, who=who, clock=clock)
    _tell(outbox, done)
    return DayOffOut.model_validate(row)


@router.delete(
    "/days-off/{day_id}", status_code=HTTPStatus.NO_CONTENT, responses=problems(NotFound)
)
async def put_day_off_away(
    day_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> None:
    """Put a day off away: what the law closes stays closed."""
    values = {DAYS_OFF.put_away: clock.now()}
    done = await changing.change_rows(
        session, DAYS_OFF, [day_id], values, "archived", who=who, clock=clock
    )
    _tell(outbox, done)


@router.get("/retention")
async def get_retention(
    who: ReaderDep, session: SessionDep, clock: ClockDep, law: LawDep
) -> list[KeepingOut]:
    """Return how long each sort of things is kept, and what goes next."""
    lines = await keeping.lines(session, who.client_id, law.book.rules, clock=clock)
    return [KeepingOut.model_validate(line) for line in lines]


@router.put("/retention", responses=problems(BadFields))
async def set_retention(
    body: KeepingIn, who: ManagerDep, session: SessionDep, clock: ClockDep, law: LawDep
) -> list[KeepingOut]:
    """Change how long things are kept; what is not named stays."""
    given = {name: str(days or "") for name, days in body.days.items()}
    await keeping.save(session, keeping.Wish.read(given), who=who, clock=clock)
    return await get_retention(who, session, clock, law)
