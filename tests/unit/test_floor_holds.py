"""An agent kept free for one call: offered that call alone, and never kept for longer than it lives."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.agent import events as agent_ev
from dialer.agent.states import AgentState
from dialer.call import events as call_ev
from dialer.call.states import CallPolicy, CallState
from tests.floor_model import FloorModel
from tests.machine_events import AGENT_IDS, policies
from tests.unit.test_machines_together import check, drain, moves, play, started

ANNA, BORIS = AGENT_IDS[:2]
HERS, ANYBODYS = UUID(int=1), UUID(int=2)
SIMPLE = CallPolicy(record=False)


@pytest.fixture
def model() -> FloorModel:
    """Two ready agents, and two calls on their way; the first one is Anna's."""
    model = started(agents=2)
    model.floor.desks[ANNA].name, model.floor.desks[BORIS].name = "anna", "boris"
    for call_id in (HERS, ANYBODYS):
        model.add_call(call_id, SIMPLE)
    assert model.floor.hold_named("anna", HERS)
    return model


def answer(model: FloorModel, call_id: UUID) -> None:
    model.clock.advance(0.1)
    model.floor.feed_call(call_id, call_ev.Answered(model.clock.now()))


def ready(model: FloorModel) -> set[UUID]:
    return {desk.agent.id for desk in model.floor.ready_desks()}


def test_a_kept_agent_is_neither_counted_nor_offered_other_calls(model: FloorModel) -> None:
    assert (ready(model), model.floor.free_agents()) == ({BORIS}, ("boris",))
    assert model.floor.in_flight() == 1, "the call has its agent already"
    answer(model, ANYBODYS)
    assert model.floor.calls[ANYBODYS].agent_id == BORIS


def test_the_call_gets_its_agent_even_when_another_waits_longer(model: FloorModel) -> None:
    model.floor.feed_agent(ANNA, agent_ev.PauseRequested(model.clock.now(), "tea"))
    model.clock.advance(5)
    model.floor.feed_agent(ANNA, agent_ev.ReadyRequested(model.clock.now()))
    assert model.floor.hold(ANNA, HERS)
    answer(model, HERS)
    assert model.floor.calls[HERS].agent_id == ANNA
    assert model.floor.desks[ANNA].held_for is None


def lose(model: FloorModel) -> None:
    model.floor.lose_leg(ANNA, model.clock.now())


def pause(model: FloorModel) -> None:
    model.floor.feed_agent(ANNA, agent_ev.PauseRequested(model.clock.now(), "tea"))


def leave(model: FloorModel) -> None:
    model.floor.feed_agent(ANNA, agent_ev.SignOutRequested(model.clock.now()))


@pytest.mark.parametrize("away", [lose, pause, leave])
def test_an_agent_who_goes_away_leaves_the_call_to_the_others(
    model: FloorModel, away: Callable[[FloorModel], None]
) -> None:
    away(model)
    assert model.floor.in_flight() == 2
    answer(model, HERS)
    assert model.floor.calls[HERS].agent_id == BORIS


def test_the_end_of_the_call_frees_the_agent_for_who_waits(model: FloorModel) -> None:
    pause_boris = agent_ev.PauseRequested(model.clock.now(), "tea")
    model.floor.feed_agent(BORIS, pause_boris)
    answer(model, ANYBODYS)
    assert model.floor.calls[ANYBODYS].state is CallState.WAITING
    model.hang_up(HERS)
    assert model.floor.calls[ANYBODYS].agent_id == ANNA


def test_what_cannot_be_kept_is_not(model: FloorModel) -> None:
    assert not model.floor.hold(ANNA, ANYBODYS), "kept for another call already"
    assert not model.floor.hold(BORIS, HERS), "the call has its agent"
    assert not model.floor.hold(BORIS, UUID(int=9)), "there is no such call"
    assert not model.floor.hold_named("nobody", ANYBODYS)
    answer(model, ANYBODYS)
    assert not model.floor.hold(BORIS, ANYBODYS), "it is answered"


@settings(max_examples=200, deadline=None)
@given(
    happenings=st.lists(
        st.one_of(moves, st.tuples(st.just("hold"), st.integers(0, 5))), max_size=60
    ),
    policy=policies,
)
def test_every_hold_ends_in_any_order(
    happenings: list[tuple[str, int, bool] | tuple[str, int]], policy: CallPolicy
) -> None:
    model = started()
    desks, calls = model.floor.desks, model.floor.calls
    for move in happenings:
        if len(move) == 3:
            play(model, move, policy)
        elif calls and desks:
            session_id = list(desks)[move[1] % len(desks)]
            model.floor.hold(session_id, list(calls)[move[1] % len(calls)])
        check(model)
        for desk in desks.values():
            if desk.held_for is not None:
                assert desk.agent.state is AgentState.READY, "an agent at work is kept for a call"
                assert desk.held_for in calls, "kept for a call that is over"
                assert model.floor.keeping.desk_for(desk.held_for) is desk, "not found by its call"
                assert calls[desk.held_for].agent_id is None, "kept for a call that has an agent"
    drain(model)
    assert not any(desk.held_for for desk in desks.values())
