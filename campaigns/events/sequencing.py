"""Sequencing: events get their positions once their transactions are committed, and in one order for ever.

Transactions end in another order than they begin, so a position drawn inside of one could appear behind a
reader's back. Here one worker at a time takes what is committed, in the order in which it was written, and
counts on. Whoever has read up to a position has read everything there will ever be below it.

An event is written after the row lock of its change is held. So of two events of one thing the first is
written and committed before the second is written: their order is that of the changes (ADR 0032).
"""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.events.models import NO_CAMPAIGN
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction

#: Events that get their positions in one transaction: milliseconds.
MOST_AT_ONCE = 5_000

_TURN = text("SELECT pg_try_advisory_xact_lock(hashtextextended('event sequencing', 0))")
_PLACE = text(
    """
    WITH taken AS (
        DELETE FROM event_waiting
        WHERE id IN (SELECT id FROM event_waiting ORDER BY id LIMIT :most)
        RETURNING *
    ), stream AS (
        INSERT INTO event_stream (client_id, last_position, floor_position)
        SELECT client_id, count(*), 0 FROM taken GROUP BY client_id
        ON CONFLICT (client_id) DO UPDATE
            SET last_position = event_stream.last_position + excluded.last_position
        RETURNING client_id, last_position
    ), placed AS (
        INSERT INTO event (client_id, position, campaign_id, kind, subject_id, lead_id, contact_id,
                           at, recorded_at, data)
        SELECT t.client_id,
               s.last_position - count(*) OVER whole + row_number() OVER (whole ORDER BY t.id),
               t.campaign_id, t.kind, t.subject_id, t.lead_id, t.contact_id, t.at, :now, t.data
        FROM taken t JOIN stream s USING (client_id)
        WINDOW whole AS (PARTITION BY t.client_id)
        RETURNING client_id, campaign_id, position
    ), head AS (
        INSERT INTO event_head (client_id, lane_id, last_position, gone_position)
        SELECT client_id, coalesce(campaign_id, CAST(:no_campaign AS uuid)), max(position), 0
        FROM placed GROUP BY 1, 2
        ON CONFLICT (client_id, lane_id) DO UPDATE SET last_position = excluded.last_position
    )
    SELECT count(*) FROM placed
    """
)


async def place_waiting(session: AsyncSession, clock: Clock) -> int:
    """Give committed events their positions; return how many, 0 also when somebody else is at it."""
    if not (await session.execute(_TURN)).scalar_one():
        return 0
    # A statement of its own, so that it sees what the worker before has committed.
    facts = {"most": MOST_AT_ONCE, "now": clock.now(), "no_campaign": NO_CAMPAIGN}
    placed: int = (await session.execute(_PLACE, facts)).scalar_one()
    return placed


async def place_all(sessions: SessionFactory, clock: Clock) -> int:
    """Give every committed event its position, a transaction at a time; return how many."""
    total = 0
    while True:
        async with transaction(sessions) as session:
            placed = await place_waiting(session, clock)
        total += placed
        if placed < MOST_AT_ONCE:
            return total
