"""What listening asks for, done: legs, bridges and snoops, and what is stored of it.

Orders about one supervisor are done one after the other. Asterisk is brought to what is wished last: a
talk may be over before the snoop of it is there.
"""

from asyncio import Lock
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from campaigns.supervising.followed import MonitoringEnded, MonitoringMoved, MonitoringNoted
from dialer.ari import names
from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.live import Live
from dialer.ari.messages import Bridge
from dialer.ari.monitor_gateway import MonitorGateway
from dialer.ari.names import Role
from dialer.call import monitor_commands as do
from dialer.call import monitor_events as ev
from dialer.call import talk_events as te
from dialer.call.monitors import Monitor, MonitorState
from dialer.ids import new_id
from workers.dialing.timers import TimerKind

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

log = structlog.get_logger()

_AWAY = (AriRefused, AriUnavailable)
#: A bridge that is younger than the list of all may seem to be nobody's: only those seen twice are.
_SEEN_TWICE = 2


@dataclass(slots=True)
class Post:
    """A supervisor's place: the machine's value and what Asterisk has for it."""

    monitor: Monitor
    session_id: UUID
    endpoint: str
    begun: bool = False  #: a former owner's leg was looked for
    leg_id: UUID | None = None
    bridge_id: str | None = None
    listener: str | None = None  #: the snoop of the agent's leg
    heard: tuple[str, ev.Mode] | None = None  #: the agent's leg it listens to, and how
    turn: Lock = field(default_factory=Lock)

    def call_of(self, call_id: UUID | None) -> None:
        """Note the agent's talk, as it is when the listening begins."""
        if self.monitor.state is MonitorState.CALLING:
            self.monitor = replace(self.monitor, call_id=call_id)


