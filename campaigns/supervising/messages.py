"""Messages of supervisors to agents: sent, read, remembered. Nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.agents import sessions
from campaigns.agents.models import AgentSession
from campaigns.supervising.errors import BadMessage, MessageNotFound, NobodyThere
from campaigns.supervising.models import AgentMessage
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.ids import new_id

#: Letters of a message.
MOST_LETTERS = 500
#: So many are shown of those that were read.
SHOWN = 20


async def send_to_agent(
    session: AsyncSession,
    agent_id: UUID,
    words: str,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> list[AgentMessage]:
    """Send a message to one agent, on shift or not.

    Raises:
        AgentNotFound: no such agent, or another client's.
        BadMessage: no words, or too many.
    """
    agent = await sessions.find_agent(session, agent_id, client_id=client_id)
    return await _send(session, [agent.id], words, None, client_id, user_id, clock)


async def send_to_campaign(
    session: AsyncSession,
    campaign_id: UUID,
    words: str,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> list[AgentMessage]:
    """Send a message to everybody who works for a campaign now.

    Raises:
        CampaignNotFound: no such campaign, or another client's.
        NobodyThere: nobody works for it.
        BadMessage: no words, or too many.
    """
    await lifecycle.find(session, campaign_id, client_id=client_id)
    statement = select(AgentSession.agent_id).where(
        col(AgentSession.campaign_id) == campaign_id,
        col(AgentSession.client_id) == client_id,
        col(AgentSession.ended_at).is_(None),
    )
    agents = (await session.exec(statement.order_by(col(AgentSession.agent_id)))).all()
    if not agents:
        raise NobodyThere(campaign_id=campaign_id)
    return await _send(session, agents, words, campaign_id, client_id, user_id, clock)


async def _send(
    session: AsyncSession,
    agents: Sequence[UUID],
    words: str,
    campaign_id: UUID | None,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> list[AgentMessage]:
    words = words.strip()
    if not 1 <= len(words) <= MOST_LETTERS:
        raise BadMessage
    batch_id, now = new_id(), clock.now()
    rows = [
        AgentMessage(
            client_id=client_id,
            agent_id=agent_id,
            batch_id=batch_id,
            campaign_id=campaign_id,
            sent_by=user_id,
            words=words,
            sent_at=now,
        )
        for agent_id in agents
    ]
    session.add_all(rows)
    await session.flush()
    facts = {"to": [str(one) for one in agents], "words": words}
    subject, subject_id = ("campaign", campaign_id) if campaign_id else ("agent", agents[0])
    await audit.record(
        session,
        client_id=client_id,
        user_id=user_id,
        at=now,
        action="agent_message.sent",
        subject=subject,
        subject_id=subject_id,
        facts=facts,
    )
    return rows


async def of_agents(
    session: AsyncSession, agent_ids: Sequence[UUID], *, client_id: UUID
) -> list[AgentMessage]:
    """Return the newest messages to these agents, those not read first."""
    statement = (
        select(AgentMessage)
        .where(col(AgentMessage.agent_id).in_(agent_ids), col(AgentMessage.client_id) == client_id)
        .order_by(col(AgentMessage.read_at).is_not(None), col(AgentMessage.sent_at).desc())
        .limit(SHOWN)
    )
    return list((await session.exec(statement)).all())


async def mark_read(
    session: AsyncSession,
    message_id: UUID,
    agent_ids: Sequence[UUID],
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> AgentMessage:
    """Keep that the agent has read a message; once is enough.

    Raises:
        MessageNotFound: no such message to one of these agents.
    """
    statement = select(AgentMessage).where(
        col(AgentMessage.id) == message_id,
        col(AgentMessage.agent_id).in_(agent_ids),
        col(AgentMessage.client_id) == client_id,
    )
    row = (await session.exec(statement.with_for_update())).first()
    if row is None:
        raise MessageNotFound(message_id=message_id)
    if row.read_at is None:
        row.read_at = clock.now()
        await session.flush()
        await audit.trace(session, row, "agent_message.read", {}, user_id=user_id, clock=clock)
    return row
