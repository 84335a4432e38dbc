"""Which windows a local date has: weekday, holiday or the eve of one, pure."""

from datetime import date, timedelta
from functools import lru_cache

from compliance.hours.calendars import Calendars
from compliance.rulebook.rules import DayWindows, Window, WindowTerms

_SATURDAY = 5
_DAY = timedelta(days=1)


def windows_on(terms: WindowTerms, day: date, calendars: Calendars) -> DayWindows:
    """Return the windows of a local date, in order and apart from each other.

    A holiday has ``terms.holiday``, its eve ``terms.pre_holiday``. On a Saturday or Sunday an eve
    must satisfy the weekday's windows too. A year the calendar does not cover is closed when
    ``terms.holiday`` depends on it; a day before such a year is taken for an eve.
    """
    usual, key = terms.weekdays[day.weekday()], terms.calendar
    if key is None:
        return _joined(usual)
    if terms.holiday is not None and not calendars.covers(key, day.year):
        return ()
    if calendars.is_holiday(key, day):
        return _joined(usual if terms.holiday is None else terms.holiday)
    if terms.pre_holiday is None:
        return _joined(usual)
    morrow = day + _DAY
    if not calendars.covers(key, morrow.year):
        return _common(usual, terms.pre_holiday)
    if not calendars.is_holiday(key, morrow):
        return _joined(usual)
    free = day.weekday() >= _SATURDAY
    return _common(usual, terms.pre_holiday) if free else _joined(terms.pre_holiday)


@lru_cache(maxsize=4096)
def _joined(windows: DayWindows) -> DayWindows:
    joined: list[Window] = []
    for opens, closes in sorted(windows):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(joined)


@lru_cache(maxsize=4096)
def _common(one: DayWindows, other: DayWindows) -> DayWindows:
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in _joined(one) for b in _joined(other))
    return tuple((opens, closes) for opens, closes in pairs if opens < closes)
