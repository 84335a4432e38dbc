"""Calling windows: borders, margins, many terms and zones, what cannot be read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from compliance.hours.calendars import NO_CALENDARS
from compliance.hours.windows import WEEKDAYS, closes_at, is_empty, is_open, next_open, parse_hours
from compliance.rulebook.rules import WindowTerms

DAYTIME = parse_hours({day: [["09:00", "20:00"]] for day in WEEKDAYS})
SPLIT = parse_hours({day: [["10:00", "13:00"], ["14:00", "20:00"]] for day in WEEKDAYS})
TOUCHING = parse_hours({day: [["13:00", "20:00"], ["10:00", "13:00"]] for day in WEEKDAYS})

ZONES = (
    "Europe/Kyiv",
    "America/St_Johns",  # -03:30
    "Asia/Kolkata",  # +05:30
    "Asia/Kathmandu",  # +05:45
    "Pacific/Chatham",  # +12:45, in summer +13:45
    "Australia/Lord_Howe",  # its summer time is half an hour
    "Pacific/Kiritimati",  # +14
    "Pacific/Marquesas",  # -09:30
)


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def opened(terms: list[WindowTerms], zones: list[str], at: datetime, margin_s: float = 0.0) -> bool:
    return is_open(terms, zones, at, calendars=NO_CALENDARS, margin_s=margin_s)


def opening(
    terms: list[WindowTerms], zones: list[str], after: datetime, margin_s: float = 0.0
) -> datetime | None:
    return next_open(terms, zones, after, calendars=NO_CALENDARS, margin_s=margin_s)


def closing(
    terms: list[WindowTerms], zones: list[str], at: datetime, margin_s: float = 0.0
) -> datetime | None:
    return closes_at(terms, zones, at, calendars=NO_CALENDARS, margin_s=margin_s)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("08:59:59.999999", False),
        ("09:00:00", True),
        ("19:59:59.999999", True),
        ("20:00:00", False),
    ],
)
@pytest.mark.parametrize("zone", ZONES)
def test_a_window_is_half_open(zone: str, clock: str, expected: bool) -> None:
    assert opened([DAYTIME], [zone], local(zone, f"2026-11-23T{clock}")) is expected


def test_a_call_must_have_ended_before_the_closing() -> None:
    late, in_time = (local("Europe/Kyiv", f"2026-11-23T19:59:{s}") for s in (35, 34))
    assert not opened([DAYTIME], ["Europe/Kyiv"], late, margin_s=25)
    assert opened([DAYTIME], ["Europe/Kyiv"], in_time, margin_s=25)


def test_a_call_must_not_ring_into_the_lunch_break() -> None:
    at = local("Europe/Kyiv", "2026-11-23T12:59:50")
    assert opened([SPLIT], ["Europe/Kyiv"], at)
    assert not opened([SPLIT], ["Europe/Kyiv"], at, margin_s=25)
    assert opening([SPLIT], ["Europe/Kyiv"], at, margin_s=25) == local(
        "Europe/Kyiv", "2026-11-23T14:00"
    )


def test_windows_that_touch_are_one() -> None:
    at = local("Europe/Kyiv", "2026-11-23T12:59:50")
    assert opened([TOUCHING], ["Europe/Kyiv"], at, margin_s=25)
    assert closing([TOUCHING], ["Europe/Kyiv"], at) == local("Europe/Kyiv", "2026-11-23T20:00")


def test_a_window_shorter_than_the_margin_never_opens() -> None:
    short = parse_hours({day: [["10:00", "10:01"]] for day in WEEKDAYS})
    noon = local("Europe/Kyiv", "2026-11-23T12:00")
    assert opening([short], ["Europe/Kyiv"], noon, margin_s=60) is None
    assert opening([short], ["Europe/Kyiv"], noon, margin_s=59) is not None


def test_every_terms_must_be_open_in_every_zone() -> None:
    both = ["Europe/Moscow", "Asia/Vladivostok"]  # 7 hours apart
    before, after = (local("Europe/Moscow", f"2026-11-23T{clock}") for clock in ("12:59", "13:00"))
    assert opened([DAYTIME], both, before)
    assert closing([DAYTIME], both, before) == after
    assert not opened([DAYTIME], both, after)
    assert opening([DAYTIME], both, after) == local("Europe/Moscow", "2026-11-24T09:00")
    assert opening([DAYTIME, SPLIT], both, after) == local("Europe/Moscow", "2026-11-24T10:00")


def test_terms_may_name_the_clock_they_are_read_on() -> None:
    central = replace(DAYTIME, clock="America/Chicago")
    at = local("America/New_York", "2026-11-23T09:30")
    assert opened([DAYTIME], ["America/New_York"], at)
    assert not opened([central], ["America/New_York"], at)
    assert opening([central], ["America/New_York"], at) == at + timedelta(minutes=30)


def test_without_a_zone_it_is_closed_even_if_the_terms_name_a_clock() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    central = replace(DAYTIME, clock="Europe/London")
    assert not opened([central], [], noon)
    assert opening([central], [], noon) is None
    assert closing([central], [], noon) is None


def test_without_terms_a_known_zone_is_open_for_ever() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert opened([], ["Europe/Kyiv"], noon, margin_s=25)
    assert opening([], ["Europe/Kyiv"], noon) == noon
    assert closing([], ["Europe/Kyiv"], noon) is None


def test_zones_without_a_common_hour_have_no_opening() -> None:
    morning = parse_hours({day: [["09:00", "12:00"]] for day in WEEKDAYS})
    at = local("Europe/Moscow", "2026-11-23T12:00")
    assert opening([morning], ["Pacific/Honolulu", "Europe/Moscow"], at) is None


def test_an_opening_beyond_the_horizon_is_none() -> None:
    mondays = parse_hours({"mon": [["09:00", "20:00"]]})
    after, monday = (local("Europe/Kyiv", f"2026-11-{day}") for day in ("24T09:00", "30T09:00"))
    for days, expected in ((5, None), (6, monday)):
        found = next_open(
            [mondays], ["Europe/Kyiv"], after, calendars=NO_CALENDARS, horizon_days=days
        )
        assert found == expected


def test_a_weekday_is_the_called_persons() -> None:
    workdays = parse_hours({day: [["09:00", "20:00"]] for day in WEEKDAYS[:5]})
    monday_there = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Sunday in UTC
    assert opened([workdays], ["Asia/Vladivostok"], monday_there)
    assert not opened([workdays], ["Europe/Moscow"], monday_there)


def test_a_closed_instant_has_no_closing_and_a_margin_brings_it_forward() -> None:
    morning = local("Europe/Kyiv", "2026-11-23T09:00")
    evening = local("Europe/Kyiv", "2026-11-23T20:00")
    assert closing([DAYTIME], ["Europe/Kyiv"], morning - timedelta(seconds=1)) is None
    assert closing([DAYTIME], ["Europe/Kyiv"], morning) == evening
    last = evening - timedelta(seconds=25)
    assert closing([DAYTIME], ["Europe/Kyiv"], morning, margin_s=25) == last
    assert closing([DAYTIME], ["Europe/Kyiv"], last, margin_s=25) is None


@pytest.mark.parametrize("ask", [opened, opening, closing])
def test_an_instant_without_an_offset_and_an_unknown_zone_are_errors(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(ValueError, match="offset"):
        ask([DAYTIME], ["Europe/Kyiv"], datetime(2026, 11, 23, 12))  # noqa: DTZ001 - the error
    with pytest.raises(ZoneInfoNotFoundError):
        ask([DAYTIME], ["Europe/Nowhere"], datetime(2026, 11, 23, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    "raw",
    [
        {"someday": [["09:00", "20:00"]]},
        {"mon": [["20:00", "09:00"]]},
        {"holiday": [["09:00", "09:00"]]},
        {"mon": [["09:00"]]},
        {"mon": [["nine", "ten"]]},
        {"mon": [["09:00+03:00", "20:00+03:00"]]},
        {"mon": [["09:00", "20:00+03:00"]]},
    ],
)
def test_hours_that_make_no_sense_are_refused(raw: dict[str, list[list[str]]]) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_hours(raw)


def test_missing_weekdays_are_closed_and_missing_special_days_are_as_usual() -> None:
    hours = parse_hours({"tue": [["10:00", "11:00"]]})
    assert [bool(day) for day in hours.weekdays] == [False, True] + [False] * 5
    assert (hours.holiday, hours.pre_holiday) == (None, None)
    special = parse_hours({"holiday": [], "pre_holiday": [["10:00", "11:00"]]})
    assert special.holiday == ()
    assert special.pre_holiday == hours.weekdays[1]
    assert [is_empty(terms) for terms in (hours, special, parse_hours({"holiday": []}))] == [
        False,
        False,
        True,
    ]
