"""What is believed of a campaign's calls: its history, and general experience where that is short. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from campaigns.pacing.history import History, Sample
from campaigns.retries import NextCall
from campaigns.settings import CampaignSettings
from dialer.call.states import CallOutcome
from dialer.pacing.policy import PredictivePolicy
from dialer.simulator.pacing_lab.scenario import Campaign
from dialer.simulator.pacing_lab.shapes import Amd, Duration, Law, Pauses, Ring

#: Shares of calls to a list that nobody has called yet.
USUAL_SHARES: Final[Mapping[CallOutcome, float]] = {
    CallOutcome.CONNECTED: 0.25,
    CallOutcome.NO_ANSWER: 0.62,
    CallOutcome.BUSY: 0.08,
    CallOutcome.INVALID_NUMBER: 0.05,
}
USUAL_RING_S, USUAL_TALK_S, USUAL_WRAP_UP_S = 12.0, 60.0, 15.0
_USUAL_TALK_CV, _USUAL_WRAP_CV, _USUAL_PAUSE_S = 1.0, 0.5, 300.0
#: What is usual counts like so many calls of the campaign's own.
_PRIOR_CALLS, _PRIOR_TIMES = 40.0, 10.0
#: Below so many, the answer says that it rests on what is usual.
FEW = 20
_LEAST_RING_S = 2.0
#: A ring's mean cannot be nearer to its limit: the distribution is cut there.
_HIGHEST_RING = 0.7
_LEAST_CV, _MOST_CV = 0.1, 3.0

_PEOPLE = frozenset({CallOutcome.CONNECTED, CallOutcome.ABANDONED, CallOutcome.HUNG_UP_EARLY})
_FAST = frozenset(
    {
        CallOutcome.BUSY,
        CallOutcome.REJECTED,
        CallOutcome.INVALID_NUMBER,
        CallOutcome.CONGESTION,
        CallOutcome.UNREACHABLE,
        CallOutcome.NO_RESPONSE,
    }
)
#: Nobody knows what would have become of these.
_CUT_SHORT = frozenset({CallOutcome.CANCELLED, CallOutcome.NOT_SENT, CallOutcome.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What a campaign's calls are like; shares are 0..1 of the calls whose end is known."""

    shares: Mapping[CallOutcome, float]
    again: float  #: of the conversations: those after which the lead is dialled again
    ring_s: float
    talk_s: float
    talk_cv: float
    wrap_up_s: float
    wrap_up_cv: float
    pausing: float  #: of the wrap-ups: those that a pause follows
    pause_s: float

    @property
    def answer_rate(self) -> float:
        """Return the share of calls that a person answers."""
        return sum(self.shares.get(outcome, 0.0) for outcome in _PEOPLE)

    @property
    def machines(self) -> float:
        """Return the share of calls that a machine answers, recognised as one."""
        return self.shares.get(CallOutcome.MACHINE, 0.0)

    @property
    def fast_failures(self) -> float:
        """Return the share of calls that fail at once."""
        return sum(self.shares.get(outcome, 0.0) for outcome in _FAST)

    def as_facts(self) -> dict[str, float]:
        """Return what people are shown of it."""
        facts = {
            "answer_rate": self.answer_rate,
            "machines": self.machines,
            "fast_failures": self.fast_failures,
            "dialled_again_after_talk": self.again,
            "ring_s": self.ring_s,
            "talk_s": self.talk_s,
            "wrap_up_s": self.wrap_up_s,
            "pause_after_call": self.pausing,
            "pause_s": self.pause_s,
        }
        return {name: round(value, 4) for name, value in facts.items()}


def beliefs_of(history: History, settings: CampaignSettings) -> Beliefs:
    """Weigh a campaign's history with what is usual: the more calls, the less that counts."""
    known = completed(history.rang) if history.rang else history.outcomes
    known = {outcome: calls for outcome, calls in known.items() if outcome not in _CUT_SHORT}
    calls = sum(known.values())
    shares = {
        outcome: (known.get(outcome, 0) + _PRIOR_CALLS * USUAL_SHARES.get(outcome, 0.0))
        / (calls + _PRIOR_CALLS)
        for outcome in CallOutcome
        if outcome not in _CUT_SHORT
    }
    talks = history.outcomes.get(CallOutcome.CONNECTED, 0)
    wraps = history.wrap_up.count
    usual_wrap_up_s = min(USUAL_WRAP_UP_S, max(1.0, settings.wrap_up_s))
    return Beliefs(
        shares=shares,
        again=history.again / (talks + _PRIOR_TIMES),
        ring_s=_mean_s(history.ring, USUAL_RING_S),
        talk_s=_mean_s(history.talk, USUAL_TALK_S),
        talk_cv=_cv(history.talk, _USUAL_TALK_CV),
        wrap_up_s=_mean_s(history.wrap_up, usual_wrap_up_s),
        wrap_up_cv=_cv(history.wrap_up, _USUAL_WRAP_CV),
        pausing=min(0.9, history.pauses_after_call / (wraps + _PRIOR_TIMES)),
        pause_s=max(1.0, _mean_s(history.pause, _USUAL_PAUSE_S)),
    )


