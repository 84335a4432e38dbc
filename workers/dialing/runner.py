"""The campaign runner: one asyncio task that owns one campaign's calls, agents and pacing.

Its loops: Asterisk's events, the dialling, what the database says (each second or when told), the
lease, the writer, the notices, the inbox. Any of them failing unexpectedly ends the runner; the
supervisor then lets the campaign be adopted again, and reconciliation mends the rest.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from campaigns.commands import CommandName
from campaigns.states import WithdrawnFor
from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.messages import AriEvent
from dialer.ari.translate import CallHeard, SupervisorLeg
from dialer.ari.translate import OwnershipLost as ApplicationLost
from workers.dialing import board, metrics, phones, wishes
from workers.dialing.assembling import assemble
from workers.dialing.assembly import Assembly, Voice
from workers.dialing.away import DATABASE_AWAY
from workers.dialing.blending import Blender
from workers.dialing.deps import DialingDeps
from workers.dialing.dialling import DialLoop, Readiness
from workers.dialing.lease import Lease
from workers.dialing.leg_watch import LegWatch
from workers.dialing.pacing_record import PacingRecord
from workers.dialing.watch import Watch

log = structlog.get_logger()

#: Asterisk's list of legs is compared with ours this often, and after a failure this soon again.
RECONCILE_EVERY_S = 10.0
RECONCILE_AGAIN_S = 1.0
BOARD_EVERY_S = 0.5
NO_CALLS_LOOK_S = 0.1
STORE_THE_REST_S = 30.0


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
        self._watch: Watch
        self._blender: Blender
        self._dialling: DialLoop
        self._record: PacingRecord
        self._ready = Readiness()
        self._stop = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._started: set[asyncio.Task[None]] = set()

    @property
    def campaign_id(self) -> UUID:
        """Return the campaign this runner owns."""
        return self._lease.campaign_id

    async def without_calls(self) -> None:
        """Wait until no call is live."""
        while self._group is not None and self._parts.floor.calls:  # noqa: ASYNC110 - once in its life
            await asyncio.sleep(NO_CALLS_LOOK_S)

    def drain(self) -> None:
        """Place no more calls."""
        self._ready.draining = True

    def hand_over(self) -> None:
        """End now and leave everything live to the next owner."""
        self._stop.set()

    def look(self) -> None:
        """Read the database soon: something changed."""
        self._ready.look.set()

    async def run(self) -> EndReason:
        """Run until the end and return why it ended."""
        parts = self._parts = await assemble(self._deps, self.campaign_id, self._voice())
        self._ready.state = parts.plan.campaign.state
        self._dialling = DialLoop(parts, self._ready)
        self._record = PacingRecord(parts)
        self._watch = Watch(
            parts,
            self._ready,
            on_lost=self._lose_ownership,
            on_over=self._close_down,
            on_outdated=self.hand_over,
        )
        self._blender = Blender(parts, self._ready, self._dialling, self._watch)
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
            self._group = None
            # However the runner ended: what it saw happen is stored.
            with suppress(*DATABASE_AWAY):
                async with asyncio.timeout(STORE_THE_REST_S):
                    await parts.writer.store_the_rest()
                    await self._record.store_the_rest()
        log.info("campaign.released", campaign_id=str(self.campaign_id), reason=reason.value)
        return reason

    def _voice(self) -> Voice:
        return Voice(
            spawn=self._spawn,
            on_event=self._on_event,
            on_connected=lambda: self._spawn(self._reconcile()),
            on_lost=self._on_lost,
            on_changed=self._on_changed,
            on_message=self._on_message,
        )

    def _loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        parts = self._parts
        return (
            parts.connection.run(),
            parts.writer.run(),
            parts.notices.run(),
            parts.inbox.run(),
            self._dialling.run(),
            self._watch.run(),
            self._blender.run(),
            self._reconcile_for_ever(),
            self._hold_the_lease(),
            self._record.run(),
            LegWatch(parts).run(),
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

    def _on_changed(self) -> None:
        self._ready.wake.set()
        self._blender.changed()

    # --- Asterisk --------------------------------------------------------------------------

    def _on_event(self, event: AriEvent) -> None:
        heard = self._parts.translator.translate(event)
        if isinstance(heard, ApplicationLost):
            self._spawn(self._lose_ownership())
        elif isinstance(heard, SupervisorLeg):
            self._parts.monitors.hear(heard)
        elif heard is not None:
            self._parts.floor.hear(heard)
            if isinstance(heard, CallHeard):
                self._parts.monitors.hear(heard)

    def _on_lost(self) -> None:
        self._ready.reconciled = False

    async def _reconcile(self) -> None:
        parts = self._parts
        try:
            await parts.gateway.prepare()
            before = parts.reconciler.before(parts.originator.sending.under_way)
            listening = parts.monitors.before()
            live = await parts.gateway.live()
        except (AriRefused, AriUnavailable) as error:
            log.warning("floor.not_reconciled", error=error.code)
            return
        parts.reconciler.apply(live, before, after_gap=not self._ready.reconciled)
        parts.monitors.reconcile(live, listening)
        self._ready.reconciled = True
        self._ready.wake.set()

    async def _reconcile_for_ever(self) -> None:
        while True:
            again = not self._ready.reconciled
            await asyncio.sleep(RECONCILE_AGAIN_S if again else RECONCILE_EVERY_S)
            if self._parts.connection.is_up:
                await self._reconcile()

    # --- ownership -------------------------------------------------------------------------

    async def _hold_the_lease(self) -> None:
        while True:
            await asyncio.sleep(self._lease.lasts_s / 4)
            try:
                held = await self._lease.renew(self._parts.redis)
            except (RedisError, OSError) as error:
                # The fence in PostgreSQL still guards every attempt; a rival ends us by it.
                log.warning("lease.not_renewed", error=type(error).__name__)
                continue
            if not held:
                await self._lose_ownership()

    async def _wait_for_hand_over(self) -> None:
        await self._stop.wait()
        await self._dialling.settle()
        with suppress(*DATABASE_AWAY):
            await self._parts.originator.give_back()
        await self._end(EndReason.HANDED_OVER)

    async def _close_down(self) -> None:
        """Sign everybody out: the campaign is over and nothing of it is live."""
        await self._dialling.settle()
        if self._parts.floor.calls:  # a turn of the dialling was still under way
            return
        await self._parts.originator.give_back()
        self._parts.previews.withdraw_all(WithdrawnFor.CAMPAIGN_NOT_RUNNING)
        await self._blender.disperse()
        self._watch.staff.sign_everybody_out()
        if self._started:  # the legs' ends are on their way to Asterisk
            await asyncio.wait(self._started, timeout=5)
        await self._end(EndReason.CAMPAIGN_OVER)

    async def _lose_ownership(self) -> None:
        """Touch nothing any more: calls and agents are another owner's."""
        parts = self._parts
        self._ready.draining = True
        parts.connection.retire()
        parts.floor.timers.stop_all()
        parts.writer.forget_agents()
        await self._end(EndReason.OWNERSHIP_LOST)

    async def _end(self, reason: EndReason) -> None:
        """End the runner once what is known is stored."""
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._parts.writer.flushed()
        raise _End(reason)

    # --- messages and figures --------------------------------------------------------------

    def _on_message(self, name: CommandName, facts: dict[str, Any]) -> None:
        match name:
            case CommandName.REFRESH | CommandName.AGENTS_CHANGED | CommandName.PREVIEW_DECIDED:
                self._ready.look.set()
            case CommandName.DISPOSED:
                self._watch.staff.disposed(facts)
                self._ready.look.set()
            case CommandName.PHONE_CAME:
                phones.came(self._parts.floor, facts)
            case CommandName.SUPERVISOR_CAME:
                self._parts.monitors.came(facts)
            case CommandName.HANG_UP:
                self._watch.staff.hang_up(facts)
            case CommandName.TALK:
                wishes.bring(self._parts, facts)
            case CommandName.CANCEL_CALL:
                self._spawn(self._watch.staff.cancel(facts))

    async def _show_the_board(self) -> None:
        while True:
            await asyncio.sleep(BOARD_EVERY_S)
            parts = self._parts
            facts = self._watch.circumstances()
            figures = board.figures(parts.floor, parts.originator, parts.clock.now(), facts)
            parts.notices.board(figures)
            metrics.LIVE_CALLS.labels(str(self.campaign_id)).set(len(parts.floor.calls))
