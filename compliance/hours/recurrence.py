"""Holidays that come back by a rule: a date, the nth weekday of a month, a distance from Easter; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When in a year a holiday falls: by date, by weekday or by Easter.

    Exactly one of ``day``, ``nth`` and ``easter_days`` is set.
    """

    month: int | None = None  #: 1..12, with ``day`` or ``nth``
    day: int | None = None  #: 1..31
    nth: int | None = None  #: 1..5, the nth ``weekday`` of the month
    weekday: int | None = None  #: 0 = Monday
    easter_days: int | None = None  #: days from Easter Sunday of the western churches
    offset_days: int = 0  #: with ``nth``: so many days after that weekday
    monday_after: frozenset[int] = frozenset()  #: weekdays on which the Monday after is free too
    even_years: bool = False  #: in even years only


def parse_recurrence(raw: Mapping[str, Any]) -> Recurrence:
    """Read a rule such as ``{ month = 11, nth = 1, weekday = "mon", offset_days = 1 }``.

    Raises:
        ValueError: unknown fields, or not exactly one of ``day``, ``nth`` and ``easter_days``.
    """
    fields = dict(raw)
    if "weekday" in fields:
        fields["weekday"] = _WEEKDAYS.index(fields["weekday"])
    fields["monday_after"] = frozenset(
        _WEEKDAYS.index(name) for name in raw.get("monday_after", ())
    )
    try:
        rule = Recurrence(**fields)
    except TypeError as error:
        raise ValueError(f"a rule with unknown fields: {error}") from error
    if sum(way is not None for way in (rule.day, rule.nth, rule.easter_days)) != 1:
        raise ValueError("a rule needs exactly one of day, nth and easter_days")
    if rule.easter_days is None and rule.month is None:
        raise ValueError("a rule needs a month, or a distance from Easter")
    if (rule.nth is None) != (rule.weekday is None):
        raise ValueError("nth and weekday go together")
    return rule


def days_of(rule: Recurrence, year: int) -> tuple[date, ...]:
    """Return the days of a rule in a year: none, one, or the day and its observance."""
    if rule.even_years and year % 2:
        return ()
    day = _day_of(rule, year)
    if day.weekday() not in rule.monday_after:
        return (day,)
    return (day, day + timedelta(days=_WEEK_DAYS - day.weekday()))


def _day_of(rule: Recurrence, year: int) -> date:
    if rule.easter_days is not None:
        return easter(year) + timedelta(days=rule.easter_days)
    first = date(year, rule.month or 1, rule.day or 1)
    if rule.nth is None or rule.weekday is None:
        return first
    ahead = (rule.weekday - first.weekday()) % _WEEK_DAYS + _WEEK_DAYS * (rule.nth - 1)
    return first + timedelta(days=ahead + rule.offset_days)


def easter(year: int) -> date:
    """Return Easter Sunday of the western churches.

    Source: the anonymous Gregorian computus (Nature, 1876), as J. Meeus gives it in "Astronomical
    Algorithms", chapter 8.
    """
    golden, century, in_century = year % 19, year // 100, year % 100
    moon_lag = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - moon_lag + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    late = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
