"""Calling windows of real rules, worked out by hand, and the nights in which clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.hours.calendars import NO_CALENDARS, load_calendars
from compliance.hours.windows import WEEKDAYS, closes_at, is_open, next_open, parse_hours
from compliance.rulebook.rules import WindowTerms


def week(
    weekdays: str, saturday: str = "", sunday: str = "", calendar: str | None = None, **special: str
) -> WindowTerms:
    """Read hours such as ``10:00-13:00 14:00-20:00``."""
    told = dict.fromkeys(WEEKDAYS[:5], weekdays) | {"sat": saturday, "sun": sunday} | special
    parsed = parse_hours({d: [w.split("-") for w in text.split()] for d, text in told.items()})
    return replace(parsed, calendar=calendar)


US = week("08:00-21:00", "08:00-21:00", "08:00-21:00")
FLORIDA = week("08:00-20:00", "08:00-20:00", "08:00-20:00")
ALABAMA = week("08:00-20:00", "08:00-20:00", calendar="US-AL", holiday="")
TEXAS = week("09:00-21:00", "09:00-21:00", "12:00-21:00")
CANADA = week("09:00-21:30", "10:00-18:00", "10:00-18:00")
FRANCE = week("10:00-13:00 14:00-20:00", calendar="FR", holiday="")
RUSSIA = week("08:00-22:00", "09:00-20:00", "09:00-20:00", calendar="RU", holiday="09:00-20:00")
AUSTRALIA = week("09:00-20:00", "09:00-17:00", calendar="AU", holiday="")
AUSTRALIA_SURVEY = week("09:00-20:30", "09:00-17:00", "09:00-17:00", calendar="AU", holiday="")
KAZAKHSTAN = week("08:00-21:00", calendar="KZ", holiday="")
EMIRATES = week("09:00-18:00", "09:00-18:00", "09:00-18:00")
RHODE_ISLAND = week("09:00-18:00", "10:00-17:00", calendar="US-RI", holiday="")

NEW_YORK, CHICAGO, PARIS = ["America/New_York"], ["America/Chicago"], ["Europe/Paris"]
AUSTRALIAN = [
    f"Australia/{name}"
    for name in ("Perth", "Eucla", "Darwin", "Adelaide", "Brisbane", "Sydney", "Hobart")
] + ["Australia/Lord_Howe"]


@pytest.mark.parametrize(
    ("terms", "zones", "at", "expected"),
    [
        ([US], NEW_YORK, "2026-11-23T13:00", "now"),
        ([US, FLORIDA], NEW_YORK, "2026-11-25T01:00", "2026-11-25T13:00"),
        # a Florida number with an address in California: both states, both clocks
        (
            [US, FLORIDA],
            [*NEW_YORK, "America/Los_Angeles"],
            "2026-11-23T15:00",
            "2026-11-23T16:00",
        ),
        ([US, ALABAMA], CHICAGO, "2026-11-29T18:00", "2026-11-30T14:00"),  # Sunday
        ([US, ALABAMA], CHICAGO, "2026-11-26T18:00", "2026-11-27T14:00"),  # Thanksgiving
        ([US, ALABAMA], CHICAGO, "2026-07-03T18:00", "2026-07-06T13:00"),  # 4 July on a Saturday
        ([US, TEXAS], CHICAGO, "2026-11-29T17:30", "2026-11-29T18:00"),
        ([US, RHODE_ISLAND], NEW_YORK, "2026-11-03T15:00", "2026-11-04T14:00"),  # election day
        ([US], NEW_YORK, "2026-10-31T12:30", "now"),
        ([US], NEW_YORK, "2026-11-01T12:30", "2026-11-01T13:00"),  # winter time since that night
        (
            [CANADA],
            ["America/Halifax", "America/St_Johns"],
            "2026-11-28T21:45",
            "2026-11-29T14:00",
        ),
        ([FRANCE], PARIS, "2026-11-23T12:15", "2026-11-23T13:00"),  # lunch
        ([FRANCE], PARIS, "2026-08-10T10:00", "now"),
        ([FRANCE], PARIS, "2026-05-13T18:00", "2026-05-15T08:00"),  # Ascension Day on Thursday
        ([RUSSIA], ["Asia/Vladivostok"], "2026-11-28T10:30", "2026-11-28T23:00"),
        (
            [RUSSIA],
            ["Asia/Vladivostok", "Europe/Moscow"],
            "2026-11-28T10:30",
            "2026-11-29T06:00",
        ),
        ([RUSSIA], ["Europe/Moscow"], "2026-05-11T05:30", "2026-05-11T06:00"),  # day off in lieu
        ([RUSSIA], ["Europe/Moscow"], "2026-05-12T05:30", "now"),
        ([AUSTRALIA], AUSTRALIAN, "2026-11-23T00:30", "2026-11-23T01:00"),
        ([AUSTRALIA_SURVEY], AUSTRALIAN, "2026-11-29T01:30", "now"),  # Sunday
        ([KAZAKHSTAN], ["Asia/Almaty"], "2026-11-24T15:30", "now"),  # +05 since 2024
        ([EMIRATES], ["Asia/Dubai"], "2026-11-23T14:00", "2026-11-24T05:00"),
        ([FRANCE], PARIS, "2028-12-29T20:00", None),  # 2029 is not covered
    ],
)
def test_the_window_of_a_call(
    terms: list[WindowTerms], zones: list[str], at: str, expected: str | None
) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    calendars = load_calendars()
    found = next_open(terms, zones, instant, calendars=calendars)
    if expected == "now":
        expected = at
    assert (found and f"{found:%Y-%m-%dT%H:%M}") == expected
    assert is_open(terms, zones, instant, calendars=calendars) is (expected == at)


DAYTIME = week("09:00-20:00", "09:00-20:00", "09:00-20:00")


@pytest.mark.parametrize(
    ("zone", "saturday", "opens_after_h"),
    [
        ("Europe/Kyiv", "2026-03-28T20:00", 12),  # an hour is skipped
        ("Europe/Kyiv", "2026-10-24T20:00", 14),  # an hour comes twice
        ("America/New_York", "2026-03-07T20:00", 12),
        ("America/St_Johns", "2026-10-31T20:00", 14),
        ("America/Santiago", "2026-04-04T20:00", 14),  # southern autumn, at midnight
        ("America/Santiago", "2026-09-05T20:00", 12),
        ("Pacific/Chatham", "2026-09-26T20:00", 12),  # at 02:45
        ("Australia/Lord_Howe", "2026-04-04T20:00", 13.5),
        ("Australia/Lord_Howe", "2026-10-03T20:00", 12.5),
        ("Asia/Kathmandu", "2026-03-28T20:00", 13),
    ],
)
def test_the_night_of_a_clock_change(zone: str, saturday: str, opens_after_h: float) -> None:
    evening = datetime.fromisoformat(saturday).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    opening = next_open([DAYTIME], [zone], evening, calendars=NO_CALENDARS)
    assert opening == evening + timedelta(hours=opens_after_h)


def nights(hours: str) -> WindowTerms:
    return week(hours, hours, hours)


@pytest.mark.parametrize(
    ("hours", "after", "opens", "closes"),
    [
        # New York, 2026-03-08: 02:00 EST (07:00 UTC) becomes 03:00 EDT.
        ("02:30-05:00", "2026-03-08T06:00", "2026-03-08T07:00", "2026-03-08T09:00"),
        ("01:30-03:00", "2026-03-08T06:00", "2026-03-08T06:30", "2026-03-08T07:00"),
        ("02:15-02:45", "2026-03-08T06:00", "2026-03-09T06:15", "2026-03-09T06:45"),
        ("01:00-04:00", "2026-03-08T05:00", "2026-03-08T06:00", "2026-03-08T08:00"),
        # 2026-11-01: 02:00 EDT (06:00 UTC) becomes 01:00 EST.
        ("01:15-01:45", "2026-11-01T05:00", "2026-11-01T05:15", "2026-11-01T05:45"),
        ("01:15-01:45", "2026-11-01T05:45", "2026-11-01T06:15", "2026-11-01T06:45"),
        ("01:30-03:00", "2026-11-01T05:00", "2026-11-01T05:30", "2026-11-01T06:00"),
        ("01:30-03:00", "2026-11-01T06:00", "2026-11-01T06:30", "2026-11-01T08:00"),
        ("01:00-04:00", "2026-11-01T04:00", "2026-11-01T05:00", "2026-11-01T09:00"),
        ("00:00-23:00", "2026-11-02T04:30", "2026-11-02T05:00", "2026-11-03T04:00"),
    ],
)
def test_windows_in_skipped_and_repeated_hours(
    hours: str, after: str, opens: str, closes: str
) -> None:
    start, first, last = (
        datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (after, opens, closes)
    )
    terms = [nights(hours)]
    assert next_open(terms, NEW_YORK, start, calendars=NO_CALENDARS) == first
    assert closes_at(terms, NEW_YORK, first, calendars=NO_CALENDARS) == last


@pytest.mark.parametrize(
    ("hours", "spans"),
    [
        # Nuuk, 2026-10-24: at 24:00 (01:00 UTC) the clock returns to 23:00 of the same Saturday.
        ("23:30-23:59", [("2026-10-25T00:30", "00:59"), ("2026-10-25T01:30", "01:59")]),
        ("00:00-00:30", [("2026-10-25T02:00", "02:30")]),
    ],
)
def test_a_clock_that_returns_to_the_day_before(hours: str, spans: list[tuple[str, str]]) -> None:
    at = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    for opens, closes in spans:
        opening = next_open([nights(hours)], ["America/Nuuk"], at, calendars=NO_CALENDARS)
        assert opening is not None
        assert f"{opening:%Y-%m-%dT%H:%M}" == opens
        closing = closes_at([nights(hours)], ["America/Nuuk"], opening, calendars=NO_CALENDARS)
        assert closing is not None
        assert f"{closing:%H:%M}" == closes
        at = closing
