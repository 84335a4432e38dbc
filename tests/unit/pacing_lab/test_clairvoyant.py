"""The clairvoyant: told when agents will be free, and worth what that is worth."""

from typing import Any

import pytest

from dialer.pacing.facts import (
    Decision,
    Limit,
    PacingEvent,
    PacingFacts,
    TalkEnded,
    Why,
    WrapEnded,
)
from dialer.simulator.pacing_lab.clairvoyant import Clairvoyant, Foreseeing
from dialer.simulator.pacing_lab.controllers import maker
from dialer.simulator.pacing_lab.figures import together
from dialer.simulator.pacing_lab.running import run_day
from dialer.simulator.pacing_lab.scenario import read
from dialer.simulator.pacing_lab.world import World

WHY = Why(Limit.RISK, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class Noted:
    """A controller that keeps what it is told, and places one call for each free agent."""

    def __init__(self) -> None:
        self.events: list[PacingEvent] = []
        self.seen: list[PacingFacts] = []

    def observe(self, event: PacingEvent) -> None:
        """Keep it."""
        self.events.append(event)

    def decide(self, facts: PacingFacts) -> Decision:
        """Keep it, and be careful."""
        self.seen.append(facts)
        return Decision(max(0, facts.ready - len(facts.ringing) - len(facts.waiting)), (), WHY)


def shown(free_in_s: list[float]) -> PacingFacts:
    """What the inner controller is shown at 100 s."""
    inner = Noted()
    clairvoyant = Clairvoyant(inner)
    clairvoyant.foresee(lambda: free_in_s)
    clairvoyant.decide(PacingFacts(100.0, 1, [40.0], [99.0], (), (), 9, 9, 9))
    return inner.seen[-1]


def test_every_busy_agent_seems_to_be_in_a_wrap_up_that_ends_when_it_will_be_free() -> None:
    inner = Noted()
    Clairvoyant(inner)
    lasts = {event.wrap_s for event in inner.events if isinstance(event, WrapEnded)}
    assert len(lasts) == 1
    seeming = shown([3.0, 10.0, 500.0])
    ends_in_s = [lasts.copy().pop() - (100.0 - since_s) for since_s in seeming.wrapping_since_s]
    assert ends_in_s[:2] == [pytest.approx(3.0), pytest.approx(10.0)]
    assert ends_in_s[2] >= 29.0  # longer than a call rings
    assert (seeming.ready, seeming.talking_since_s, seeming.agents) == (1, (), 4)


def test_wrap_ups_seem_alike_and_other_events_stay() -> None:
    inner = Noted()
    clairvoyant = Clairvoyant(inner)
    taught = inner.events[-1]
    clairvoyant.observe(WrapEnded(50.0, 3.0, paused=True))
    clairvoyant.observe(TalkEnded(51.0, 20.0))
    assert isinstance(taught, WrapEnded)
    assert inner.events[-2:] == [
        WrapEnded(50.0, taught.wrap_s, paused=False),
        TalkEnded(51.0, 20.0),
    ]


class Fortune(Noted):
    """Compares what was foretold with what comes."""

    def __init__(self) -> None:
        super().__init__()
        self.free_in_s: Any = None
        self.foretold: list[float] = []

    def foresee(self, free_in_s: Any) -> None:
        """Keep it."""
        self.free_in_s = free_in_s

    def decide(self, facts: PacingFacts) -> Decision:
        """Ask the fortune teller."""
        self.foretold = sorted(facts.at_s + left_s for left_s in self.free_in_s())
        return super().decide(facts)


def test_the_laboratory_tells_the_truth_pauses_included() -> None:
    fortune = Fortune()
    assert isinstance(fortune, Foreseeing)
    scenario = read(
        {"agents": 6, "answer_rate": 0.9, "hours": 1, "pauses": {"share": 0.4, "mean_s": 60}}
    )
    world = World(scenario, [fortune], seed=1)
    came: list[float] = []
    free = world.floor.free

    def noting(agent: Any) -> None:
        came.append(world.clock.now_s)
        free(agent)

    world.floor.free = noting  # type: ignore[method-assign]
    while world.clock.now_s < 1800:
        world.clock.step()
        world._decide(world.sides[0])
    foretold = [at_s for at_s in fortune.foretold if at_s < 1900]
    came.clear()
    while world.clock.now_s < 1900:
        world.clock.step()
        world._decide(world.sides[0])
    assert foretold
    # Agents may be free more than once until then: what was foretold must be among it.
    assert all(any(abs(at_s - one) < 1e-6 for one in came) for at_s in foretold)


def test_knowing_the_agents_is_worth_something_and_costs_nobody() -> None:
    scenario = read({"agents": 25, "answer_rate": 0.25, "hours": 1})
    knowing, guessing = (
        together([run_day(scenario, maker(name), seed).total for seed in (1, 2)])
        for name in ("clairvoyant", "predictive")
    )
    assert knowing["utilisation"] > guessing["utilisation"] + 0.003
    assert knowing["worst_seed_abandoned_share"] <= 0.032
