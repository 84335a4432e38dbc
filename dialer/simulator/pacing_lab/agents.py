"""Agents: when they come and go, what they do, and for which campaign they are free."""

from collections.abc import Iterable, Sequence
from enum import Enum, auto
from random import Random

from dialer.simulator.pacing_lab.scenario import Scenario


class Doing(Enum):
    """What an agent does."""

    READY = auto()
    TALKING = auto()
    WRAPPING = auto()
    PAUSED = auto()
    AWAY = auto()


class Agent:
    """One agent. The pauses depend on the seed, the agent and how many calls were before."""

    __slots__ = (
        *("_chance", "_scenario", "campaign", "doing", "free_at_s", "leaving", "pauses_s"),
        *("seen_s", "since_s"),
    )

    def __init__(self, number: int, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self._chance = Random(f"{seed}/agent {number}")
        self.campaign = 0  #: the number of the one it works for
        self.doing = Doing.AWAY
        self.since_s = 0.0  #: when it began what it does
        self.seen_s = 0.0  #: the same on the clock that the controllers see
        self.leaving = False  #: takes no further call
        self.free_at_s = 0.0  #: when it will be free; infinite: it forgets to end its wrap-up
        self.pauses_s = 0.0  #: the pause it will take after this call; 0: none

    def stays_s(self) -> float:
        """Return the seconds until it goes home before its shift ends; infinite: it does not."""
        hazard = self._scenario.leave_per_hour
        return self._chance.expovariate(hazard / 3600) if hazard else float("inf")

    def pause_s(self) -> float:
        """Return how long it pauses after this call; 0: not at all."""
        pauses = self._scenario.pauses
        if pauses is None:
            return 0.0
        takes, length_s = self._chance.random(), self._chance.expovariate(1 / pauses.mean_s)
        return length_s if takes < pauses.share else 0.0


def lacking(weights: Sequence[float], assigned: Sequence[int], open_ones: Iterable[int]) -> int:
    """Return the campaign that lacks most agents, by weight, when one more is to be assigned.

    Args:
        weights: of all campaigns.
        assigned: agents each campaign has now, without the one to be assigned.
        open_ones: numbers of the campaigns that can use agents; without any, all are meant.
    """
    candidates = list(open_ones) or list(range(len(weights)))
    total = sum(weights[number] for number in candidates)
    agents = 1 + sum(assigned[number] for number in candidates)
    return max(candidates, key=lambda number: weights[number] / total * agents - assigned[number])
