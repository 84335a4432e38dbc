"""The hopper: claim the leads that are due, with everything the gate needs to know about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claimed lead and the number to dial."""

    lead_id: UUID
    contact_id: UUID
    attempts_made: int
    phone_position: int
    e164: str
    zones: tuple[str, ...]
    suppressed: bool
    attempts_last_24h: int


# Locked rows of another transaction are skipped: two owners never claim one lead.
# Source: PostgreSQL 18, SELECT, "The Locking Clause".
_CLAIM = text(
    """
    WITH due AS (
        SELECT id FROM lead
        WHERE campaign_id = :campaign_id AND state = 'waiting' AND next_attempt_at <= :now
        ORDER BY next_attempt_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE lead SET state = 'claimed' FROM due WHERE lead.id = due.id
        RETURNING lead.id, lead.client_id, lead.contact_id, lead.attempts_made,
                  lead.phone_position, lead.next_attempt_at
    )
    SELECT c.id, c.contact_id, c.attempts_made, p.position, p.e164, p.zones,
           EXISTS (SELECT FROM suppression s
                   WHERE s.client_id = c.client_id AND s.e164 = p.e164) AS suppressed,
           -- A simulated trunk reaches nobody, so its attempts protect nobody.
           (SELECT count(*) FROM attempt a JOIN trunk t ON t.id = a.trunk_id AND NOT t.simulated
            WHERE a.e164 = p.e164 AND a.started_at > CAST(:now AS timestamptz) - interval '24 hours')
               AS last_24h
    FROM claimed c JOIN phone p ON p.contact_id = c.contact_id AND p.position = c.phone_position
    ORDER BY c.next_attempt_at, c.id
    """
)

_RETURN = text(
    "UPDATE lead SET state = 'waiting' WHERE campaign_id = :campaign_id AND state = 'claimed'"
    " AND (id = ANY(CAST(:ids AS uuid[]))) = :listed"
)


async def claim(
    session: AsyncSession, campaign_id: UUID, *, now: datetime, limit: int
) -> list[Candidate]:
    """Claim up to ``limit`` due leads, the longest due first; in the same order for the same data."""
    rows = await session.execute(_CLAIM, {"campaign_id": campaign_id, "now": now, "limit": limit})
    return [
        Candidate(
            lead_id=row.id,
            contact_id=row.contact_id,
            attempts_made=row.attempts_made,
            phone_position=row.position,
            e164=row.e164,
            zones=tuple(row.zones),
            suppressed=row.suppressed,
            attempts_last_24h=row.last_24h,
        )
        for row in rows
    ]


async def give_back(session: AsyncSession, campaign_id: UUID, lead_ids: Iterable[UUID]) -> None:
    """Return claimed leads undialled."""
    facts = {"campaign_id": campaign_id, "ids": list(lead_ids), "listed": True}
    await session.execute(_RETURN, facts)


async def give_back_all_but(
    session: AsyncSession, campaign_id: UUID, lead_ids: Iterable[UUID]
) -> None:
    """Return every claimed lead of the campaign but these: nobody remembers the others."""
    facts = {"campaign_id": campaign_id, "ids": list(lead_ids), "listed": False}
    await session.execute(_RETURN, facts)


async def next_due(session: AsyncSession, campaign_id: UUID) -> tuple[bool, datetime | None]:
    """Return whether any lead is not done yet, and when the next waiting one is due."""
    row = (
        await session.execute(
            text(
                """
                SELECT EXISTS (SELECT FROM lead WHERE campaign_id = :campaign_id
                               AND state IN ('waiting', 'claimed', 'dialing')) AS has_open,
                       (SELECT min(next_attempt_at) FROM lead
                        WHERE campaign_id = :campaign_id AND state = 'waiting') AS due
                """
            ),
            {"campaign_id": campaign_id},
        )
    ).one()
    return row.has_open, row.due
