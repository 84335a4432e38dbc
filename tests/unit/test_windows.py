"""Calling windows: borders, margins, many zones, clock changes; the next opening by brute force."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.windows import HORIZON_DAYS, WEEKDAYS, Hours, is_open, next_open, parse_hours

DAYTIME = parse_hours({day: [["09:00", "20:00"]] for day in WEEKDAYS})
MINUTE = timedelta(minutes=1)

ZONES = (
    "Europe/Moscow",
    "Europe/Kyiv",
    "America/New_York",
    "Asia/Kolkata",  # +05:30
    "Asia/Kathmandu",  # +05:45
    "Australia/Lord_Howe",  # its summer time is half an hour
    "Asia/Vladivostok",
    "Pacific/Kiritimati",  # +14
)


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "opened"),
    [
        ("08:59:59.999999", False),
        ("09:00:00", True),
        ("19:59:59.999999", True),
        ("20:00:00", False),
    ],
)
@pytest.mark.parametrize("zone", ZONES)
def test_a_window_is_half_open(zone: str, clock: str, opened: bool) -> None:
    assert is_open(DAYTIME, [zone], local(zone, f"2026-11-23T{clock}")) is opened


def test_a_call_must_not_ring_past_the_end() -> None:
    late, in_time = (local("Europe/Moscow", f"2026-11-23T19:59:{s}") for s in (35, 34))
    assert not is_open(DAYTIME, ["Europe/Moscow"], late, margin_s=25)
    assert is_open(DAYTIME, ["Europe/Moscow"], in_time, margin_s=25)


def test_it_must_be_open_in_every_zone() -> None:
    both = ["Europe/Moscow", "Asia/Vladivostok"]  # 7 hours apart
    assert is_open(DAYTIME, both, local("Europe/Moscow", "2026-11-23T12:59"))
    assert not is_open(DAYTIME, both, local("Europe/Moscow", "2026-11-23T13:00"))
    evening = local("Europe/Moscow", "2026-11-23T13:00")
    assert next_open(DAYTIME, both, evening) == local("Europe/Moscow", "2026-11-24T09:00")


def test_zones_without_a_common_hour_have_no_opening() -> None:
    apart = ["Pacific/Honolulu", "Europe/Moscow"]
    morning = parse_hours({day: [["09:00", "12:00"]] for day in WEEKDAYS})
    assert next_open(morning, apart, local("Europe/Moscow", "2026-11-23T12:00")) is None


def test_an_unknown_zone_is_closed() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert not is_open(DAYTIME, [], noon)
    assert next_open(DAYTIME, [], noon) is None


@pytest.mark.parametrize(
    ("zone", "saturday", "opens_after_h"),
    [
        ("Europe/Kyiv", "2026-03-28T20:00", 12),  # an hour is skipped
        ("Europe/Kyiv", "2026-10-24T20:00", 14),  # an hour comes twice
        ("America/New_York", "2026-03-07T20:00", 12),
        ("America/New_York", "2026-10-31T20:00", 14),
        ("Australia/Lord_Howe", "2026-04-04T20:00", 13.5),
        ("Australia/Lord_Howe", "2026-10-03T20:00", 12.5),
    ],
)
def test_the_night_of_a_clock_change(zone: str, saturday: str, opens_after_h: float) -> None:
    evening = local(zone, saturday)
    assert next_open(DAYTIME, [zone], evening) == evening + timedelta(hours=opens_after_h)


def test_a_weekday_is_the_called_persons() -> None:
    workdays = parse_hours({day: [["09:00", "20:00"]] for day in WEEKDAYS[:5]})
    monday_there = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Sunday in UTC
    assert is_open(workdays, ["Asia/Vladivostok"], monday_there)
    assert not is_open(workdays, ["Europe/Moscow"], monday_there)


@pytest.mark.parametrize(
    "raw",
    [
        {"someday": [["09:00", "20:00"]]},
        {"mon": [["20:00", "09:00"]]},
        {"mon": [["09:00", "09:00"]]},
        {"mon": [["09:00"]]},
        {"mon": [["nine", "ten"]]},
        {"mon": [["09:00+03:00", "20:00+03:00"]]},
        {"mon": [["09:00", "20:00+03:00"]]},
    ],
)
def test_hours_that_make_no_sense_are_refused(raw: dict[str, list[list[str]]]) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_hours(raw)


def test_missing_days_are_closed() -> None:
    hours = parse_hours({"tue": [["10:00", "11:00"]]})
    assert [bool(hours.at(day)) for day in range(7)] == [False, True] + [False] * 5
    assert not hours.is_empty()
    assert parse_hours({}).is_empty()


# From 04:00 on: no zone changes its clocks during calling hours.
minutes = st.integers(4 * 60, 24 * 60 - 2)
windows = st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1])


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


days = st.lists(windows, max_size=2).map(
    lambda pairs: tuple((_clock(opens), _clock(closes)) for opens, closes in pairs)
)
weeks = st.lists(days, min_size=7, max_size=7).map(lambda week: Hours(tuple(week)))
zone_sets = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True)
instants = st.integers(0, 365 * 24 * 60).map(
    lambda m: datetime(2026, 1, 1, tzinfo=UTC) + m * MINUTE
)


@given(hours=weeks, zones=zone_sets, after=instants, margin_s=st.sampled_from([0.0, 25.0, 60.0]))
def test_the_next_opening_is_open(
    hours: Hours, zones: list[str], after: datetime, margin_s: float
) -> None:
    opening = next_open(hours, zones, after, margin_s=margin_s)
    if opening is None:
        assert not is_open(hours, zones, after, margin_s=margin_s)
    else:
        assert after <= opening <= after + timedelta(days=HORIZON_DAYS + 2)
        assert is_open(hours, zones, opening, margin_s=margin_s)


@settings(max_examples=40, deadline=None)
@given(hours=weeks, zones=zone_sets, after=instants, margin_s=st.sampled_from([0.0, 25.0]))
def test_no_minute_before_the_next_opening_is_open(
    hours: Hours, zones: list[str], after: datetime, margin_s: float
) -> None:
    opening = next_open(hours, zones, after, margin_s=margin_s)
    until = min(opening or after + timedelta(days=2), after + timedelta(days=2))
    minute = after
    while minute < until:
        assert not is_open(hours, zones, minute, margin_s=margin_s), minute
        minute += MINUTE


@given(hours=weeks, zones=zone_sets, at=instants, margin_s=st.integers(1, 60))
def test_open_with_a_margin_is_open_all_through_it(
    hours: Hours, zones: list[str], at: datetime, margin_s: int
) -> None:
    if is_open(hours, zones, at, margin_s=margin_s):
        for second in range(margin_s + 1):
            assert is_open(hours, zones, at + timedelta(seconds=second))


@given(hours=weeks, zones=zone_sets, at=instants)
def test_another_zone_never_opens(hours: Hours, zones: list[str], at: datetime) -> None:
    assert is_open(hours, zones, at) == all(is_open(hours, [zone], at) for zone in zones)
