"""Promised calls: each reserves an agent's minute beforehand, then takes an agent."""

from collections.abc import Callable

import numpy as np

from dialer.simulator.pacing_lab.agents import Agent
from dialer.simulator.pacing_lab.chances import durations
from dialer.simulator.pacing_lab.clockwork import Clockwork
from dialer.simulator.pacing_lab.side import Side

#: The stream of chance of promised calls, beside those of ``people``.
_STREAM = 3

Talk = Callable[[Agent, Side, float, float], None]


class Promises:
    """The promised calls of one campaign. The person always answers: the hour was agreed."""

    def __init__(self, side: Side, clock: Clockwork, talk: Talk, seconds: float, seed: int) -> None:
        """Plan the day's callbacks; ``talk`` lets an agent begin one."""
        self._side = side
        self._talk = talk
        self._due: list[tuple[float, float]] = []  #: talk and wrap-up of those without an agent yet
        wanted = side.campaign.callbacks
        if wanted is None:
            return
        generator = np.random.default_rng([seed, side.number, _STREAM])
        count = int(generator.poisson(wanted.per_hour * seconds / 3600))
        talks = durations(side.campaign.talk, count, generator)
        wraps = durations(side.campaign.wrap, count, generator)
        for at_s, talk_s, wrap_s in zip(
            generator.random(count) * seconds, talks.tolist(), wraps.tolist(), strict=True
        ):
            clock.at(max(0.0, float(at_s) - wanted.reserve_s), self._reserve, None)
            clock.at(float(at_s), self._fall_due, (talk_s, wrap_s))

    def take(self, agent: Agent) -> bool:
        """Give the agent, who is free, the callback that is due; return whether there was one."""
        if not self._due:
            return False
        self._side.reserved -= 1
        self._talk(agent, self._side, *self._due.pop(0))
        return True

    def _reserve(self, _: None) -> None:
        self._side.reserved += 1

    def _fall_due(self, call: tuple[float, float]) -> None:
        self._due.append(call)
        if self._side.ready:
            self.take(self._side.ready.popleft())