class MonitorHands:
    """Hands of those who listen to one campaign's agents."""

    def __init__(self, parts: "Assembly", feed: Callable[[UUID, ev.MonitorEvent], None]) -> None:
        """Work with ``parts``; ``feed`` takes what comes of it."""
        self._floor, self._writer, self._clock = parts.floor, parts.writer, parts.clock
        self._spawn, self._feed = parts.voice.spawn, feed
        self._gateway = MonitorGateway(parts.connection, parts.gateway, parts.owner.campaign_id)
        self._strange: dict[str, int] = {}  #: bridges and legs of nobody, how often seen
        self.ended: set[UUID] = set()  #: here, and perhaps not stored yet

    def execute(self, post: Post, command: do.MonitorCommand) -> None:
        """Execute one command."""
        monitor, now = post.monitor, self._clock.now()
        match command:
            case do.DialLeg():
                self._dial(post)
            case do.RetryLegAfter(after_s):
                self._later(monitor.id, TimerKind.LEG_RETRY, after_s, ev.LegRetryDue)
            case do.GiveUpLegAfter(after_s):
                self._later(monitor.id, TimerKind.LEG_LIMIT, after_s, ev.LegGivenUp)
            case do.StopLegTimers():
                self._floor.timers.stop_of(monitor.id)
            case do.Attach() | do.Detach():
                self._spawn(self._hear(post))
            case do.TakeOver(call_id):
                self._spawn(self._take_over(post, call_id))
            case do.DropLeg():
                self._spawn(self._drop(post, post.leg_id))
            case do.StoreState():
                self._writer.add(MonitoringMoved(monitor.id, monitor.state, monitor.call_id))
            case do.Note(action, call_id):
                noted = MonitoringNoted(monitor.id, action, call_id, monitor.mode, now)
                self._writer.add(noted)
            case do.StoreEnd(reason):
                self.store_end(monitor.id, reason)

    def store_end(self, monitoring_id: UUID, reason: str) -> None:
        """Store that a monitoring ended by itself."""
        self.ended.add(monitoring_id)
        self._writer.add(MonitoringEnded(monitoring_id, reason, self._clock.now()))

    def _later(
        self,
        monitoring_id: UUID,
        kind: TimerKind,
        after_s: float,
        event: type[ev.LegRetryDue | ev.LegGivenUp],
    ) -> None:
        def due() -> None:
            self._feed(monitoring_id, event(self._clock.now()))

        self._floor.timers.start(monitoring_id, kind, after_s, due)

    # --- the supervisor's leg --------------------------------------------------------------

    def _dial(self, post: Post) -> None:
        self._floor.timers.stop(post.monitor.id, TimerKind.LEG_RETRY)
        if post.leg_id is not None:
            self._spawn(self._end(names.party_channel(post.leg_id)))
        post.leg_id = new_id()
        self._spawn(self._call(post, post.leg_id))

    async def _call(self, post: Post, leg_id: UUID) -> None:
        try:
            await self._gateway.dial(post.monitor.id, post.endpoint, leg_id)
        except _AWAY as error:
            log.info("monitor.not_reached", error=error.code)
            if post.leg_id == leg_id:
                post.leg_id = None
                self._feed(post.monitor.id, ev.LegLost(self._clock.now()))
        if post.monitor.state is MonitorState.OVER:  # left while it was called
            await self._end(names.party_channel(leg_id))

    def seat(self, post: Post, leg_id: UUID) -> None:
        """Put an answered leg into its bridge; then ``LegUp``, or ``LegLost`` in the end."""
        self._spawn(self._seat(post, leg_id))

    async def _seat(self, post: Post, leg_id: UUID) -> None:
        async with post.turn:
            try:
                if post.bridge_id is None:
                    post.bridge_id = await self._gateway.make_bridge(post.monitor.id)
                await self._gateway.seat(post.bridge_id, leg_id)
            except _AWAY as error:
                log.warning("monitor.not_seated", error=error.code)
                post.bridge_id = None
                await self._end(names.party_channel(leg_id))
                return
        if post.leg_id == leg_id:
            self._feed(post.monitor.id, ev.LegUp(self._clock.now()))

    async def _drop(self, post: Post, leg_id: UUID | None) -> None:
        async with post.turn:
            listener, bridge_id = post.listener, post.bridge_id
            post.listener = post.heard = post.bridge_id = None
            if listener is not None:
                await self._end(listener)
            if leg_id is not None:
                await self._end(names.party_channel(leg_id))
            if bridge_id is not None:
                try:
                    await self._gateway.drop_bridge(bridge_id)
                except _AWAY as error:  # reconciliation finds it
                    log.info("monitor.bridge_not_dropped", error=error.code)

    async def _end(self, channel_id: str) -> None:
        try:
            await self._gateway.end(channel_id)
        except _AWAY as error:  # reconciliation finds it
            log.info("monitor.leg_not_ended", error=error.code)

    # --- hearing ---------------------------------------------------------------------------

    def _wished(self, post: Post) -> tuple[str, ev.Mode] | None:
        """Return what is to be heard now: the agent's leg, and how."""
        desk = self._floor.desks.get(post.session_id)
        if post.monitor.state is not MonitorState.HEARING or desk is None:
            return None
        return (desk.channel_id, post.monitor.mode) if desk.channel_id is not None else None

    def keep_hearing(self, post: Post) -> None:
        """Listen to the agent's new leg, should it have come back while the talk went on."""
        wished = self._wished(post)
        if wished is not None and wished != post.heard and not post.turn.locked():
            self._spawn(self._hear(post))

    async def _hear(self, post: Post) -> None:
        """Bring Asterisk to what is wished now: first the new snoop, then the former one goes."""
        async with post.turn:
            wished, former = self._wished(post), post.listener
            if wished == post.heard:
                return
            post.listener = post.heard = None
            if wished is not None and post.bridge_id is not None and post.leg_id is not None:
                try:
                    await self._gateway.seat(post.bridge_id, post.leg_id)
                    post.listener = await self._gateway.listen(post.bridge_id, *wished)
                    post.heard = wished
                except _AWAY as error:  # the next look tries again
                    log.info("monitor.not_listening", error=error.code)
            if former is not None:
                await self._end(former)

    # --- taking over -----------------------------------------------------------------------

    async def _take_over(self, post: Post, call_id: UUID) -> None:
        """Make the supervisor's leg a party of the call, then ask the call for its customer."""
        leg_id = post.leg_id
        async with post.turn:
            try:
                if leg_id is not None:
                    await self._gateway.become_party(leg_id, call_id)
            except _AWAY as error:
                log.warning("monitor.not_taking", error=error.code)
                leg_id = None
        now = self._clock.now()
        if leg_id is None or call_id not in self._floor.calls:
            self._feed(post.monitor.id, ev.Taken(now, done=False))
            return
        self._floor.feed_call(call_id, te.TakeOverRequested(now, leg_id))

    def stay_supervisor(self, post: Post) -> None:
        """Undo what the take-over began: the leg listens again."""
        if post.leg_id is not None:
            self._spawn(self._stay(post, post.leg_id))

    async def _stay(self, post: Post, leg_id: UUID) -> None:
        async with post.turn:
            try:
                await self._gateway.become_supervisor(leg_id, post.monitor.id)
            except _AWAY as error:  # its end will be told
                log.info("monitor.leg_gone", error=error.code)

    # --- what nobody wishes ----------------------------------------------------------------

    def forget_listeners(self, bridge: Bridge) -> None:
        """End the snoops of a former owner: nobody knows how they listen."""
        self._spawn(self._end_all([one for one in bridge.channels if names.is_listener(one)]))

    def end_strangers(self, live: Live, posts: Mapping[UUID, Post]) -> None:
        """Remove bridges and legs of supervisors who have left, once they were seen twice."""
        legs = {names.party_channel(post.leg_id) for post in posts.values() if post.leg_id}
        strange = {
            channel.id
            for leg, channel in live.channels
            if leg.role is Role.SUPERVISOR and channel.id not in legs
        }
        bridges = {one.id: one for key, one in live.monitors.items() if key not in posts}
        seen = {*strange, *bridges}
        self._strange = {one: self._strange.get(one, 0) + 1 for one in seen}
        for one, count in self._strange.items():
            if count < _SEEN_TWICE:
                continue
            bridge = bridges.get(one)
            self._spawn(self._drop_strange(bridge) if bridge is not None else self._end(one))

    async def _drop_strange(self, bridge: Bridge) -> None:
        try:
            await self._gateway.drop(bridge)
        except _AWAY as error:
            log.info("monitor.bridge_not_dropped", error=error.code)

    async def _end_all(self, channel_ids: Collection[str]) -> None:
        for channel_id in channel_ids:
            await self._end(channel_id)
