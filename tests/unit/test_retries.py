"""Retry rules: steps by attempt, growing delays, other numbers, other parts of the day."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from campaigns.leads.day_parts import DAY_PARTS, in_other_part, part_of
from campaigns.leads.recycle import (
    UNDISPOSED,
    AttemptFacts,
    LeadFate,
    Promise,
    fate_after,
    fate_after_disposition,
    fate_undisposed,
)
from campaigns.retries import LONGEST_DELAY_S, NextCall, RetryRule
from campaigns.settings import CampaignSettings
from campaigns.states import LeadState
from dialer.call.states import CallOutcome

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MOSCOW = "Europe/Moscow"


def settings(retry: dict[str, Any], **others: Any) -> CampaignSettings:
    return CampaignSettings.model_validate({"retry": retry} | others)


def facts(made: int, outcome: CallOutcome = CallOutcome.BUSY, **others: Any) -> AttemptFacts:
    values: dict[str, Any] = {"alive": (0, 1, 2), "phone_position": 0} | others
    return AttemptFacts(outcome, made, **values)


def test_the_simple_form_is_one_step() -> None:
    rule = RetryRule.model_validate({"after_s": 900, "max_attempts": 6})
    assert [rule.step_after(attempt)[0].after_s for attempt in (1, 2, 9)] == [900, 900, 900]
    assert RetryRule.model_validate({"after_s": 900}) == rule


def test_steps_follow_the_attempts_and_the_last_one_stays() -> None:
    steps = [
        {"after_s": 60},
        {"after_s": 600, "next": "next_number"},
        {"after_s": 3600, "next": "same_number"},
    ]
    chosen = settings({"busy": {"steps": steps, "max_attempts": 9}}, max_attempts=9)
    delays, positions = [], []
    for made in (1, 2, 3, 4):
        fate = fate_after(facts(made), chosen, NOW)
        assert fate.next_attempt_at is not None
        delays.append((fate.next_attempt_at - NOW).total_seconds())
        positions.append(fate.phone_position)
    assert (delays, positions) == ([60, 600, 3600, 3600], [0, 1, 0, 0])


def test_a_final_step_ends_the_lead() -> None:
    chosen = settings({"busy": {"steps": [{"after_s": 60}, {"next": "final"}]}})
    assert fate_after(facts(1), chosen, NOW).state is LeadState.WAITING
    assert fate_after(facts(2), chosen, NOW) == LeadFate(LeadState.DONE, result="busy")
    assert fate_after(facts(1), settings({"busy": {"next": "final"}}), NOW).state is LeadState.DONE


def test_a_delay_grows_up_to_its_cap() -> None:
    rule = RetryRule(after_s=100, factor=2, max_after_s=500, max_attempts=50)
    delays = [step.delay_s(used) for step, used in map(rule.step_after, range(1, 6))]
    assert delays == [100, 200, 400, 500, 500]
    assert RetryRule(after_s=100, factor=10).delay_s(10**9) == LONGEST_DELAY_S


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"max_attempts": 3},
        {"after_s": 60, "steps": [{"after_s": 60}]},
        {"after_s": 60, "factor": 0.5},
        {"after_s": 60, "next": "nobody"},
        {"steps": [{"max_attempts": 3}]},
        {"after_s": LONGEST_DELAY_S + 1},
    ],
)
def test_a_rule_that_says_too_little_or_too_much_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RetryRule.model_validate(wrong)


@given(
    st.one_of(
        st.builds(
            RetryRule,
            after_s=st.integers(0, LONGEST_DELAY_S),
            factor=st.floats(1, 10),
            max_after_s=st.none() | st.integers(0, LONGEST_DELAY_S),
            next=st.none() | st.sampled_from(NextCall),
            max_attempts=st.integers(1, 50),
        ),
        st.lists(st.integers(0, 9999), min_size=1, max_size=5).map(
            lambda delays: RetryRule.model_validate({"steps": [{"after_s": d} for d in delays]})
        ),
    )
)
def test_rules_survive_the_database_and_never_go_back(rule: RetryRule) -> None:
    assert RetryRule.model_validate(rule.model_dump(mode="json")) == rule
    for attempt in (1, 2, 3, 40):
        step, used = rule.step_after(attempt)
        assert 0 <= step.delay_s(used) <= LONGEST_DELAY_S
        assert used < attempt


def local(day: int, hour: int, zone: str = MOSCOW) -> datetime:
    return datetime(2026, 11, day, hour, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_another_part_of_the_day_comes_next() -> None:
    rule = {"no_answer": {"after_s": 3600, "next": "other_day_part"}}
    tried = facts(
        2,
        CallOutcome.NO_ANSWER,
        zone=MOSCOW,
        tried_at=(local(22, 13), local(23, 10)),
        phone_position=1,
    )
    fate = fate_after(tried, settings(rule), local(23, 11))
    assert fate.next_attempt_at == datetime(2026, 11, 23, 15, 0, tzinfo=ZoneInfo(MOSCOW))
    assert fate.phone_position == 1, "the same number, at another time"


def test_without_a_zone_the_delay_alone_counts() -> None:
    rule = {"no_answer": {"after_s": 3600, "next": "other_day_part"}}
    fate = fate_after(facts(1, CallOutcome.NO_ANSWER, tried_at=(NOW,)), settings(rule), NOW)
    assert fate.next_attempt_at == NOW + timedelta(hours=1)


def test_when_all_parts_were_tried_the_least_tried_comes_next() -> None:
    tried = [
        local(20, 10),
        local(20, 13),
        local(20, 16),
        local(20, 19),
        local(21, 10),
        local(21, 13),
    ]
    due = in_other_part(local(23, 9), tried, MOSCOW)
    assert due == datetime(2026, 11, 23, 15, 0, tzinfo=ZoneInfo(MOSCOW))


instants = st.integers(0, 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(
    due=instants,
    tried=st.lists(instants, max_size=9),
    zone=st.sampled_from(
        [
            "Europe/Moscow",
            "America/St_Johns",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Europe/Kyiv",
        ]
    ),
)
def test_the_moment_is_the_first_one_that_fits(
    due: datetime, tried: list[datetime], zone: str
) -> None:
    counts = [sum(part_of(at, zone) == part for at in tried) for part in range(len(DAY_PARTS))]
    wanted = {part for part, count in enumerate(counts) if count == min(counts)}
    found = in_other_part(due, tried, zone)
    assert due <= found < due + timedelta(hours=26)
    assert part_of(found, zone) in wanted
    assert found == due or part_of(found - timedelta(seconds=1), zone) not in wanted
    earlier = due
    while earlier < found - timedelta(minutes=10):
        assert part_of(earlier, zone) not in wanted, "an earlier moment would have done"
        earlier += timedelta(minutes=10)


def closed(code: str, made: int = 1, promise: Promise | None = None, **others: Any) -> LeadFate:
    chosen = settings(
        {}, retry_dispositions={"later": {"steps": [{"after_s": 60}, {"next": "final"}]}}, **others
    )
    about = facts(made, CallOutcome.CONNECTED, phone_position=2, promise=promise)
    return fate_after_disposition(code, about, {"later": 5, "soon": 10, "sale": None}, chosen, NOW)


def test_a_dispositions_rule_goes_before_its_delay() -> None:
    minute = NOW + timedelta(minutes=1)
    assert closed("later") == LeadFate(LeadState.WAITING, minute, "retry_later", None, 2)
    assert closed("later", made=2) == LeadFate(LeadState.DONE, result="later", phone_position=2)
    assert closed("soon", made=2).next_attempt_at == NOW + timedelta(seconds=10)
    assert closed("sale") == LeadFate(LeadState.DONE, result="sale", phone_position=2)


def test_the_lead_that_had_all_its_attempts_keeps_its_disposition() -> None:
    assert closed("soon", made=3, max_attempts=3) == LeadFate(
        LeadState.DONE, result="soon", phone_position=2
    )


def test_a_promise_is_kept_whatever_the_rules_say() -> None:
    promise = Promise(NOW + timedelta(days=1), "Olga")
    kept = LeadFate(LeadState.WAITING, promise.promised_at, "callback", None, 2, "Olga")
    about = facts(50, CallOutcome.CONNECTED, phone_position=2, promise=promise)
    assert closed("sale", made=50, promise=promise) == kept
    assert fate_undisposed(about) == kept
    assert fate_after(about, settings({}), NOW) == kept
    assert fate_undisposed(facts(1)).result == UNDISPOSED
