"""A lead's fate after an attempt, a refusal or a disposition."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.leads.recycle import (
    UNDISPOSED,
    AttemptFacts,
    LeadFate,
    fate_after,
    fate_after_disposition,
    fate_after_refusal,
    fate_undisposed,
)
from campaigns.retries import RetryRule
from campaigns.settings import CampaignSettings
from campaigns.states import LeadState
from compliance.gate import Refusal, RefusalReason
from compliance.reasons import FINAL, OF_THE_NUMBER
from dialer.call.states import CallOutcome

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SETTINGS = CampaignSettings()

attempts = st.builds(
    AttemptFacts,
    st.sampled_from(CallOutcome),
    attempts_made=st.integers(1, 8),
    alive=st.sets(st.integers(0, 3)).map(lambda found: tuple(sorted(found))),
    phone_position=st.integers(0, 3),
)


def fate(outcome: CallOutcome, made: int = 1, phones: int = 1, position: int = 0) -> LeadFate:
    return fate_after(AttemptFacts(outcome, made, tuple(range(phones)), position), SETTINGS, NOW)


def refused(*reasons: RefusalReason, again_at: datetime | None = None) -> LeadFate:
    answer = Refusal("+79161234567", UUID(int=1), reasons, again_at)
    return fate_after_refusal(answer, phone_position=1)


def test_busy_is_tried_again_in_a_quarter_of_an_hour() -> None:
    due = NOW + timedelta(minutes=15)
    assert fate(CallOutcome.BUSY) == LeadFate(LeadState.WAITING, due, "retry_busy")


def test_a_conversation_needs_no_other_attempt() -> None:
    assert fate(CallOutcome.CONNECTED) == LeadFate(LeadState.DONE, result="connected")


def test_the_last_attempt_is_the_last() -> None:
    assert fate(CallOutcome.BUSY, made=5).state is LeadState.WAITING
    assert fate(CallOutcome.BUSY, made=6) == LeadFate(LeadState.DONE, result="busy")


def test_an_outcomes_own_limit_is_kept() -> None:
    assert fate(CallOutcome.ABANDONED, made=2).state is LeadState.WAITING
    assert fate(CallOutcome.ABANDONED, made=3).state is LeadState.DONE


def test_no_answer_goes_round_the_numbers_and_busy_stays() -> None:
    assert fate(CallOutcome.NO_ANSWER, phones=3, position=1).phone_position == 2
    assert fate(CallOutcome.NO_ANSWER, phones=3, position=2).phone_position == 0
    assert fate(CallOutcome.BUSY, phones=3, position=1).phone_position == 1


def test_a_dead_number_gives_way_to_the_next_at_once() -> None:
    following = fate(CallOutcome.INVALID_NUMBER, phones=2, position=0)
    assert following == LeadFate(LeadState.WAITING, NOW, "next_number", None, 1)


def test_a_rotation_never_comes_back_to_a_dead_number() -> None:
    facts = AttemptFacts(CallOutcome.NO_ANSWER, 2, alive=(1, 2), phone_position=2)
    assert fate_after(facts, SETTINGS, NOW).phone_position == 1


def test_the_last_dead_number_ends_the_lead() -> None:
    facts = AttemptFacts(CallOutcome.INVALID_NUMBER, 2, alive=(1,), phone_position=1)
    last = fate_after(facts, SETTINGS, NOW)
    assert (last.state, last.result) == (LeadState.DONE, "invalid_number")


@pytest.mark.parametrize("reason", [RefusalReason.SUPPRESSED, RefusalReason.ATTEMPT_CAP])
def test_a_final_refusal_ends_the_lead(reason: RefusalReason) -> None:
    ended = refused(reason, RefusalReason.OUTSIDE_WINDOW)
    assert (ended.state, ended.result, ended.phone_position) == (LeadState.DONE, reason.value, 1)


@pytest.mark.parametrize("reason", sorted(OF_THE_NUMBER))
def test_a_bad_number_gives_way_to_the_contacts_next_one(reason: RefusalReason) -> None:
    answer = Refusal("+79161234567", UUID(int=1), (reason, RefusalReason.OUTSIDE_WINDOW), None)
    following = fate_after_refusal(answer, phone_position=1, others=(0, 1, 3, 2), now=NOW)
    assert following == LeadFate(LeadState.WAITING, NOW, "next_number", None, 2)
    last = fate_after_refusal(answer, phone_position=3, others=(0, 1, 3, 2), now=NOW)
    assert (last.state is LeadState.DONE) == (reason in FINAL)
    assert (last.next_attempt_at, last.phone_position) == (None, 3)


@pytest.mark.parametrize("reason", sorted(FINAL - OF_THE_NUMBER))
def test_what_ends_the_lead_ends_it_whatever_numbers_there_are(reason: RefusalReason) -> None:
    reasons = (RefusalReason.SUPPRESSED, reason)
    answer = Refusal("+79161234567", UUID(int=1), reasons, None)
    ended = fate_after_refusal(answer, phone_position=0, others=(0, 1), now=NOW)
    assert ended.state is LeadState.DONE


def test_another_number_does_not_help_against_what_is_not_about_numbers() -> None:
    answer = Refusal("+79161234567", UUID(int=1), (RefusalReason.CONSENT_MISSING,), None)
    waiting = fate_after_refusal(answer, phone_position=0, others=(0, 1), now=NOW)
    assert waiting == LeadFate(LeadState.WAITING, None, "consent_missing", None, 0)


def test_a_refusal_that_passes_is_waited_for() -> None:
    again_at = NOW + timedelta(hours=9)
    waiting = refused(RefusalReason.OUTSIDE_WINDOW, again_at=again_at)
    assert waiting == LeadFate(LeadState.WAITING, again_at, "outside_window", None, 1)


def test_a_refusal_that_needs_a_person_waits_without_an_instant() -> None:
    waiting = refused(RefusalReason.ZONE_UNKNOWN)
    assert (waiting.state, waiting.next_attempt_at) == (LeadState.WAITING, None)


def test_a_disposition_ends_the_lead_or_asks_for_another_call() -> None:
    codes = {"sold": None, "call_back": 3600, "again_now": 0}
    talked = AttemptFacts(CallOutcome.CONNECTED, 1, alive=(0, 2), phone_position=2)

    def closed(code: str) -> LeadFate:
        return fate_after_disposition(code, talked, codes, SETTINGS, NOW)

    assert closed("sold") == LeadFate(LeadState.DONE, result="sold", phone_position=2)
    due = NOW + timedelta(hours=1)
    assert closed("call_back") == LeadFate(LeadState.WAITING, due, "retry_call_back", None, 2)
    assert closed("again_now").next_attempt_at == NOW
    assert fate_undisposed(talked).result == UNDISPOSED


def test_every_outcome_but_these_has_a_retry_rule() -> None:
    final = set(CallOutcome) - set(SETTINGS.retry)
    assert final == {CallOutcome.CONNECTED, CallOutcome.INVALID_NUMBER, CallOutcome.REJECTED}


@given(facts=attempts)
def test_a_lead_is_done_with_a_result_or_waits_without_one(facts: AttemptFacts) -> None:
    after = fate_after(facts, SETTINGS, NOW)
    assert after.state in (LeadState.DONE, LeadState.WAITING)
    assert (after.state is LeadState.DONE) == (after.result is not None)
    if after.state is LeadState.WAITING:
        assert after.next_attempt_at is not None
        assert after.next_attempt_at >= NOW
        assert after.phone_position in (*facts.alive, facts.phone_position)
        assert after.waiting_reason


@given(facts=attempts, most=st.integers(1, 8), own=st.integers(1, 8))
def test_no_lead_is_dialled_more_often_than_allowed(
    facts: AttemptFacts, most: int, own: int
) -> None:
    rules = {outcome: RetryRule(after_s=1, max_attempts=own) for outcome in CallOutcome}
    after = fate_after(facts, CampaignSettings(max_attempts=most, retry=rules), NOW)
    if facts.attempts_made >= most:
        assert after.state is LeadState.DONE
    elif facts.outcome is not CallOutcome.INVALID_NUMBER:
        assert (after.state is LeadState.WAITING) == (facts.attempts_made < own)
