"""What the database says of a campaign, looked at each second or when told, and what follows from it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from campaigns.states import CampaignState
from workers.dialing import board
from workers.dialing.away import DATABASE_AWAY, is_passing
from workers.dialing.dialling import LOOK_EVERY_S, Readiness
from workers.dialing.staff import Staff

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

log = structlog.get_logger()

#: Leads whose talk nobody has in hand are looked for this often, when everything else is stored.
TIDY_EVERY_S = 5.0

_OVER = (CampaignState.FINISHED, CampaignState.STOPPED)


class Watch:
    """One campaign's eye on the database."""

    def __init__(
        self,
        parts: "Assembly",
        ready: Readiness,
        *,
        on_lost: Callable[[], Awaitable[None]],
        on_over: Callable[[], Awaitable[None]],
        on_outdated: Callable[[], None],
    ) -> None:
        """Tell what was seen.

        ``on_lost``: another worker owns the campaign; ``on_over``: nothing of it is left to do;
        ``on_outdated``: its trunk or caller ID is another now, which needs a new runner.
        """
        self.staff = Staff(parts)
        self._parts = parts
        self._ready = ready
        self._on_lost = on_lost
        self._on_over = on_over
        self._on_outdated = on_outdated
        self._has_open_leads: bool | None = None
        self._lists_rest = self._agents_elsewhere = False
        self._next_due_at: datetime | None = None
        self._tidied_s = monotonic()

    async def run(self) -> None:
        """Look for ever."""
        ready = self._ready
        while True:
            ready.look.clear()
            try:
                await self._look_once()
            except DATABASE_AWAY as error:
                if not is_passing(error):
                    raise
                log.warning("campaign.database_away", error=type(error).__name__)
                ready.database_failing = True
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await ready.look.wait()

    @property
    def has_looked(self) -> bool:
        """Tell whether the database was read once."""
        return self._has_open_leads is not None

    def is_due(self) -> bool:
        """Tell whether a lead was due, and its place open, when the database was read last."""
        return self._next_due_at is not None and self._next_due_at <= self._parts.clock.now()

    def is_due_within(self, seconds: float) -> bool:
        """Tell whether the next lead is due soon, but not yet."""
        now = self._parts.clock.now()
        return self._next_due_at is not None and now < self._next_due_at <= now + timedelta(
            seconds=seconds
        )

    def circumstances(self) -> board.Circumstances:
        """Return what the board needs to say why no call is placed."""
        parts, ready = self._parts, self._ready
        return board.Circumstances(
            state=ready.state,
            asterisk_up=parts.connection.is_up,
            database_failing=ready.database_failing or parts.writer.is_failing,
            draining=ready.draining,
            selection_due=parts.drawing.selection_due,
            has_open_leads=self._has_open_leads,
            lists_rest=self._lists_rest,
            next_due_at=self._next_due_at,
            agents_dial=parts.plan.settings.agents_dial(),
            agents_elsewhere=self._agents_elsewhere,
            amd_off=parts.plan.amd_off,
        )

    async def _look_once(self) -> None:
        parts, ready = self._parts, self._ready
        seen = await self.staff.look()
        ready.database_failing = False
        if not ready.looked:
            ready.looked = True
            ready.wake.set()
        if seen.fence != parts.owner.fence:
            await self._on_lost()
        if parts.is_outdated():
            log.info("campaign.way_out_changed")
            ready.draining = True
            self._on_outdated()
        if seen.state is not ready.state:
            log.info("campaign.state_seen", state=seen.state.value)
            ready.state = seen.state
            ready.wake.set()
        self._has_open_leads, self._next_due_at = seen.has_open_leads, seen.next_due_at
        self._lists_rest, self._agents_elsewhere = seen.lists_rest, seen.agents_elsewhere
        if seen.next_due_at is not None and seen.next_due_at <= parts.clock.now():
            ready.wake.set()
        if monotonic() - self._tidied_s > TIDY_EVERY_S and parts.writer.is_idle:
            await self.staff.close_forgotten_leads()
            self._tidied_s = monotonic()
        running = ready.state is CampaignState.RUNNING
        if running and self._is_finished() and await self.staff.finish_campaign():
            ready.state = CampaignState.FINISHED
        if ready.state in _OVER and not parts.floor.calls and self.staff.nobody_wraps_up():
            await self._on_over()

    def _is_finished(self) -> bool:
        parts = self._parts
        return (
            self._has_open_leads is False
            and not parts.drawing.selection_due
            and not parts.floor.calls
            and not parts.originator.ready
            and parts.writer.is_idle
            and self.staff.nobody_wraps_up()
        )
