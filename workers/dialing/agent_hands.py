"""What an agent's machine asks for, done: through the gateway, the writer and the timers."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import structlog

from dialer.agent import commands as do
from dialer.agent import events as ev
from dialer.agent.states import AgentState
from dialer.ari import names
from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.gateway import Gateway
from dialer.call import events as call_ev
from workers.dialing.comfort import Comforter
from workers.dialing.floor import Desk, Floor
from workers.dialing.stored import (
    CustomerAlone,
    SessionEnded,
    SessionPaused,
    StateChange,
    Undisposed,
)
from workers.dialing.timers import TimerKind
from workers.dialing.writer import Writer

log = structlog.get_logger()

Spawn = Callable[[Coroutine[Any, Any, None]], object]


@dataclass(slots=True)
class AgentHands:
    """Hands of one campaign's agents."""

    floor: Floor
    gateway: Gateway
    writer: Writer
    spawn: Spawn
    on_agent: Callable[[Desk], None]  #: an agent's state changed: tell who listens
    on_left: Callable[[Desk, UUID], None]  #: an agent went away from a preview
    comforter: Comforter = field(init=False)

    def __post_init__(self) -> None:
        """Make the hands for customers who are alone."""
        self.comforter = Comforter(self.gateway, self.floor.timers, self.spawn)

    def execute(self, desk: Desk, command: do.AgentCommand) -> None:
        """Execute one command of an agent."""
        agent, timers = desk.agent, self.floor.timers
        match command:
            case do.DialLeg() | do.RedialLeg():
                self._dial(desk, anew=isinstance(command, do.RedialLeg))
            case do.HangUpLeg():
                self.spawn(self._close_desk(desk))
            case do.RetryLegAfter(after_s):
                self._later(agent.id, TimerKind.LEG_RETRY, after_s, ev.LegRetryDue)
            case do.GiveUpLegAfter(after_s):
                self._later(agent.id, TimerKind.LEG_LIMIT, after_s, ev.LegGivenUp)
            case do.ComfortCustomer() | do.EndComfort():
                self._comfort(desk, command)
            case do.StopLegTimers():
                timers.stop(agent.id, TimerKind.LEG_RETRY)
                timers.stop(agent.id, TimerKind.LEG_LIMIT)
                self.comforter.end(desk)  # a former owner may have begun it
            case do.StartWrapUpTimer(call_id, after_s):
                self._start_wrap_up(agent.id, call_id, after_s)
            case do.StopWrapUpTimer():
                timers.stop(agent.id, TimerKind.WRAP_UP)
            case do.WithdrawPreview(preview_id):
                self.on_left(desk, preview_id)
            case do.EndCall(call_id, by):
                now = self.floor.clock.now()
                self.floor.feed_call(call_id, call_ev.HangUpRequested(now, by))
            case do.CloseUndisposed() | do.StorePause() | do.StoreAlone() | do.StoreState():
                self._store(desk, command)

    def _comfort(self, desk: Desk, command: do.ComfortCustomer | do.EndComfort) -> None:
        if isinstance(command, do.ComfortCustomer):
            self.comforter.begin(desk, command.music_after_s)
        else:
            self.comforter.end(desk)

    def _dial(self, desk: Desk, *, anew: bool) -> None:
        self.floor.timers.stop(desk.agent.id, TimerKind.LEG_RETRY)
        if anew and desk.channel_id is not None:  # its end will be told, and is no news any more
            self.spawn(self._drop_leg(desk.channel_id))
        desk.channel_id = names.new_agent_channel()
        self.spawn(self._dial_leg(desk, desk.channel_id))

    def seat(self, desk: Desk, channel_id: str) -> None:
        """Put an agent's answered leg into its bridge; then ``LegUp`` or ``LegLost``."""
        self.spawn(self._seat(desk, channel_id))

    def take(self, desk: Desk) -> None:
        """Take the leg of an agent whom another campaign handed over; then ``welcome``."""
        self.spawn(self._take(desk, desk.channel_id))

    def welcome(self, desk: Desk) -> None:
        """Go on with an agent whose leg came from another campaign, in its bridge."""
        now = self.floor.clock.now()
        if desk.agent.state is AgentState.OFFLINE:
            desk.agent = replace(desk.agent, state=AgentState.CONNECTING, since=now)
            self.floor.feed_agent(desk.agent.id, ev.LegUp(now))

    def let_go(self, desk: Desk) -> None:
        """Hear no more of an agent's leg whom another campaign has."""
        if desk.channel_id is not None and desk.bridge_id is not None:
            self.spawn(self._let_go(desk.channel_id, desk.bridge_id))

    async def _let_go(self, channel_id: str, bridge_id: str) -> None:
        try:
            await self.gateway.let_go(channel_id, bridge_id)
        except (AriRefused, AriUnavailable) as error:  # it ends with the leg
            log.info("agent.leg_still_heard", error=error.code)

    async def _take(self, desk: Desk, channel_id: str | None) -> None:
        try:
            if channel_id is not None:
                await self.gateway.take_leg(channel_id)
                return
        except AriUnavailable as error:  # a reconciliation will tell
            log.warning("agent.leg_not_taken", session_id=str(desk.agent.id), error=error.code)
            return
        except AriRefused as error:
            log.warning("agent.leg_gone", session_id=str(desk.agent.id), error=error.code)
        if desk.channel_id == channel_id and desk.agent.state is AgentState.OFFLINE:
            desk.channel_id = None
            self.floor.feed_agent(desk.agent.id, ev.SignedIn(self.floor.clock.now()))

    async def _dial_leg(self, desk: Desk, channel_id: str) -> None:
        try:
            await self.gateway.dial_agent(desk.agent.id, desk.endpoint, channel_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("agent.not_reached", session_id=str(desk.agent.id), error=error.code)
            if desk.channel_id == channel_id:
                self.floor.lose_leg(desk.agent.id, self.floor.clock.now())

    async def _seat(self, desk: Desk, channel_id: str) -> None:
        session_id = desk.agent.id
        try:
            if desk.bridge_id is None:
                desk.bridge_id = await self.gateway.make_bridge(session_id)
            await self.gateway.add_to_bridge(desk.bridge_id, channel_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("agent.not_seated", session_id=str(session_id), error=error.code)
            desk.bridge_id = None
            self.spawn(self._drop_leg(channel_id))
            return
        if desk.channel_id == channel_id:
            self.floor.feed_agent(session_id, ev.LegUp(self.floor.clock.now()))

    async def _drop_leg(self, channel_id: str) -> None:
        try:
            await self.gateway.hang_up(channel_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("agent.leg_not_dropped", error=error.code)

    async def _close_desk(self, desk: Desk) -> None:
        channel_id, bridge_id = desk.channel_id, desk.bridge_id
        desk.channel_id = desk.bridge_id = None
        if channel_id is not None:
            await self._drop_leg(channel_id)
        if bridge_id is not None:
            try:
                await self.gateway.drop_bridge(bridge_id)
            except (AriRefused, AriUnavailable) as error:
                log.warning("agent.bridge_not_dropped", error=error.code)

    def _later(
        self,
        session_id: UUID,
        kind: TimerKind,
        after_s: float,
        event: type[ev.LegRetryDue | ev.LegGivenUp],
    ) -> None:
        def due() -> None:
            self.floor.feed_agent(session_id, event(self.floor.clock.now()))

        self.floor.timers.start(session_id, kind, after_s, due)

    def _start_wrap_up(self, session_id: UUID, call_id: UUID, after_s: float) -> None:
        def due() -> None:
            now = self.floor.clock.now()
            self.floor.feed_agent(session_id, ev.WrapUpExpired(now, call_id))

        self.floor.timers.start(session_id, TimerKind.WRAP_UP, after_s, due)

    def _store(
        self,
        desk: Desk,
        command: do.CloseUndisposed | do.StorePause | do.StoreAlone | do.StoreState,
    ) -> None:
        match command:
            case do.CloseUndisposed(call_id):
                self.writer.add(Undisposed(call_id))
            case do.StorePause(code):
                log.info("agent.paused", session_id=str(desk.agent.id), code=code)
                self.writer.add(SessionPaused(desk.agent.id, code))
            case do.StoreAlone(since):
                log.info("agent.alone", session_id=str(desk.agent.id), alone=since is not None)
                self.writer.add(CustomerAlone(desk.agent.id, since))
            case do.StoreState():
                self._store_state(desk)

    def _store_state(self, desk: Desk) -> None:
        agent = desk.agent
        at = agent.since or self.floor.clock.now()
        if agent.state is AgentState.OFFLINE:
            self.writer.add(SessionEnded(agent.id, at))
            self.floor.desks.pop(agent.id, None)
        else:
            self.writer.add(StateChange(agent.id, agent.state, agent.pause_code, agent.call_id, at))
        self.on_agent(desk)
