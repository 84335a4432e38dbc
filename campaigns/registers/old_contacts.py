"""Contacts whose time is over: found one by one, and erased as an erasure on request does it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

#: Said on the receipt of each.
REASON = "retention: the client keeps contacts no longer"

# An erasure takes all of the client's contacts with the same key, so all of them are asked about (``who``).
# Left alone is who came or was called lately, is in a younger list, may still be called (by a draft, too),
# whose recording the law wants kept or somebody disputes, whose result or score is disputed, whose results
# are on their way to the client, and whose consent a law wants proven. Leads of campaigns that are over are
# no reason to keep anybody.
_DUE = text(
    """
    SELECT c.client_id, c.id
    FROM keeping_time k
    CROSS JOIN LATERAL (
        SELECT CAST(:now AS timestamptz) - make_interval(days => k.keep_days) AS at) AS since
    JOIN contact_list l ON l.client_id = k.client_id AND l.imported_at < since.at
    JOIN contact c ON c.list_id = l.id AND c.client_id = k.client_id
         AND c.created_at < since.at AND c.erased_at IS NULL
    CROSS JOIN LATERAL (
        SELECT array_agg(id) AS ids FROM (
            SELECT c.id
            UNION SELECT o.id FROM contact o
            WHERE o.client_id = c.client_id AND o.external_key = c.external_key
        ) AS same) AS who
    WHERE k.what = 'contacts'
      AND (CAST(:only AS uuid) IS NULL OR c.id = :only)
      AND NOT EXISTS (
        SELECT FROM contact o WHERE o.id = ANY(who.ids) AND o.created_at >= since.at)
      AND NOT EXISTS (
        SELECT FROM lead d JOIN campaign g ON g.id = d.campaign_id
        WHERE d.contact_id = ANY(who.ids) AND d.state <> 'done'
          AND g.state IN ('draft', 'running', 'paused'))
      AND NOT EXISTS (
        SELECT FROM attempt a WHERE a.contact_id = ANY(who.ids) AND a.started_at > since.at)
      AND NOT EXISTS (
        SELECT FROM phone p JOIN phone q ON q.e164 = p.e164 AND q.client_id = p.client_id
               JOIN contact o ON o.id = q.contact_id JOIN contact_list y ON y.id = o.list_id
        WHERE p.contact_id = ANY(who.ids) AND (y.imported_at >= since.at OR o.created_at >= since.at))
      AND NOT EXISTS (
        SELECT FROM attempt a JOIN recording r ON r.attempt_id = a.id
        WHERE a.contact_id = ANY(who.ids) AND r.state <> 'deleted'
          AND (r.law_until > CAST(:now AS timestamptz) OR r.held_at IS NOT NULL))
      AND NOT EXISTS (
        SELECT FROM lead d JOIN result_verdict v ON v.lead_id = d.id
        WHERE d.contact_id = ANY(who.ids) AND v.verdict = 'disputed')
      AND NOT EXISTS (
        SELECT FROM attempt a JOIN quality_review w ON w.attempt_id = a.id
               JOIN quality_dispute q ON q.review_id = w.id
        WHERE a.contact_id = ANY(who.ids) AND q.decided_at IS NULL)
      AND NOT EXISTS (
        SELECT FROM lead d JOIN delivery v ON v.campaign_id = d.campaign_id
        WHERE d.contact_id = ANY(who.ids) AND v.state IN ('waiting', 'sending'))
      AND NOT EXISTS (
        SELECT FROM phone p JOIN consent_record r ON r.e164 = p.e164 AND r.client_id = p.client_id
        WHERE p.contact_id = ANY(who.ids)
          AND greatest(r.granted_at, r.withdrawn_at) > CAST(:now AS timestamptz)
            - make_interval(days => CAST(:proofs AS int)))
      AND EXISTS (SELECT FROM phone p WHERE p.contact_id = c.id)
    ORDER BY c.id LIMIT :most
    """
)


async def due(
    session: AsyncSession, *, now: datetime, proofs: int, most: int, only: UUID | None = None
) -> list[tuple[UUID, UUID]]:
    """Return the client and id of contacts whose time is over; proofs of consent stay ``proofs`` days.

    ``only``: ask about this contact again, as when it is about to be erased.
    """
    facts = {"now": now, "proofs": proofs, "most": most, "only": only}
    found = await session.execute(_DUE, facts)
    return [(row.client_id, row.id) for row in found]
