"""What a campaign needs before anything can be dialled."""

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import AgentSession
from campaigns.errors import NoContacts, NoHours, NoTrunk
from campaigns.leads.models import Lead
from campaigns.models import Campaign, Trunk
from campaigns.settings import CampaignSettings
from campaigns.states import LeadState

#: What a start without agents reports; the campaign runs and waits for them.
NO_AGENTS = "No agents are signed in: nothing will be dialled until one is."


async def check(session: AsyncSession, campaign: Campaign) -> None:
    """Refuse a campaign that could not dial anybody.

    Raises:
        NoTrunk, NoHours, NoContacts: the first thing it lacks; the message names the remedy.
    """
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    if trunk is None:
        raise NoTrunk
    hours = CampaignSettings.model_validate(campaign.settings).calling_hours()
    if not trunk.simulated and (hours is None or hours.is_empty()):
        raise NoHours
    await _require_open_leads(session, campaign)


async def _require_open_leads(session: AsyncSession, campaign: Campaign) -> None:
    is_open = func.count().filter(col(Lead.state) != LeadState.DONE)
    statement = select(func.count(), is_open).where(col(Lead.campaign_id) == campaign.id)
    every, still_open = (await session.exec(statement)).one()
    if every == 0:
        raise NoContacts
    if still_open == 0:
        raise NoContacts(
            "Every contact has its result: add another contact list to the campaign.", leads=every
        )


async def notes(session: AsyncSession, campaign: Campaign) -> tuple[str, ...]:
    """Return what does not forbid a start but keeps the campaign from dialling."""
    statement = select(AgentSession.id).where(
        col(AgentSession.campaign_id) == campaign.id, col(AgentSession.ended_at).is_(None)
    )
    signed_in = (await session.exec(statement)).first() is not None
    return () if signed_in else (NO_AGENTS,)
