"""The desks of one process: what each agent does now, looked at once for all, and told at once to each.

One listener hears the runners of all campaigns with desks here, and one look a second at the tables serves
every desk: a desk more costs no statement more. A page that shows a desk has a seat at it; two tabs are two
seats of one desk.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from time import monotonic
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.browsers import RECHECK_S, limits_of
from api.channels import listen
from api.deps import Services
from api.desk_seats import Desk, Seat
from campaigns.accounts import finding
from campaigns.commands import agents_channel
from campaigns.desk.codes import DeskCampaign, load_campaign
from campaigns.desk.figures import OwnFigures, load_figures
from campaigns.desk.looking import load_moments
from campaigns.desk.moments import Moment, after_look, after_notice, read_notice
from campaigns.tenancy.tokens import Identity
from dialer.db import transaction
from dialer.rows import Whose

log = structlog.get_logger()

#: The tables are looked at this often: they tell what a lost notice did not, and what another tab saved.
LOOK_S = 1.0

#: Own figures are counted this often.
FIGURES_S = 10.0

#: How long a campaign's settings and dispositions may be used again.
CAMPAIGN_LIVES_S = 2.0

_AWAY = (SQLAlchemyError, OSError)


class Desks:
    """All desks that are shown by this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._desks: dict[UUID, Desk] = {}
        self._campaigns: dict[UUID, tuple[float, DeskCampaign]] = {}
        self._loading: dict[UUID, asyncio.Lock] = {}
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def seat(self, moment: Moment, who: Identity) -> AsyncIterator[tuple[Desk, Seat]]:
        """Have a seat at a shift's desk for as long as the block runs."""
        desk = self._desks.setdefault(moment.session_id, Desk(moment))
        desk.become(after_look(desk.moment, moment))
        seat = Seat(who)
        desk.seats.add(seat)
        self.keep_running()
        try:
            yield desk, seat
        finally:
            desk.seats.discard(seat)
            if not desk.seats:
                self._desks.pop(moment.session_id, None)
            if not self._desks and self._task is not None:
                self._task.cancel()
                self._task = None

    def keep_running(self) -> None:
        """Start what hears and looks, unless it runs."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(_tell_failure)

    async def close(self) -> None:
        """End what hears and looks, whoever has a desk open."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def known(self, session_id: UUID) -> Moment | None:
        """Return what is known of a shift that some page here shows."""
        desk = self._desks.get(session_id)
        return desk.moment if desk is not None else None

    def note(self, session_id: UUID, change: Callable[[Moment], Moment]) -> None:
        """Note what was just stored, so that every page of the desk shows it now."""
        desk = self._desks.get(session_id)
        if desk is not None:
            desk.become(change(desk.moment))

    def disposed(self, session_id: UUID, call_id: UUID, code: str) -> None:
        """Note that a call has its result."""

        def saved(moment: Moment) -> Moment:
            return replace(moment, disposition=code) if moment.call_id == call_id else moment

        self.note(session_id, saved)

    async def campaign(self, campaign_id: UUID, *, client_id: UUID) -> DeskCampaign:
        """Return a client's campaign; all desks share what was read in the last seconds.

        Raises:
            CampaignNotFound: no such campaign, or it is another client's.
        """
        async with self._loading.setdefault(campaign_id, asyncio.Lock()):
            at_s, known = self._campaigns.get(campaign_id, (float("-inf"), None))
            if known is None or monotonic() - at_s > CAMPAIGN_LIVES_S:
                async with self._reading(client_id) as session:
                    known = await load_campaign(session, campaign_id, client_id=client_id)
                self._campaigns[campaign_id] = monotonic(), known
        if known.client_id != client_id:
            async with self._reading(client_id) as session:  # which says that there is none
                return await load_campaign(session, campaign_id, client_id=client_id)
        return known

    def _reading(self, client_id: UUID) -> AbstractAsyncContextManager[AsyncSession]:
        return transaction(self._services.sessions, whose=Whose(client_id))

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(listen(self._services.redis, self._channels, self._take))
            group.create_task(self._look_for_ever())

    # --- what the runners tell ------------------------------------------------------------

    def _channels(self) -> set[str]:
        return {agents_channel(one) for one in self._campaigns_here()}

    def _campaigns_here(self) -> Iterable[UUID]:
        for desk in self._desks.values():
            yield desk.moment.campaign_id
            yield from desk.moment.campaigns

    def _take(self, _channel: str, raw: bytes) -> None:
        told = read_notice(raw)
        desk = self._desks.get(told.session_id) if told is not None else None
        if told is not None and desk is not None:
            desk.become(after_notice(desk.moment, told))

    # --- what the tables say --------------------------------------------------------------

    async def _look_for_ever(self) -> None:
        counted_s = checked_s = float("-inf")
        while True:
            try:
                await self._look()
                if monotonic() - checked_s >= RECHECK_S:
                    checked_s = monotonic()
                    await self._check_browsers()
                fresh = any(not desk.counted for desk in self._desks.values())
                if fresh or monotonic() - counted_s >= FIGURES_S:
                    counted_s = monotonic()
                    await self._count()
            except _AWAY as error:  # pages keep what they show
                log.warning("desks.database_away", error=type(error).__name__)
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        if not self._desks:
            return
        async with self._services.sessions() as session:
            found = await load_moments(session, self._desks, self._clients())
        for row in found:
            desk = self._desks.get(row.session_id)
            if desk is not None:
                desk.become(after_look(desk.moment, row))

    async def _count(self) -> None:
        desks = list(self._desks)
        now = self._services.clock.now()
        async with self._services.sessions() as session:
            found = await load_figures(session, desks, self._clients(), now)
        for session_id in desks:
            desk = self._desks.get(session_id)
            if desk is None:
                continue
            figures = found.get(session_id, OwnFigures())
            desk.counted = True
            if figures != desk.figures:
                desk.figures = figures
                desk.wake()

    def _clients(self) -> Collection[UUID]:
        return {desk.moment.client_id for desk in self._desks.values()}

    async def _check_browsers(self) -> None:
        """Let nobody watch whose session has ended, or whose role is another one now."""
        seats = [
            seat for desk in self._desks.values() for seat in desk.seats if seat.who.session_id
        ]
        if not seats:
            return
        services = self._services
        async with transaction(services.sessions) as session:
            living = await finding.find_all_by_id(
                session, {seat.who for seat in seats}, limits_of(services), services.clock
            )
        for seat in seats:
            found = living.get(seat.who.session_id) if seat.who.session_id else None
            seat.is_in = found is not None and found.due is None and found.identity == seat.who
            if not seat.is_in:
                seat.news.set()


def _tell_failure(task: asyncio.Task[None]) -> None:
    """Log why the desks went deaf; the next page that waits starts them again."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("desks.failed", exc_info=error)
