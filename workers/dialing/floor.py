"""The floor: a campaign's live calls and agents in memory, moved by one event after another.

Everything here runs on one event loop and never waits, so there are no locks. Requests to Asterisk are
started as tasks; what they lead to comes back as events.
"""

from asyncio import Lock
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import structlog

from dialer.agent import events as agent_ev
from dialer.agent.machine import step as agent_step
from dialer.agent.states import Agent, AgentState
from dialer.ari.translate import AgentLegAnswered, AgentLegEnded, AgentLegMoved, CallHeard
from dialer.call import events as call_ev
from dialer.call.machine import step as call_step
from dialer.call.states import Call, CallState
from dialer.clock import Clock
from workers.dialing.comfort import Comfort
from workers.dialing.keeping import Keeping
from workers.dialing.promises import Promises, ready_since
from workers.dialing.roles import ForAgents, ForCalls, Witness
from workers.dialing.share import Share
from workers.dialing.timers import TimerKind, Timers

log = structlog.get_logger()

#: A leg that Asterisk has not any more should have told us its end: wait this long for that.
GONE_CHECK_S = 1.0

#: Asterisk ends a dial itself after its time; one that is silent so long after was never sent.
DIAL_LIMIT_MARGIN_S = 5.0

#: A call with a reserved agent has taken that agent out of the ready ones already.
_TOWARD_AN_AGENT = (CallState.DIALING, CallState.RINGING, CallState.WAITING)

#: Nobody has answered such a call yet: an agent can still be kept for it.
_ON_ITS_WAY = (CallState.DIALING, CallState.RINGING)


@dataclass(slots=True)
class Desk:
    """An agent's place: the machine's value and what Asterisk has for it."""

    agent: Agent
    endpoint: str
    name: str = ""  #: of the agent: leads may be reserved for it
    channel_id: str | None = None  #: the leg being dialled, or up
    bridge_id: str | None = None
    held_for: UUID | None = None  #: the call that is placed for this agent alone
    share: Share = field(default_factory=Share)
    comfort: Comfort = field(default_factory=Comfort)
    turn: Lock = field(default_factory=Lock)  #: who changes what is in the bridge, in order

    def takes_any_call(self) -> bool:
        """Tell whether the agent is there for whoever answers: kept for no call, nor promised."""
        if self.agent.state is not AgentState.READY or self.held_for is not None:
            return False  # asked of every desk at each answer: most are busy
        return self.share.promised_to is None and self.can_talk()

    def can_talk(self) -> bool:
        """Tell whether the agent waits for a call with the leg up."""
        ready = self.agent.state is AgentState.READY and self.agent.leg_up
        return ready and not self.share.leaving


