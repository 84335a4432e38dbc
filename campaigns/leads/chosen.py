"""Contacts that agents chose by hand, as the campaign's owner reads them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.hopper import Candidate
from campaigns.leads.previews import Showing

_CHOSEN = text(
    """
    SELECT v.id AS preview_id, v.session_id, l.id AS lead_id, l.contact_id, l.attempts_made,
           l.phone_position, l.e164, l.place_id, l.lane, l.reserved_for,
           coalesce(l.person_key, l.contact_id::text) AS person_key
    FROM preview v JOIN lead l ON l.id = v.lead_id
    WHERE v.campaign_id = :campaign_id AND v.id = ANY(CAST(:ids AS uuid[])) AND v.ended_at IS NULL
      AND v.wish = 'dial' AND l.state = 'waiting' AND l.lane IS NOT NULL
    ORDER BY v.id
    """
)


async def load_chosen(
    session: AsyncSession, campaign_id: UUID, preview_ids: Collection[UUID]
) -> list[Showing]:
    """Return those of the open previews whose contact an agent chose, and decided to dial."""
    if not preview_ids:
        return []
    facts = {"campaign_id": campaign_id, "ids": list(preview_ids)}
    return [
        Showing(
            row.preview_id,
            row.session_id,
            Candidate(
                lead_id=row.lead_id,
                contact_id=row.contact_id,
                attempts_made=row.attempts_made,
                phone_position=row.phone_position,
                e164=row.e164,
                place_id=row.place_id,
                lane=row.lane,
                person_key=row.person_key,
                reserved_for=row.reserved_for,
                suppressed=False,
            ),
        )
        for row in await session.execute(_CHOSEN, facts)
    ]
