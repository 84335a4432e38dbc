"""The predictive controller: events and facts in, calls to place and to cancel out.

Pure: it reads no clock, does no I/O and draws no lots. The same events and facts give the same
decisions, whether they come from production, from a simulation or from a replay.
"""

from math import sqrt
from typing import Any

from dialer.pacing.bounds import fixed_calls, most_calls, safe_calls
from dialer.pacing.budget import Budget, Standing
from dialer.pacing.estimates import Estimates
from dialer.pacing.exposure import Exposure
from dialer.pacing.facts import (
    Abandoned,
    Answered,
    CallEnd,
    Decision,
    FoundMachine,
    FoundPerson,
    Limit,
    PacingEvent,
    PacingFacts,
    TakenForMachine,
    Unanswered,
    Why,
)
from dialer.pacing.flights import Flights, Forecast
from dialer.pacing.normal import Floats
from dialer.pacing.policy import PacingMode, PredictivePolicy
from dialer.pacing.risk import RiskModel
from dialer.pacing.steering import Occupancy, Steering
from dialer.pacing.tally import Counts
from dialer.pacing.upkeep import Upkeep
from dialer.pacing.watch import Watch

_CANCEL_FACTOR = 4.0  # of the threshold: a call that has rung long is dear to replace
_CANCEL_LEAST, _CANCEL_MOST = 0.06, 0.5
_WAITING_RISK = 0.5  # that a person who waits now is abandoned
_TIDY_EVERY_S = 60.0
_TRUST = 0.5  # in the evidence of an earlier day
_NO_RISK = -1.0  # a threshold that no call meets


