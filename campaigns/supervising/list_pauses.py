"""Contact lists that rest in a campaign: none of their leads is drawn. Nothing here commits.

After the commit the caller sends ``CommandName.REFRESH``. Leads that were claimed already are given back in
the same transaction; a promised call is kept, for it was promised to a person.
"""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.agents.steering import LEAST_REASON, MOST_REASON, ReasonMissing
from campaigns.supervising.errors import NotInTheCampaign
from campaigns.supervising.models import ListPause
from campaigns.tenancy import audit
from dialer.clock import Clock

_HAS_LEADS = text(
    "SELECT 1 FROM lead l JOIN contact c ON c.id = l.contact_id"
    " WHERE l.campaign_id = :campaign_id AND c.list_id = :list_id LIMIT 1"
)
#: Claims of promised calls, and of contacts an agent reads, stay.
_GIVE_BACK = text(
    """
    DELETE FROM lead_claim k USING lead l, contact c
    WHERE l.id = k.lead_id AND c.id = l.contact_id AND l.campaign_id = :campaign_id
      AND c.list_id = :list_id
      AND NOT EXISTS (SELECT FROM callback b WHERE b.lead_id = l.id AND b.state = 'open')
      AND NOT EXISTS (SELECT FROM preview v WHERE v.lead_id = l.id AND v.ended_at IS NULL)
    """
)


async def pause(
    session: AsyncSession,
    campaign_id: UUID,
    list_id: UUID,
    reason: str,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> ListPause:
    """Let a list rest in a campaign, for a reason; it rests already: the reason is changed.

    Raises:
        CampaignNotFound: no such campaign, or another client's.
        NotInTheCampaign: the campaign has no lead of it.
        ReasonMissing: no reason, or too long a one.
    """
    reason = " ".join(reason.split())
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise ReasonMissing
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id, lock=True)
    facts = {"campaign_id": campaign_id, "list_id": list_id}
    if (await session.execute(_HAS_LEADS, facts)).first() is None:
        raise NotInTheCampaign(list_id=list_id)
    row = await session.get(ListPause, (campaign_id, list_id))
    if row is None:
        row = ListPause(
            campaign_id=campaign_id,
            list_id=list_id,
            client_id=client_id,
            reason=reason,
            paused_by=user_id,
            paused_at=clock.now(),
        )
        session.add(row)
    row.reason = reason
    await session.flush()
    await session.execute(_GIVE_BACK, facts)
    told = {"list_id": str(list_id), "reason": reason}
    await audit.trace(session, campaign, "list.paused", told, user_id=user_id, clock=clock)
    return row


async def resume(
    session: AsyncSession,
    campaign_id: UUID,
    list_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Draw a list's leads again; one that does not rest is fine.

    Raises:
        CampaignNotFound: no such campaign, or another client's.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id, lock=True)
    row = await session.get(ListPause, (campaign_id, list_id))
    if row is None:
        return
    await session.delete(row)
    await session.flush()
    told = {"list_id": str(list_id), "reason": row.reason}
    await audit.trace(session, campaign, "list.resumed", told, user_id=user_id, clock=clock)


async def give_back(session: AsyncSession, campaign_id: UUID, list_id: UUID) -> None:
    """Give back what was claimed of a list that rests: a draw may have crossed the pause."""
    facts = {"campaign_id": campaign_id, "list_id": list_id}
    await session.execute(_GIVE_BACK, facts)


async def resting(session: AsyncSession, campaign_id: UUID) -> dict[UUID, str]:
    """Return the lists that rest in a campaign, with the reasons."""
    statement = select(ListPause).where(col(ListPause.campaign_id) == campaign_id)
    return {row.list_id: row.reason for row in (await session.exec(statement)).all()}
