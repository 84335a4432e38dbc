"""Days, weeks and months of the called person's calendar, pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from compliance.rulebook.rules import CalendarPeriod

#: Hours by which clock changes may lengthen a period: more than any clock was ever set back.
_CLOCK_CHANGE_H = 14

#: The most hours from the start of a period to an instant in it, in any zone.
LONGEST_HOURS = {
    CalendarPeriod.DAY: 24 + _CLOCK_CHANGE_H,
    CalendarPeriod.WEEK: 7 * 24 + _CLOCK_CHANGE_H,
    CalendarPeriod.MONTH: 31 * 24 + _CLOCK_CHANGE_H,
}

#: Days that lead from the first day of any period into the next one.
_STEP_DAYS = {CalendarPeriod.DAY: 1, CalendarPeriod.WEEK: 7, CalendarPeriod.MONTH: 31}


def start(per: CalendarPeriod, zone: ZoneInfo, at: datetime) -> datetime:
    """Return the instant (UTC) at which the period of ``at`` began in ``zone``."""
    return _midnight(_first_day(per, at.astimezone(zone).date()), zone)


def next_start(per: CalendarPeriod, zone: ZoneInfo, at: datetime) -> datetime:
    """Return the instant (UTC), after ``at``, at which the next period begins in ``zone``."""
    first = _first_day(per, at.astimezone(zone).date())
    following = _first_day(per, first + timedelta(days=_STEP_DAYS[per]))
    begins = _midnight(following, zone)
    # A clock set back across midnight shows it twice: past the first one, the second is meant.
    return begins if begins > at else _midnight(following, zone, fold=1)


def _first_day(per: CalendarPeriod, day: date) -> date:
    match per:
        case CalendarPeriod.DAY:
            return day
        case CalendarPeriod.WEEK:  # Monday
            return day - timedelta(days=day.weekday())
        case CalendarPeriod.MONTH:
            return day.replace(day=1)


def _midnight(day: date, zone: ZoneInfo, fold: int = 0) -> datetime:
    # Where a clock change skips midnight, fold 0 names the instant of the change.
    return datetime.combine(day, time(fold=fold), zone).astimezone(UTC)