class Predictive:
    """Decides for one campaign; see ``PredictivePolicy`` for what it is asked to do."""

    def __init__(self, policy: PredictivePolicy, priors: dict[str, Any] | None = None) -> None:
        """Start a controller; ``priors`` are the saved ``estimates`` of an earlier day, if any."""
        self.policy = policy
        self.estimates = Estimates(policy.ring_limit_s, policy.setup_s)
        self.budget = Budget(policy)
        self.steering = Steering(policy.ceiling)
        self.watch = Watch()
        self._occupancy = Occupancy(policy.target_occupancy)
        self._upkeep = Upkeep(policy, self.estimates)
        self._flights = Flights()
        self._exposure = Exposure(policy.least_ring_s)
        self._at_s: float | None = None
        self._tidy_in_s = 0.0
        if priors is not None:
            self.estimates.load(priors, trust=_TRUST)

    def use(self, policy: PredictivePolicy) -> None:
        """Take a changed policy over; what was learned, counted and seen of calls in flight stays."""
        before, self.policy = self.policy, policy
        limits = (policy.ring_limit_s, policy.setup_s)
        if limits != (before.ring_limit_s, before.setup_s):
            self.estimates.use(*limits)
        self.budget.use(policy)
        self.steering.use(policy.ceiling)
        self._occupancy.use(policy.target_occupancy)
        self._upkeep.use(policy)
        self._exposure = Exposure(policy.least_ring_s)

    def observe(self, event: PacingEvent) -> None:
        """Take note of what happened."""
        match event:
            case Answered():
                self._ended(event, answered=True)
                self.budget.answered(event.at_s)
            case Unanswered():
                self._ended(event, answered=False)
                if event.end is CallEnd.MACHINE:
                    self.budget.machine(event.at_s)
            case Abandoned():
                self.budget.abandoned(event.at_s, false_positive=event.false_positive)
                if not event.false_positive:
                    self.steering.abandoned()
            case FoundMachine():
                self.budget.found_machine(event.at_s)
            case TakenForMachine():
                self.budget.taken_for_machine(event.at_s)
            case FoundPerson():
                self.budget.found_person(event.at_s)
            case _:
                pass
        self.estimates.observe(event)

    def _ended(self, event: Answered | Unanswered, *, answered: bool) -> None:
        if not self._flights.knows(event.call_id):
            self.estimates.placed_unseen(event.segment, event.at_s, event.ring_s)
        forecast = self._flights.end(event.call_id)
        if answered and forecast is not None:
            self.steering.answered(forecast)

    def decide(self, facts: PacingFacts) -> Decision:
        """Return what to do now."""
        model = self._look(facts)
        most, bound = most_calls(facts, self.policy)
        standing = self._standing(facts)
        careful = self._careful(facts, standing)
        threshold = self._occupancy.share * self.steering.threshold(standing.pace)
        if careful is None:
            wanted, risks = model.affordable(threshold, most, facts.next_segments)
            borne = self._exposure.bearable(model, self.estimates, wanted, standing.bearable)
            place = min(most, max(borne, safe_calls(facts)))
        else:
            _, risks = model.affordable(_NO_RISK, most, ())
            place = self.watch.probing(min(most, fixed_calls(facts, self.policy)))
        cancel: tuple[int | str, ...] = ()
        if place:
            self._promise(place, risks, standing.pace)
        elif self.policy.cancels:
            above = self._cancel_above(threshold)
            cancel = model.hopeless(facts, above, self.policy.least_ring_s)
        limit = bound if place >= most else careful or Limit.RISK
        return Decision(place, cancel, self._why(model, limit, risks, place, threshold, standing))

    def _look(self, facts: PacingFacts) -> RiskModel:
        """Let the time pass since the last decision and sum the moment up."""
        moved_s = 0.0 if self._at_s is None else facts.at_s - self._at_s
        elapsed_s = max(0.0, moved_s)
        self._at_s = facts.at_s
        self.budget.pass_time(facts.at_s)
        self._occupancy.pass_time(elapsed_s, facts)
        moved = self.estimates.pass_time(elapsed_s)
        for call in self._flights.unseen(facts.ringing):
            self.estimates.placed(call, facts.at_s)
        self.watch.step(facts, self.estimates, moved_s)
        self._tidy_in_s -= elapsed_s
        if self._tidy_in_s <= 0:
            self._tidy_in_s = _TIDY_EVERY_S
            self._flights.keep_only(facts.ringing)
            self.steering.begin(facts.agents)
        model = self._upkeep.current(facts, elapsed_s, moved=moved)
        model.look(facts)
        return model

    def _standing(self, facts: PacingFacts) -> Standing:
        rate = self.estimates.rates.mean
        pending = self._flights.risk_sum * rate * self.steering.calibration
        pending += _WAITING_RISK * len(facts.waiting)
        reachable = (facts.leads_due + len(facts.ringing)) * rate
        recovering = self.watch.recovering
        careful_per_s = facts.agents * self._upkeep.careful_per_s
        return self.budget.standing(
            pending, facts.agents, reachable, careful_per_s, recovering=recovering
        )

    def _careful(self, facts: PacingFacts, standing: Standing) -> Limit | None:
        """Return why calls must not be predicted now; None: they may be."""
        if self.policy.mode is PacingMode.PREVIEW:
            return Limit.PREVIEW
        if self.policy.mode is not PacingMode.PREDICTIVE:
            return Limit.AGENTS
        if facts.agents < self.policy.least_agents:
            return Limit.AGENTS
        if not self.estimates.known or self.watch.blind:
            return Limit.LEARNING
        return Limit.BUDGET if standing.left < 1 else None

    def _cancel_above(self, threshold: float) -> float:
        if self.policy.mode is not PacingMode.PREDICTIVE:
            return _CANCEL_MOST
        return min(_CANCEL_MOST, max(_CANCEL_LEAST, _CANCEL_FACTOR * threshold))

    def _promise(self, place: int, risks: Floats, pace: float) -> None:
        known = risks[:place].tolist()
        known += [known[-1]] * (place - len(known))
        self._flights.promise([Forecast(risk, pace) for risk in known])

    def _why(
        self,
        model: RiskModel,
        limit: Limit,
        risks: Floats,
        place: int,
        threshold: float,
        standing: Standing,
    ) -> Why:
        rates = self.estimates.rates
        return Why(
            limit=limit,
            risk=float(risks[min(max(place - 1, 0), len(risks) - 1)]),
            threshold=threshold,
            expected_free=model.expected_free,
            answer_rate=rates.mean,
            doubt=sqrt(rates.doubt2),
            budget_left=standing.left,
            note=self.watch.note,
        )

    def share(self, elsewhere: Counts) -> None:
        """Count people of other campaigns under the same budget, in the same window."""
        self.budget.elsewhere = elsewhere

    def saved(self) -> dict[str, Any]:
        """Return everything worth keeping over a restart, as plain JSON values."""
        return {
            "estimates": self.estimates.saved(),
            "budget": self.budget.saved(),
            "steering": self.steering.saved(),
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Take over what ``saved`` returned before a restart."""
        self.estimates.load(saved["estimates"])
        self.budget.load(saved["budget"])
        self.steering.load(saved["steering"])
