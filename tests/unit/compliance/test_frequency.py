"""Caps of the law by hand: what counts, over what, until when."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.rulebook.rules import CalendarPeriod, CapScope, Counted, PastEvent
from tests.past_calls import ask, cap, past

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)

FLORIDA = cap(3, scope=CapScope.PERSON_AND_SUBJECT, per_hours=24)
REG_F = cap(7, scope=CapScope.PERSON_AND_SUBJECT, per_hours=168)
REG_F_TALK = cap(
    0, scope=CapScope.PERSON_AND_SUBJECT, per_hours=168, after_event=PastEvent.CONVERSATION
)
RUSSIA_DAY = cap(1, Counted.CONVERSATIONS, CapScope.PERSON, per=CalendarPeriod.DAY)
RUSSIA_WEEK = cap(2, Counted.CONVERSATIONS, CapScope.PERSON, per=CalendarPeriod.WEEK)
FRANCE = cap(4, scope=CapScope.PERSON, per_hours=720)
FRANCE_REFUSED = cap(0, scope=CapScope.PERSON, per_hours=1440, after_event=PastEvent.REFUSAL)
BRITAIN = cap(
    0, Counted.ATTEMPTS_WITHOUT_RESERVED_AGENT, per_hours=72, after_event=PastEvent.ABANDONED
)


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("since_first", "is_full"),
    [
        (timedelta(hours=23, minutes=59), True),
        (24 * HOUR - TICK, True),
        (24 * HOUR, False),
    ],
)
def test_florida_allows_the_fourth_attempt_after_24_hours(
    since_first: timedelta, is_full: bool
) -> None:
    first = NOON - since_first
    history = [past(first + n * HOUR) for n in range(3)]
    answer = ask(FLORIDA, history, NOON)
    assert bool(answer.full) is is_full
    assert answer.free_at == (first + DAY if is_full else None)
    assert answer.counters[0].used == (3 if is_full else 2)


def test_reg_f_refuses_the_eighth_attempt_inside_168_hours() -> None:
    history = [past(NOON - 168 * HOUR + TICK + n * DAY) for n in range(7)]
    assert not ask(REG_F, history[1:], NOON).full
    answer = ask(REG_F, history, NOON)
    assert answer.full
    assert answer.free_at == NOON + TICK


def test_reg_f_is_silent_for_seven_days_after_a_conversation() -> None:
    talked = NOON - 168 * HOUR
    history = [past(talked, PastEvent.CONVERSATION, event_at=talked + TICK)]
    assert ask(REG_F_TALK, history, NOON).free_at == NOON + TICK
    assert not ask(REG_F_TALK, history, NOON + TICK).full
    assert not ask(REG_F_TALK, [past(NOON - HOUR)], NOON).full


def test_russia_allows_one_conversation_a_day_of_the_debtor() -> None:
    zone = "Asia/Vladivostok"
    history = [past(local(zone, "2026-11-23T08:00"), had_conversation=True, was_answered=True)]
    evening, midnight = local(zone, "2026-11-23T21:59"), local(zone, "2026-11-24T00:00")
    answer = ask(RUSSIA_DAY, history, evening, zone)
    assert answer.full
    assert answer.free_at == midnight
    assert not ask(RUSSIA_DAY, history, midnight, zone).full
    unanswered = [past(local(zone, "2026-11-23T08:00")), past(local(zone, "2026-11-23T09:00"))]
    assert not ask(RUSSIA_DAY, unanswered, evening, zone).full


def test_france_refuses_the_fifth_attempt_in_thirty_days() -> None:
    first = NOON - 30 * DAY + HOUR
    history = [past(first + n * DAY, same_number=False) for n in range(4)]
    answer = ask(FRANCE, history, NOON)
    assert answer.full
    assert answer.free_at == first + 30 * DAY == NOON + HOUR
    assert not ask(FRANCE, history, NOON + HOUR).full


@pytest.mark.parametrize(("days", "is_full"), [(59, True), (60, False)])
def test_france_is_silent_for_sixty_days_after_a_refusal(days: int, is_full: bool) -> None:
    refused = past(NOON - days * DAY, PastEvent.REFUSAL, was_answered=True)
    answer = ask(FRANCE_REFUSED, [refused], NOON)
    assert bool(answer.full) is is_full
    assert answer.free_at == (NOON + DAY if is_full else None)


@pytest.mark.parametrize(
    ("hours", "reserved", "is_full"),
    [(71, False, True), (71, True, False), (72, False, False)],
)
def test_britain_redials_an_abandoned_call_with_a_reserved_agent(
    hours: int, reserved: bool, is_full: bool
) -> None:
    history = [past(NOON - hours * HOUR, PastEvent.ABANDONED)]
    answer = ask(BRITAIN, history, NOON, reserved_agent=reserved)
    assert bool(answer.full) is is_full
    assert answer.free_at == answer.counters[0].free_at == (NOON + HOUR if is_full else None)
    assert not ask(BRITAIN, [past(NOON - HOUR, PastEvent.AMD_MACHINE)], NOON).full


def test_never_again_is_a_silence_of_a_hundred_years() -> None:
    never = cap(0, per_hours=876_000, after_event=PastEvent.REFUSAL)
    answer = ask(never, [past(NOON - 9000 * DAY, PastEvent.REFUSAL)], NOON)
    assert answer.full[0].period == "876000 h after refusal"
    assert answer.free_at == NOON + (36_500 - 9000) * DAY


@pytest.mark.parametrize(
    ("zone", "at", "free_at_utc"),
    [
        ("Europe/Kyiv", "2026-10-24T20:00", "2026-10-24T21:00"),
        ("Europe/Kyiv", "2026-10-25T20:00", "2026-10-25T22:00"),  # 25 hours long
        ("America/New_York", "2026-03-08T20:00", "2026-03-09T04:00"),  # 23 hours long
        ("America/Havana", "2026-03-07T20:00", "2026-03-08T05:00"),  # midnight is skipped
        ("Asia/Kathmandu", "2026-11-23T20:00", "2026-11-23T18:15"),
    ],
)
def test_a_day_ends_at_local_midnight_whatever_the_clocks_do(
    zone: str, at: str, free_at_utc: str
) -> None:
    daily = cap(1, per=CalendarPeriod.DAY)
    begins = local(zone, at[:10])
    free_at = datetime.fromisoformat(free_at_utc).replace(tzinfo=UTC)
    assert ask(daily, [past(begins)], local(zone, at), zone).free_at == free_at
    assert not ask(daily, [past(begins - TICK)], local(zone, at), zone).full
    assert ask(daily, [past(begins)], free_at - TICK, zone).full


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    zone = "Europe/Moscow"
    sunday = local(zone, "2026-11-29T12:00")
    talks = [past(local(zone, f"2026-11-{day}T00:00"), had_conversation=True) for day in (23, 24)]
    assert ask(RUSSIA_WEEK, talks, sunday, zone).free_at == local(zone, "2026-11-30T00:00")
    before = past(local(zone, "2026-11-22T23:59"), had_conversation=True)
    assert not ask(RUSSIA_WEEK, [before, talks[0]], sunday, zone).full
    monthly = cap(1, per=CalendarPeriod.MONTH)
    first = [past(local(zone, "2027-01-01T00:00"))]
    last = local(zone, "2027-01-31T23:59")
    assert ask(monthly, first, last, zone).free_at == local(zone, "2027-02-01T00:00")
    assert ask(monthly, first, local(zone, "2027-02-01T00:00"), zone).full == ()


def test_of_two_zones_the_stricter_one_counts() -> None:
    daily = cap(2, per=CalendarPeriod.DAY)
    early, late = (
        local("Europe/Moscow", "2026-11-22T23:00"),
        local("Europe/Moscow", "2026-11-23T01:00"),
    )
    history = [past(early), past(late)]  # 06:00 and 08:00 of the 23rd in Vladivostok
    at = local("Europe/Moscow", "2026-11-23T10:00")
    assert not ask(daily, history, at, "Europe/Moscow").full
    answer = ask(daily, history, at, "Europe/Moscow", "Asia/Vladivostok")
    assert answer.counters[0].used == 2
    assert answer.free_at == local("Asia/Vladivostok", "2026-11-24T00:00")
    in_both = [past(late), past(late + HOUR)]
    answer = ask(daily, in_both, at, "Asia/Vladivostok", "Europe/Moscow")
    assert answer.free_at == local("Europe/Moscow", "2026-11-24T00:00")


def test_a_rolling_cap_counts_real_hours_over_a_clock_change() -> None:
    there = ZoneInfo("America/New_York")
    saturday = datetime(2026, 10, 31, 12, tzinfo=there)
    answer = ask(cap(1, per_hours=24), [past(saturday)], datetime(2026, 11, 1, 10, tzinfo=there))
    assert answer.free_at == datetime(2026, 11, 1, 16, tzinfo=UTC)  # 11:00 there
    sunday = datetime(2026, 11, 1, 10, tzinfo=there)
    assert not ask(cap(1, per_hours=24), [past(saturday - HOUR)], sunday).full
    assert ask(cap(1, per_hours=24), [past(saturday - HOUR + TICK)], sunday).full
