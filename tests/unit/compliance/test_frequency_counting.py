"""What a cap counts, over which calls, and what an answer of several caps says."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.counting.frequency import (
    NumberedCap,
    check,
    event_window_hours,
    history_window_hours,
)
from compliance.counting.own_caps import OwnLimits, own_caps
from compliance.rulebook.rules import CalendarPeriod, Cap, CapScope, Counted, PastEvent
from tests.past_calls import ask, cap, past

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

FLORIDA = cap(3, scope=CapScope.PERSON_AND_SUBJECT, per_hours=24)
BRITAIN = cap(
    0, Counted.ATTEMPTS_WITHOUT_RESERVED_AGENT, per_hours=72, after_event=PastEvent.ABANDONED
)
FRANCE_REFUSED = cap(0, scope=CapScope.PERSON, per_hours=1440, after_event=PastEvent.REFUSAL)
WEEK_OF_TALKS = cap(2, Counted.CONVERSATIONS, CapScope.PERSON, per=CalendarPeriod.WEEK)
DAY_OF_TALKS = cap(1, Counted.CONVERSATIONS, CapScope.PERSON, per=CalendarPeriod.DAY)


@pytest.mark.parametrize(
    ("scope", "other_number", "other_person", "other_subject"),
    [
        (CapScope.NUMBER, 0, 1, 1),
        (CapScope.PERSON, 1, 1, 1),
        (CapScope.PERSON_AND_SUBJECT, 1, 1, 0),
    ],
)
def test_a_scope_says_which_calls_count(
    scope: CapScope, other_number: int, other_person: int, other_subject: int
) -> None:
    one = cap(9, scope=scope, per_hours=24)
    for history, used in (
        ([past(NOON - HOUR, same_number=False)], other_number),
        ([past(NOON - HOUR, same_person=False)], other_person),
        ([past(NOON - HOUR, same_subject=False)], other_subject),
        ([past(NOON - HOUR, same_number=False, same_person=False)], 0),
    ):
        assert ask(one, history, NOON).counters[0].used == used


@pytest.mark.parametrize(
    ("counts", "used"),
    [
        (Counted.ATTEMPTS, 4),
        (Counted.ATTEMPTS_WITHOUT_RESERVED_AGENT, 3),
        (Counted.CONTACTS, 3),
        (Counted.CONVERSATIONS, 1),
        (Counted.SHORT_CALLS, 2),
        (Counted.AUTODIAL_SECONDS, 80),
        (Counted.CHANNELS, 1),
    ],
)
def test_what_is_counted(counts: Counted, used: int) -> None:
    history = [
        past(NOON - 4 * HOUR),
        past(NOON - 3 * HOUR, was_answered=True, talk_s=6.0),
        past(NOON - 2 * HOUR, was_answered=True, talk_s=1.0, reserved_agent=True),
        past(NOON - 1 * HOUR, was_answered=True, talk_s=6.1, had_conversation=True),
    ]
    assert ask(cap(99, counts, per_hours=24), history, NOON).counters[0].used == used


def test_ringing_seconds_fill_a_cap_and_leave_it_one_call_at_a_time() -> None:
    history = [past(NOON - n * HOUR, ring_s=900.5) for n in (3, 2, 1)]
    one = cap(1800, Counted.AUTODIAL_SECONDS, CapScope.PERSON, per_hours=24)
    assert ask(one, history, NOON).free_at == NOON + 22 * HOUR
    assert not ask(one, history[:1], NOON).full


def test_calls_are_one_channel_however_many() -> None:
    week = cap(1, Counted.CHANNELS, CapScope.PERSON, per=CalendarPeriod.WEEK)
    history = [past(NOON - HOUR, was_answered=True), past(NOON - 2 * HOUR, was_answered=True)]
    assert not ask(week, history, NOON).full
    assert ask(cap(0, Counted.CHANNELS, per_hours=24), [], NOON).full


def test_a_company_cap_needs_the_companys_count() -> None:
    shorts = cap(100, Counted.SHORT_CALLS, CapScope.COMPANY, per=CalendarPeriod.DAY)
    zones = ("America/Sao_Paulo", "America/Manaus")
    counted = {Counted.SHORT_CALLS: 100}
    answer = ask(shorts, [], NOON, *zones, company_counts=counted)
    assert answer.free_at == datetime(2026, 11, 24, tzinfo=ZoneInfo("America/Manaus"))
    assert not ask(shorts, [], NOON, *zones, company_counts={Counted.SHORT_CALLS: 99}).full
    unknown = ask(shorts, [], NOON, *zones)
    assert unknown.full
    assert unknown.free_at is None
    rolling = cap(100, Counted.SHORT_CALLS, CapScope.COMPANY, per_hours=24)
    assert ask(rolling, [], NOON, company_counts=counted).full[0].free_at is None


def test_an_unknown_zone_fills_a_calendar_cap() -> None:
    answer = check([NumberedCap("ru", DAY_OF_TALKS)], [], NOON, ())
    assert answer.full
    assert answer.free_at is None


def test_one_cap_without_an_end_leaves_the_whole_answer_without_one() -> None:
    caps = [NumberedCap("fl", FLORIDA), NumberedCap("zero", cap(0, per_hours=24))]
    history = [past(NOON - n * HOUR) for n in range(3)]
    answer = check(caps, history, NOON, ["UTC"])
    assert [counter.rule_id for counter in answer.full] == ["fl", "zero"]
    assert answer.full[0].free_at == NOON + 22 * HOUR
    assert answer.free_at is None


def test_the_latest_full_cap_frees_the_call() -> None:
    caps = [
        NumberedCap("fl", FLORIDA),
        NumberedCap("gb", BRITAIN),
        NumberedCap("ru", WEEK_OF_TALKS),
    ]
    history = [past(NOON - n * HOUR, PastEvent.ABANDONED) for n in range(3)]
    answer = check(caps, history, NOON, ["UTC"])
    assert [counter.rule_id for counter in answer.full] == ["fl", "gb"]
    assert answer.free_at == NOON + 72 * HOUR


def _windows(*caps: Cap) -> tuple[int, int]:
    numbered = [NumberedCap("rule", one) for one in caps]
    return history_window_hours(numbered), event_window_hours(numbered)


def test_how_far_back_history_is_needed() -> None:
    company = cap(9, Counted.SHORT_CALLS, CapScope.COMPANY, per_hours=999)
    month = cap(8, per=CalendarPeriod.MONTH)
    assert _windows() == (0, 0)
    assert _windows(company) == (0, 0)
    assert _windows(FLORIDA, BRITAIN, company) == (24, 72)
    assert _windows(month, WEEK_OF_TALKS, FRANCE_REFUSED) == (31 * 24 + 14, 1440)


def test_a_campaigns_own_limits_are_caps_too() -> None:
    assert [one.rule_id for one in own_caps(OwnLimits(3))] == ["campaign-per-day"]
    caps = own_caps(OwnLimits(9, 8, 7, 2, quiet_hours_after_conversation=5))
    talk = past(
        NOON - HOUR,
        PastEvent.CONVERSATION,
        was_answered=True,
        had_conversation=True,
        same_number=False,
    )
    answer = check(caps, [talk, past(NOON - 25 * HOUR)], NOON, [])
    assert [(one.rule_id, one.used, one.count, one.period) for one in answer.counters] == [
        ("campaign-per-day", 0, 9, "24 h"),
        ("campaign-person-per-day", 1, 8, "24 h"),
        ("campaign-person-per-week", 2, 7, "168 h"),
        ("campaign-talks-per-month", 1, 2, "720 h"),
        ("campaign-quiet-after-talk", 1, 0, "5 h after conversation"),
    ]
    assert answer.free_at == NOON + 4 * HOUR
    refused = past(NOON - HOUR, PastEvent.REFUSAL)
    quiet = own_caps(OwnLimits(9, quiet_hours_after_refusal=24))
    assert check(quiet, [refused], NOON, []).free_at == NOON + 23 * HOUR


def test_an_own_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="attempts_per_number_per_day"):
        OwnLimits(0)
    with pytest.raises(ValueError, match="quiet_hours_after_refusal"):
        OwnLimits(1, quiet_hours_after_refusal=0)
