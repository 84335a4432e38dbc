"""Callbacks whose time has come: claimed before all lanes, or given to anybody.

A promise waits for no list, no percentage and no priority.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.hopper import Candidate
from campaigns.leads.recycle import UNDISPOSED

log = structlog.get_logger()

# Of callbacks that belong to one agent only the oldest is claimed: nobody talks to two persons.
_CLAIM = text(
    """
    WITH due AS (
        SELECT DISTINCT ON (coalesce(l.reserved_for, l.id::text)) l.*, b.promised_at
        FROM callback b JOIN lead l ON l.id = b.lead_id
        WHERE b.campaign_id = :campaign_id AND b.state = 'open' AND b.promised_at <= :now
          AND l.state = 'waiting' AND l.next_attempt_at <= :now AND l.lane IS NOT NULL
          AND l.place_id = ANY(CAST(:places AS int[]))
          AND (l.reserved_for IS NULL OR l.reserved_for = ANY(CAST(:free_agents AS text[])))
          AND NOT EXISTS (SELECT FROM lead_claim c WHERE c.lead_id = l.id)
        ORDER BY coalesce(l.reserved_for, l.id::text), b.promised_at, l.id
    ), claimed AS (
        INSERT INTO lead_claim (lead_id, campaign_id)
        SELECT id, :campaign_id FROM (SELECT id FROM due ORDER BY promised_at, id LIMIT :limit) d
        WHERE NOT (SELECT selection_due FROM campaign WHERE id = :campaign_id)
        ON CONFLICT DO NOTHING RETURNING lead_id
    )
    SELECT d.id AS lead_id, d.contact_id, d.attempts_made, d.phone_position, d.e164, d.place_id,
           d.lane, coalesce(d.person_key, d.contact_id::text) AS person_key, d.reserved_for,
           EXISTS (SELECT FROM suppression s WHERE s.client_id = d.client_id AND s.e164 = d.e164
                   AND (s.campaign_id IS NULL OR s.campaign_id = d.campaign_id)) AS suppressed,
           true AS promised
    FROM claimed c JOIN due d ON d.id = c.lead_id
    ORDER BY d.promised_at, d.id
    """
)


async def claim_callbacks(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    places: Sequence[int],
    free_agents: Sequence[str],
    limit: int,
    now: datetime,
) -> list[Candidate]:
    """Claim up to ``limit`` callbacks whose time has come, the longest promised first.

    ``places`` are the open ones. A personal callback needs its agent among ``free_agents``, and each
    agent gets one.
    """
    if not places or limit < 1:
        return []
    rows = await session.execute(
        _CLAIM,
        {
            "campaign_id": campaign_id,
            "places": sorted(places),
            "free_agents": list(free_agents),
            "limit": limit,
            "now": now,
        },
    )
    return [Candidate(**row) for row in rows.mappings()]


@dataclass(frozen=True, slots=True)
class Coming:
    """A promised call of about this minute."""

    lead_id: UUID
    due_at: datetime
    agent: str | None  #: whose it is; None: anybody's


async def coming_callbacks(
    session: AsyncSession,
    campaign_id: UUID,
    places: Sequence[int],
    *,
    since: datetime,
    until: datetime,
) -> list[Coming]:
    """Return the callbacks to the ``places`` that fall due between two instants, the first first."""
    rows = await session.execute(
        text(
            """
            SELECT l.id AS lead_id, l.next_attempt_at AS due_at, l.reserved_for AS agent
            FROM callback b JOIN lead l ON l.id = b.lead_id
            WHERE b.campaign_id = :campaign_id AND b.state = 'open' AND b.promised_at <= :until
              AND l.state = 'waiting' AND l.next_attempt_at BETWEEN :since AND :until
              AND l.lane IS NOT NULL AND l.place_id = ANY(CAST(:places AS int[]))
            ORDER BY l.next_attempt_at, l.id
            """
        ),
        {
            "campaign_id": campaign_id,
            "places": sorted(places),
            "since": since,
            "until": until,
        },
    )
    return [Coming(**row) for row in rows.mappings()]


async def earliest_callbacks(
    session: AsyncSession, campaign_id: UUID, places: Iterable[int]
) -> dict[int, datetime]:
    """Return for each place when its next promised call is due, its window left aside."""
    rows = await session.execute(
        text(
            """
            SELECT l.place_id, min(l.next_attempt_at) AS due
            FROM callback b JOIN lead l ON l.id = b.lead_id
            WHERE b.campaign_id = :campaign_id AND b.state = 'open' AND l.state = 'waiting'
              AND l.next_attempt_at IS NOT NULL AND l.lane IS NOT NULL
              AND l.place_id = ANY(CAST(:places AS int[]))
            GROUP BY l.place_id
            """
        ),
        {"campaign_id": campaign_id, "places": sorted(places)},
    )
    return {row.place_id: row.due for row in rows}


# An agent who is signed in and wants calls keeps the claim while talking; one in a pause does not.
_RELEASE = text(
    """
    UPDATE lead SET reserved_for = NULL FROM callback b
    WHERE b.campaign_id = :campaign_id AND b.state = 'open' AND b.promised_at <= :overdue
      AND lead.id = b.lead_id AND lead.state = 'waiting' AND lead.reserved_for IS NOT NULL
      AND NOT EXISTS (SELECT FROM agent_session s JOIN agent a ON a.id = s.agent_id
                      WHERE s.campaign_id = b.campaign_id AND s.ended_at IS NULL
                        AND s.wants = 'ready' AND a.name = lead.reserved_for)
    RETURNING lead.id
    """
)
# A talk that nobody closed must not take the promise made in it along.
_REVIVE = text(
    """
    UPDATE lead SET state = 'waiting', result = NULL, next_attempt_at = b.promised_at,
           waiting_reason = 'callback', reserved_for = b.agent
    FROM callback b
    WHERE b.campaign_id = :campaign_id AND b.state = 'open' AND lead.id = b.lead_id
      AND lead.state = 'done' AND lead.result = :undisposed
    """
)
_CLOSE_DEAD = text(
    """
    UPDATE callback SET state = 'cancelled', closed_at = :now FROM lead
    WHERE callback.campaign_id = :campaign_id AND callback.state = 'open'
      AND lead.id = callback.lead_id AND lead.state = 'done'
    """
)


async def release_overdue(
    session: AsyncSession, campaign_id: UUID, now: datetime, grace_s: float
) -> int:
    """Give callbacks to anybody whose agent has not been there ``grace_s`` seconds; return how many.

    It also ends the promises to persons whose lead is done, and takes up those of forgotten talks.
    """
    facts = {"campaign_id": campaign_id}
    await session.execute(_REVIVE, facts | {"undisposed": UNDISPOSED})
    await session.execute(_CLOSE_DEAD, facts | {"now": now})
    overdue = now - timedelta(seconds=grace_s)
    released = (await session.execute(_RELEASE, facts | {"overdue": overdue})).all()
    if released:
        log.info("callbacks.released", campaign_id=str(campaign_id), count=len(released))
    return len(released)
