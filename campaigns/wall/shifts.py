"""What an operator did lately, stretch by stretch of the states' log."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer.agent.states import AgentState

#: So far back, and so many stretches at most.
SPAN = timedelta(hours=12)
MOST_STRETCHES = 200

_STRETCHES = text(
    """
    SELECT e.state, e.pause_code, e.started_at,
           extract(epoch FROM coalesce(e.ended_at, s.ended_at, :now) - e.started_at) AS lasted_s,
           coalesce(e.ended_at, s.ended_at) IS NULL AS is_open, c.name AS campaign,
           d.label AS disposition
    FROM agent_session s
    JOIN agent_state_entry e ON e.session_id = s.id
    JOIN campaign c ON c.id = e.campaign_id
    LEFT JOIN attempt a ON a.id = e.call_id AND e.state = 'on_call'
    LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
    WHERE s.agent_id = :agent_id AND s.client_id = :client_id
      AND coalesce(s.ended_at, :now) >= :since AND e.started_at >= :since
    ORDER BY e.started_at DESC LIMIT :most
    """
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time in one state."""

    state: AgentState
    pause_code: str | None
    started_at: datetime
    lasted_s: float
    is_open: bool
    campaign: str
    disposition: str | None


async def load_stretches(
    session: AsyncSession, agent_id: UUID, *, client_id: UUID, now: datetime
) -> list[Stretch]:
    """Return an operator's stretches of the last hours, the latest first."""
    facts = {
        "agent_id": agent_id,
        "client_id": client_id,
        "now": now,
        "since": now - SPAN,
        "most": MOST_STRETCHES,
    }
    return [
        Stretch(
            AgentState(row.state),
            row.pause_code,
            row.started_at,
            max(0.0, float(row.lasted_s)),
            row.is_open,
            row.campaign,
            row.disposition,
        )
        for row in await session.execute(_STRETCHES, facts)
    ]
