"""Promised calls of the next minute keep agents free, and pacing knows it."""

from datetime import timedelta
from uuid import UUID

import pytest

from campaigns.leads.due_callbacks import Coming
from dialer.call import events as call_ev
from dialer.call.states import CallPolicy
from dialer.pacing.policy import PacingMode, PredictivePolicy
from tests.floor_model import FloorModel
from tests.machine_events import AGENT_IDS
from tests.unit.test_machines_together import started
from tests.unit.test_pacer import LINES
from workers.dialing.pacer import Pacer

ANNA, BORIS, VERA = AGENT_IDS
NAMES = ("anna", "boris", "vera")
LEAD, OTHER = UUID(int=101), UUID(int=102)


def hall(*coming: tuple[str | None, float]) -> tuple[FloorModel, Pacer]:
    """Three ready agents, Anna the longest, and promises: whose, and in how many seconds."""
    model = started(agents=3)
    for seconds, (key, name) in enumerate(zip(AGENT_IDS, NAMES, strict=True)):
        desk = model.floor.desks[key]
        desk.name = name
        assert desk.agent.since is not None
        desk.agent = desk.agent.__class__(
            **{
                field: getattr(desk.agent, field)
                for field in desk.agent.__dataclass_fields__
                if field != "since"
            },
            since=desk.agent.since + timedelta(seconds=seconds),
        )
    model.clock.advance(10)
    model.floor.promises.use(
        [
            Coming(UUID(int=101 + n), model.clock.now() + timedelta(seconds=in_s), agent)
            for n, (agent, in_s) in enumerate(coming)
        ]
    )
    policy = PredictivePolicy(mode=PacingMode.PROGRESSIVE)
    return model, Pacer(model.floor, model.clock, policy, None)


def due(model: FloorModel, most: int = 9) -> list[UUID]:
    """The leads whose promised calls are placed now."""
    names = [desk.name for desk in model.floor.ready_desks()]
    return [one.lead_id for one in model.floor.promises.take_due(model.clock.now(), names, most)]


@pytest.mark.parametrize(
    ("coming", "placed"),
    [
        ([], 3),
        ([("anna", 30)], 2),
        ([(None, 30)], 2),
        ([("anna", 30), (None, 30)], 1),
        ([("anna", 30), ("anna", 50)], 2),
        ([("olga", 30)], 3),
        ([(None, 30)] * 5, 0),
    ],
)
def test_calls_are_placed_only_for_agents_whom_no_promise_needs(
    coming: list[tuple[str | None, float]], placed: int
) -> None:
    _, pacer = hall(*coming)
    assert pacer.decide(LINES, leads=None, segments=()).place == placed
    assert pacer.last is not None
    assert pacer.last[0].ready == 3
    assert pacer.last[0].reserved == 3 - placed
    inputs = pacer.inputs()
    assert inputs is not None
    assert inputs["reserved"] == 3 - placed


def test_whoever_answers_gets_who_is_kept_only_when_nobody_else_is_free() -> None:
    model, _ = hall(("anna", 30), (None, 30))
    for number in (1, 2, 3):
        model.add_call(UUID(int=number), CallPolicy(record=False))
        model.floor.feed_call(UUID(int=number), call_ev.Answered(model.clock.now()))
    first, second, third = (model.floor.calls[UUID(int=number)] for number in (1, 2, 3))
    assert first.agent_id == BORIS, "the longest ready of those to spare"
    assert {second.agent_id, third.agent_id} == {AGENT_IDS[0], AGENT_IDS[2]}, "nobody is abandoned"


def test_a_promise_that_is_due_takes_its_own_agent_and_each_is_tried_once_a_look() -> None:
    model, _ = hall((None, -1), ("anna", -1), ("boris", 30))
    assert due(model, most=1) == [LEAD]
    assert due(model) == [OTHER]
    assert due(model) == []
    model.floor.promises.use(model.floor.promises.coming)
    assert due(model) == [LEAD, OTHER]


def test_anybodys_promise_takes_nobody_who_has_one_of_the_own() -> None:
    model, _ = hall((None, -1), ("anna", 30), ("boris", 30), ("vera", 30))
    assert due(model) == []


def test_a_promised_call_on_its_way_keeps_its_agent_and_frees_the_promise() -> None:
    model, pacer = hall((None, -1))
    (lead,) = due(model)
    call = UUID(int=1)
    model.add_call(call, CallPolicy(record=False))
    model.floor.promises.forget(lead)
    assert model.floor.hold_named(None, call)
    assert model.floor.desks[ANNA].held_for == call
    assert pacer.decide(LINES, leads=None, segments=()).place == 2
    model.floor.feed_call(call, call_ev.Answered(model.clock.now()))
    assert model.floor.calls[call].agent_id == ANNA
    assert not model.floor.hold_named(None, UUID(int=2)), "there is no such call"
