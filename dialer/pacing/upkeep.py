"""Keeps the tables of the risk model up to date with the beliefs, at most so often."""

from collections.abc import Sequence

import numpy as np

from dialer.pacing.estimates import Estimates
from dialer.pacing.facts import PacingFacts
from dialer.pacing.normal import Floats
from dialer.pacing.outlook import CallTables, Grid, agent_tables
from dialer.pacing.policy import PredictivePolicy
from dialer.pacing.risk import RiskModel

_REBUILD_EARLY_S, _REBUILD_S = 20.0, 60.0
_EARLY_S = 900.0
_LEAST_MOVE = 0.01  # of the answer rate, relative: less is not worth new tables


class Upkeep:
    """The risk model over time."""

    def __init__(self, policy: PredictivePolicy, estimates: Estimates) -> None:
        """Start without tables; the first look builds them."""
        self._policy, self._estimates = policy, estimates
        self._age_s = self._rebuild_in_s = 0.0
        self._tables_rate = estimates.rates.mean
        self._model: RiskModel | None = None
        self._ring_s = self._quiet_s = self._service_s = 0.0

    @property
    def careful_per_s(self) -> float:
        """Return the answers a second that each agent would get dialling progressively."""
        p = self._estimates.rates.mean
        turn_s = self._service_s + self._ring_s + (1 - p) / p * self._quiet_s
        return 1 / turn_s if turn_s > 0 else 0.0

    def use(self, policy: PredictivePolicy) -> None:
        """Take a changed policy over: the next look builds new tables."""
        self._policy, self._rebuild_in_s = policy, 0.0

    def current(self, facts: PacingFacts, elapsed_s: float, *, moved: bool) -> RiskModel:
        """Return the model for now; ``moved`` tells that the answer rates have been updated."""
        self._age_s += elapsed_s
        self._rebuild_in_s -= elapsed_s
        model = self._model
        if model is None or self._rebuild_in_s <= 0:
            return self._rebuilt(facts)
        if moved:
            rates = self._estimates.rates
            model.doubt2 = rates.doubt2
            if abs(rates.mean / self._tables_rate - 1) > _LEAST_MOVE:
                self._renew_calls(model)
        return model

    def _renew_calls(self, model: RiskModel) -> None:
        rates = self._estimates.rates
        self._tables_rate = rates.mean
        model.calls = CallTables(model.grid, rates.by_row, self._policy.least_ring_s)
        model.rows = dict(rates.rows)

    def _rebuilt(self, facts: PacingFacts) -> RiskModel:
        every_s = _REBUILD_EARLY_S if self._age_s < _EARLY_S else _REBUILD_S
        self._rebuild_in_s = every_s
        estimates, policy = self._estimates, self._policy
        estimates.forget(every_s)
        self._ring_s, self._quiet_s = estimates.ringing.mean_s, estimates.ringing.quiet_mean_s
        self._service_s = estimates.talk.mean_s + estimates.wrap.mean_s
        grid = Grid(estimates.ringing, policy.least_ring_s, cancels=policy.cancels)
        patience_s = max(0.0, policy.patience_s - policy.detection_s)
        agents = agent_tables(
            estimates.talk,
            estimates.wrap,
            1 - estimates.pausing.value,
            grid.points_s + patience_s,
            (_ages(facts.at_s, facts.talking_since_s), _ages(facts.at_s, facts.wrapping_since_s)),
        )
        calls = CallTables(grid, estimates.rates.by_row, policy.least_ring_s)
        self._model = RiskModel(grid, calls, agents)
        self._model.doubt2 = estimates.rates.doubt2
        self._model.rows = dict(estimates.rates.rows)
        self._tables_rate = estimates.rates.mean
        return self._model


def _ages(at_s: float, since_s: Sequence[float]) -> Floats:
    return np.maximum(at_s - np.array(since_s, dtype=np.float64), 0.0)
