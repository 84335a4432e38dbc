"""When a report is due on a client's clock. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.delivery.deliveries.schedule import instant_of, latest_period, next_end
from campaigns.delivery.deliveries.words import ScheduleKind
from campaigns.saved_reports.words import Rhythm


@dataclass(frozen=True, slots=True)
class Clock:
    """A rhythm and its moment, on the clock of a zone."""

    rhythm: Rhythm
    at_minute: int  #: of the day, 0 to 1439
    weekday: int  #: 1 Monday to 7 Sunday
    month_day: int  #: 1 to 31; later than the month's last: the last
    zone: str  #: IANA


@dataclass(frozen=True, slots=True)
class Due:
    """A moment at which a report is made once."""

    key: str  #: unique within the report
    at: datetime  #: UTC


def latest_due(clock: Clock, now: datetime) -> Due:
    """Return the moment that was due last; moments that passed while nothing worked are not made up."""
    if clock.rhythm is Rhythm.HOURLY:
        found = latest_period(ScheduleKind.HOURLY, 0, clock.zone, now)
        assert found is not None  # noqa: S101 - hours always have one
        return Due(found.key, found.ended_at)
    today = now.astimezone(ZoneInfo(clock.zone)).date()
    return next(due for due in _days_back(clock, today + timedelta(days=1)) if due.at <= now)


def next_due(clock: Clock, now: datetime) -> datetime:
    """Return when the report is made next."""
    if clock.rhythm is Rhythm.HOURLY:
        found = next_end(ScheduleKind.HOURLY, 0, clock.zone, now)
        assert found is not None  # noqa: S101 - hours always have one
        return found
    today = now.astimezone(ZoneInfo(clock.zone)).date()
    far = today + timedelta(days=63)  # two whole months
    return min(due.at for due in _until(clock, far, now))


def _until(clock: Clock, far: date, now: datetime) -> Iterator[Due]:
    for due in _days_back(clock, far):
        if due.at <= now:
            return
        yield due


def _days_back(clock: Clock, day: date) -> Iterator[Due]:
    """Yield the moments of days backwards, for ever."""
    while True:
        if _is_day(clock, day):
            at = instant_of(day, clock.at_minute, clock.zone).astimezone(UTC)
            # The day alone would not tell a schedule moved to later that day from the one before it.
            yield Due(f"{at:%Y-%m-%dT%H:%MZ}", at)
        day -= timedelta(days=1)


def _is_day(clock: Clock, day: date) -> bool:
    if clock.rhythm is Rhythm.WEEKLY:
        return day.isoweekday() == clock.weekday
    if clock.rhythm is Rhythm.MONTHLY:
        return day.day == min(clock.month_day, monthrange(day.year, day.month)[1])
    return True
