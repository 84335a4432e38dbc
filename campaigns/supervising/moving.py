"""An agent goes to another campaign without signing out. Nothing here commits."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents import sessions, sharing
from campaigns.agents.models import AgentSession
from campaigns.tenancy import audit
from dialer.clock import Clock


async def move(
    session: AsyncSession,
    agent_id: UUID,
    campaign_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> AgentSession:
    """Have an agent work for another campaign only: after the call that is on, or now when idle.

    After the commit the caller sends ``CommandName.AGENTS_CHANGED`` to the campaign the shift is still in.

    Raises:
        AgentNotFound, CampaignNotFound: not there, or another client's.
        NotSignedIn: the agent has no shift, or is signing out.
        CampaignEnded: the campaign was stopped or is finished.
    """
    shift = await sessions.find_open(session, agent_id, client_id=client_id)
    before = shift.campaign_id
    shift = await sharing.set_campaigns(
        session, shift.id, {campaign_id: 1.0}, client_id=client_id, clock=clock, by=user_id
    )
    facts = {"agent_id": str(agent_id), "from": str(before), "to": str(campaign_id)}
    await audit.trace(session, shift, "agent.moved", facts, user_id=user_id, clock=clock)
    return shift
