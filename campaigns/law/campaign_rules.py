"""The pack rows that bind any call a campaign may place, wherever its waiting leads are."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.asking import load_client_law
from campaigns.leads.models import Lane
from campaigns.leads.places import load_places, waiting_places
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from compliance.binding import binding_rules
from compliance.facts import Law
from compliance.rulebook.rules import Rule


async def campaign_rules(
    session: AsyncSession, campaign: Campaign, *, law: Law, now: datetime
) -> list[Rule]:
    """Return the rows that bind calls to the campaign's waiting leads at this moment."""
    settings = CampaignSettings.model_validate(campaign.settings)
    client = await load_client_law(session, campaign.client_id, law)
    lanes = select(Lane.lane).where(col(Lane.campaign_id) == campaign.id)
    numbers = [n for lane in await session.exec(lanes) for n in (lane, lane + 1)]
    waiting = await waiting_places(session, campaign.id, numbers)
    found = {
        rule.id: rule
        for placement in (await load_places(session, waiting)).values()
        for rule in binding_rules(
            law,
            placement,
            now,
            purpose=settings.purpose,
            channel=settings.channel(),
            party=settings.party,
            exempted=client.exempted,
        )
    }
    return list(found.values())
