"""The times at which a call can be promised: by the contact's clock, while the gate is open. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: From a moment on, when may the place be called? None: not within the horizon.
Opens = Callable[[datetime], datetime | None]

STEP = timedelta(minutes=30)
DAYS = 14
#: Offered besides the half-hours, when the window is open then.
SOON = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the contact's calendar."""

    day: date
    is_open: bool  #: some time of it is offered


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is offered."""

    zone: str  #: IANA
    days: tuple[CalendarDay, ...]
    chosen: date
    times: tuple[datetime, ...]  #: of the chosen day, on the zone's clock
    soon: tuple[tuple[int, datetime], ...]  #: minutes from now


def calendar_of(opens: Opens, zone: str, now: datetime, chosen: date | None) -> Calendar:
    """Return the next two weeks, and the times of a day: the chosen one, else the first that is open."""
    clock = ZoneInfo(zone)
    today = now.astimezone(clock).date()
    days = [
        CalendarDay(day, _first(opens, clock, day, now) is not None)
        for day in (today + timedelta(days=n) for n in range(DAYS))
    ]
    known = {one.day for one in days}
    first = next((one.day for one in days if one.is_open), today)
    day = chosen if chosen in known else first
    soon = [
        (int(delay.total_seconds() // 60), at)
        for delay in SOON
        if _is_open(opens, at := (now + delay).replace(second=0, microsecond=0))
    ]
    return Calendar(zone, tuple(days), day, tuple(_times(opens, clock, day, now)), tuple(soon))


def _is_open(opens: Opens, at: datetime) -> bool:
    opening = opens(at)
    return opening is not None and opening <= at


def _bounds(clock: ZoneInfo, day: date) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(), clock).astimezone(UTC)
    return start, datetime.combine(day + timedelta(days=1), time(), clock).astimezone(UTC)


def _first(opens: Opens, clock: ZoneInfo, day: date, now: datetime) -> datetime | None:
    return next(iter(_times(opens, clock, day, now, most=1)), None)


def _times(
    opens: Opens, clock: ZoneInfo, day: date, now: datetime, *, most: int = 96
) -> Sequence[datetime]:
    """Return half-hours of a day at which the window is open, in the zone's time."""
    start, end = _bounds(clock, day)
    at, found = max(start, _on_step(now + SOON[0], start)), list[datetime]()
    while at < end and len(found) < most:
        opening = opens(at)
        if opening is None or opening >= end:
            break
        if opening > at:
            at = _on_step(opening, start)
            continue
        found.append(at.astimezone(clock))
        at += STEP
    return found


def _on_step(at: datetime, start: datetime) -> datetime:
    """Return the first half-hour of the day that is not before ``at``."""
    steps = -(-(at - start) // STEP)
    return start + max(steps, 0) * STEP
