"""Bring memory and Asterisk together after a gap: a takeover, a reconnection, a restart of Asterisk.

Events of a gap are lost and never told again, so what Asterisk has now is the truth about legs, and
what we remember is the truth about intentions. Live conversations go on untouched.
"""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from dialer.agent import commands as do
from dialer.agent import events as agent_ev
from dialer.agent.states import Agent, AgentState
from dialer.ari import names
from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.gateway import Gateway
from dialer.ari.live import Live
from dialer.ari.messages import Channel
from dialer.ari.names import Role
from dialer.call import events as ev
from dialer.call.states import Call, CallState
from workers.dialing.floor import Desk, Floor
from workers.dialing.talk_restore import TalkReconciler

log = structlog.get_logger()

#: Nobody talks: our message ends the call, and the machine's state knows it.
_HEARING_US = (CallState.APOLOGISING, CallState.MACHINE)

#: The agent may have put the customer somewhere else.
_IN_A_TALK = (CallState.CONNECTED, CallState.TRANSFERRED)


@dataclass(frozen=True, slots=True)
class Before:
    """What we had when Asterisk was asked: only of that can its answer say that it is gone."""

    calls: frozenset[UUID]  #: without those whose dial was being sent
    legs: Mapping[UUID, str | None]  #: agents' channels by session
    bridges: Mapping[UUID, str | None]  #: agents' bridges by session
    connected: frozenset[UUID]  #: calls that were in a bridge


