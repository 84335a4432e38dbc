"""Contacts whose time is over: found one by one, and erased as an erasure on request does it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

#: Said on the receipt of each.
REASON = "retention: the client keeps contacts no longer"

# A person whom another, younger list has is left alone, as is one who waits for a call or was called
# lately, whose recording the law wants kept or somebody disputes, and whose consent a law wants proven.
# Leads of campaigns that are over are no reason to keep anybody.
_DUE = text(
    """
    SELECT c.client_id, c.id
    FROM keeping_time k
    JOIN contact_list l ON l.client_id = k.client_id
         AND l.imported_at < CAST(:now AS timestamptz)
             - make_interval(days => k.keep_days)
    JOIN contact c ON c.list_id = l.id AND c.client_id = k.client_id
    WHERE k.what = 'contacts'
      AND NOT EXISTS (
        SELECT FROM lead d JOIN campaign g ON g.id = d.campaign_id
        WHERE d.contact_id = c.id AND d.state <> 'done' AND g.state IN ('running', 'paused'))
      AND NOT EXISTS (
        SELECT FROM attempt a WHERE a.contact_id = c.id AND a.started_at > CAST(:now AS timestamptz)
            - make_interval(days => k.keep_days))
      AND NOT EXISTS (
        SELECT FROM phone p JOIN phone q ON q.e164 = p.e164 AND q.client_id = p.client_id
               JOIN contact o ON o.id = q.contact_id JOIN contact_list y ON y.id = o.list_id
        WHERE p.contact_id = c.id AND y.imported_at >= CAST(:now AS timestamptz)
            - make_interval(days => k.keep_days))
      AND NOT EXISTS (
        SELECT FROM attempt a JOIN recording r ON r.attempt_id = a.id
        WHERE a.contact_id = c.id AND r.state <> 'deleted'
          AND (r.law_until > CAST(:now AS timestamptz) OR r.held_at IS NOT NULL))
      AND NOT EXISTS (
        SELECT FROM phone p JOIN consent_record r ON r.e164 = p.e164 AND r.client_id = p.client_id
        WHERE p.contact_id = c.id AND greatest(r.granted_at, r.withdrawn_at) > CAST(:now AS timestamptz)
            - make_interval(days => CAST(:proofs AS int)))
      AND EXISTS (SELECT FROM phone p WHERE p.contact_id = c.id)
    ORDER BY c.id LIMIT :most
    """
)


async def due(
    session: AsyncSession, *, now: datetime, proofs: int, most: int
) -> list[tuple[UUID, UUID]]:
    """Return the client and id of contacts whose time is over; proofs of consent stay ``proofs`` days."""
    found = await session.execute(_DUE, {"now": now, "proofs": proofs, "most": most})
    return [(row.client_id, row.id) for row in found]
