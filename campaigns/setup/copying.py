"""A campaign copied: settings, dispositions, ways out and lists; its calls stay where they are."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.caller_ids import set_pool
from campaigns.leads.enrol import enrol
from campaigns.models import Campaign, CampaignList
from campaigns.setup.dispositions import replace_dispositions
from campaigns.setup.file_state import standing
from campaigns.setup.saving import save
from campaigns.tenancy import audit
from dialer.clock import Clock

_MOST_TRIES = 1000


async def copy_campaign(
    session: AsyncSession,
    campaign_id: UUID,
    name: str,
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
) -> Campaign:
    """Make a draft like a campaign; without a name it is the old one's with a number.

    What loosens settings of law is asked for anew where the client wants two persons.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
        NameTaken: there is a campaign of this name.
    """
    old = await lifecycle.find(session, campaign_id, client_id=client_id)
    now, whose = await standing(session, old), {"client_id": client_id, "clock": clock, "by": by}
    facts: dict[str, Any] = dict(whose)
    made = await lifecycle.create(
        session, name=name or await _free_name(session, old), settings={}, **facts
    )
    # Dates are those of the old one's work.
    settings = {**old.settings, "starts_at": None, "ends_at": None}
    await save(
        session,
        made.id,
        settings=settings,
        trunk=now.trunk,
        caller_id=now.caller_id,
        reason=f"Copied from {old.name}.",
        **facts,
    )
    await replace_dispositions(session, made.id, now.dispositions, **facts)
    if now.caller_ids:
        await set_pool(session, made.id, now.caller_ids, **facts)
    lists = select(CampaignList.list_id).where(col(CampaignList.campaign_id) == old.id)
    for list_id in (await session.exec(lists.order_by(col(CampaignList.list_id)))).all():
        await enrol(session, made.id, list_id, client_id=client_id, clock=clock)
    told = {"from_campaign": str(old.id), "name": old.name}
    await audit.trace(session, made, "campaign.copied", told, user_id=by, clock=clock)
    return await lifecycle.find(session, made.id, client_id=client_id)


async def _free_name(session: AsyncSession, old: Campaign) -> str:
    mine = select(Campaign.name).where(col(Campaign.client_id) == old.client_id)
    taken = set((await session.exec(mine)).all())
    numbered = (f"{old.name} ({number})" for number in range(2, _MOST_TRIES))
    return next((name for name in numbered if name not in taken), f"{old.name} ({old.id})")