@dataclass(slots=True)
class Reconciler:
    """Compares a floor with what Asterisk has."""

    floor: Floor
    gateway: Gateway
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    #: Which of these sessions are open, in whatever campaign: their legs are not ours to end.
    still_open: Callable[[Collection[UUID]], Awaitable[Collection[UUID]]] | None = None

    def before(self, under_way: Collection[UUID]) -> Before:
        """Note what we have; ``under_way`` are the calls whose dial is being sent just now."""
        desks, calls = self.floor.desks, self.floor.calls
        return Before(
            calls=frozenset(calls.keys() - set(under_way)),
            legs={session_id: desk.channel_id for session_id, desk in desks.items()},
            bridges={session_id: desk.bridge_id for session_id, desk in desks.items()},
            connected=frozenset(
                key for key, call in calls.items() if call.state is CallState.CONNECTED
            ),
        )

    def apply(self, live: Live, before: Before, *, after_gap: bool = False) -> None:
        """Make the floor true; ``after_gap``: events were lost since the last time."""
        now = self.floor.clock.now()
        self._bridges(live, before)
        customers = {leg.id: ch for leg, ch in live.channels if leg.role is Role.CUSTOMER}
        if after_gap:
            self._end_prompts(customers)
        self._calls(customers, _sessions_by_channel(live), now, before)
        TalkReconciler(self.floor, self._hang_up).apply(live, now, after_gap=after_gap)
        legs: dict[UUID, list[Channel]] = {}
        for leg, channel in live.channels:
            if leg.role is Role.AGENT:
                legs.setdefault(leg.id, []).append(channel)
        for leg, channel in live.elsewhere:  # handed over to us, and not taken yet
            if leg.id in self.floor.desks:
                legs.setdefault(leg.id, []).append(channel)
                self.spawn(self._take(channel.id))
        # First those who dialled themselves: their call must not find another agent ready.
        for desk in sorted(self.floor.desks.values(), key=lambda one: one.held_for is None):
            channels = legs.pop(desk.agent.id, [])
            if before.legs.get(desk.agent.id) == desk.channel_id:  # else the answer is too old
                self._desk(desk, channels, live, now)
        strangers = [ch.id for key, ch in customers.items() if key not in self.floor.calls]
        strangers += [names.analysis_channel(key) for key in live.listeners if self._heard_out(key)]
        self._hang_up(strangers)
        if legs:
            self.spawn(self._end_strangers(legs))
            strangers += [channel.id for channels in legs.values() for channel in channels]
        log.info("floor.reconciled", calls=len(self.floor.calls), strangers=len(strangers))

    def _heard_out(self, attempt_id: UUID) -> bool:
        """Tell whether a leg listens to one of our calls for nobody: another owner's, or too long."""
        call = self.floor.calls.get(attempt_id)
        return call is not None and not call.analysing

    def _bridges(self, live: Live, before: Before) -> None:
        for session_id, desk in self.floor.desks.items():
            if before.bridges.get(session_id) != desk.bridge_id:  # the answer is too old
                continue
            bridge = live.bridges.get(session_id)
            desk.bridge_id = bridge.id if bridge is not None else None

    def _end_prompts(self, customers: Mapping[UUID, Channel]) -> None:
        """End the calls that hear a message, or are to: its end may have been told in the gap."""
        self._hang_up(
            customers[call.id].id
            for call in self.floor.calls.values()
            if call.state in _HEARING_US and call.id in customers
        )

    def _calls(
        self,
        customers: dict[UUID, Channel],
        sessions: dict[str, UUID],
        now: datetime,
        before: Before,
    ) -> None:
        for attempt_id in list(self.floor.calls):
            channel = customers.get(attempt_id)
            if channel is None:
                if attempt_id in before.calls:
                    self.floor.expect_gone(attempt_id)
            elif channel.state == "Up":
                session_id = sessions.get(channel.id)
                self._answered(attempt_id, channel, session_id, now, before)
            elif channel.state == "Ringing":
                self.floor.feed_call(attempt_id, ev.Rang(now))
            elif attempt_id in before.calls:
                self.floor.limit_dial(attempt_id, partial(self._hang_up, [channel.id]))

    def _answered(
        self,
        attempt_id: UUID,
        channel: Channel,
        session_id: UUID | None,
        now: datetime,
        before: Before,
    ) -> None:
        call = self.floor.calls[attempt_id]
        desk = self.floor.desks.get(session_id) if session_id else None
        if call.state in _HEARING_US:  # the message's end will be told
            return
        if call.state in _IN_A_TALK and call.talk.is_apart:
            return
        if desk is None:
            if call.state is CallState.CONNECTED:
                if attempt_id not in before.connected:  # connected since: the answer is too old
                    return
                # The conversation lost its bridge: nobody hears anybody.
                self.floor.expect_unheard(attempt_id)
            else:
                self.floor.feed_call(attempt_id, ev.Answered(now))
        elif call.state is CallState.CONNECTING and call.agent_id == desk.agent.id:
            self.floor.feed_call(attempt_id, ev.Bridged(now))
        elif call.state is not CallState.CONNECTED:
            self.floor.calls[attempt_id] = replace(
                call,
                state=CallState.CONNECTED,
                agent_id=desk.agent.id,
                recording=call.policy.record,
                answered_at=call.answered_at or now,
                connected_at=call.connected_at or now,
            )

    def _desk(self, desk: Desk, channels: list[Channel], live: Live, now: datetime) -> None:
        bridge = live.bridges.get(desk.agent.id)
        seated = [ch for ch in channels if bridge is not None and ch.id in bridge.channels]
        up = [ch for ch in channels if ch.state == "Up"]
        leg = next(iter([*seated, *up]), None)
        coming = desk.channel_id if leg is None and desk.channel_id else None
        self._hang_up(ch.id for ch in channels if ch is not leg and ch.id != coming)
        if desk.agent.state is AgentState.OFFLINE:
            self._adopt(desk, leg, now, seated=bool(seated))
        elif leg is None:
            if desk.agent.leg_up or not any(ch.id == coming for ch in channels):
                self.floor.lose_leg(desk.agent.id, now)
        elif leg not in seated or not desk.agent.leg_up:
            desk.channel_id = leg.id
            self.floor.agent_hands.seat(desk, leg.id)

    def _adopt(self, desk: Desk, leg: Channel | None, now: datetime, *, seated: bool) -> None:
        """Take an agent over from the former owner, as far as the leg and the call allow."""
        agent = desk.agent
        if self._adopt_own_call(desk, now, seated=seated, leg=leg):
            return
        call = next((c for c in self.floor.calls.values() if c.agent_id == agent.id), None)
        if leg is None and call is None and agent.call_id is None:
            self.floor.feed_agent(agent.id, agent_ev.SignedIn(now))
            return
        desk.channel_id = leg.id if leg is not None else None
        desk.agent = _restored(agent, call, now, leg_up=seated)
        if not seated:
            # The customer may be alone in the bridge, and for how long is stored: bring the agent back.
            self.floor.feed_agent(agent.id, agent_ev.LegLost(now))
            if leg is not None:
                self.floor.agent_hands.seat(desk, leg.id)
        self._go_on(desk, now)

    def _adopt_own_call(
        self, desk: Desk, now: datetime, *, seated: bool, leg: Channel | None
    ) -> bool:
        """Give an agent the call back that the agent had dialled; without the leg it ends."""
        own = self.floor.calls.get(desk.held_for) if desk.held_for is not None else None
        desk.held_for = None
        if own is None or own.agent_id is not None:
            return False
        if leg is None or not seated:
            self.floor.feed_call(own.id, ev.HangUpRequested(now, "agent_lost"))
            return False
        desk.channel_id = leg.id
        agent = replace(desk.agent, state=AgentState.DIALING, call_id=own.id, leg_up=True)
        desk.agent = replace(agent, since=now)
        self.floor.keeping.keep(desk, own.id)
        self.floor.agent_hands.execute(desk, do.StoreState())
        if own.state is CallState.WAITING:
            self.floor.offer(own.id)
        return True

    def _go_on(self, desk: Desk, now: datetime) -> None:
        """Log the restored state and start what the former owner had started."""
        agent, hands = desk.agent, self.floor.agent_hands
        if agent.state is AgentState.CONNECTING:
            if agent.leg_up:
                self.floor.feed_agent(agent.id, agent_ev.LegUp(now))
            return
        hands.execute(desk, do.StoreState())
        if (
            agent.leg_up
        ):  # the former owner may have fallen between the leg's return and its music's end
            self.floor.feed_agent(agent.id, agent_ev.LegUp(now))
        if agent.state is AgentState.WRAP_UP and agent.call_id is not None:
            hands.execute(desk, do.StartWrapUpTimer(agent.call_id, agent.policy.wrap_up_s))

    async def _end_strangers(self, legs: Mapping[UUID, Sequence[Channel]]) -> None:
        """End legs of agents we do not know, unless another campaign is about to take them."""
        opened = await self.still_open(legs) if self.still_open is not None else ()
        for session_id, channels in legs.items():
            if session_id not in opened and session_id not in self.floor.desks:
                self._hang_up(channel.id for channel in channels)

    async def _take(self, channel_id: str) -> None:
        try:
            await self.gateway.take_leg(channel_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("agent.leg_not_taken", error=error.code)

    def _hang_up(self, channel_ids: Iterable[str]) -> None:
        for channel_id in channel_ids:
            self.spawn(self._drop(channel_id))

    async def _drop(self, channel_id: str) -> None:
        try:
            await self.gateway.hang_up(channel_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("leg.not_dropped", error=error.code)


def _sessions_by_channel(live: Live) -> dict[str, UUID]:
    return {
        channel_id: session_id
        for session_id, bridge in live.bridges.items()
        for channel_id in bridge.channels
    }


def _restored(agent: Agent, call: Call | None, now: datetime, *, leg_up: bool) -> Agent:
    """Return the agent as the former owner would have it now.

    The state began when it did, not with the takeover: pacing learns from its length.
    """
    if call is not None:
        since = call.connected_at or now
        return replace(agent, state=AgentState.ON_CALL, call_id=call.id, leg_up=leg_up, since=since)
    if agent.call_id is not None:  # the talk is over, or ended while nobody listened
        since = agent.since or now
        return replace(agent, state=AgentState.WRAP_UP, leg_up=leg_up, since=since)
    return replace(agent, state=AgentState.CONNECTING, leg_up=leg_up, since=now)
