"""The virtual hours of one forecast: the campaign as it is, then other numbers of agents."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from campaigns.pacing import beliefs
from campaigns.pacing.gathering import Inputs
from campaigns.pacing.virtual import PastMinute, VirtualDay, affordable_hours, simulate
from dialer.simulator.pacing_lab.scenario import Scenario

#: Agents simulated at most: larger floors are busier by less than what nobody knows of the list.
MOST_SIMULATED: Final = 100
_SEED = 1
_MAIN_S, _TRIAL_S = 3.0, 1.2  #: processor time of a run, roughly
_MAIN_H, _TRIAL_H = 2.5, 0.5  #: at most so many virtual hours: four with three trials
_LINES_QUANTILE = 95


class Runs:
    """Simulates one campaign; the first run is the campaign as it is."""

    def __init__(self, inputs: Inputs, agents: int) -> None:
        """Run the campaign with so many agents, what it has learned and the trunk it has."""
        self.known = beliefs.beliefs_of(inputs.history, inputs.settings)
        self.agents = agents
        self.hours = 0.0  #: simulated so far
        self._inputs = inputs
        scale = min(1.0, MOST_SIMULATED / agents)
        lines, rate = inputs.lines, inputs.calls_per_s
        self.first = self._run(
            agents,
            min(_MAIN_H, _affordable(agents, _MAIN_S)),
            inputs.learned,
            inputs.past,
            lines=None if lines is None else max(1, round(lines * scale)),
            calls_per_second=None if rate is None else rate * scale,
        )
        minutes = len(self.first.course.answered)
        pairs = zip(self.first.course.answered, self.first.course.abandoned, strict=True)
        self._past = tuple(
            PastMinute(60.0 * (at - minutes), answered, abandoned)
            for at, (answered, abandoned) in enumerate(pairs)
        )

    def without_limits(self, agents: int) -> VirtualDay:
        """Simulate another number of agents: what the first run learned, no limits of the trunk."""
        hours = min(_TRIAL_H, _affordable(agents, _TRIAL_S))
        return self._run(agents, hours, self.first.learned, self._past)

    def _run(
        self,
        agents: int,
        hours: float,
        learned: Mapping[str, Any] | None,
        past: tuple[PastMinute, ...],
        **limits: Any,
    ) -> VirtualDay:
        self.hours += hours
        scenario = Scenario(
            agents=min(agents, MOST_SIMULATED),
            campaigns=(beliefs.lab_campaign(self.known, self._inputs.policy),),
            hours=hours,
            pauses=beliefs.lab_pauses(self.known),
            **limits,
        )
        return simulate(scenario, self._inputs.policy, _SEED, learned=learned, past=past)


def _affordable(agents: int, processor_s: float) -> float:
    return affordable_hours(min(agents, MOST_SIMULATED), processor_s)


def scale_of(agents: int) -> float:
    """Return how many times the agents of a run a floor has, 1 or more."""
    return max(1.0, agents / MOST_SIMULATED)


def calls_an_hour(day: VirtualDay, agents: int) -> float:
    """Return the calls placed in an hour, as in the later half of a run: its beginning is careful."""
    dials = day.course.dials
    later = dials[len(dials) // 2 :]
    return 60.0 * sum(later) / len(later) * scale_of(agents)


def lines_of(day: VirtualDay, agents: int) -> int:
    """Return the calls in flight that are exceeded in a twentieth of the seconds only."""
    if not day.in_flight:
        return 0
    return round(float(np.percentile(day.in_flight, _LINES_QUANTILE)) * scale_of(agents))
