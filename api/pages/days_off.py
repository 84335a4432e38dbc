"""Days off of the client: days on which nobody is called, beside the holidays of the law."""

from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import APIRouter
from fastapi.responses import Response

from api.auth import Permission, may
from api.labels import mark
from api.languages import language_of, locale_of
from api.registers.desk import Asked, AskedDep, AskedToChangeDep, WantedDep
from api.registers.putting import BRING_BACK, PUT_AWAY, put
from api.registers.sheet import Button, Field, Line, Mark, Sheet, Typed, draw, draw_one, rows_of
from api.zones import zone_of
from campaigns.registers import free_days
from campaigns.registers.finding import Shown, Wanted, find_row
from campaigns.registers.free_days import DayWish
from campaigns.registers.models import DayOff
from campaigns.registers.registers import DAYS_OFF
from campaigns.registers.wishes import BadFields
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/days-off")

SHEET = Sheet(
    DAYS_OFF,
    "/days-off",
    mark("Days off"),
    mark(
        "Days of the contact's calendar on which this client calls nobody. They can only close hours:"
        " what the law closes stays closed."
    ),
    mark(
        "There are no days off yet. The holidays of the law are kept without them; make a day below for"
        " what is your own, such as a company holiday or a day of mourning."
    ),
    mark("Find a day"),
    (("date", mark("by date")), ("name", mark("by name")), ("region", mark("by region"))),
    (
        Button(PUT_AWAY, mark("Put away"), "stop"),
        Button(BRING_BACK, mark("Bring back"), shown=frozenset({Shown.PUT_AWAY, Shown.ALL})),
    ),
    (
        Field("name", mark("Name"), needed=True),
        Field("on_date", mark("Day"), kind="date", needed=True),
        Field(
            "region",
            mark("Where"),
            mark("ISO 3166, such as RU or US-NY, where the person may be. Empty: everywhere."),
        ),
        Field("every_year", mark("Every year on this date"), kind="tick"),
    ),
    mark("New day off"),
    mark("Make the day off"),
)


def _line(asked: Asked, row: DayOff) -> Line:
    locale = locale_of(language_of(asked.request))
    zone = ZoneInfo(zone_of(asked.request, asked.who.zone))
    coming = free_days.next_dates(row, asked.services.clock.now().astimezone(zone).date())
    marks = []
    if row.archived_at:
        marks.append(Mark(mark("put away"), "stopped"))
    elif coming is None:
        marks.append(Mark(mark("over")))
    if row.every_year:
        marks.append(Mark(mark("every year")))
    shown = format_date(coming or row.on_date, "EEEE, d MMMM y", locale=locale)
    where = row.region or asked.say(mark("everywhere"))
    public = free_days.also_public(asked.services.law.calendars, coming or row.on_date, row.region)
    note = ""
    if public:
        note = asked.say(mark("a holiday of the law in %(places)s"), places=", ".join(public[:8]))
    away = row.archived_at is not None
    return Line(row.id, row.name, f"{shown}, {where}", marks, note, is_away=away)


@router.get("")
async def days_off_page(asked: AskedDep, wanted: WantedDep) -> Response:
    """Show the client's days off."""
    return await _list(asked, wanted)


async def _list(
    asked: Asked, wanted: Wanted, problem: OutdialError | None = None, typed: Typed | None = None
) -> Response:
    found = await rows_of(asked, SHEET, wanted)
    return draw(
        asked,
        SHEET,
        found,
        [_line(asked, row) for row in found.rows],
        wanted,
        can_change=may(asked.who, Permission.CHANGE),
        flash=await asked.flash(),
        problem=problem,
        typed=typed,
    )


@router.post("")
async def make_day_off(asked: AskedToChangeDep) -> Response:
    """Make a day off; the next page says what it changes on the floor."""
    given, _ = await asked.form()
    try:
        row, done = await free_days.save_day(
            asked.session, None, DayWish.read(given), who=asked.who, clock=asked.services.clock
        )
    except BadFields as wrong:
        return await _list(asked, Wanted(), wrong, Typed(given, wrong.problems))
    return asked.back(f"/days-off/{row.id}", "created", done)


@router.post("/chosen/{action}")
async def change_days_off(action: str, asked: AskedToChangeDep) -> Response:
    """Put the ticked days away, or bring them back."""
    given, ids = await asked.form()
    try:
        done = await put(asked, DAYS_OFF, ids, action)
    except (Conflict, Invalid) as problem:
        return await _list(asked, Wanted(), problem)
    here = f"/days-off/{ids[0]}" if given.get("here") else "/days-off"
    return asked.back(here, "" if done.step else "nothing", done)


@router.get("/{day_id}")
async def day_off_page(day_id: UUID, asked: AskedDep) -> Response:
    """Show one day off, and what it changes on the floor."""
    return await _one(asked, day_id)


async def _one(
    asked: Asked, day_id: UUID, problem: OutdialError | None = None, typed: Typed | None = None
) -> Response:
    row = await find_row(asked.session, DAYS_OFF, day_id, asked.who.client_id)
    given = {"name": row.name, "on_date": row.on_date.isoformat(), "region": row.region}
    if row.every_year:
        given["every_year"] = "on"
    return draw_one(
        asked,
        SHEET,
        _line(asked, row),
        typed or Typed(given),
        can_change=may(asked.who, Permission.CHANGE),
        flash=await asked.flash(),
        problem=problem,
        template="registers/day_off.html",
        effects=await free_days.effects(asked.session, row.region, client_id=asked.who.client_id),
    )


@router.post("/{day_id}")
async def change_day_off(day_id: UUID, asked: AskedToChangeDep) -> Response:
    """Change a day off; campaigns that run follow at once."""
    given, _ = await asked.form()
    row = await find_row(asked.session, DAYS_OFF, day_id, asked.who.client_id)
    try:
        _, done = await free_days.save_day(
            asked.session, row, DayWish.read(given), who=asked.who, clock=asked.services.clock
        )
    except BadFields as wrong:
        return await _one(asked, day_id, wrong, Typed(given, wrong.problems))
    return asked.back(f"/days-off/{day_id}", "" if done.step else "nothing", done)