@dataclass(slots=True)
class Floor:
    """All live calls and all desks of one campaign."""

    clock: Clock
    changed: Callable[[], None]  #: something happened that pacing should look at
    timers: Timers = field(default_factory=Timers)
    calls: dict[UUID, Call] = field(default_factory=dict)
    desks: dict[UUID, Desk] = field(default_factory=dict)
    keeping: Keeping = field(default_factory=Keeping)
    call_hands: ForCalls = field(init=False)
    agent_hands: ForAgents = field(init=False)
    witness: Witness | None = None
    promises: Promises = field(default_factory=Promises)
    freed: Callable[[Desk, AgentState], None] | None = None  #: an agent became ready, from what
    events_ignored: int = 0

    def feed_call(self, attempt_id: UUID, event: call_ev.CallEvent) -> None:
        """Apply an event to a call; one that is over (or not ours) is not here any more."""
        call = self.calls.get(attempt_id)
        if call is None:
            return
        step = call_step(call, event)
        self.events_ignored += step.ignored
        over = step.call.state is CallState.ENDED
        if over:
            del self.calls[attempt_id]
        else:
            self.calls[attempt_id] = step.call
        self._tell(lambda witness: witness.call_moved(call, step.call))
        for command in step.commands:
            self.call_hands.execute(step.call, command)
        if over:
            self._let_go(attempt_id)
        if step.call.state is not call.state:
            self.changed()

    def feed_agent(self, session_id: UUID, event: agent_ev.AgentEvent) -> None:
        """Apply an event to an agent."""
        desk = self.desks.get(session_id)
        if desk is None:
            return
        step = agent_step(desk.agent, event)
        self.events_ignored += step.ignored
        before, seen = desk.agent.state, desk.agent
        desk.agent = step.agent
        self._tell(lambda witness: witness.agent_moved(seen, step.agent))
        for command in step.commands:
            self.agent_hands.execute(desk, command)
        # In a pause, without a leg or with a call nothing is kept for it; its own call is.
        if not desk.can_talk() and desk.agent.state is not AgentState.DIALING:
            desk.held_for = None
            desk.share.promise(None)
        if desk.agent.state is not before:
            if desk.agent.state is AgentState.READY:
                self._serve_the_waiting()
                if self.freed is not None:
                    self.freed(desk, before)
            self.changed()

    def _tell(self, what: Callable[[Witness], None]) -> None:
        """Tell the witness; whatever is wrong with it, calls and agents go on."""
        if self.witness is None:
            return
        try:
            what(self.witness)
        except Exception:
            log.exception("floor.witness_failed")

    def offer(self, attempt_id: UUID) -> None:
        """Reserve an agent for a call: its own, else the one ready longest; without one it waits."""
        desk = self._held_for(attempt_id) or self.promises.for_answer(self.ready_desks())
        desk = desk or self._promised()
        if desk is None:
            return
        desk.held_for = None
        now = self.clock.now()
        session_id = desk.agent.id
        self.feed_agent(session_id, agent_ev.Reserved(now, attempt_id))
        if desk.agent.call_id == attempt_id:
            self.feed_call(attempt_id, call_ev.AgentReserved(now, session_id))

    def hold(self, session_id: UUID, attempt_id: UUID) -> bool:
        """Keep a ready agent free for one call that is on its way; False when that cannot be.

        The agent is offered no other call meanwhile. It ends when the call is answered or over, and
        when the agent pauses, leaves or loses the leg: the call then belongs to whoever is ready.
        """
        desk, call = self.desks.get(session_id), self.calls.get(attempt_id)
        if desk is None or call is None or call.state not in _ON_ITS_WAY:
            return False
        if not desk.can_talk() or desk.held_for is not None or self._held_for(attempt_id):
            return False
        self.keeping.keep(desk, attempt_id)
        self.changed()
        return True

    def hold_named(self, name: str | None, attempt_id: UUID) -> bool:
        """Keep the agent of this name free for a call, as ``hold`` does; None: any agent to spare."""
        if name is None:
            spare = self.promises.for_answer(self.ready_desks())
            session_id = spare.agent.id if spare else None
        else:
            session_id = next((key for key, desk in self.desks.items() if desk.name == name), None)
        return session_id is not None and self.hold(session_id, attempt_id)

    def free_agents(self) -> tuple[str, ...]:
        """Return the names of the agents a call could be kept for now."""
        return tuple(sorted({desk.name for desk in self.ready_desks() if desk.name}))

    def _held_for(self, attempt_id: UUID) -> Desk | None:
        desk = self.keeping.desk_for(attempt_id)
        if desk is None or self.desks.get(desk.agent.id) is not desk:
            return None
        # Before a takeover is over nobody takes calls.
        return desk if desk.agent.state is not AgentState.OFFLINE else None

    def _let_go(self, attempt_id: UUID) -> None:
        """Free the agent that was kept for a call which is over."""
        desk = self._held_for(attempt_id)
        self.keeping.forget(attempt_id)
        if desk is None:
            return
        desk.held_for = None
        if desk.agent.state is AgentState.DIALING:
            released = agent_ev.CallReleased(self.clock.now(), attempt_id, talked=False)
            self.feed_agent(desk.agent.id, released)
        self._serve_the_waiting()

    def _serve_the_waiting(self) -> None:
        """Give the person who waits longest to the agent who just became free."""
        waiting = [
            call
            for call in self.calls.values()
            if call.state is CallState.WAITING and call.agent_id is None and not call.cancel_reason
        ]
        if waiting:
            self.offer(min(waiting, key=_answered_at).id)

    def hear(self, heard: CallHeard | AgentLegAnswered | AgentLegMoved | AgentLegEnded) -> None:
        """Apply what Asterisk told."""
        if isinstance(heard, CallHeard):
            self.feed_call(heard.attempt_id, heard.event)
            return
        desk = self.desks.get(heard.session_id)
        current = desk is not None and desk.channel_id == heard.channel_id
        if isinstance(heard, AgentLegEnded):
            if current:
                self.lose_leg(heard.session_id, heard.at)
        elif desk is not None and current and isinstance(heard, AgentLegMoved):
            self.agent_hands.welcome(desk)
        elif desk is not None and current:
            self.agent_hands.seat(desk, heard.channel_id)

    def lose_leg(self, session_id: UUID, at: datetime) -> None:
        """Note that an agent's leg is gone."""
        desk = self.desks.get(session_id)
        if desk is not None:
            desk.channel_id = None
            self.feed_agent(session_id, agent_ev.LegLost(at))

    def expect_gone(self, attempt_id: UUID) -> None:
        """End a call whose leg is gone in a moment, unless its true end is told before."""

        def vanished() -> None:
            self.feed_call(attempt_id, call_ev.Vanished(self.clock.now()))

        self.timers.start(attempt_id, TimerKind.GONE_CHECK, GONE_CHECK_S, vanished)

    def expect_unheard(self, attempt_id: UUID) -> None:
        """Hang a talk up that has lost its bridge, unless its own end is told in a moment."""

        def unheard() -> None:
            now = self.clock.now()
            self.feed_call(attempt_id, call_ev.HangUpRequested(now, "bridge_lost"))

        self.timers.start(attempt_id, TimerKind.GONE_CHECK, GONE_CHECK_S, unheard)

    def limit_dial(self, attempt_id: UUID, due: Callable[[], None]) -> None:
        """End a call that stays silent longer than any dial can: nobody knows whether it was sent.

        ``due`` is called when that happens, to remove its leg.
        """
        if self.timers.is_running(attempt_id, TimerKind.DIAL_LIMIT):
            return

        def silent() -> None:
            call = self.calls.get(attempt_id)
            if call is not None and call.state is CallState.DIALING:
                self.feed_call(attempt_id, call_ev.Vanished(self.clock.now()))
                due()

        after_s = self.calls[attempt_id].policy.dial_timeout_s + DIAL_LIMIT_MARGIN_S
        self.timers.start(attempt_id, TimerKind.DIAL_LIMIT, after_s, silent)

    def ready_desks(self) -> Iterable[Desk]:
        """Return the desks that can take any call now: not those kept for one call, or promised."""
        return (desk for desk in self.desks.values() if desk.takes_any_call())

    def spare_desks(self) -> list[Desk]:
        """Return the ready desks that no promised call of the next minute needs, longest first."""
        return self.promises.spare(self.ready_desks())

    def _promised(self) -> Desk | None:
        """Return an agent who is promised to another campaign and still here."""
        free = (desk for desk in self.desks.values() if desk.can_talk() and not desk.held_for)
        return min(free, key=ready_since, default=None)

    def in_flight(self) -> int:
        """Return how many calls are on their way to an agent that is not kept for them."""
        kept = {desk.held_for for desk in self.desks.values()}
        return sum(call_id not in kept for call_id in self.on_the_way())

    def on_the_way(self) -> list[UUID]:
        """Return the calls that may still need an agent."""
        return [call.id for call in self.calls.values() if call.state in _TOWARD_AN_AGENT]

    def stay(self, desk: Desk) -> None:
        """Let an agent work on who was to go to another campaign."""
        desk.share.leaving = False
        desk.share.promise(None)
        if desk.can_talk():
            self._serve_the_waiting()
        self.changed()


def _answered_at(call: Call) -> datetime:
    return call.answered_at or datetime.max.replace(tzinfo=UTC)
