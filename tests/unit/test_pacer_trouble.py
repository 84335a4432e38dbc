"""The live pacer in trouble: it stays sane, and its note says what it sees."""

import json
from dataclasses import dataclass, field
from itertools import count
from math import isfinite
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.agent import events as agent_ev
from dialer.agent.states import AgentState
from dialer.call import events as call_ev
from dialer.call.states import CallPolicy
from dialer.pacing.facts import Decision
from dialer.pacing.policy import BudgetWindow, PredictivePolicy
from dialer.pacing.watch import (
    CLOCK_BACK,
    CLOCK_JUMP,
    CONTROLLER_FAILED,
    NO_ANSWERS,
    STUCK_WRAP,
    TRUNK_FAILS,
)
from tests.floor_model import FloorModel
from tests.machine_events import AGENT_IDS
from tests.unit.test_machines_together import started
from workers.dialing.pacer import Lines, Pacer
from workers.dialing.timers import TimerKind

ANNA = AGENT_IDS[0]
CHANNELS = 40
SIMPLE = CallPolicy(record=False)
POLICY = PredictivePolicy(window=BudgetWindow(86_400.0), credit_s=0.0)
HOUR_S = 3_600
#: In probing one call goes out each two seconds; and the first at once.
PROBES = 0.5


@dataclass
class Hall:
    """A floor whose pacer's wishes come true second by second."""

    model: FloorModel = field(default_factory=lambda: started(agents=3))
    placed_s: list[float] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=lambda: count(1000))

    def __post_init__(self) -> None:
        """Let the pacer watch the floor."""
        self.pacer = Pacer(self.model.floor, self.model.clock, POLICY, None)
        self.model.floor.witness = self.pacer

    def second(self) -> Decision:
        """Let a second pass, decide, and send what is to be placed."""
        self.model.clock.advance(1)
        calls = self.model.floor.calls
        lines = Lines(CHANNELS - len(calls), 20)
        decision = self.pacer.decide(lines, leads=None, segments=())
        assert 0 <= decision.place <= min(lines.free_channels, lines.calls_allowed)
        assert decision.why.note != CONTROLLER_FAILED
        for _ in range(decision.place):
            call_id = UUID(int=next(self.numbers))
            self.model.add_call(call_id, SIMPLE)
            self.pacer.call_sent(call_id, segment=0)
            self.model.floor.feed_call(call_id, call_ev.Rang(self.model.clock.now()))
            self.placed_s.append(self.model.clock.steady_s())
        record = self.pacer.second(decision.place)
        assert all(isfinite(value) for value in record.values() if isinstance(value, float))
        json.dumps(record, allow_nan=False)
        return decision

    def end(self, after_s: float, cause: int, sip_code: int | None) -> None:
        """End the calls that have rung so long."""
        now = self.model.clock.now()
        for call in list(self.model.floor.calls.values()):
            if call.rang_at and (now - call.rang_at).total_seconds() >= after_s:
                event = call_ev.HungUp(now, cause, sip_code, remote=sip_code is not None)
                self.model.floor.feed_call(call.id, event)

    def last_ten_minutes(self) -> int:
        """Return how many calls were placed in them."""
        return sum(at_s > self.model.clock.steady_s() - 600 for at_s in self.placed_s)


@pytest.mark.parametrize(
    ("after_s", "cause", "sip_code", "note"),
    [(25.0, 19, None, NO_ANSWERS), (1.0, 34, 503, TRUNK_FAILS)],
    ids=["nobody answers for an hour", "a trunk loses every call"],
)
def test_an_hour_in_vain_ends_in_probes_and_is_told(
    after_s: float, cause: int, sip_code: int | None, note: str
) -> None:
    hall = Hall()
    for _ in range(HOUR_S):
        decision = hall.second()
        hall.end(after_s, cause, sip_code)
    assert decision.why.note == note
    assert 0 < hall.last_ten_minutes() <= 600 * PROBES + 1
    inputs = hall.pacer.inputs()
    assert inputs is not None
    assert inputs["note"] == note, "it is kept with every call"


def test_an_agent_who_never_ends_a_wrap_up_is_told_and_not_waited_for() -> None:
    hall = Hall()
    floor, clock = hall.model.floor, hall.model.clock
    call_id = UUID(int=1)
    hall.model.add_call(call_id, SIMPLE)
    hall.pacer.call_sent(call_id, segment=0)
    floor.feed_call(call_id, call_ev.Answered(clock.now()))
    while hall.model.under_way:
        hall.model.run(0, well=True)
    clock.advance(30)
    hall.model.hang_up(call_id)
    stuck = [key for key, desk in floor.desks.items() if desk.agent.state is AgentState.WRAP_UP]
    assert len(stuck) == 1
    hall.model.timers.stop(stuck[0], TimerKind.WRAP_UP)
    full = Lines(free_channels=0, calls_allowed=0)
    first = hall.pacer.decide(full, leads=None, segments=())
    assert first.why.note == ""
    assert first.why.expected_free > 2.3, "two are ready, and the third will be"
    for _ in range(700):
        clock.advance(1)
        last = hall.pacer.decide(full, leads=None, segments=())
    assert last.why.note == STUCK_WRAP
    assert last.why.expected_free < 2.2


ACTIONS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 90)),
    st.tuples(st.just("set"), st.sampled_from([-90_000, -3_600, -61, 61, 3_600, 86_400, 400_000])),
    st.tuples(st.just("answer"), st.integers(0, 30)),
    st.tuples(st.just("hang up"), st.integers(0, 30)),
    st.tuples(st.just("dispose"), st.integers(0, 2)),
)


def _act(hall: Hall, what: str, which: int) -> None:
    floor, clock = hall.model.floor, hall.model.clock
    ids = list(floor.calls)
    match what:
        case "wait":
            clock.advance(which)
        case "set":
            clock.set_by(which)
        case "answer" if ids:
            floor.feed_call(ids[which % len(ids)], call_ev.Answered(clock.now()))
        case "hang up" if ids:
            hall.model.hang_up(ids[which % len(ids)])
        case "dispose":
            desk = floor.desks.get(AGENT_IDS[which])
            if desk is not None and desk.agent.call_id is not None:
                event = agent_ev.Disposed(clock.now(), desk.agent.call_id, "sale")
                floor.feed_agent(desk.agent.id, event)
        case _:
            pass
    while hall.model.under_way:
        hall.model.run(0, well=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=40))
def test_whatever_the_clock_does_decisions_stay_sane(actions: list[tuple[str, int]]) -> None:
    hall = Hall()
    before_s = -1.0
    for what, which in actions:
        _act(hall, what, which)
        decision = hall.second()
        assert hall.pacer.last is not None
        facts = hall.pacer.last[0]
        assert facts.at_s > before_s, "time only passes"
        before_s = facts.at_s
        for since_s in (*facts.talking_since_s, *facts.wrapping_since_s):
            assert facts.at_s - 40 * 91 - 1 <= since_s <= facts.at_s
        for call in facts.ringing:
            assert call.placed_at_s <= facts.at_s
        if what == "set":
            assert decision.why.note in (CLOCK_JUMP, CLOCK_BACK, NO_ANSWERS), "a person reads it"