def completed(rang: Mapping[tuple[CallOutcome, int], int]) -> dict[CallOutcome, float]:
    """Return calls by outcome as if none had been given up while it rang.

    Pacing gives up calls that have rung long, so most of those that nobody would have answered. Each
    counts as one of those that rang longer: left out, they would make people who answer out of others.

    Args:
        rang: calls by outcome and by the whole seconds they had rung.

    Source: the product-limit estimator (E. Kaplan and P. Meier, 1958).
    """
    longer: dict[CallOutcome, float] = {}
    for second in sorted({rang_s for _, rang_s in rang}, reverse=True):
        given_up = rang.get((CallOutcome.CANCELLED, second), 0)
        total = sum(longer.values())
        if total > 0:
            longer = {outcome: n * (1 + given_up / total) for outcome, n in longer.items()}
        elif given_up:
            longer[CallOutcome.NO_ANSWER] = float(given_up)
        for outcome in CallOutcome:
            if outcome not in _CUT_SHORT and (outcome, second) in rang:
                longer[outcome] = longer.get(outcome, 0.0) + rang[outcome, second]
    return longer


def _mean_s(sample: Sample, usual_s: float) -> float:
    total_s = sample.count * sample.mean_s + _PRIOR_TIMES * usual_s
    return max(0.5, total_s / (sample.count + _PRIOR_TIMES))


def _cv(sample: Sample, usual: float) -> float:
    if sample.count < FEW or sample.mean_s <= 0:
        return usual
    return min(_MOST_CV, max(_LEAST_CV, sample.sd_s / sample.mean_s))


def lab_campaign(known: Beliefs, policy: PredictivePolicy) -> Campaign:
    """Return the laboratory's campaign whose people are as believed, under a policy."""
    room_s = policy.ring_limit_s - _LEAST_RING_S
    least_s, most_s = _LEAST_RING_S + 0.1 * room_s, _LEAST_RING_S + _HIGHEST_RING * room_s
    fast = min(known.fast_failures, 1.0 - known.machines)
    return Campaign(
        answer_rate=min(known.answer_rate, 0.98),
        ring=Ring(mean_s=min(most_s, max(least_s, known.ring_s)), least_s=_LEAST_RING_S),
        ring_limit_s=policy.ring_limit_s,
        least_ring_s=policy.least_ring_s,
        patience_s=policy.patience_s,
        fast_failures=fast,
        machines=known.machines,
        amd=Amd() if known.machines else None,  # those that history calls machines went to nobody
        talk=Duration(mean_s=known.talk_s, cv=known.talk_cv),
        wrap=Duration(mean_s=known.wrap_up_s, law=Law.GAMMA, cv=known.wrap_up_cv),
    )


def lab_pauses(known: Beliefs) -> Pauses | None:
    """Return the laboratory's pauses."""
    return Pauses(known.pausing, known.pause_s) if known.pausing > 0 else None


def calls_to_come(
    by_attempts: Mapping[int, int], known: Beliefs, settings: CampaignSettings, cancelled: float
) -> float:
    """Return the calls that leads will take until each has its result, on average.

    Args:
        by_attempts: leads by the attempts they had.
        known: what becomes of a call.
        settings: retry rules and the limit of attempts.
        cancelled: share of calls that pacing gives up while they ring, 0..1.
    """
    ahead = [0.0] * (settings.max_attempts + 1)  # of a lead that had so many attempts
    for made in range(settings.max_attempts - 1, -1, -1):
        ahead[made] = 1.0 + _dialled_again(made + 1, known, settings, cancelled) * ahead[made + 1]
    most = settings.max_attempts
    # A lead beyond its limit may still have a promised call.
    return sum(leads * max(ahead[min(had, most)], 1.0) for had, leads in by_attempts.items())


def _dialled_again(
    made: int, known: Beliefs, settings: CampaignSettings, cancelled: float
) -> float:
    """Return the share of leads that are dialled again after their attempt number ``made``."""
    again = cancelled * _is_retried(CallOutcome.CANCELLED, made, settings)
    for outcome, share in known.shares.items():
        kept = known.again if outcome is CallOutcome.CONNECTED else 1.0
        if outcome is CallOutcome.CONNECTED or _is_retried(outcome, made, settings):
            again += (1.0 - cancelled) * share * kept
    return again


def _is_retried(outcome: CallOutcome, made: int, settings: CampaignSettings) -> bool:
    rule = settings.retry.get(outcome)
    if rule is None or made >= min(rule.max_attempts, settings.max_attempts):
        return False
    step, _ = rule.step_after(made)
    return step.next is not NextCall.FINAL


def retries_last_h(settings: CampaignSettings) -> float:
    """Return how long a lead that never answers is kept by the retry rule, hours; windows come on top."""
    rule = settings.retry.get(CallOutcome.NO_ANSWER)
    seconds = 0.0
    for made in range(1, settings.max_attempts):
        if rule is None or not _is_retried(CallOutcome.NO_ANSWER, made, settings):
            break
        step, used = rule.step_after(made)
        seconds += step.delay_s(used)
    return seconds / 3600.0
