"""Group commit: what happened is stored many at a time, in order, until the database takes it.

A call's end must never be lost: while PostgreSQL is away the writer keeps what it has and tries again.
(New calls need a committed attempt, so nothing new starts meanwhile.)
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeVar
from uuid import UUID

import structlog

from campaigns.amd import verdicts
from campaigns.amd.verdicts import MessageLeft, NewVerdict
from campaigns.leads import call_parts, dispositions, party_room, previews, results
from campaigns.leads.call_parts import NewPart
from campaigns.leads.previews import PreviewOver
from campaigns.leads.results import EndedCall
from campaigns.settings import CampaignSettings
from campaigns.supervising import followed
from campaigns.supervising.followed import MonitoringItem
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from workers.dialing import metrics, stored
from workers.dialing.away import DATABASE_AWAY, is_passing
from workers.dialing.opt_outs import OptedOut, store_opt_outs
from workers.dialing.party_lines import PartyLeft
from workers.dialing.stored import (
    ConnectedCall,
    CustomerAlone,
    SessionEnded,
    SessionPaused,
    StateChange,
    Undisposed,
)

log = structlog.get_logger()

#: Longer gathering means fewer statements per call and later figures.
GATHER_S = 0.05
MOST_AT_ONCE = 500
RETRY_S = 0.5

T = TypeVar("T")
#: Whoever owns the campaign now speaks for its agents.
_OF_AGENTS = StateChange | SessionEnded | CustomerAlone | MonitoringItem
Item = (
    ConnectedCall
    | StateChange
    | Undisposed
    | SessionEnded
    | SessionPaused
    | CustomerAlone
    | EndedCall
    | OptedOut
    | NewVerdict
    | MessageLeft
    | PreviewOver
    | NewPart
    | PartyLeft
    | MonitoringItem
)


class Writer:
    """One campaign's writer."""

    def __init__(
        self,
        sessions: SessionFactory,
        clock: Clock,
        campaign_id: UUID,
        *,
        plan: Callable[[], tuple[CampaignSettings, dict[str, int | None]]],
        on_stored: Callable[[set[UUID]], None],
    ) -> None:
        """``plan`` gives the settings and the dispositions' delays of the moment."""
        self._sessions = sessions
        self._clock = clock
        self._campaign_id = campaign_id
        self._plan = plan
        self._on_stored = on_stored
        self._items: list[Item] = []
        self._left = self._stored = 0  #: items so far
        self._progress = asyncio.Condition()
        self._in_hand: list[Item] = []  #: being stored: not done before the commit
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.is_failing = False

    def add(self, item: Item) -> None:
        """Leave something to store; never blocks."""
        self._items.append(item)
        self._left += 1
        self._idle.clear()
        self._wake.set()

    def forget_agents(self) -> None:
        """Drop what would speak for agents another owner has now; ended calls stay true."""
        kept: list[Item] = [item for item in self._items if not isinstance(item, _OF_AGENTS)]
        self._stored += len(self._items) - len(kept)
        self._items = kept

    def ends_to_store(self) -> set[UUID]:
        """Return the attempts whose ends are known and perhaps not stored yet."""
        items = chain(self._in_hand, self._items)
        return {item.attempt_id for item in items if isinstance(item, EndedCall)}

    def previews_to_store(self) -> list[PreviewOver]:
        """Return the ends of previews that are perhaps not stored yet."""
        return _only([*self._in_hand, *self._items], PreviewOver)

    def pausing_sessions(self) -> set[UUID]:
        """Return the sessions whose pause, of a preview or of an offer, is perhaps not stored yet."""
        items = [*self._in_hand, *self._items]
        previewed = {item.session_id for item in _only(items, PreviewOver) if item.pauses}
        return previewed | {item.session_id for item in _only(items, SessionPaused)}

    @property
    def is_idle(self) -> bool:
        """Tell whether everything is stored."""
        return self._idle.is_set()

    async def flushed(self) -> None:
        """Wait until everything is stored."""
        await self._idle.wait()

    async def caught_up(self) -> None:
        """Wait until everything is stored that was left here up to now."""
        mark = self._left
        async with self._progress:
            await self._progress.wait_for(lambda: self._stored >= mark)

    async def run(self) -> None:
        """Store for ever; cancel it after ``flushed()``."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            batch, self._items = self._items[:MOST_AT_ONCE], self._items[MOST_AT_ONCE:]
            self._in_hand = batch
            await self._store_until_taken(batch)
            self._in_hand = []
            async with self._progress:
                self._stored += len(batch)
                self._progress.notify_all()
            if not self._items:
                self._wake.clear()
                self._idle.set()

    async def store_the_rest(self) -> None:
        """Store what is left after ``run`` has ended, as soon as the database takes it."""
        rest, self._items = [*self._in_hand, *self._items], []
        if rest:
            await self._store_until_taken(rest)

    async def _store_until_taken(self, batch: Sequence[Item]) -> None:
        while True:
            try:
                done = await self._store(batch)
            except DATABASE_AWAY as error:
                if not is_passing(error):
                    await self._store_apart(batch, error)
                    return
                self.is_failing = True
                log.warning("writer.retries", items=len(batch), error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            else:
                self.is_failing = False
                self._on_stored(done)
                return

    async def _store_apart(self, batch: Sequence[Item], error: BaseException) -> None:
        """Find the item that can never be stored, so that it takes no other with it."""
        if len(batch) == 1:
            metrics.ITEMS_REFUSED.inc()
            log.error("writer.item_refused", item=type(batch[0]).__name__, exc_info=error)
            return
        half = len(batch) // 2
        await self._store_until_taken(batch[:half])
        await self._store_until_taken(batch[half:])

    async def _store(self, batch: Sequence[Item]) -> set[UUID]:
        await self._suppress(_only(batch, OptedOut))
        settings, delays = self._plan()
        async with transaction(self._sessions) as session:
            await stored.store_connected(session, _only(batch, ConnectedCall))
            await stored.store_states(session, self._campaign_id, _only(batch, StateChange))
            await stored.pause_sessions(session, _only(batch, SessionPaused))
            await stored.store_alone(session, self._campaign_id, _only(batch, CustomerAlone))
            await previews.store_over(session, _only(batch, PreviewOver), now=self._clock.now())
            await call_parts.store_parts(session, _only(batch, NewPart))
            for left in _only(batch, PartyLeft):
                await party_room.give_line_back(session, left.attempt_id, left.party_id)
            moved = [item for item in batch if isinstance(item, MonitoringItem)]
            await followed.store_monitorings(session, moved)
            await verdicts.store_verdicts(session, _only(batch, NewVerdict))
            await verdicts.store_messages(session, _only(batch, MessageLeft))
            ends = _only(batch, EndedCall)
            undisposed = {item.attempt_id for item in _only(batch, Undisposed)}
            done: set[UUID] = set()
            if ends:
                done = await results.store_ends(
                    session,
                    ends,
                    settings=settings,
                    retry_after_s=delays,
                    now=self._clock.now(),
                    undisposed=undisposed,
                )
            await dispositions.close_undisposed(session, undisposed - done)
            await stored.end_sessions(session, self._campaign_id, _only(batch, SessionEnded))
        return done

    async def _suppress(self, opt_outs: Sequence[OptedOut]) -> None:
        """Store opt-outs in a transaction of their own: they wait for locks on numbers.

        Repeated after a failure of the rest, it changes nothing.
        """
        if opt_outs:
            async with transaction(self._sessions) as session:
                await store_opt_outs(session, opt_outs, self._clock)


def _only(batch: Sequence[Item], kind: type[T]) -> list[T]:
    return [item for item in batch if isinstance(item, kind)]
