"""The campaign runner: one asyncio task that owns one campaign's calls, agents and pacing.

Its loops: Asterisk's events, the dialling, what the database says (each second or when told), the
lease, the writer, the notices, the inbox. Any of them failing unexpectedly ends the runner; the
supervisor then lets the campaign be adopted again, and reconciliation mends the rest.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from campaigns.commands import CommandName
from campaigns.leads.originate import OwnershipLost
from campaigns.leads.results import EndedCall
from campaigns.states import CampaignState
from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.messages import AriEvent
from dialer.ari.translate import OwnershipLost as ApplicationLost
from dialer.call.states import CallOutcome
from dialer.pacing.modes import PacingSnapshot, calls_to_place
from workers.dialing import board, metrics
from workers.dialing.assembly import Assembly, Voice, assemble
from workers.dialing.deps import DialingDeps
from workers.dialing.lease import Lease
from workers.dialing.staff import Staff

log = structlog.get_logger()

#: The database is asked at least this often, told or not.
LOOK_EVERY_S = 1.0
#: Asterisk's list of legs is compared with ours this often.
RECONCILE_EVERY_S = 10.0
BOARD_EVERY_S = 0.5
#: After a refill that found nothing the next one waits this long, unless something is due before.
NO_LEAD_PAUSE_S = 0.5

DATABASE_AWAY = (OSError, DBAPIError, TimeoutError)


class EndReason(StrEnum):
    """Why a runner ended."""

    CAMPAIGN_OVER = "campaign_over"
    OWNERSHIP_LOST = "ownership_lost"
    HANDED_OVER = "handed_over"


class _End(Exception):
    """Raised inside the runner's task group to end it."""

    def __init__(self, reason: EndReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class CampaignRunner:
    """Owns one campaign until it is over, lost or handed over."""

    def __init__(self, deps: DialingDeps, lease: Lease) -> None:
        """Prepare to own the lease's campaign; ``run`` does the rest."""
        self._deps = deps
        self._lease = lease
        self._parts: Assembly
        self._staff: Staff
        self._state = CampaignState.PAUSED
        self._wake = asyncio.Event()
        self._look = asyncio.Event()
        self._stop = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._started: set[asyncio.Task[None]] = set()
        self._reconciled = False
        self._database_failing = False
        self._must_heal = True
        self._draining = False
        self._has_open_leads: bool | None = None
        self._next_due_at: datetime | None = None
        self._no_lead_until_s = 0.0

    @property
    def campaign_id(self) -> UUID:
        """Return the campaign this runner owns."""
        return self._lease.campaign_id

    @property
    def live_calls(self) -> int:
        """Return how many calls are live."""
        return len(self._parts.floor.calls) if self._group is not None else 0

    def drain(self) -> None:
        """Place no more calls."""
        self._draining = True

    def hand_over(self) -> None:
        """End now and leave everything live to the next owner."""
        self._stop.set()

    def look(self) -> None:
        """Read the database soon: something changed."""
        self._look.set()

    async def run(self) -> EndReason:
        """Run until the end and return why it ended."""
        parts = self._parts = await assemble(self._deps, self.campaign_id, self._voice())
        self._staff = Staff(parts)
        self._state = parts.plan.campaign.state
        reason = EndReason.OWNERSHIP_LOST
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for loop in self._loops():
                    group.create_task(loop)
        except* _End as ends:
            first = ends.exceptions[0]
            reason = first.reason if isinstance(first, _End) else reason
        finally:
            parts.floor.timers.stop_all()
        log.info("campaign.released", campaign_id=str(self.campaign_id), reason=reason.value)
        return reason

    def _voice(self) -> Voice:
        return Voice(
            spawn=self._spawn,
            on_event=self._on_event,
            on_connected=lambda: self._spawn(self._reconcile()),
            on_lost=self._on_lost,
            on_changed=self._wake.set,
            on_message=self._on_message,
        )

    def _loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        parts = self._parts
        return (
            parts.connection.run(),
            parts.writer.run(),
            parts.notices.run(),
            parts.inbox.run(),
            self._dial_for_ever(),
            self._look_for_ever(),
            self._reconcile_for_ever(),
            self._hold_the_lease(),
            self._show_the_board(),
            self._wait_for_hand_over(),
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._group is None:
            work.close()
            return
        try:
            task = self._group.create_task(work)
        except RuntimeError:  # the group is closing: reconciliation by the next owner mends it
            work.close()
            return
        self._started.add(task)
        task.add_done_callback(self._started.discard)

    # --- Asterisk --------------------------------------------------------------------------

    def _on_event(self, event: AriEvent) -> None:
        heard = self._parts.translator.translate(event)
        if isinstance(heard, ApplicationLost):
            self._spawn(self._end(EndReason.OWNERSHIP_LOST))
        elif heard is not None:
            self._parts.floor.hear(heard)

    def _on_lost(self) -> None:
        self._reconciled = False

    async def _reconcile(self) -> None:
        parts = self._parts
        try:
            await parts.gateway.prepare()
            live = await parts.gateway.live()
        except (AriRefused, AriUnavailable) as error:
            log.warning("floor.not_reconciled", error=error.code)
            return
        parts.reconciler.apply(live, under_way=parts.originator.under_way)
        self._reconciled = True
        self._wake.set()

    async def _reconcile_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RECONCILE_EVERY_S)
            if self._parts.connection.is_up:
                await self._reconcile()

    # --- dialling --------------------------------------------------------------------------

    async def _dial_for_ever(self) -> None:
        pause_s = 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(pause_s, 0.02)):
                    await self._wake.wait()
            self._wake.clear()
            try:
                pause_s = await self._dial_once()
            except OwnershipLost:
                # Paused or stopped this very moment looks the same as lost: the database tells.
                self._must_heal = True
                self._look.set()
                pause_s = LOOK_EVERY_S
            except DATABASE_AWAY as error:
                log.warning("dialling.database_away", error=type(error).__name__)
                self._database_failing = self._must_heal = True
                pause_s = LOOK_EVERY_S

    async def _dial_once(self) -> float:
        """Place what pacing wants and return how long to wait for the next wake-up, seconds."""
        if not self._may_dial():
            return LOOK_EVERY_S
        if self._must_heal:
            await self._heal()
        wanted = self._wanted()
        if wanted.unlimited <= 0 or monotonic() < self._no_lead_until_s:
            return LOOK_EVERY_S
        if wanted.now <= 0:
            return 0.05  # the trunk's rate gives room again in a moment
        self._parts.trunk.placed(wanted.now)
        placed = await self._parts.originator.place(wanted.now)
        if placed == 0 and not self._parts.originator.ready:
            self._no_lead_until_s = monotonic() + NO_LEAD_PAUSE_S
            self._look.set()
            return NO_LEAD_PAUSE_S
        return 0.02 if wanted.unlimited > placed else LOOK_EVERY_S

    def _may_dial(self) -> bool:
        return (
            self._state is CampaignState.RUNNING
            and not self._draining
            and self._reconciled
            and self._parts.connection.is_up
            and not self._parts.writer.is_failing
        )

    def _wanted(self) -> "_Wanted":
        floor, trunk = self._parts.floor, self._parts.trunk
        policy = self._parts.plan.settings.pacing_policy()
        snapshot = PacingSnapshot(
            agents_ready=sum(1 for _ in floor.ready_desks()),
            calls_in_flight=floor.in_flight(),
            free_channels=trunk.max_channels - len(floor.calls),
            calls_allowed=trunk.max_channels,
        )
        unlimited = calls_to_place(snapshot, policy)
        return _Wanted(unlimited, min(unlimited, trunk.calls_allowed()))

    async def _heal(self) -> None:
        now = self._parts.clock.now()
        for attempt_id in await self._parts.originator.heal():
            self._parts.writer.add(EndedCall(attempt_id, CallOutcome.NOT_SENT, now))
        self._must_heal = self._database_failing = False

    # --- what the database says ------------------------------------------------------------

    async def _look_for_ever(self) -> None:
        while True:
            self._look.clear()
            try:
                await self._look_once()
            except DATABASE_AWAY as error:
                log.warning("campaign.database_away", error=type(error).__name__)
                self._database_failing = True
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._look.wait()

    async def _look_once(self) -> None:
        seen = await self._staff.look()
        self._database_failing = False
        if seen.fence != self._parts.owner.fence:
            await self._end(EndReason.OWNERSHIP_LOST)
        if seen.state is not self._state:
            log.info("campaign.state_seen", state=seen.state.value)
            self._state = seen.state
            self._wake.set()
        self._has_open_leads, self._next_due_at = seen.has_open_leads, seen.next_due_at
        if self._is_due(seen.next_due_at):
            self._wake.set()
        running = self._state is CampaignState.RUNNING
        if running and self._is_finished() and await self._staff.finish_campaign():
            self._state = CampaignState.FINISHED
        if self._state in (CampaignState.FINISHED, CampaignState.STOPPED):
            await self._close_down()

    def _is_due(self, due_at: datetime | None) -> bool:
        return due_at is not None and due_at <= self._parts.clock.now()

    def _is_finished(self) -> bool:
        parts = self._parts
        return (
            self._has_open_leads is False
            and not parts.floor.calls
            and not parts.originator.ready
            and parts.writer.is_idle
            and self._staff.nobody_wraps_up()
        )

    async def _close_down(self) -> None:
        """The campaign is over: live calls end by themselves, then the agents are signed out."""
        if self._parts.floor.calls or not self._staff.nobody_wraps_up():
            return
        await self._parts.originator.give_back()
        self._staff.sign_everybody_out()
        if self._started:  # the legs' ends are on their way to Asterisk
            await asyncio.wait(self._started, timeout=5)
        await self._end(EndReason.CAMPAIGN_OVER)

    # --- ownership -------------------------------------------------------------------------

    async def _hold_the_lease(self) -> None:
        while True:
            await asyncio.sleep(self._lease.lasts_s / 4)
            try:
                held = await self._lease.renew(self._parts.redis)
            except RedisError as error:
                # The fence in PostgreSQL still guards every attempt; a rival ends us by it.
                log.warning("lease.not_renewed", error=type(error).__name__)
                continue
            if not held:
                await self._end(EndReason.OWNERSHIP_LOST)

    async def _wait_for_hand_over(self) -> None:
        await self._stop.wait()
        with suppress(*DATABASE_AWAY):
            await self._parts.originator.give_back()
        await self._end(EndReason.HANDED_OVER)

    async def _end(self, reason: EndReason) -> None:
        """End the runner once what is known is stored."""
        if reason is EndReason.OWNERSHIP_LOST:
            self._draining = True
            self._parts.writer.forget_agents()
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._parts.writer.flushed()
        raise _End(reason)

    # --- messages and figures --------------------------------------------------------------

    def _on_message(self, name: CommandName, facts: dict[str, Any]) -> None:
        match name:
            case CommandName.REFRESH | CommandName.AGENTS_CHANGED:
                self._look.set()
            case CommandName.DISPOSED:
                self._staff.disposed(facts)
                self._look.set()
            case CommandName.HANG_UP:
                self._staff.hang_up(facts)

    async def _show_the_board(self) -> None:
        while True:
            await asyncio.sleep(BOARD_EVERY_S)
            parts = self._parts
            facts = board.Circumstances(
                state=self._state,
                asterisk_up=parts.connection.is_up,
                database_failing=self._database_failing or parts.writer.is_failing,
                draining=self._draining,
                has_open_leads=self._has_open_leads,
                next_due_at=self._next_due_at,
            )
            parts.notices.board(
                board.figures(parts.floor, parts.originator, parts.clock.now(), facts)
            )
            metrics.LIVE_CALLS.labels(str(self.campaign_id)).set(len(parts.floor.calls))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How many calls pacing wants, and how many the trunk's rate allows of them now."""

    unlimited: int
    now: int
