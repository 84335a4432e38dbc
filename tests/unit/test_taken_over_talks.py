"""A new owner finds agents in talks and wrap-ups: pacing learns how long these lasted in all."""

from datetime import timedelta
from uuid import UUID

import pytest

from dialer.agent import events as agent_ev
from dialer.agent.states import Agent, AgentPolicy, AgentState
from dialer.ari.gateway import Gateway
from dialer.ari.live import Live
from dialer.ari.messages import Bridge, Channel
from dialer.ari.names import Leg, Role
from dialer.call.states import Call, CallPolicy, CallState
from dialer.pacing.facts import PacingEvent, TalkEnded, WrapEnded
from dialer.pacing.policy import PredictivePolicy
from tests.floor_model import FloorModel
from tests.machine_events import AGENT_IDS
from tests.unit.test_pacer import Ear, facts
from workers.dialing.floor import Desk
from workers.dialing.pacer import Pacer
from workers.dialing.reconcile import Reconciler

ANNA, CALL = AGENT_IDS[0], UUID(int=1)
POLICY = CallPolicy(record=False)


class Nobody(Gateway):
    """A gateway that is not asked for anything."""

    def __init__(self) -> None:
        """Need no connection."""


def taken_over(*, talking: bool) -> tuple[FloorModel, Pacer, Ear]:
    """A floor after a takeover, 100 s into a talk, or into a wrap-up."""
    model = FloorModel()
    pacer = Pacer(model.floor, model.clock, PredictivePolicy(), None)
    model.floor.witness = pacer
    began = model.clock.now() - timedelta(seconds=100)
    agent = Agent(
        ANNA, AgentPolicy(), wants=AgentState.READY, call_id=CALL, since=None if talking else began
    )
    model.floor.desks[ANNA] = Desk(agent, "PJSIP/agent")
    channels = [(Leg(Role.AGENT, ANNA), Channel("a1", state="Up"))]
    if talking:
        model.floor.calls[CALL] = Call(CALL, POLICY, answered_at=began, connected_at=began)
        channels.append((Leg(Role.CUSTOMER, CALL), Channel("c1", state="Up")))
    bridge = Bridge("b1", channels=[channel.id for _, channel in channels])
    reconciler = Reconciler(model.floor, Nobody(), lambda work: work.close())
    live = Live(tuple(channels), {ANNA: bridge})
    reconciler.apply(live, reconciler.before(()), after_gap=True)
    return model, pacer, Ear(pacer)


def only(ear: Ear, kind: type[PacingEvent]) -> PacingEvent:
    """The only event of a kind that was told."""
    (event,) = [event for event in ear.heard if isinstance(event, kind)]
    return event


def test_a_talk_is_learned_from_its_true_beginning() -> None:
    model, pacer, ear = taken_over(talking=True)
    assert model.floor.calls[CALL].state is CallState.CONNECTED
    seen = facts(pacer)
    assert [seen.at_s - since_s for since_s in seen.talking_since_s] == [pytest.approx(100)]
    model.clock.advance(20)
    model.hang_up(CALL)
    talk = only(ear, TalkEnded)
    assert isinstance(talk, TalkEnded)
    assert talk.talk_s == pytest.approx(120, abs=0.1)


def test_a_wrap_up_is_learned_from_its_true_beginning() -> None:
    model, pacer, ear = taken_over(talking=False)
    seen = facts(pacer)
    assert [seen.at_s - since_s for since_s in seen.wrapping_since_s] == [pytest.approx(100)]
    model.clock.advance(20)
    model.floor.feed_agent(ANNA, agent_ev.Disposed(model.clock.now(), CALL, "sale"))
    wrap = only(ear, WrapEnded)
    assert isinstance(wrap, WrapEnded)
    assert wrap.wrap_s == pytest.approx(120, abs=0.1)
