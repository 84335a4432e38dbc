"""When reports are due: on a zone's clock, over changes of the clocks, at the ends of months."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.saved_reports.calendar import Clock, latest_due, next_due
from campaigns.saved_reports.words import Rhythm

KYIV = "Europe/Kyiv"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def clock(rhythm: Rhythm, minute: int = 480, **more: int) -> Clock:
    return Clock(rhythm, minute, more.get("weekday", 1), more.get("month_day", 1), KYIV)


@pytest.mark.parametrize(
    ("moment", "now", "key", "due"),
    [
        (clock(Rhythm.DAILY), "2026-11-23T05:59", "2026-11-22T06:00Z", "2026-11-22T06:00"),
        (clock(Rhythm.DAILY), "2026-11-23T06:00", "2026-11-23T06:00Z", "2026-11-23T06:00"),
        (clock(Rhythm.DAILY), "2026-07-23T05:00", "2026-07-23T05:00Z", "2026-07-23T05:00"),
        (
            clock(Rhythm.WEEKLY, weekday=5),
            "2026-11-23T06:00",
            "2026-11-20T06:00Z",
            "2026-11-20T06:00",
        ),
        (
            clock(Rhythm.MONTHLY, month_day=31),
            "2026-12-01T00:00",
            "2026-11-30T06:00Z",
            "2026-11-30T06:00",
        ),
        (
            clock(Rhythm.MONTHLY, month_day=31),
            "2026-03-01T00:00",
            "2026-02-28T06:00Z",
            "2026-02-28T06:00",
        ),
        # 03:30 is skipped on the last Sunday of March: as much later as the clocks jump.
        (clock(Rhythm.DAILY, 210), "2026-03-29T02:00", "2026-03-29T01:30Z", "2026-03-29T01:30"),
    ],
)
def test_the_latest_moment(moment: Clock, now: str, key: str, due: str) -> None:
    found = latest_due(moment, at(now))
    assert (found.key, found.at) == (key, at(due))


def test_hours_that_have_one_name_when_clocks_are_set_back_are_two() -> None:
    moment = clock(Rhythm.HOURLY)
    keys = {latest_due(moment, at("2026-10-25T00:10") + timedelta(hours=n)).key for n in range(4)}
    assert len(keys) == 4


moments = st.builds(
    Clock,
    st.sampled_from(Rhythm),
    st.integers(0, 1439),
    st.integers(1, 7),
    st.integers(1, 31),
    st.sampled_from([KYIV, "UTC", "America/New_York", "Asia/Kathmandu"]),
)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001 - made aware
    lambda one: one.replace(tzinfo=UTC, microsecond=0)
)


@given(moment=moments, now=instants)
def test_between_the_last_moment_and_the_next_one_there_is_none(
    moment: Clock, now: datetime
) -> None:
    last, following = latest_due(moment, now), next_due(moment, now)
    assert last.at <= now < following
    assert latest_due(moment, following - timedelta(seconds=1)) == last
    assert latest_due(moment, following).key != last.key
    assert following - last.at <= timedelta(days=62)
