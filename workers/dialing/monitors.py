"""Who listens to a campaign's agents: rows, what agents do and what Asterisk tells, for the machine.

A new owner goes on with the legs that are up; what it finds in Asterisk and nobody wishes is removed. None
of this touches a call: whatever fails here, agent and customer talk on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from campaigns.supervising.followed import FollowedMonitoring
from dialer.agent.states import AgentState
from dialer.ari import names
from dialer.ari.live import Live
from dialer.ari.names import Role
from dialer.ari.translate import CallHeard, SupervisorLeg
from dialer.call import monitor_events as ev
from dialer.call import talk_events as te
from dialer.call.monitors import CALL_ENDED, Monitor, MonitorState, step
from dialer.call.states import Call
from workers.dialing.floor import Desk
from workers.dialing.monitor_hands import MonitorHands, Post

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

log = structlog.get_logger()

_NOT_THERE = (MonitorState.CALLING, MonitorState.TAKEN)


class Monitors:
    """All who listen to the agents of one campaign."""

    def __init__(self, parts: "Assembly") -> None:
        """Listen on the floor of ``parts``; nothing happens before the first look and reconciliation."""
        self._floor, self._clock = parts.floor, parts.clock
        self._posts: dict[UUID, Post] = {}
        self._hands = MonitorHands(parts, self.feed)
        self._live: Live | None = None  #: what Asterisk had when it was compared last

    def feed(self, monitoring_id: UUID, event: ev.MonitorEvent) -> None:
        """Apply an event to a monitoring; one that is over is not here any more."""
        post = self._posts.get(monitoring_id)
        if post is None:
            return
        moved = step(post.monitor, event)
        post.monitor = moved.monitor
        if moved.monitor.state is MonitorState.OVER:
            del self._posts[monitoring_id]
        for command in moved.commands:
            self._hands.execute(post, command)

    # --- the rows --------------------------------------------------------------------------

    def bring(self, rows: Sequence[FollowedMonitoring]) -> None:
        """Bring what supervisors wish to those who listen; called at each look at the database."""
        now = self._clock.now()
        for row in rows:
            post = self._posts.get(row.id)
            if post is None:
                self._begin(row, now)
            elif post.begun:
                self._wish(row, now)
        wanted = {row.id for row in rows}
        self._hands.ended &= wanted
        for monitoring_id in self._posts.keys() - wanted:
            self.feed(monitoring_id, ev.Left(now))
        for post in list(self._posts.values()):
            self._hands.keep_hearing(post)

    def _wish(self, row: FollowedMonitoring, now: datetime) -> None:
        self.feed(row.id, ev.ModeWished(now, row.mode))
        self.feed(row.id, ev.FollowWished(now, row.follow))
        if row.take_call_id is not None:
            self.feed(row.id, ev.TakeOverWished(now, row.take_call_id))

    def _begin(self, row: FollowedMonitoring, now: datetime) -> None:
        """Begin, or wait for the first reconciliation: a former owner's leg may be up."""
        if row.state is MonitorState.OVER or row.id in self._hands.ended:
            return
        taken = row.state is MonitorState.TAKEN
        if taken and row.call_id not in self._floor.calls:  # it ended while nobody owned it
            self._hands.store_end(row.id, CALL_ENDED)
            return
        state = MonitorState.TAKEN if taken else MonitorState.CALLING
        call_id = row.call_id if taken else self._talk_of(row.session_id)
        monitor = Monitor(row.id, row.mode, row.follow, state, call_id)
        post = self._posts[row.id] = Post(monitor, row.session_id, row.endpoint)
        if self._live is not None:
            self._adopt(post, self._live, now)

    def _talk_of(self, session_id: UUID) -> UUID | None:
        desk = self._floor.desks.get(session_id)
        talks = desk is not None and desk.agent.state is AgentState.ON_CALL
        return desk.agent.call_id if desk is not None and talks else None

    # --- what Asterisk has -----------------------------------------------------------------

    def before(self) -> frozenset[UUID]:
        """Note which legs were up when Asterisk was asked."""
        return frozenset(
            post.leg_id
            for post in self._posts.values()
            if post.leg_id is not None and post.monitor.state not in _NOT_THERE
        )

    def reconcile(self, live: Live, before: frozenset[UUID]) -> None:
        """Compare with what Asterisk has: adopt a former owner's legs, end what nobody wishes."""
        now = self._clock.now()
        self._live = live
        for post in list(self._posts.values()):
            if not post.begun:
                self._adopt(post, live, now)
        there = {channel.id: leg for leg, channel in live.channels}
        for post in list(self._posts.values()):
            gone = post.leg_id in before and names.party_channel(post.leg_id) not in there
            if post.leg_id is not None and gone:
                self.feed(post.monitor.id, ev.LegLost(now))
        self._hands.end_strangers(live, self._posts)

    def _adopt(self, post: Post, live: Live, now: datetime) -> None:
        """Go on where the former owner was: with the leg that is up, else with a new one."""
        post.begun = True
        monitor = post.monitor
        if monitor.state is MonitorState.TAKEN:
            call = self._floor.calls.get(monitor.call_id) if monitor.call_id else None
            post.leg_id = call.talk.party_id if call is not None else None
            return
        legs = [
            channel.id
            for leg, channel in live.channels
            if leg.role is Role.SUPERVISOR and leg.id == monitor.id and channel.state == "Up"
        ]
        bridge = live.monitors.get(monitor.id)
        post.call_of(self._talk_of(post.session_id))
        if not legs or bridge is None or legs[0] not in bridge.channels:
            self.feed(monitor.id, ev.Begun(now))
            return
        post.leg_id = names.party_of(legs[0])
        post.bridge_id = bridge.id
        self._hands.forget_listeners(bridge)
        self.feed(monitor.id, ev.LegUp(now))

    # --- what happens ----------------------------------------------------------------------

    def hear(self, heard: SupervisorLeg | CallHeard) -> None:
        """Apply what Asterisk told of a supervisor's leg."""
        if isinstance(heard, CallHeard):
            event = heard.event
            if isinstance(event, te.PartyEnded) and event.party_id is not None:
                self._leg_gone(event.party_id, event.at)
            return
        post, leg_id = self._posts.get(heard.monitoring_id), names.party_of(heard.channel_id)
        if post is None or leg_id is None or post.leg_id != leg_id:
            return
        if heard.up:
            self._hands.seat(post, leg_id)
        else:
            self._leg_gone(leg_id, heard.at)

    def _leg_gone(self, leg_id: UUID, at: datetime) -> None:
        for post in list(self._posts.values()):
            if post.leg_id == leg_id:
                self.feed(post.monitor.id, ev.LegLost(at))

    def agent_changed(self, desk: Desk) -> None:
        """Follow an agent from talk to talk."""
        agent, now = desk.agent, self._clock.now()
        for post in list(self._posts.values()):
            if post.session_id != agent.id:
                continue
            if agent.state is AgentState.ON_CALL and agent.call_id is not None:
                self.feed(post.monitor.id, ev.TalkBegan(now, agent.call_id))
            else:
                self.feed(post.monitor.id, ev.TalkEnded(now))

    def call_over(self, call: Call) -> None:
        """Note that a call is over."""
        for monitoring_id in list(self._posts):
            self.feed(monitoring_id, ev.CallOver(self._clock.now(), call.id))

    def taken(self, leg_id: UUID, *, done: bool) -> None:
        """Note what became of a wish to take a call over."""
        for post in list(self._posts.values()):
            if post.leg_id == leg_id:
                if not done:
                    self._hands.stay_supervisor(post)
                self.feed(post.monitor.id, ev.Taken(self._clock.now(), done))

    def came(self, facts: dict[str, object]) -> None:
        """Call a telephone at once whose page has registered and holds no leg."""
        try:
            monitoring_id = UUID(str(facts.get("monitoring_id")))
        except ValueError:
            log.warning("monitors.message_not_understood")
            return
        post = self._posts.get(monitoring_id)
        if post is None or not post.begun:
            return
        now = self._clock.now()
        if post.monitor.state is not MonitorState.CALLING:
            self.feed(monitoring_id, ev.LegLost(now))
        self.feed(monitoring_id, ev.LegRetryDue(now))
