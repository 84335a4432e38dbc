"""Monitorings as the owner of a campaign follows them: read at each look, stored as they move on.

Nothing here commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.supervising.models import Monitoring
from campaigns.tenancy import audit
from dialer.call.monitor_events import Mode
from dialer.call.monitors import MonitorState


@dataclass(frozen=True, slots=True)
class FollowedMonitoring:
    """An open monitoring of an agent who works for the campaign."""

    id: UUID
    session_id: UUID
    endpoint: str
    mode: Mode
    follow: bool
    state: MonitorState  #: as stored last
    call_id: UUID | None
    take_call_id: UUID | None


@dataclass(frozen=True, slots=True)
class MonitoringMoved:
    """A monitoring is somewhere else now."""

    id: UUID
    state: MonitorState
    call_id: UUID | None


@dataclass(frozen=True, slots=True)
class MonitoringNoted:
    """Something for the audit log became of a talk that is listened to."""

    id: UUID
    action: str
    call_id: UUID
    mode: Mode
    at: datetime


@dataclass(frozen=True, slots=True)
class MonitoringEnded:
    """A monitoring ended without its supervisor's wish."""

    id: UUID
    reason: str
    at: datetime


MonitoringItem = MonitoringMoved | MonitoringNoted | MonitoringEnded

_READ = text(
    """
    SELECT m.id, m.session_id, m.endpoint, m.mode, m.follow, m.state, m.call_id, m.take_call_id
    FROM monitoring m JOIN agent_session s ON s.id = m.session_id
    WHERE s.campaign_id = :campaign_id AND m.ended_at IS NULL AND s.ended_at IS NULL ORDER BY m.id
    """
)


async def load_followed(session: AsyncSession, campaign_id: UUID) -> list[FollowedMonitoring]:
    """Read who listens to the agents of a campaign."""
    return [
        FollowedMonitoring(
            id=row.id,
            session_id=row.session_id,
            endpoint=row.endpoint,
            mode=Mode(row.mode),
            follow=row.follow,
            state=MonitorState(row.state),
            call_id=row.call_id,
            take_call_id=row.take_call_id,
        )
        for row in await session.execute(_READ, {"campaign_id": campaign_id})
    ]


async def store_monitorings(session: AsyncSession, items: Sequence[MonitoringItem]) -> None:
    """Store what became of monitorings, in the order in which it happened; few ever do."""
    for item in items:
        row = await session.get(Monitoring, item.id, populate_existing=True)
        if row is None:
            continue
        match item:
            case MonitoringMoved(_, state, call_id):
                row.state, row.call_id = state, call_id
            case MonitoringNoted(_, action, call_id, mode, at):
                facts = {"call_id": str(call_id), "mode": mode.value}
                await _note(session, row, f"monitoring.{action}", facts, at)
            case MonitoringEnded(_, reason, at) if row.ended_at is None:
                row.ended_at, row.end_reason = max(at, row.started_at), reason
                row.state = MonitorState.OVER
                await _note(session, row, "monitoring.ended", {"reason": reason}, at)
            case _:  # its supervisor was first
                pass
        await session.flush()


async def _note(
    session: AsyncSession, row: Monitoring, action: str, facts: dict[str, str], at: datetime
) -> None:
    """Write into the audit log; the supervisor is who does it, also when the call goes its way."""
    await audit.record(
        session,
        client_id=row.client_id,
        user_id=row.user_id,
        at=at,
        action=action,
        subject="monitoring",
        subject_id=row.id,
        facts=facts,
    )


async def end_orphans(session: AsyncSession, now: datetime) -> int:
    """End the monitorings of shifts that are over; return how many."""
    rows = await session.execute(
        text(
            "SELECT m.id FROM monitoring m JOIN agent_session s ON s.id = m.session_id"
            " WHERE m.ended_at IS NULL AND s.ended_at IS NOT NULL ORDER BY m.id LIMIT 100"
            " FOR UPDATE OF m SKIP LOCKED"
        )
    )
    ended = [MonitoringEnded(row.id, "agent_gone", now) for row in rows]
    await store_monitorings(session, ended)
    return len(ended)
