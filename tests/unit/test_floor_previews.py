"""Agents who read and dial on the real floor: a call is the dialling agent's, in every order of events."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.agent import events as agent_ev
from dialer.agent.states import AgentState
from dialer.call import events as call_ev
from dialer.call.states import CallOutcome, CallPolicy, CallState
from tests.floor_model import FloorModel
from tests.machine_events import AGENT_IDS, policies
from tests.unit.test_machines_together import check, drain, moves, play, started

ANNA, BORIS = AGENT_IDS[:2]
CALL = UUID(int=1)
SIMPLE = CallPolicy(record=False)
#: What agents do in preview, besides everything that happens in every mode.
_MOVES = ("show", "dial", "dial", "unshow")


def show(model: FloorModel, session_id: UUID) -> None:
    """Show an agent a contact; the preview has the agent's id."""
    model.clock.advance(0.1)
    shown = agent_ev.ContactShown(model.clock.now(), model.floor.desks[session_id].agent.id)
    model.floor.feed_agent(session_id, shown)


def dial(model: FloorModel, session_id: UUID, call_id: UUID, policy: CallPolicy = SIMPLE) -> bool:
    """Dial what an agent reads, as the runner does; False: nothing is read."""
    desk, now = model.floor.desks[session_id], model.clock.now()
    if desk.agent.preview_id is None:
        return False
    model.add_call(call_id, policy)
    dialled = agent_ev.ContactDialled(now, desk.agent.preview_id, call_id)
    model.floor.feed_agent(session_id, dialled)
    model.floor.keeping.keep(desk, call_id)
    return True


@pytest.fixture
def model() -> FloorModel:
    """Anna has dialled; Boris is ready and waits longer than she will."""
    model = started(agents=2)
    show(model, ANNA)
    assert dial(model, ANNA, CALL)
    return model


def state_of(model: FloorModel, session_id: UUID) -> AgentState:
    return model.floor.desks[session_id].agent.state


def test_the_call_is_hers_alone(model: FloorModel) -> None:
    assert [desk.agent.id for desk in model.floor.ready_desks()] == [BORIS]
    assert model.floor.in_flight() == 0, "the call has its agent"
    model.floor.feed_call(CALL, call_ev.Answered(model.clock.now()))
    assert model.floor.calls[CALL].agent_id == ANNA
    assert (state_of(model, ANNA), state_of(model, BORIS)) == ("reserved", "ready")


def test_nobody_answers_and_she_is_ready(model: FloorModel) -> None:
    model.hang_up(CALL)
    assert state_of(model, ANNA) is AgentState.READY
    assert model.floor.desks[ANNA].held_for is None


def test_she_loses_the_leg_and_nobody_is_called_for_nobody(model: FloorModel) -> None:
    model.floor.lose_leg(ANNA, model.clock.now())
    assert model.floor.calls[CALL].cancel_reason == "agent_lost"
    assert state_of(model, ANNA) is AgentState.CONNECTING
    drain(model)
    assert model.ends == [(CALL, CallOutcome.CANCELLED)]


def test_who_waits_from_before_gets_whoever_is_free_first(model: FloorModel) -> None:
    """A call of the former mode may be answered while agents read: the next free one has it."""
    other = UUID(int=2)
    pause = agent_ev.PauseRequested(model.clock.now(), "tea")
    model.floor.feed_agent(BORIS, pause)
    model.add_call(other, SIMPLE)
    model.floor.feed_call(other, call_ev.Answered(model.clock.now()))
    assert model.floor.calls[other].state is CallState.WAITING
    model.hang_up(CALL)
    assert model.floor.calls[other].agent_id == ANNA


previewed = st.one_of(moves, st.tuples(st.sampled_from(_MOVES), st.integers(0, 5)))


@settings(max_examples=250, deadline=None)
@given(happenings=st.lists(previewed, max_size=60), policy=policies)
def test_previews_among_everything_else(
    happenings: list[tuple[str, int, bool] | tuple[str, int]], policy: CallPolicy
) -> None:
    model = started()
    desks, dialled = model.floor.desks, 0
    for move in happenings:
        if len(move) == 3:
            play(model, move, policy)
        elif desks:
            session_id = list(desks)[move[1] % len(desks)]
            if move[0] == "show":
                show(model, session_id)
            elif move[0] == "dial":
                dialled += dial(model, session_id, UUID(int=1000 + dialled), policy)
            elif (read := desks[session_id].agent.preview_id) is not None:
                ended = agent_ev.PreviewEnded(model.clock.now(), read)
                model.floor.feed_agent(session_id, ended)
        check(model)
        for desk in desks.values():
            rings = desk.agent.state is AgentState.DIALING
            assert not rings or desk.held_for == desk.agent.call_id in model.floor.calls
    drain(model)
    stuck = (AgentState.DIALING, AgentState.RESERVED, AgentState.ON_CALL, AgentState.WRAP_UP)
    assert not any(desk.agent.state in stuck for desk in desks.values())
    assert not any(desk.held_for for desk in desks.values())


@settings(max_examples=150, deadline=None)
@given(
    happenings=st.lists(
        st.tuples(
            st.sampled_from(
                ("show", "dial", "rang", "answered", "hung_up", "request", "pause", "ready")
            ),
            st.integers(0, 5),
        ),
        max_size=60,
    )
)
def test_nobody_is_abandoned_while_agents_keep_their_telephones(
    happenings: list[tuple[str, int]],
) -> None:
    """Whatever agents wish and people do: who answers has an agent at once."""
    model = started()
    desks, dialled = model.floor.desks, 0
    for kind, pick in happenings:
        session_id = list(desks)[pick % len(desks)]
        if kind == "show":
            show(model, session_id)
        elif kind == "dial":
            dialled += dial(model, session_id, UUID(int=1000 + dialled))
        else:
            play(model, (kind, pick, True), SIMPLE)
        for call in model.floor.calls.values():
            assert call.state is not CallState.WAITING, "somebody waits for an agent"
    outcomes = {outcome for _, outcome in model.ends}
    assert CallOutcome.ABANDONED not in outcomes
