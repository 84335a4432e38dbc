"""A shared agent who is promised to another campaign, and the legs that come and go with it."""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any
from uuid import UUID

import pytest

from dialer.agent import events as agent_ev
from dialer.agent.states import Agent, AgentPolicy, AgentState
from dialer.ari.gateway import Gateway
from dialer.ari.live import Live
from dialer.ari.messages import Bridge, Channel
from dialer.ari.names import Leg, Role
from dialer.call import events as call_ev
from dialer.call.states import CallPolicy
from dialer.clock import FrozenClock
from dialer.ids import new_id
from tests.floor_model import FloorModel
from tests.machine_events import AGENT_IDS
from tests.unit.test_machines_together import started
from tests.world import until
from workers.dialing import share as share_module
from workers.dialing.agent_hands import AgentHands
from workers.dialing.floor import Desk, Floor
from workers.dialing.reconcile import Reconciler
from workers.dialing.share import Share

ANNA, BORIS = AGENT_IDS[:2]
OTHER = UUID(int=77)
CALL, SECOND = UUID(int=1), UUID(int=2)
SIMPLE = CallPolicy(record=False)


@pytest.fixture
def model() -> FloorModel:
    """Two ready agents and a call on its way; Anna, ready longest, is promised."""
    model = started(agents=2)
    for call_id in (CALL, SECOND):
        model.add_call(call_id, SIMPLE)
    model.floor.desks[ANNA].share.promise(OTHER)
    return model


def _answer(model: FloorModel, call_id: UUID) -> None:
    model.clock.advance(0.1)
    model.floor.feed_call(call_id, call_ev.Answered(model.clock.now()))


def test_a_promised_agent_is_not_counted_and_helps_out(model: FloorModel) -> None:
    floor = model.floor
    assert {desk.agent.id for desk in floor.ready_desks()} == {BORIS}
    _answer(model, CALL)
    assert floor.calls[CALL].agent_id == BORIS, "somebody else is free"
    _answer(model, SECOND)
    assert floor.calls[SECOND].agent_id == ANNA, "nobody else is: the person does not wait"
    assert floor.desks[ANNA].share.promised_to is None


def test_an_agent_who_is_being_given_away_takes_nothing(model: FloorModel) -> None:
    floor = model.floor
    floor.desks[ANNA].share.leaving = True
    floor.feed_agent(BORIS, agent_ev.PauseRequested(model.clock.now(), "tea"))
    _answer(model, CALL)
    assert floor.calls[CALL].agent_id is None
    floor.stay(floor.desks[ANNA])
    assert floor.calls[CALL].agent_id == ANNA, "she stays, and the person waited for her"


def test_a_pause_ends_the_promise(model: FloorModel) -> None:
    model.floor.feed_agent(ANNA, agent_ev.PauseRequested(model.clock.now(), "tea"))
    assert model.floor.desks[ANNA].share.promised_to is None


def test_who_came_from_another_campaign_stays_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(share_module, "monotonic", lambda: now_s)
    assert Share().may_go(), "the shift began here"
    came = Share(came_s=now_s)
    assert not came.may_go()
    came.freed(AgentState.PAUSED)
    assert not came.may_go()
    came.freed(AgentState.WRAP_UP)
    assert came.may_go(), "one call is enough"
    later = Share(came_s=now_s - share_module.STAY_S)
    assert later.may_go()


class Line(Gateway):
    """A gateway that remembers which legs were taken and which were hung up."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.dropped: list[str] = []

    async def take_leg(self, channel_id: str) -> None:
        """Remember."""
        self.taken.append(channel_id)

    async def stop_music(self, bridge_id: str) -> None:
        """None plays."""

    async def start_tone(self, bridge_id: str) -> None:
        """Nobody listens."""

    async def stop_tone(self, bridge_id: str) -> None:
        """None plays."""

    async def hang_up(self, channel_id: str) -> bool:
        """Remember."""
        self.dropped.append(channel_id)
        return True


class Reconciled:
    """A floor with one desk, and what Asterisk has for it and for a stranger."""

    def __init__(self, clock: FrozenClock, open_sessions: Collection[UUID]) -> None:
        self.line = Line()
        self.floor = Floor(clock, lambda: None)
        self.tasks: set[asyncio.Task[None]] = set()
        nothing: Any = None
        self.floor.agent_hands = AgentHands(
            floor=self.floor,
            gateway=self.line,
            writer=_Quiet(),  # type: ignore[arg-type]
            spawn=self.spawn,
            on_agent=lambda desk: nothing,
            on_left=lambda *_: nothing,
        )

        async def still_open(_: Collection[UUID]) -> Collection[UUID]:
            return open_sessions

        self.reconciler = Reconciler(self.floor, self.line, self.spawn, still_open)
        self.desk = Desk(Agent(new_id(), AgentPolicy()), "PJSIP/agent-1", share=Share({OTHER: 1.0}))
        self.floor.desks[self.desk.agent.id] = self.desk

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task."""
        self.tasks.add(asyncio.create_task(work))

    async def look(self, stranger: UUID) -> None:
        """Reconcile with the desk's leg in another application, and a stranger's leg in ours."""
        session_id = self.desk.agent.id
        live = Live(
            channels=((Leg(Role.AGENT, stranger), Channel("astranger", state="Up")),),
            bridges={session_id: Bridge("bhers", channels=["ahers"])},
            elsewhere=(
                (Leg(Role.AGENT, session_id), Channel("ahers", state="Up")),
                (Leg(Role.AGENT, new_id()), Channel("asomebody", state="Up")),
            ),
        )
        self.reconciler.apply(live, self.reconciler.before(()), after_gap=True)
        await asyncio.gather(*self.tasks)


class _Quiet:
    """A writer that stores nothing."""

    def add(self, item: object) -> None:
        """Forget it."""


async def test_a_leg_that_another_campaign_left_to_us_is_taken(clock: FrozenClock) -> None:
    """Whoever gave it away died, or we did: the agent is ready without being rung again."""
    world = Reconciled(clock, ())
    await world.look(new_id())
    assert world.line.taken == ["ahers"]
    assert (world.desk.channel_id, world.desk.bridge_id) == ("ahers", "bhers")
    assert world.desk.agent.state is AgentState.READY


@pytest.mark.parametrize("is_open", [True, False])
async def test_a_strangers_leg_ends_unless_its_session_goes_on(
    clock: FrozenClock, *, is_open: bool
) -> None:
    """Given away by our predecessor, and not taken yet: it is another campaign's."""
    stranger = new_id()
    world = Reconciled(clock, {stranger} if is_open else ())
    await world.look(stranger)

    async def settled() -> bool:
        return all(task.done() for task in world.tasks)

    await until(settled, "everything is done")
    assert world.line.dropped == ([] if is_open else ["astranger"])
