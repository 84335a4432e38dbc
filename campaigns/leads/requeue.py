"""Leads that a refusal keeps waiting are asked about again when what refused them may have changed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from compliance.reasons import FINAL, RefusalReason

#: Reasons that hours, limits, consents, lists or looked-up facts can lift; the others close the lead.
_MAY_PASS = tuple(sorted(set(RefusalReason) - FINAL))
#: What a list that has become usable may lift.
LIST_REASONS = (RefusalReason.DNC_MISSING, RefusalReason.DNC_STALE)

# A lead that another transaction holds is being claimed: it is due already.
_REQUEUE = text(
    """
    WITH refused AS (
        SELECT id FROM lead
        WHERE campaign_id = :campaign_id AND state = 'waiting'
          AND waiting_reason = ANY(CAST(:reasons AS text[]))
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    UPDATE lead SET next_attempt_at = :now FROM refused WHERE lead.id = refused.id
    RETURNING lead.id
    """
)


async def requeue_refused(session: AsyncSession, campaign_id: UUID, *, now: datetime) -> int:
    """Make the leads due that wait because the gate refused them; return how many.

    The gate answers anew for each of them, so nobody is called because of this alone.
    """
    return await requeue_reasons(session, campaign_id, _MAY_PASS, now=now)


async def requeue_reasons(
    session: AsyncSession, campaign_id: UUID, reasons: Iterable[RefusalReason], *, now: datetime
) -> int:
    """Make the leads due that wait for one of ``reasons``; return how many."""
    facts = {
        "campaign_id": campaign_id,
        "reasons": [reason.value for reason in reasons],
        "now": now,
    }
    return len((await session.execute(_REQUEUE, facts)).all())
