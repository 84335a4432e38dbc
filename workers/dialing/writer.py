"""Group commit: what happened is stored many at a time, in order, until the database takes it.

A call's end must never be lost: while PostgreSQL is away the writer keeps what it has and tries again.
(New calls need a committed attempt, so nothing new starts meanwhile.)
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads import dispositions, results
from campaigns.leads.results import EndedCall
from campaigns.settings import CampaignSettings
from dialer.agent.states import AgentState
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id

log = structlog.get_logger()

#: Longer gathering means fewer statements per call and later figures.
GATHER_S = 0.05
MOST_AT_ONCE = 500
RETRY_S = 0.5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ConnectedCall:
    """A conversation began."""

    attempt_id: UUID
    answered_at: datetime | None
    connected_at: datetime
    session_id: UUID


@dataclass(frozen=True, slots=True)
class StateChange:
    """An agent's state began."""

    session_id: UUID
    state: AgentState
    pause_code: str | None
    call_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Undisposed:
    """A wrap-up ran out without a disposition."""

    attempt_id: UUID


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """An agent's shift is over."""

    session_id: UUID
    at: datetime


Item = ConnectedCall | StateChange | Undisposed | SessionEnded | EndedCall


class Writer:
    """One campaign's writer."""

    def __init__(
        self,
        sessions: SessionFactory,
        clock: Clock,
        *,
        plan: Callable[[], tuple[CampaignSettings, dict[str, int | None]]],
        on_stored: Callable[[set[UUID]], None],
    ) -> None:
        """``plan`` gives the settings and the dispositions' delays of the moment."""
        self._sessions = sessions
        self._clock = clock
        self._plan = plan
        self._on_stored = on_stored
        self._items: list[Item] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.is_failing = False

    def add(self, item: Item) -> None:
        """Leave something to store; never blocks."""
        self._items.append(item)
        self._idle.clear()
        self._wake.set()

    def forget_agents(self) -> None:
        """Drop what would speak for agents another owner has now; ended calls stay true."""
        self._items = [
            item for item in self._items if not isinstance(item, StateChange | SessionEnded)
        ]

    @property
    def is_idle(self) -> bool:
        """Tell whether everything is stored."""
        return self._idle.is_set()

    async def flushed(self) -> None:
        """Wait until everything is stored."""
        await self._idle.wait()

    async def run(self) -> None:
        """Store for ever; cancel it after ``flushed()``."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            batch, self._items = self._items[:MOST_AT_ONCE], self._items[MOST_AT_ONCE:]
            await self._store_until_taken(batch)
            if not self._items:
                self._wake.clear()
                self._idle.set()

    async def _store_until_taken(self, batch: Sequence[Item]) -> None:
        while True:
            try:
                stored = await self._store(batch)
            except (OSError, DBAPIError, TimeoutError) as error:
                if isinstance(error, DBAPIError) and not _is_passing(error):
                    raise
                self.is_failing = True
                log.warning("writer.retries", items=len(batch), error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            else:
                self.is_failing = False
                self._on_stored(stored)
                return

    async def _store(self, batch: Sequence[Item]) -> set[UUID]:
        settings, delays = self._plan()
        async with transaction(self._sessions) as session:
            await _store_connected(session, _only(batch, ConnectedCall))
            await _store_states(session, _only(batch, StateChange))
            ends = _only(batch, EndedCall)
            stored: set[UUID] = set()
            if ends:
                now = self._clock.now()
                stored = await results.store_ends(
                    session, ends, settings=settings, retry_after_s=delays, now=now
                )
            for item in _only(batch, Undisposed):
                await dispositions.close_undisposed(session, item.attempt_id, clock=self._clock)
            await _end_sessions(session, _only(batch, SessionEnded))
        return stored


def _only(batch: Sequence[Item], kind: type[T]) -> list[T]:
    return [item for item in batch if isinstance(item, kind)]


def _is_passing(error: DBAPIError) -> bool:
    """Tell a lost or restarting server from a statement that can never succeed."""
    state = getattr(error.orig, "sqlstate", None)
    # Source: PostgreSQL 18, Appendix A: 08 connection, 40 rollback, 53 resources, 57 intervention.
    return error.connection_invalidated or state is None or state[:2] in ("08", "40", "53", "57")


async def _store_connected(session: AsyncSession, items: Sequence[ConnectedCall]) -> None:
    if not items:
        return
    await session.execute(
        text(
            """
            UPDATE attempt SET answered_at = c.answered, connected_at = c.connected,
                   agent_session_id = c.session_id
            FROM unnest(CAST(:ids AS uuid[]), CAST(:answered AS timestamptz[]),
                        CAST(:connected AS timestamptz[]), CAST(:sessions AS uuid[]))
                 AS c(id, answered, connected, session_id)
            WHERE attempt.id = c.id
            """
        ),
        {
            "ids": [item.attempt_id for item in items],
            "answered": [item.answered_at for item in items],
            "connected": [item.connected_at for item in items],
            "sessions": [item.session_id for item in items],
        },
    )


async def _store_states(session: AsyncSession, changes: Sequence[StateChange]) -> None:
    """Close each session's open entry at the first change and chain the new ones without a gap."""
    if not changes:
        return
    firsts: dict[UUID, datetime] = {}
    following: dict[UUID, dict[str, Any]] = {}
    rows: list[dict[str, Any]] = []
    for change in changes:
        firsts.setdefault(change.session_id, change.at)
        if change.session_id in following:
            following[change.session_id]["ended"] = change.at
        row: dict[str, Any] = {"change": change, "ended": None}
        following[change.session_id] = row
        rows.append(row)
    await _close_entries(session, firsts)
    await _insert_entries(session, rows)


