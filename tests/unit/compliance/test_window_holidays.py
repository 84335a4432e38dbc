"""Calling windows on holidays, on their eves, and in years whose holidays are not known."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.hours.calendars import Calendars
from compliance.hours.windows import WEEKDAYS, closes_at, is_open, next_open, parse_hours
from compliance.rulebook.rules import WindowTerms

DAYTIME = parse_hours({day: [["09:00", "20:00"]] for day in WEEKDAYS})
SPLIT = parse_hours({day: [["10:00", "13:00"], ["14:00", "20:00"]] for day in WEEKDAYS})

# 2026-06-02 is a Tuesday, 2026-06-06 a Saturday, 2026-06-14 a Sunday.
ITALY_LIKE = WindowTerms(
    weekdays=parse_hours(
        {day: [["09:00", "20:00"]] for day in WEEKDAYS[:5]} | {"sat": [["10:00", "19:00"]]}
    ).weekdays,
    holiday=(),
    pre_holiday=parse_hours({"mon": [["09:30", "18:00"]]}).weekdays[0],
    calendar="IT",
)
HOLIDAYS = Calendars(
    {"IT": frozenset({date(2026, 6, 2), date(2026, 6, 3), date(2026, 6, 7), date(2026, 6, 15)})},
    {"IT": frozenset({2026})},
)


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-06-01", "09:30-18:00"),  # Monday, the eve of a holiday
        ("2026-06-02", ""),  # a holiday that is an eve too
        ("2026-06-03", ""),
        ("2026-06-04", "09:00-20:00"),
        ("2026-06-06", "10:00-18:00"),  # Saturday and eve: both must be open
        ("2026-06-13", "10:00-19:00"),  # Saturday
        ("2026-06-14", ""),  # Sunday and eve: an eve does not open it
        ("2026-12-31", "09:30-18:00"),  # 2027 is unknown: taken for an eve
        ("2027-01-04", ""),  # unknown: closed
        ("2025-12-31", ""),
    ],
)
def test_holidays_and_their_eves(day: str, expected: str) -> None:
    start = local("Europe/Rome", f"{day}T00:00")
    opens = next_open([ITALY_LIKE], ["Europe/Rome"], start, calendars=HOLIDAYS, horizon_days=1)
    found = ""
    if opens is not None and opens < start + timedelta(days=1):
        shuts = closes_at([ITALY_LIKE], ["Europe/Rome"], opens, calendars=HOLIDAYS)
        assert shuts is not None
        found = "-".join(f"{at.astimezone(ZoneInfo('Europe/Rome')):%H:%M}" for at in (opens, shuts))
    assert found == expected


def test_a_year_the_calendar_does_not_cover_closes_only_what_depends_on_holidays() -> None:
    at = local("Europe/Rome", "2027-01-04T12:00")
    for terms, expected in (
        (ITALY_LIKE, False),
        (replace(ITALY_LIKE, holiday=None), True),
        (replace(ITALY_LIKE, calendar=None), True),
        (replace(ITALY_LIKE, calendar="XX"), False),
    ):
        assert is_open([terms], ["Europe/Rome"], at, calendars=HOLIDAYS) is expected


def test_holiday_hours_replace_the_weekdays() -> None:
    debt = replace(DAYTIME, holiday=SPLIT.weekdays[0], calendar="IT")
    at = local("Europe/Rome", "2026-06-02T09:30")
    assert not is_open([debt], ["Europe/Rome"], at, calendars=HOLIDAYS)
    assert is_open([debt], ["Europe/Rome"], at + timedelta(hours=1), calendars=HOLIDAYS)
    usual = replace(debt, holiday=None, pre_holiday=())
    assert is_open([usual], ["Europe/Rome"], at, calendars=HOLIDAYS)
