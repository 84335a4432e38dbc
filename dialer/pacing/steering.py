"""The threshold of own risk: steered to the pace that the budget allows, or to an occupancy."""

from math import exp
from typing import Any

from dialer.pacing.facts import PacingFacts
from dialer.pacing.flights import Forecast

_GAIN = 0.03  # of the logarithm, for each answer
_LARGEST_STEP = 3.0
_LOWEST_FACTOR, _HIGHEST_FACTOR = 0.03, 20.0
_HIGHEST_THRESHOLD = 0.6
_TRACK_ANSWERS, _TRACK_AGENTS = 650.0, 60.0  # memory of the comparison: least, and for each agent
_TRACK_PRIOR = 8.0
# Calls placed later and answered earlier are not in a call's own risk: they weigh with many agents.
_RATIO_AGENTS, _FACTOR_AGENTS, _FIRST_FACTOR = 50.0, 45.0, 1.3


class Steering:
    """Threshold = factor x pace; the factor is learned from what calls of that threshold cost.

    Calls are charged their predicted risk, which is far less noisy than who was abandoned in the
    end; the predictions are scaled by how observed and predicted compare so far.
    """

    def __init__(self, ceiling: float) -> None:
        """Start with nothing compared; ``begin`` says how many agents there are."""
        self._ceiling = ceiling
        self._kept = 1.0
        self._begun = False
        self.factor = _FIRST_FACTOR
        self._predicted = self._observed = _TRACK_PRIOR

    def use(self, ceiling: float) -> None:
        """Take a changed ceiling over."""
        self._ceiling = ceiling

    def begin(self, agents: int) -> None:
        """Fit the first beliefs to the number of agents; only the first time counts."""
        self._kept = 1 - 1 / max(_TRACK_ANSWERS, _TRACK_AGENTS * agents)
        if not self._begun and agents > 0:
            self._begun = True
            self.factor = _FIRST_FACTOR / (1 + agents / _FACTOR_AGENTS)
            self._predicted = _TRACK_PRIOR / (1 + agents / _RATIO_AGENTS)

    @property
    def calibration(self) -> float:
        """Return how many people are abandoned for each one predicted."""
        return self._observed / self._predicted

    def threshold(self, pace: float) -> float:
        """Return the highest own risk, 0..0.6, that spends ``pace`` people for each answer."""
        return min(_HIGHEST_THRESHOLD, self.factor * pace)

    def answered(self, forecast: Forecast) -> None:
        """Charge a call that was answered."""
        self._predicted = self._predicted * self._kept + forecast.risk
        self._observed *= self._kept
        off = (forecast.pace - self.calibration * forecast.risk) / self._ceiling
        off = min(_LARGEST_STEP, max(-_LARGEST_STEP, off))
        self.factor = min(_HIGHEST_FACTOR, max(_LOWEST_FACTOR, self.factor * exp(_GAIN * off)))

    def abandoned(self) -> None:
        """Count a person abandoned for lack of an agent."""
        self._observed += 1

    def saved(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return {
            "factor": self.factor,
            "predicted": self._predicted,
            "observed": self._observed,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Take a saved state over."""
        self._begun = True
        self.factor = float(saved["factor"])
        self._predicted = float(saved["predicted"])
        self._observed = float(saved["observed"])


_OCCUPANCY_MEMORY_S = 300.0
_OCCUPANCY_GAIN = 8.0  # of the logarithm, for each minute of being off by 1
_LOWEST_SHARE = 1e-6


class Occupancy:
    """Holds the risk down while agents are busier than the campaign wants."""

    def __init__(self, target: float | None) -> None:
        """Start without holding back; ``target`` is the busy share of agents' time, 0..1."""
        self._target = target
        self.busy = target or 0.0  #: busy share of the last five minutes or so, 0..1
        self.share = 1.0  #: of the risk threshold that may be used

    def use(self, target: float | None) -> None:
        """Take a changed target over; without a former one the agents count as just that busy."""
        if self._target is None:
            self.busy = target or 0.0
        if target is None:
            self.share = 1.0
        self._target = target

    def pass_time(self, elapsed_s: float, facts: PacingFacts) -> None:
        """Let time pass with the agents as they are now."""
        if self._target is None or facts.agents <= 0:
            return
        now = 1 - facts.ready / facts.agents
        self.busy += (now - self.busy) * min(1.0, elapsed_s / _OCCUPANCY_MEMORY_S)
        step = _OCCUPANCY_GAIN * elapsed_s / 60 * (self._target - self.busy)
        self.share = min(1.0, max(_LOWEST_SHARE, self.share * exp(step)))
