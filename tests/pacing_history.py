"""Histories for a pacing controller that do not depend on what it decides.

Calls are placed by lot, so two controllers can be told the same history and be compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from dialer.pacing.facts import (
    Abandoned,
    Answered,
    CallEnd,
    Decision,
    PacingEvent,
    PacingFacts,
    RingingCall,
    TalkEnded,
    Unanswered,
    WaitingPerson,
    WrapEnded,
)
from dialer.pacing.predictive import Predictive

PLENTY = 100_000
NOTHING = PacingFacts(
    at_s=0.0,
    ready=0,
    talking_since_s=(),
    wrapping_since_s=(),
    ringing=(),
    waiting=(),
    free_channels=PLENTY,
    calls_allowed=PLENTY,
    leads_due=PLENTY,
)


@dataclass
class World:
    """A floor on which calls are placed by lot; each step is a second."""

    lots: Random
    agents: int
    answer_rate: float
    talk_s: float = 60.0
    wrap_s: float = 15.0
    ring_s: float = 20.0
    patience_s: float = 2.0
    placing: float = 1.0  #: calls a second, on average
    at_s: float = 0.0
    calls: int = 0
    ringing: list[tuple[RingingCall, float, bool]] = field(default_factory=list)
    waiting: list[WaitingPerson] = field(default_factory=list)
    talking: list[tuple[float, float]] = field(default_factory=list)  #: since, until
    wrapping: list[tuple[float, float]] = field(default_factory=list)

    def steps(self, seconds: int) -> Iterator[PacingEvent | PacingFacts]:
        """Yield what a controller is told: events, and at each second's end the facts."""
        for _ in range(seconds):
            self.at_s += 1.0
            yield from self._ends()
            yield from self._rings()
            yield from self._leaves()
            self._place()
            yield self.facts()

    def _place(self) -> None:
        for _ in range(round(self.placing + self.lots.random())):
            self.calls += 1
            answered = self.lots.random() < self.answer_rate
            ring_s = self.lots.uniform(3, self.ring_s) if answered else 25.0
            call = RingingCall(self.calls, self.at_s)
            self.ringing.append((call, self.at_s + ring_s, answered))

    def _rings(self) -> Iterator[PacingEvent]:
        for item in [one for one in self.ringing if one[1] <= self.at_s]:
            self.ringing.remove(item)
            call, _, answered = item
            ring_s = self.at_s - call.placed_at_s
            if answered:
                self.waiting.append(WaitingPerson(call.id, self.at_s))
                yield Answered(call.id, self.at_s, ring_s)
            else:
                yield Unanswered(call.id, self.at_s, ring_s, CallEnd.NO_ANSWER)

    def _leaves(self) -> Iterator[PacingEvent]:
        while self.waiting and self.ready:
            self.waiting.pop(0)
            talk_s = self.lots.expovariate(1 / self.talk_s)
            self.talking.append((self.at_s, self.at_s + talk_s))
        for person in [p for p in self.waiting if self.at_s - p.answered_at_s >= self.patience_s]:
            self.waiting.remove(person)
            yield Abandoned(person.id, self.at_s)

    def _ends(self) -> Iterator[PacingEvent]:
        for talk in [one for one in self.talking if one[1] <= self.at_s]:
            self.talking.remove(talk)
            self.wrapping.append((self.at_s, self.at_s + self.wrap_s))
            yield TalkEnded(self.at_s, self.at_s - talk[0])
        for wrap in [one for one in self.wrapping if one[1] <= self.at_s]:
            self.wrapping.remove(wrap)
            yield WrapEnded(self.at_s, self.at_s - wrap[0], paused=False)

    @property
    def ready(self) -> int:
        """Agents who are free now."""
        return self.agents - len(self.talking) - len(self.wrapping)

    def facts(self) -> PacingFacts:
        """The moment as a controller sees it."""
        return replace(
            NOTHING,
            at_s=self.at_s,
            ready=self.ready,
            talking_since_s=[since_s for since_s, _ in self.talking],
            wrapping_since_s=[since_s for since_s, _ in self.wrapping],
            ringing=[call for call, _, _ in self.ringing],
            waiting=list(self.waiting),
        )


def told(controller: Predictive, steps: Iterator[PacingEvent | PacingFacts]) -> list[Decision]:
    """Tell a controller a history and return its decisions."""
    decisions = []
    for step in steps:
        if isinstance(step, PacingFacts):
            decisions.append(controller.decide(step))
        else:
            controller.observe(step)
    return decisions


def history(
    seed: int, *, agents: int = 10, rate: float = 0.25, load: float = 0.8, at_s: float = 0.0
) -> World:
    """An empty floor at ``at_s``; ``load`` is the share of the calls that its agents can take."""
    placing = load * agents / 75 / rate - 0.5
    return World(Random(seed), agents, rate, placing=placing, at_s=at_s)
