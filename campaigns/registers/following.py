"""What a change of a register brings with it: who looks anew, and what is asked about again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.models import FormRow
from campaigns.law.waking import wake_campaigns
from campaigns.leads.requeue import requeue_refused
from campaigns.models import Campaign, CampaignCallerId, CampaignList
from campaigns.scripts.models import ScriptRow
from campaigns.states import CampaignState

UNDER_WAY = (CampaignState.RUNNING, CampaignState.PAUSED)


async def trunk_campaigns(
    session: AsyncSession, client_id: UUID, ids: Sequence[UUID], now: datetime
) -> Sequence[UUID]:
    """Return the campaigns under way that dial by these trunks."""
    del client_id, now  # a trunk may be everybody's
    return await _ids(session, col(Campaign.trunk_id).in_(ids))


async def caller_campaigns(
    session: AsyncSession, client_id: UUID, ids: Sequence[UUID], now: datetime
) -> Sequence[UUID]:
    """Return the campaigns under way that show these numbers; what was refused is asked anew."""
    pooled = select(CampaignCallerId.campaign_id).where(col(CampaignCallerId.caller_id_id).in_(ids))
    shown = or_(col(Campaign.caller_id_id).in_(ids), col(Campaign.id).in_(pooled))
    found = await _ids(session, shown, col(Campaign.client_id) == client_id)
    for campaign_id in found:
        await requeue_refused(session, campaign_id, now=now)
    return found


async def all_campaigns(
    session: AsyncSession, client_id: UUID, ids: Sequence[UUID], now: datetime
) -> Sequence[UUID]:
    """Return all campaigns under way; what the gate keeps waiting is asked about again."""
    del ids
    await wake_campaigns(session, client_id, now=now)
    return await _ids(session, col(Campaign.client_id) == client_id)


async def _ids(session: AsyncSession, *where: Any) -> Sequence[UUID]:
    statement = select(Campaign.id).where(col(Campaign.state).in_(UNDER_WAY), *where)
    return (await session.exec(statement.order_by(col(Campaign.id)))).all()


async def trunk_uses(session: AsyncSession, client_id: UUID, ids: Sequence[UUID]) -> Sequence[str]:
    """Return the names of campaigns under way that dial by these trunks; other clients' have none."""
    statement = select(Campaign.name, Campaign.client_id).where(
        col(Campaign.state).in_(UNDER_WAY), col(Campaign.trunk_id).in_(ids)
    )
    rows = await session.exec(statement.order_by(col(Campaign.name)))
    return [name if owner == client_id else "…" for name, owner in rows]


async def list_uses(session: AsyncSession, client_id: UUID, ids: Sequence[UUID]) -> Sequence[str]:
    """Return the names of campaigns under way that draw from these lists."""
    drawing = select(CampaignList.campaign_id).where(col(CampaignList.list_id).in_(ids))
    return await _names(
        session, col(Campaign.id).in_(drawing), col(Campaign.client_id) == client_id
    )


async def form_uses(session: AsyncSession, client_id: UUID, ids: Sequence[UUID]) -> Sequence[str]:
    """Return the names of campaigns under way that ask these forms."""
    codes = select(FormRow.code).where(
        col(FormRow.id).in_(ids), col(FormRow.client_id) == client_id
    )
    named = col(Campaign.settings)["form"].astext.in_(codes)
    return await _names(session, named, col(Campaign.client_id) == client_id)


async def script_uses(session: AsyncSession, client_id: UUID, ids: Sequence[UUID]) -> Sequence[str]:
    """Return the names of campaigns under way whose operators read these scripts."""
    codes = select(ScriptRow.code).where(
        col(ScriptRow.id).in_(ids), col(ScriptRow.client_id) == client_id
    )
    named = col(Campaign.settings)["script"].astext.in_(codes)
    return await _names(session, named, col(Campaign.client_id) == client_id)


async def _names(session: AsyncSession, *where: Any) -> Sequence[str]:
    statement = select(Campaign.name).where(col(Campaign.state).in_(UNDER_WAY), *where)
    return (await session.exec(statement.order_by(col(Campaign.name)))).all()
