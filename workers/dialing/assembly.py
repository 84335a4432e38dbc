"""The parts of a campaign runner, put together; and the owner's first look at what was saved."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from campaigns.commands import CommandName
from campaigns.leads.originate import Owner
from campaigns.pacing.law import pacing_policy
from campaigns.settings import CampaignSettings
from dialer.ari import names
from dialer.ari.connection import AriConnection
from dialer.ari.gateway import Gateway
from dialer.ari.messages import ApplicationReplaced, AriEvent
from dialer.ari.translate import Translator
from dialer.call.states import Call
from dialer.clock import Clock
from dialer.db import SessionFactory
from dialer.jobs import JobName
from dialer.pacing.breaker import Breaker
from workers.dialing import saved
from workers.dialing.agent_hands import AgentHands
from workers.dialing.away import DATABASE_AWAY, is_passing
from workers.dialing.call_hands import CallHands
from workers.dialing.deps import DialingDeps
from workers.dialing.drawing import Drawing
from workers.dialing.floor import Desk, Floor
from workers.dialing.inbox import Inbox
from workers.dialing.monitors import Monitors
from workers.dialing.notices import Notices
from workers.dialing.originator import Originator
from workers.dialing.pacer import Pacer
from workers.dialing.preview_book import PreviewBook
from workers.dialing.reconcile import Reconciler
from workers.dialing.saved import CampaignPlan
from workers.dialing.sending import Sending
from workers.dialing.talk_hands import TalkHands
from workers.dialing.trunk import TrunkLine, store_pause
from workers.dialing.writer import Writer

log = structlog.get_logger()


@dataclass(slots=True)
class Voice:
    """What the parts tell the runner; set by the runner before anything runs."""

    spawn: Callable[[Coroutine[Any, Any, None]], None]
    on_event: Callable[[AriEvent], None]
    on_connected: Callable[[], None]
    on_lost: Callable[[], None]
    on_changed: Callable[[], None]
    on_message: Callable[[CommandName, dict[str, Any]], None]


@dataclass(slots=True)
class Assembly:
    """All parts of one runner."""

    deps: DialingDeps
    plan: CampaignPlan
    owner: Owner
    voice: Voice
    learned: Mapping[str, Any] | None = None  #: by pacing, under earlier owners
    recorded: set[UUID] = field(default_factory=set)
    trunk: TrunkLine = field(init=False)
    floor: Floor = field(init=False)
    call_hands: CallHands = field(init=False)
    agent_hands: AgentHands = field(init=False)
    translator: Translator = field(init=False)
    connection: AriConnection = field(init=False)
    gateway: Gateway = field(init=False)
    writer: Writer = field(init=False)
    drawing: Drawing = field(init=False)
    originator: Originator = field(init=False)
    pacer: Pacer = field(init=False)
    reconciler: Reconciler = field(init=False)
    notices: Notices = field(init=False)
    inbox: Inbox = field(init=False)
    previews: PreviewBook = field(init=False)
    monitors: Monitors = field(init=False)

    def __post_init__(self) -> None:
        """Build the parts from the outside in: Asterisk, storing, the floor, dialling."""
        self._build_asterisk()
        self._build_storing()
        self._build_floor()
        self._build_dialling()

    @property
    def clock(self) -> Clock:
        """Return the process's clock."""
        return self.deps.clock

    @property
    def sessions(self) -> SessionFactory:
        """Return the process's session factory."""
        return self.deps.sessions

    @property
    def redis(self) -> Redis:
        """Return the process's Redis."""
        return self.deps.redis

    def use(self, plan: CampaignPlan) -> None:
        """Take changed settings over; calls under way keep the old ones."""
        self.plan = plan
        self.originator.settings = plan.settings
        self.originator.callers = plan.callers
        self.drawing.use(plan.settings)
        self.call_hands.settings = plan.settings
        if not self.is_outdated():
            self.trunk.limit(plan.trunk.max_channels, plan.trunk.calls_per_s)
            self.trunk.rest(plan.trunk.paused_until, plan.trunk.paused_reason)

    def is_outdated(self) -> bool:
        """Tell whether calls would go another way now: then the campaign needs a new runner."""
        trunk, line = self.plan.trunk, self.trunk
        now = (trunk.id, trunk.endpoint, trunk.simulated, self.plan.settings.subject)
        return now != (line.id, line.endpoint, line.simulated, self.owner.subject)

    def _build_asterisk(self) -> None:
        campaign_id, voice = self.owner.campaign_id, self.voice
        self.translator = Translator(self.clock.now)
        self.connection = AriConnection(
            self.deps.ari,
            names.application(campaign_id),
            on_event=voice.on_event,
            on_connected=voice.on_connected,
            on_lost=voice.on_lost,
            may_connect=self._still_owner,
        )
        self.gateway = Gateway(self.connection, campaign_id)

    async def _still_owner(self) -> bool:
        """Ask the database whether we own the campaign: only then may we take Asterisk's events.

        A worker that was cut off must not take the application from its successor.
        """
        try:
            async with self.sessions() as session:
                fence = await saved.load_fence(session, self.owner.campaign_id)
        except DATABASE_AWAY as error:
            if not is_passing(error):
                raise
            log.warning("ari.owner_unknown", error=type(error).__name__)
            return False
        if fence != self.owner.fence:
            self.voice.on_event(ApplicationReplaced())
            return False
        return True

    def _build_storing(self) -> None:
        def plan() -> tuple[CampaignSettings, dict[str, int | None]]:
            return self.plan.settings, self.plan.retry_after_s

        campaign_id, on_stored = self.owner.campaign_id, self._on_stored
        self.writer = Writer(self.sessions, self.clock, campaign_id, plan=plan, on_stored=on_stored)
        self.notices = Notices(self.redis, self.owner.campaign_id)
        self.inbox = Inbox(self.redis, self.owner.campaign_id, on_message=self.voice.on_message)

    def _build_floor(self) -> None:
        spawn, gateway = self.voice.spawn, self.gateway
        self.previews = PreviewBook(self)
        self.floor = Floor(self.clock, self.voice.on_changed)
        self.call_hands = self.floor.call_hands = CallHands(
            floor=self.floor,
            gateway=gateway,
            writer=self.writer,
            spawn=spawn,
            on_ended=self._on_ended,
            settings=self.plan.settings,
            talk=TalkHands(self),
        )
        self.call_hands.analysis.on_audit = self.notices.ask_machine
        self.agent_hands = self.floor.agent_hands = AgentHands(
            floor=self.floor,
            gateway=gateway,
            writer=self.writer,
            spawn=spawn,
            on_agent=self._on_agent,
            on_left=self.previews.left,
        )
        self.reconciler = Reconciler(
            self.floor, gateway, spawn, partial(saved.still_open, self.sessions)
        )
        self.monitors = Monitors(self)
        policy = pacing_policy(self.plan.settings, ())
        self.pacer = self.floor.witness = Pacer(self.floor, self.clock, policy, self.learned)

    def _build_dialling(self) -> None:
        trunk = self.plan.trunk
        self.drawing = Drawing(
            self.owner.campaign_id,
            self.owner.client_id,
            self.deps.law,
            self.deps.shelf,
            self.plan.settings,
            trunk.simulated,
        )
        self.trunk = TrunkLine(
            id=trunk.id,
            name=trunk.name,
            endpoint=trunk.endpoint,
            max_channels=trunk.max_channels,
            calls_per_s=trunk.calls_per_s,
            simulated=trunk.simulated,
            on_pause=self._on_trunk_pause,
            now=self.clock.now,
            breaker=Breaker(self.deps.breaker),
        )
        self.originator = Originator(
            owner=self.owner,
            callers=self.plan.callers,
            settings=self.plan.settings,
            drawing=self.drawing,
            trunk=self.trunk,
            floor=self.floor,
            sending=Sending(self.floor, self.gateway, self.clock, self.voice.spawn),
            sessions=self.sessions,
            clock=self.clock,
            recordings_dir=PurePosixPath(self.deps.settings.asterisk_recordings_dir),
            pacer=self.pacer,
            shown=self.previews.leads,
        )

    def _on_agent(self, desk: Desk) -> None:
        self.notices.agent_changed(desk)
        self.monitors.agent_changed(desk)

    def _on_ended(self, call: Call) -> None:
        self.monitors.call_over(call)
        assert call.outcome is not None  # noqa: S101 - only ended calls come here
        self.trunk.ended(call.outcome)
        if call.recording:
            self.recorded.add(call.id)

    def _on_stored(self, stored: set[UUID]) -> None:
        for attempt_id in stored & self.recorded:
            self.recorded.discard(attempt_id)
            self.voice.spawn(self._finish_recording(attempt_id))

    async def _finish_recording(self, attempt_id: UUID) -> None:
        try:
            await self.deps.jobs.enqueue(JobName.FINISH_RECORDING, attempt_id=str(attempt_id))
        except (RedisError, OSError) as error:  # the background worker's sweep finds it
            log.warning("recording.not_enqueued", error=type(error).__name__)

    def _on_trunk_pause(self, reason: str | None, until: datetime | None) -> None:
        self.voice.spawn(store_pause(self.sessions, self.trunk.id, reason, until))