async def _close_entries(session: AsyncSession, firsts: dict[UUID, datetime]) -> None:
    await session.execute(
        text(
            """
            UPDATE agent_state_entry SET ended_at = greatest(c.at, agent_state_entry.started_at)
            FROM unnest(CAST(:sessions AS uuid[]), CAST(:instants AS timestamptz[])) AS c(id, at)
            WHERE agent_state_entry.session_id = c.id AND agent_state_entry.ended_at IS NULL
            """
        ),
        {"sessions": list(firsts), "instants": list(firsts.values())},
    )


async def _insert_entries(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    changes: list[StateChange] = [row["change"] for row in rows]
    await session.execute(
        text(
            """
            INSERT INTO agent_state_entry (id, session_id, state, pause_code, call_id, started_at,
                                           ended_at)
            SELECT n.id, n.session_id, n.state, n.pause_code, n.call_id, n.started,
                   CASE WHEN n.ended IS NOT NULL THEN greatest(n.started, n.ended) END
            FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS uuid[]), CAST(:states AS text[]),
                        CAST(:codes AS text[]), CAST(:calls AS uuid[]),
                        CAST(:started AS timestamptz[]), CAST(:ended AS timestamptz[]))
                 AS n(id, session_id, state, pause_code, call_id, started, ended)
            """
        ),
        {
            "ids": [new_id() for _ in changes],
            "sessions": [change.session_id for change in changes],
            "states": [change.state.value for change in changes],
            "codes": [change.pause_code for change in changes],
            "calls": [change.call_id for change in changes],
            "started": [change.at for change in changes],
            "ended": [row["ended"] for row in rows],
        },
    )


async def _end_sessions(session: AsyncSession, items: Sequence[SessionEnded]) -> None:
    if not items:
        return
    ended = {item.session_id: item.at for item in items}
    await _close_entries(session, ended)
    await session.execute(
        text(
            """
            UPDATE agent_session SET ended_at = greatest(c.at, agent_session.started_at)
            FROM unnest(CAST(:sessions AS uuid[]), CAST(:instants AS timestamptz[])) AS c(id, at)
            WHERE agent_session.id = c.id AND agent_session.ended_at IS NULL
            """
        ),
        {"sessions": list(ended), "instants": list(ended.values())},
    )
