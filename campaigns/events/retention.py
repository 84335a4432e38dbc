"""Retention: events older than the installation keeps go; the floor says so, and each campaign's head."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.events.models import NO_CAMPAIGN, EventStream
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction

#: Events deleted in one transaction: readers do not wait, and the log of the server stays small.
_MOST_AT_ONCE = 20_000

#: The newest of the oldest events that are too old, so many at most. Floor and deletion are one commit.
_FLOOR = text(
    """
    UPDATE event_stream SET floor_position = old.last
    FROM (SELECT max(position) AS last FROM (
              SELECT position, recorded_at FROM event WHERE client_id = :client_id
              ORDER BY position LIMIT :most) AS first_ones
          WHERE recorded_at < :before) AS old
    WHERE client_id = :client_id AND old.last > floor_position
    """
)
#: Whoever is behind the floor has not missed anything of a campaign that had no events there: its head knows.
_DELETE = text(
    """
    WITH gone AS (
        DELETE FROM event USING event_stream s
        WHERE s.client_id = :client_id AND event.client_id = s.client_id
          AND event.position <= s.floor_position
        RETURNING event.campaign_id, event.position
    ), told AS (
        UPDATE event_head h SET gone_position = g.last
        FROM (SELECT coalesce(campaign_id, CAST(:no_campaign AS uuid)) AS lane_id, max(position) AS last
              FROM gone GROUP BY 1) AS g
        WHERE h.client_id = :client_id AND h.lane_id = g.lane_id
    )
    SELECT count(*) FROM gone
    """
)


async def let_go(sessions: SessionFactory, clock: Clock, keep: timedelta) -> int:
    """Delete the events that are kept long enough; return how many."""
    before = clock.now() - keep
    async with sessions() as session:
        clients = (await session.exec(select(EventStream.client_id))).all()
    total = 0
    for client_id in clients:
        gone = _MOST_AT_ONCE
        while gone >= _MOST_AT_ONCE:
            async with transaction(sessions) as session:
                gone = await _let_go_some(session, client_id, before)
            total += gone
    return total


async def _let_go_some(session: AsyncSession, client_id: UUID, before: datetime) -> int:
    held = select(EventStream.floor_position).where(col(EventStream.client_id) == client_id)
    await session.exec(held.with_for_update())
    facts = {"client_id": client_id, "before": before, "most": _MOST_AT_ONCE}
    await session.execute(_FLOOR, facts)
    held_too = {"client_id": client_id, "no_campaign": NO_CAMPAIGN}
    gone: int = (await session.execute(_DELETE, held_too)).scalar_one()
    return gone
