"""A campaign's pacing in virtual time: the laboratory's world, run by the controller of production."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from dialer.pacing.facts import Decision, PacingEvent, PacingFacts
from dialer.pacing.policy import PredictivePolicy
from dialer.pacing.predictive import Predictive
from dialer.simulator.pacing_lab.figures import Figures, Series, measure, series
from dialer.simulator.pacing_lab.people import People
from dialer.simulator.pacing_lab.scenario import Scenario
from dialer.simulator.pacing_lab.world import World

#: Processor time of an hour of virtual time: without agents, and for each agent more; seconds.
#: An answer rate of 25 % and talks of a minute; a rough measure.
_HOUR_COST_S, _AGENT_HOUR_COST_S = 0.6, 0.055
_SHORTEST_H = 0.5


@dataclass(frozen=True, slots=True)
class PastMinute:
    """People who answered in a minute before the start, and those of them who were abandoned."""

    at_s: float  #: below 0: the start is 0
    answered: int
    abandoned: int


@dataclass(frozen=True, slots=True)
class VirtualDay:
    """What came of some hours in virtual time."""

    figures: Figures
    course: Series  #: minute by minute
    in_flight: Sequence[int]  #: calls ringing, waiting or in a talk, once a second
    learned: Mapping[str, Any]  #: by the controller, in the end


class _Watched:
    """A controller, and the calls in flight as it is told them once a second."""

    def __init__(self, controller: Predictive) -> None:
        self._controller = controller
        self._next_s = 0.0
        self.in_flight: list[int] = []

    def observe(self, event: PacingEvent) -> None:
        """Pass the event on."""
        self._controller.observe(event)

    def decide(self, facts: PacingFacts) -> Decision:
        """Pass the question on."""
        if facts.at_s >= self._next_s:
            calls = len(facts.ringing) + len(facts.waiting) + len(facts.talking_since_s)
            self.in_flight.append(calls)
            self._next_s = floor(facts.at_s) + 1.0
        return self._controller.decide(facts)


def simulate(
    scenario: Scenario,
    policy: PredictivePolicy,
    seed: int,
    *,
    learned: Mapping[str, Any] | None = None,
    past: Sequence[PastMinute] = (),
    people: People | None = None,
) -> VirtualDay:
    """Run the first campaign of a scenario under a production policy; the same seed, the same day.

    Args:
        scenario: what happens.
        policy: of the campaign.
        seed: 0 or more.
        learned: what the controller knows from earlier days; None: nothing.
        past: answers before the start, which the abandonment budget counts, too.
        people: who is called, instead of the scenario's random people.
    """
    controller = Predictive(policy, dict(learned) if learned else None)
    _charge(controller, past)
    watched = _Watched(controller)
    world = World(scenario, [watched], seed)
    side = world.sides[0]
    if people is not None:
        side.people = people
    world.run()
    return VirtualDay(
        figures=measure([side.ledger]),
        course=series(side.ledger),
        in_flight=watched.in_flight,
        learned=controller.estimates.saved(),
    )


def _charge(controller: Predictive, past: Sequence[PastMinute]) -> None:
    budget = controller.budget
    for minute in past:
        budget.pass_time(minute.at_s)
        for _ in range(minute.answered):
            budget.answered(minute.at_s)
        for _ in range(minute.abandoned):
            budget.abandoned(minute.at_s, false_positive=False)


def affordable_hours(agents: float, processor_s: float) -> float:
    """Return how many hours of virtual time so many agents may be simulated, half an hour or more.

    Args:
        agents: at work, on average.
        processor_s: seconds of processor time it may take, roughly.
    """
    return max(_SHORTEST_H, processor_s / (_HOUR_COST_S + _AGENT_HOUR_COST_S * agents))
