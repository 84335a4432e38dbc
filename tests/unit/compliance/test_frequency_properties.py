"""Caps by brute force: the first free instant, more caps, and an engine of two lines to compare."""

from datetime import UTC, datetime, timedelta
from math import fsum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.counting.frequency import NumberedCap, PastAttempt, check
from compliance.counting.periods import LONGEST_HOURS, next_start, start
from compliance.rulebook.rules import CalendarPeriod, Cap, CapScope, Counted, PastEvent
from tests.past_calls import past

TICK = timedelta(microseconds=1)

ZONES = (
    "America/Havana",  # skips and repeats midnight
    "Atlantic/Azores",
    "America/Nuuk",  # its clock goes back to the day before
    "Europe/Kyiv",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
)

BEGIN = datetime(2026, 10, 1, tzinfo=UTC)  #: the autumn clock changes of 2026 follow
#: A few are later than any asked instant: two clocks may disagree.
INSTANTS = st.builds(
    lambda seconds, ticks: BEGIN + timedelta(seconds=seconds) + ticks * TICK,
    st.integers(0, 60 * 86_400),
    st.integers(0, 1),
)
ASKED = st.builds(lambda minutes: BEGIN + timedelta(minutes=minutes), st.integers(28_800, 79_200))

PAST = st.builds(
    past,
    INSTANTS,
    st.sampled_from(PastEvent),
    same_number=st.booleans(),
    same_person=st.booleans(),
    same_subject=st.booleans(),
    reserved_agent=st.booleans(),
    was_answered=st.booleans(),
    had_conversation=st.booleans(),
    talk_s=st.floats(0, 20),
    ring_s=st.floats(0, 40),
)

SCOPES = st.sampled_from((CapScope.NUMBER, CapScope.PERSON, CapScope.PERSON_AND_SUBJECT))
ROLLING = st.builds(
    Cap, st.integers(1, 5), st.sampled_from(Counted), SCOPES, per_hours=st.integers(1, 900)
)
CALENDAR = st.builds(
    Cap, st.integers(1, 5), st.sampled_from(Counted), SCOPES, per=st.sampled_from(CalendarPeriod)
)
SILENCE = st.builds(
    Cap,
    st.just(0),
    st.sampled_from((Counted.ATTEMPTS, Counted.ATTEMPTS_WITHOUT_RESERVED_AGENT)),
    SCOPES,
    per_hours=st.integers(1, 900),
    after_event=st.sampled_from(PastEvent),
)
CAPS = st.lists(
    st.builds(NumberedCap, st.sampled_from("abc"), ROLLING | CALENDAR | SILENCE),
    min_size=1,
    max_size=5,
)
HISTORY = st.lists(PAST, max_size=30)
PLACES = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3)


@settings(max_examples=300, deadline=None)
@given(CAPS, HISTORY, ASKED, PLACES)
def test_free_at_is_the_first_instant_with_room(
    caps: list[NumberedCap], history: list[PastAttempt], at: datetime, zones: list[str]
) -> None:
    answer = check(caps, history, at, zones)
    if not answer.full:
        assert answer.free_at is None
        return
    free_at = answer.free_at
    assert free_at is not None
    assert free_at > at
    assert not check(caps, history, free_at, zones).full
    assert check(caps, history, free_at - TICK, zones).full
    for counter in answer.full:
        assert counter.free_at is not None
        assert at < counter.free_at <= free_at


@settings(max_examples=150, deadline=None)
@given(CAPS, CAPS, HISTORY, ASKED, PLACES)
def test_another_cap_never_frees_a_call(
    caps: list[NumberedCap],
    more: list[NumberedCap],
    history: list[PastAttempt],
    at: datetime,
    zones: list[str],
) -> None:
    answer, stricter = check(caps, history, at, zones), check([*caps, *more], history, at, zones)
    assert stricter.counters[: len(caps)] == answer.counters
    if answer.full:
        assert stricter.full
        assert answer.free_at is not None
        assert stricter.free_at is not None
        assert stricter.free_at >= answer.free_at


@settings(max_examples=100, deadline=None)
@given(CAPS, HISTORY, ASKED, PLACES, PAST)
def test_order_means_nothing_and_one_more_call_never_makes_room(
    caps: list[NumberedCap],
    history: list[PastAttempt],
    at: datetime,
    zones: list[str],
    extra: PastAttempt,
) -> None:
    answer = check(caps, history, at, zones)
    assert check(caps, history[::-1], at, zones[::-1]) == answer
    longer = check(caps, [*history, extra], at, zones)
    assert len(longer.full) >= len(answer.full)
    assert all(a.used <= b.used for a, b in zip(answer.counters, longer.counters, strict=True))


def _local_key(per: CalendarPeriod, zone: ZoneInfo, at: datetime) -> tuple[int, ...]:
    day = at.astimezone(zone).date()
    match per:
        case CalendarPeriod.DAY:
            return (day.toordinal(),)
        case CalendarPeriod.WEEK:
            return day.isocalendar()[:2]
        case CalendarPeriod.MONTH:
            return day.year, day.month


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CalendarPeriod), HISTORY, ASKED, PLACES)
def test_a_calendar_cap_counts_what_lies_in_the_same_local_period(
    per: CalendarPeriod, history: list[PastAttempt], at: datetime, zones: list[str]
) -> None:
    earlier = [one for one in history if one.started_at <= at and one.same_number]
    one = NumberedCap("rule", Cap(99, Counted.AUTODIAL_SECONDS, CapScope.NUMBER, per=per))
    expected = max(
        fsum(
            call.ring_s
            for call in earlier
            if _local_key(per, place, call.started_at) == _local_key(per, place, at)
        )
        for place in map(ZoneInfo, zones)
    )
    assert check([one], earlier, at, zones).counters[0].used == int(expected)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CalendarPeriod), st.sampled_from(ZONES), ASKED)
def test_a_period_begins_before_and_ends_after_its_instants(
    per: CalendarPeriod, name: str, at: datetime
) -> None:
    zone = ZoneInfo(name)
    begins, ends = start(per, zone, at), next_start(per, zone, at)
    assert begins <= at < ends
    assert at - begins <= timedelta(hours=LONGEST_HOURS[per])
    key = _local_key(per, zone, at)
    assert _local_key(per, zone, begins) == _local_key(per, zone, ends - TICK) == key
    assert _local_key(per, zone, begins - TICK) != key
    assert _local_key(per, zone, ends) != key


@pytest.mark.parametrize(
    "at", [datetime(2010, 11, 7, 2, 31, tzinfo=UTC), datetime(2010, 11, 7, 3, 29, tzinfo=UTC)]
)
def test_the_day_before_a_midnight_that_comes_twice_still_ends(at: datetime) -> None:
    """St. John's set its clock back from 00:01 to 23:01: the first midnight is already past."""
    zone = ZoneInfo("America/St_Johns")
    ends = next_start(CalendarPeriod.DAY, zone, at)
    assert ends > at
    assert ends == datetime(2010, 11, 7, 3, 30, tzinfo=UTC)
