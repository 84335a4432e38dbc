"""What becomes of a lead after an attempt or a disposition, pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaigns.leads.day_parts import in_other_part
from campaigns.retries import NextCall, RetryRule
from campaigns.settings import CampaignSettings
from campaigns.states import LeadState
from compliance.gate import Refusal
from compliance.reasons import FINAL, OF_THE_NUMBER, RefusalReason
from dialer.call.states import CallOutcome

#: After these, unless the rule says otherwise, the contact's next number is tried; else the same.
_NEXT_NUMBER_AFTER = frozenset(
    {CallOutcome.NO_ANSWER, CallOutcome.UNREACHABLE, CallOutcome.REJECTED, CallOutcome.NO_RESPONSE}
)

#: A lead whose number is being dialled by another campaign is asked for again after this.
ELSEWHERE_RETRY_S = 60

NEXT_NUMBER = "next_number"  #: why a lead waits whose contact has another number to try
CALLBACK = "callback"  #: why a lead waits for a promised call
UNDISPOSED = "no_disposition"  #: the result of a conversation nobody closed


@dataclass(frozen=True, slots=True)
class LeadFate:
    """A lead's next state."""

    state: LeadState
    next_attempt_at: datetime | None = None
    waiting_reason: str = ""
    result: str | None = None
    phone_position: int = 0
    reserved_for: str | None = None  #: the agent to whom the next call belongs; None: as it was


@dataclass(frozen=True, slots=True)
class Promise:
    """An open callback of a lead."""

    promised_at: datetime
    agent: str | None  #: to whom it is personal


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """What decides a lead's fate after an attempt."""

    outcome: CallOutcome
    attempts_made: int  #: of the lead, this one included
    alive: tuple[int, ...]  #: positions of the contact's numbers not known as dead, this one too
    phone_position: int  #: the one that was dialled
    zone: str | None = None  #: IANA, of the number's place; of several the first
    tried_at: tuple[datetime, ...] = ()  #: when the lead was dialled, this attempt included
    promise: Promise | None = None  #: made during this call


def fate_after(facts: AttemptFacts, settings: CampaignSettings, now: datetime) -> LeadFate:
    """Return what becomes of a lead after an attempt that ended without a conversation."""
    if facts.promise is not None:
        return fate_after_promise(facts.promise, phone_position=facts.phone_position)
    if facts.outcome is CallOutcome.INVALID_NUMBER:
        return _after_invalid(facts, now, spent=facts.attempts_made >= settings.max_attempts)
    usual = NextCall.SAME_NUMBER
    if facts.outcome in _NEXT_NUMBER_AFTER:
        usual = NextCall.NEXT_NUMBER
    rule = settings.retry.get(facts.outcome)
    again = _again(facts, rule, settings, now, name=facts.outcome.value, usual=usual)
    return again or LeadFate(LeadState.DONE, result=facts.outcome.value)


def _again(
    facts: AttemptFacts,
    rule: RetryRule | None,
    settings: CampaignSettings,
    now: datetime,
    *,
    name: str,
    usual: NextCall,
) -> LeadFate | None:
    """Return the fate of a lead that is dialled again by ``rule``; None when it is not."""
    made = facts.attempts_made
    if rule is None or made >= min(rule.max_attempts, settings.max_attempts):
        return None
    step, used = rule.step_after(made)
    following = step.next or usual
    if following is NextCall.FINAL:
        return None
    due = now + timedelta(seconds=step.delay_s(used))
    if following is NextCall.OTHER_DAY_PART and facts.zone is not None:
        due = in_other_part(due, facts.tried_at, facts.zone)
    position = facts.phone_position
    if following is NextCall.NEXT_NUMBER:
        position = _next_position(facts)
    return LeadFate(LeadState.WAITING, due, f"retry_{name}", None, position)


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
    return LeadFate(LeadState.WAITING, now, NEXT_NUMBER, None, following)


def fate_after_refusal(
    refusal: Refusal,
    *,
    phone_position: int,
    others: Sequence[int] = (),
    now: datetime | None = None,
) -> LeadFate:
    """Return what becomes of a lead whose number the gate refused.

    ``others`` are the positions of the contact's numbers not known as dead: when the refusal is
    about this number alone, the next later one is asked about at once (``now``).
    """
    found = set(refusal.reasons)
    later = [position for position in others if position > phone_position]
    if later and now is not None and found & OF_THE_NUMBER and not found & FINAL - OF_THE_NUMBER:
        return LeadFate(LeadState.WAITING, now, NEXT_NUMBER, None, min(later))
    final = next((reason for reason in refusal.reasons if reason in FINAL), None)
    if final is not None:
        return LeadFate(LeadState.DONE, result=final.value, phone_position=phone_position)
    reason = refusal.reasons[0]
    return LeadFate(LeadState.WAITING, refusal.next_allowed_at, reason.value, None, phone_position)


def fate_after_opt_out(facts: AttemptFacts) -> LeadFate:
    """Return what becomes of a lead whose person asked, by key, to be called no more."""
    done, position = RefusalReason.SUPPRESSED.value, facts.phone_position
    return LeadFate(LeadState.DONE, result=done, phone_position=position)


def fate_after_promise(promise: Promise, *, phone_position: int) -> LeadFate:
    """Return what becomes of a lead whose person was promised a call: no limit of ours breaks it."""
    due, agent = promise.promised_at, promise.agent
    return LeadFate(LeadState.WAITING, due, CALLBACK, None, phone_position, agent)


def fate_after_disposition(
    code: str,
    facts: AttemptFacts,
    retry_after_s: Mapping[str, int | None],
    settings: CampaignSettings,
    now: datetime,
) -> LeadFate:
    """Return what becomes of a lead after a conversation closed with ``code``.

    A promised callback goes first, then the code's retry rule, then its own delay.
    """
    position = facts.phone_position
    if facts.promise is not None:
        return fate_after_promise(facts.promise, phone_position=position)
    rule, delay_s = settings.retry_dispositions.get(code), retry_after_s.get(code)
    if rule is None and delay_s is not None:
        rule = RetryRule(after_s=delay_s, max_attempts=settings.max_attempts)
    again = _again(facts, rule, settings, now, name=code, usual=NextCall.SAME_NUMBER)
    return again or LeadFate(LeadState.DONE, result=code, phone_position=position)


def fate_undisposed(facts: AttemptFacts) -> LeadFate:
    """Return what becomes of a lead after a conversation that nobody closed."""
    position = facts.phone_position
    if facts.promise is not None:
        return fate_after_promise(facts.promise, phone_position=position)
    return LeadFate(LeadState.DONE, result=UNDISPOSED, phone_position=position)
