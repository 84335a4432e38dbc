"""What a runner stores of conversations and agents' states, set-wise; calls' ends are ``campaigns``'s."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer.agent.states import AgentState
from dialer.ids import new_id


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
class SessionPaused:
    """An agent was paused without having wished it."""

    session_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class CustomerAlone:
    """A customer hears no agent since ``since``; None: not any more."""

    session_id: UUID
    since: datetime | None


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """An agent's shift is over."""

    session_id: UUID
    at: datetime


async def store_connected(session: AsyncSession, items: Sequence[ConnectedCall]) -> None:
    """Store when conversations began, and with whom."""
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


async def store_states(
    session: AsyncSession, campaign_id: UUID, changes: Sequence[StateChange]
) -> None:
    """Close each session's open entry at the first change and chain the new ones without a gap.

    Of agents who work for another campaign by now nothing is stored: their time is that one's.
    """
    ours = await _ours(session, campaign_id, {change.session_id for change in changes})
    changes = [change for change in changes if change.session_id in ours]
    if not changes:
        return
    firsts: dict[UUID, datetime] = {}
    following: dict[UUID, _Entry] = {}
    entries: list[_Entry] = []
    for change in changes:
        before = following.get(change.session_id)
        entry = _Entry(change, change.at)
        if before is not None:  # a clock may have gone back in between
            entry.started_at = before.ended_at = max(before.started_at, change.at)
        firsts.setdefault(change.session_id, change.at)
        following[change.session_id] = entry
        entries.append(entry)
    await _chain_entries(session, campaign_id, firsts, entries)


@dataclass(slots=True)
class _Entry:
    change: StateChange
    started_at: datetime
    ended_at: datetime | None = None


async def _ours(
    session: AsyncSession, campaign_id: UUID, session_ids: Collection[UUID]
) -> set[UUID]:
    """Return those of the sessions that work for the campaign; until the commit they stay."""
    if not session_ids:
        return set()
    rows = await session.execute(
        text(
            "SELECT id FROM agent_session WHERE id = ANY(CAST(:ids AS uuid[]))"
            " AND campaign_id = :campaign_id ORDER BY id FOR NO KEY UPDATE"
        ),
        {"ids": sorted(session_ids), "campaign_id": campaign_id},
    )
    return {row.id for row in rows}


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


async def _chain_entries(
    session: AsyncSession,
    campaign_id: UUID,
    firsts: dict[UUID, datetime],
    entries: Sequence[_Entry],
) -> None:
    """Close the open entries and write the new ones, in one statement.

    A session has one open entry at most, so the old ones must be closed first: the join sees to it. An
    entry that was open may have begun after the change: a successor knows a talk's beginning, and its
    predecessor had already stored what came after. The new ones begin where the old one ends.
    """
    changes: list[StateChange] = [entry.change for entry in entries]
    await session.execute(
        text(
            """
            WITH closed AS (
                UPDATE agent_state_entry SET ended_at = greatest(c.at, agent_state_entry.started_at)
                FROM unnest(CAST(:closed AS uuid[]), CAST(:instants AS timestamptz[])) AS c(id, at)
                WHERE agent_state_entry.session_id = c.id AND agent_state_entry.ended_at IS NULL
                RETURNING agent_state_entry.session_id, agent_state_entry.ended_at
            )
            INSERT INTO agent_state_entry (id, session_id, campaign_id, state, pause_code, call_id,
                                           started_at, ended_at)
            SELECT n.id, n.session_id, :campaign_id, n.state, n.pause_code, n.call_id,
                   greatest(n.started, c.ended_at),
                   CASE WHEN n.ended IS NOT NULL THEN greatest(n.ended, c.ended_at) END
            FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS uuid[]), CAST(:states AS text[]),
                        CAST(:codes AS text[]), CAST(:calls AS uuid[]),
                        CAST(:started AS timestamptz[]), CAST(:ended AS timestamptz[]))
                 AS n(id, session_id, state, pause_code, call_id, started, ended)
            LEFT JOIN closed c ON c.session_id = n.session_id
            """
        ),
        {
            "closed": list(firsts),
            "instants": list(firsts.values()),
            "ids": [new_id() for _ in changes],
            "campaign_id": campaign_id,
            "sessions": [change.session_id for change in changes],
            "states": [change.state.value for change in changes],
            "codes": [change.pause_code for change in changes],
            "calls": [change.call_id for change in changes],
            "started": [entry.started_at for entry in entries],
            "ended": [entry.ended_at for entry in entries],
        },
    )


async def pause_sessions(session: AsyncSession, items: Sequence[SessionPaused]) -> None:
    """Store pauses as the agents' wishes; who has wished something else since keeps that."""
    if not items:
        return
    codes = {item.session_id: item.code for item in items}
    await session.execute(
        text(
            """
            UPDATE agent_session SET wants = 'paused', pause_code = p.code
            FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[])) AS p(id, code)
            WHERE agent_session.id = p.id AND ended_at IS NULL AND wants = 'ready'
            """
        ),
        {"ids": list(codes), "codes": list(codes.values())},
    )


async def store_alone(
    session: AsyncSession, campaign_id: UUID, items: Sequence[CustomerAlone]
) -> None:
    """Store since when customers hear no agent, of the campaign's own agents."""
    if not items:
        return
    last = {item.session_id: item.since for item in items}
    await session.execute(
        text(
            """
            UPDATE agent_session SET alone_at = a.since
            FROM unnest(CAST(:ids AS uuid[]), CAST(:instants AS timestamptz[])) AS a(id, since)
            WHERE agent_session.id = a.id AND campaign_id = :campaign_id
            """
        ),
        {"ids": list(last), "instants": list(last.values()), "campaign_id": campaign_id},
    )


async def end_sessions(
    session: AsyncSession, campaign_id: UUID, items: Sequence[SessionEnded]
) -> None:
    """Close sessions with their open entries, unless they work for another campaign by now."""
    ours = await _ours(session, campaign_id, {item.session_id for item in items})
    ended = {item.session_id: item.at for item in items if item.session_id in ours}
    if not ended:
        return
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
