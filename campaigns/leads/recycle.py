"""What becomes of a lead after an attempt or a disposition, pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaigns.settings import CampaignSettings
from campaigns.states import LeadState
from compliance.gate import Refusal
from compliance.reasons import FINAL
from dialer.call.states import CallOutcome

#: After these the contact's next number is tried; after the others the same one again.
_NEXT_NUMBER_AFTER = frozenset(
    {CallOutcome.NO_ANSWER, CallOutcome.UNREACHABLE, CallOutcome.REJECTED, CallOutcome.NO_RESPONSE}
)

#: A lead whose number is being dialled by another campaign is asked for again after this.
ELSEWHERE_RETRY_S = 60

UNDISPOSED = "no_disposition"  #: the result of a conversation nobody closed


@dataclass(frozen=True, slots=True)
class LeadFate:
    """A lead's next state."""

    state: LeadState
    next_attempt_at: datetime | None = None
    waiting_reason: str = ""
    result: str | None = None
    phone_position: int = 0


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """What decides a lead's fate after an attempt."""

    outcome: CallOutcome
    attempts_made: int  #: of the lead, this one included
    alive: tuple[int, ...]  #: positions of the contact's numbers not known as dead, this one too
    phone_position: int  #: the one that was dialled


def fate_after(facts: AttemptFacts, settings: CampaignSettings, now: datetime) -> LeadFate:
    """Return what becomes of a lead after an attempt that ended without a conversation."""
    spent = facts.attempts_made >= settings.max_attempts
    if facts.outcome is CallOutcome.INVALID_NUMBER:
        return _after_invalid(facts, now, spent=spent)
    rule = settings.retry.get(facts.outcome)
    if rule is None or spent or facts.attempts_made >= rule.max_attempts:
        return LeadFate(LeadState.DONE, result=facts.outcome.value)
    position = facts.phone_position
    if facts.outcome in _NEXT_NUMBER_AFTER:
        position = _next_position(facts)
    due = now + timedelta(seconds=rule.after_s)
    return LeadFate(LeadState.WAITING, due, f"retry_{facts.outcome.value}", None, position)


def _next_position(facts: AttemptFacts) -> int:
    """Return the contact's next number that is not dead, in a circle."""
    after = [position for position in facts.alive if position > facts.phone_position]
    return min(after or facts.alive, default=facts.phone_position)


def _after_invalid(facts: AttemptFacts, now: datetime, *, spent: bool) -> LeadFate:
    """A dead number is never dialled again; the contact's next one is tried at once."""
    others = tuple(position for position in facts.alive if position != facts.phone_position)
    if spent or not others:
        return LeadFate(LeadState.DONE, result=CallOutcome.INVALID_NUMBER.value)
    following = _next_position(replace(facts, alive=others))
    return LeadFate(LeadState.WAITING, now, "next_number", None, following)


def fate_after_refusal(refusal: Refusal, *, phone_position: int) -> LeadFate:
    """Return what becomes of a lead whose number the gate refused."""
    final = next((reason for reason in refusal.reasons if reason in FINAL), None)
    if final is not None:
        return LeadFate(LeadState.DONE, result=final.value, phone_position=phone_position)
    reason = refusal.reasons[0]
    return LeadFate(LeadState.WAITING, refusal.next_allowed_at, reason.value, None, phone_position)


def fate_after_disposition(
    code: str | None, retry_after_s: Mapping[str, int | None], now: datetime, *, phone_position: int
) -> LeadFate:
    """Return what becomes of a lead after a conversation closed with ``code`` (None: unclosed)."""
    if code is None:
        return LeadFate(LeadState.DONE, result=UNDISPOSED, phone_position=phone_position)
    delay_s = retry_after_s.get(code)
    if delay_s is None:
        return LeadFate(LeadState.DONE, result=code, phone_position=phone_position)
    due = now + timedelta(seconds=delay_s)
    return LeadFate(LeadState.WAITING, due, f"retry_{code}", None, phone_position)
