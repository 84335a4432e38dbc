"""Reading shifts as they are now: one statement for all desks of a process."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.desk.moments import Moment
from dialer.agent.states import AgentState

_SHIFT = """
    SELECT s.id, s.agent_id, s.client_id, g.name, s.campaign_id, s.started_at, s.ended_at,
           s.wants, s.pause_code AS wish_code,
           e.state, e.pause_code, e.call_id, e.started_at AS since, p.id AS preview_id, a.disposition,
           (SELECT count(*) FROM agent_message m
            WHERE m.agent_id = s.agent_id AND m.client_id = s.client_id AND m.read_at IS NULL)
               AS unread,
           EXISTS (SELECT FROM monitoring o JOIN client c ON c.id = o.client_id
                   WHERE o.session_id = s.id AND o.ended_at IS NULL AND c.monitoring_notice)
               AS listened,
           ARRAY(SELECT k.campaign_id FROM agent_session_campaign k
                 WHERE k.session_id = s.id ORDER BY k.campaign_id) AS campaigns
    FROM agent_session s
    JOIN agent g ON g.id = s.agent_id
    LEFT JOIN agent_state_entry e ON e.session_id = s.id AND e.ended_at IS NULL
    LEFT JOIN preview p ON p.session_id = s.id AND p.ended_at IS NULL
    LEFT JOIN attempt a ON a.id = e.call_id
"""
_BY_SESSIONS = text(
    _SHIFT
    + "WHERE s.id = ANY(CAST(:ids AS uuid[])) AND s.client_id = ANY(CAST(:clients AS uuid[]))"
)
_OF_USER = text(
    _SHIFT
    + "WHERE s.client_id = :client_id AND g.user_id = :user_id AND s.ended_at IS NULL"
    + " ORDER BY s.started_at DESC LIMIT 1"
)


async def load_moments(
    session: AsyncSession, ids: Collection[UUID], clients: Collection[UUID]
) -> list[Moment]:
    """Return the shifts with these ids, ended ones too."""
    facts = {"ids": list(ids), "clients": list(clients)}
    return [_moment(row) for row in await session.execute(_BY_SESSIONS, facts)]


async def own_moment(session: AsyncSession, user_id: UUID, *, client_id: UUID) -> Moment | None:
    """Return the open shift of the agent who is this user, if there is one."""
    facts = {"user_id": user_id, "client_id": client_id}
    row = (await session.execute(_OF_USER, facts)).first()
    return _moment(row) if row is not None else None


def _moment(row: Row[Any]) -> Moment:
    # A shift that nobody has taken up yet has no state: its leg is about to be dialled.
    state = AgentState(row.state) if row.state else AgentState.CONNECTING
    return Moment(
        session_id=row.id,
        agent_id=row.agent_id,
        client_id=row.client_id,
        agent_name=row.name,
        campaign_id=row.campaign_id,
        campaigns=tuple(row.campaigns) or (row.campaign_id,),
        started_at=row.started_at,
        state=AgentState.OFFLINE if row.ended_at else state,
        since=row.ended_at or row.since or row.started_at,
        wants=AgentState(row.wants),
        wish_code=row.wish_code,
        pause_code=row.pause_code,
        call_id=row.call_id,
        preview_id=row.preview_id if state is AgentState.PREVIEWING else None,
        disposition=row.disposition,
        unread=row.unread,
        listened=row.listened,
        ended=row.ended_at is not None,
    )
