"""Leads that wait for what has just changed are asked about again; the gate answers anew for each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.requeue import requeue_refused
from campaigns.models import Campaign
from campaigns.states import CampaignState
from compliance.reasons import RefusalReason

#: What a consent may lift.
_CONSENT_REASONS = [
    reason.value
    for reason in (
        RefusalReason.CONSENT_MISSING,
        RefusalReason.CONSENT_UNKNOWN,
        RefusalReason.MACHINE_BANNED,
        RefusalReason.DNC_LISTED,
        RefusalReason.NOT_ON_ALLOW_LIST,
        RefusalReason.OUTSIDE_WINDOW,
    )
]

_WAKE = text(
    """
    WITH waiting AS (
        SELECT l.id FROM phone p JOIN lead l ON l.contact_id = p.contact_id
        WHERE p.e164 = ANY(CAST(:numbers AS text[])) AND p.client_id = :client_id
          AND l.state = 'waiting' AND l.waiting_reason = ANY(CAST(:reasons AS text[]))
        ORDER BY l.id FOR UPDATE OF l SKIP LOCKED
    )
    UPDATE lead SET next_attempt_at = :now FROM waiting WHERE lead.id = waiting.id
    RETURNING lead.id
    """
)


async def wake_numbers(
    session: AsyncSession, client_id: UUID, e164s: Sequence[str], *, now: datetime
) -> int:
    """Make the client's leads due that wait for a consent of these numbers; return how many."""
    facts = {
        "client_id": client_id,
        "numbers": list(e164s),
        "reasons": _CONSENT_REASONS,
        "now": now,
    }
    return len((await session.execute(_WAKE, facts)).all())


async def wake_campaigns(session: AsyncSession, client_id: UUID | None, *, now: datetime) -> int:
    """Make due what the gate keeps waiting in the campaigns that run or are paused.

    Without ``client_id`` in those of every client. Returns how many leads.
    """
    under_way = (CampaignState.RUNNING, CampaignState.PAUSED)
    statement = select(Campaign.id).where(col(Campaign.state).in_(under_way))
    if client_id is not None:
        statement = statement.where(col(Campaign.client_id) == client_id)
    ids = (await session.exec(statement.order_by(col(Campaign.id)))).all()
    return sum([await requeue_refused(session, campaign_id, now=now) for campaign_id in ids])
