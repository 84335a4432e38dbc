"""Both machines on the real floor, in every order: nobody is shared, nobody is left behind."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialer.agent import events as agent_ev
from dialer.agent.states import AgentState
from dialer.call import events as call_ev
from dialer.call import talk_events as te
from dialer.call.states import CallPolicy, CallState
from tests.floor_model import FloorModel
from tests.machine_events import AGENT_IDS, START, policies

WITH_CUSTOMER = (AgentState.RESERVED, AgentState.ON_CALL)
WITH_AGENT = (CallState.CONNECTING, CallState.CONNECTED)

TO_CALLS = ("call", "rang", "answered", "hung_up", "our_hang_up")
TO_AGENTS = ("leg_lost", "pause", "ready", "sign_out", "dispose")
TO_TALKS = ("hold", "unhold", "consult", "transfer", "join", "complete", "cancel", "gap", "record")
KINDS = (*TO_CALLS, "answered", *["request"] * 5, "timer", *TO_AGENTS, *TO_TALKS, *TO_TALKS)

#: What may happen next, and which of the candidates it happens to.
moves = st.tuples(st.sampled_from(KINDS), st.integers(0, 5), st.booleans())

#: Two answered calls, one agent; the first one's wait ends before Asterisk has put it into the bridge.
WAIT_ENDS_WHILE_CONNECTING = [
    ("call", 0, True),
    ("answered", 0, True),
    ("timer", 0, True),
    ("call", 0, True),
    ("answered", 1, True),
    *[("request", 0, True)] * 3,
]


def play(model: FloorModel, move: tuple[str, int, bool], policy: CallPolicy) -> None:
    kind, pick, well = move
    model.clock.advance(0.25)
    match kind:
        case "call":
            model.add_call(UUID(int=100 + len(model.ends) + len(model.floor.calls)), policy)
        case "request" if model.under_way:
            model.run(pick % len(model.under_way), well=well)
        case "timer" if model.timers.due:
            model.timers.fire(list(model.timers.due)[pick % len(model.timers.due)])
        case "rang" | "answered" | "hung_up" | "our_hang_up" if model.floor.calls:
            happen_to_call(model, kind, list(model.floor.calls)[pick % len(model.floor.calls)])
        case _ if kind in TO_TALKS and model.floor.calls:
            wish(model, kind, list(model.floor.calls)[pick % len(model.floor.calls)])
        case "leg_lost" | "pause" | "ready" | "sign_out" | "dispose" if model.floor.desks:
            happen_to_agent(model, kind, list(model.floor.desks)[pick % len(model.floor.desks)])
        case _:
            pass


def happen_to_call(model: FloorModel, kind: str, call_id: UUID) -> None:
    now = model.clock.now()
    match kind:
        case "rang":
            model.floor.feed_call(call_id, call_ev.Rang(now))
        case "answered":
            model.floor.feed_call(call_id, call_ev.Answered(now))
        case "our_hang_up":
            model.floor.feed_call(call_id, call_ev.HangUpRequested(now, "supervisor"))
        case _:
            model.hang_up(call_id)


def wish(model: FloorModel, kind: str, call_id: UUID) -> None:
    now = model.clock.now()
    plain: dict[str, Callable[[datetime], call_ev.CallEvent]] = {
        "hold": te.HoldRequested,
        "unhold": te.UnholdRequested,
        "join": te.JoinRequested,
        "complete": te.CompleteRequested,
        "cancel": te.CancelRequested,
        "gap": te.PauseRecordingRequested,
        "record": te.ResumeRecordingRequested,
    }
    event: call_ev.CallEvent
    if kind in plain:
        event = plain[kind](now)
    else:
        party_id = UUID(int=1000 + int((now - START).total_seconds() * 4))  # another each time
        event = te.TransferRequested(now, "sales", party_id, consult=kind == "consult")
    model.floor.feed_call(call_id, event)


def happen_to_agent(model: FloorModel, kind: str, session_id: UUID) -> None:
    now, agent = model.clock.now(), model.floor.desks[session_id].agent
    match kind:
        case "leg_lost":
            model.floor.lose_leg(session_id, now)
        case "pause":
            model.floor.feed_agent(session_id, agent_ev.PauseRequested(now, "lunch"))
        case "ready":
            model.floor.feed_agent(session_id, agent_ev.ReadyRequested(now))
        case "sign_out":
            model.floor.feed_agent(session_id, agent_ev.SignOutRequested(now))
        case _ if agent.call_id is not None:
            model.floor.feed_agent(session_id, agent_ev.Disposed(now, agent.call_id, "sold"))
        case _:
            pass


def check(model: FloorModel) -> None:
    """What holds at any moment: calls and agents point at each other, one to one."""
    calls, desks = model.floor.calls, model.floor.desks
    holding = [call.agent_id for call in calls.values() if call.agent_id is not None]
    assert len(holding) == len(set(holding)), "an agent was offered two calls"
    for call in calls.values():
        assert call.agent_id is not None or call.state not in WITH_AGENT
        if call.agent_id is not None:
            assert desks[call.agent_id].agent.call_id == call.id
            assert desks[call.agent_id].agent.state in WITH_CUSTOMER
    for desk in desks.values():
        if desk.agent.state in WITH_CUSTOMER:
            assert desk.agent.call_id in calls, "an agent is reserved by a call that is over"


def drain(model: FloorModel) -> None:
    """Let everybody hang up, every request be answered and every timer fire."""
    for call_id in list(model.floor.calls):
        model.hang_up(call_id)
    for _ in range(20):
        while model.under_way:
            model.run(0, well=True)
        for key in list(model.timers.due):
            if key in model.timers.due:
                model.timers.fire(key)
    assert not model.under_way
    assert not model.timers.due


def started(agents: int = len(AGENT_IDS)) -> FloorModel:
    model = FloorModel()
    for session_id in AGENT_IDS[:agents]:
        model.add_agent(session_id)
    while model.under_way:
        model.run(0, well=True)
    return model


@settings(max_examples=250, deadline=None)
@given(happenings=st.lists(moves, max_size=50), policy=policies)
def test_calls_and_agents_in_any_order(
    happenings: list[tuple[str, int, bool]], policy: CallPolicy
) -> None:
    model = started()
    for move in happenings:
        play(model, move, policy)
        check(model)
    begun = len(model.floor.calls) + len(model.ends)
    drain(model)
    assert not model.floor.calls
    assert len({call_id for call_id, _ in model.ends}) == len(model.ends) == begun
    assert all(outcome is not None for _, outcome in model.ends)
    free = (AgentState.READY, AgentState.PAUSED)
    for desk in model.floor.desks.values():
        assert desk.agent.state in free
        assert desk.agent.call_id is None


@settings(max_examples=250, deadline=None)
@given(happenings=st.lists(moves, max_size=50), policy=policies)
@example(happenings=WAIT_ENDS_WHILE_CONNECTING, policy=CallPolicy(record=False))
def test_no_agents_bridge_holds_two_customers(
    happenings: list[tuple[str, int, bool]], policy: CallPolicy
) -> None:
    model = started(agents=1)
    for move in happenings:
        play(model, move, policy)
        agents = list(model.bridges.values())
        assert len(agents) == len(set(agents)), "two customers hear each other"
        for call_id, agent_id in model.bridges.items():
            others = {of for agent, of in model.parties.values() if agent == agent_id}
            assert others <= {call_id}, "a third party hears another customer"
    drain(model)
    assert not model.parties, "a third party is left in an agent's bridge"


def test_the_waiting_person_gets_the_next_free_agent() -> None:
    model = FloorModel()
    for number in (1, 2):
        model.add_call(UUID(int=number), CallPolicy(record=False))
        model.clock.advance(0.1)
        model.floor.feed_call(UUID(int=number), call_ev.Answered(model.clock.now()))
    model.add_agent(AGENT_IDS[0])
    model.run(0, well=True)
    assert model.floor.calls[UUID(int=1)].agent_id == AGENT_IDS[0]
    assert model.floor.calls[UUID(int=2)].agent_id is None
