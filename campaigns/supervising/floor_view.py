"""Who works now, as a supervisor sees it: one row an agent, one a campaign. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.settings import CampaignSettings
from dialer.agent.states import AgentState


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent on shift."""

    agent_id: UUID
    name: str
    campaign_id: UUID
    campaign: str
    state: AgentState
    since: datetime
    wants: AgentState
    held: bool
    unread: int  #: messages the agent has not read
    listeners: int  #: supervisors who listen now
    is_me: bool


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list whose leads a campaign dials."""

    list_id: UUID
    name: str
    paused: str | None  #: why it rests; None: it is drawn


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign that runs or is paused."""

    campaign_id: UUID
    name: str
    settings: CampaignSettings
    lists: tuple[ListRow, ...]
    agents: int


_AGENTS = text(
    """
    SELECT g.id AS agent_id, g.name, s.campaign_id, c.name AS campaign, e.state,
           coalesce(e.started_at, s.started_at) AS since, s.wants, s.held,
           (SELECT count(*) FROM agent_message m
            WHERE m.agent_id = g.id AND m.client_id = s.client_id AND m.read_at IS NULL) AS unread,
           (SELECT count(*) FROM monitoring o
            WHERE o.session_id = s.id AND o.ended_at IS NULL) AS listeners,
           g.user_id IS NOT DISTINCT FROM CAST(:user_id AS uuid) AS is_me
    FROM agent_session s JOIN agent g ON g.id = s.agent_id JOIN campaign c ON c.id = s.campaign_id
    LEFT JOIN agent_state_entry e ON e.session_id = s.id AND e.ended_at IS NULL
    WHERE s.client_id = :client_id AND s.ended_at IS NULL ORDER BY g.name
    """
)
_CAMPAIGNS = text(
    """
    SELECT c.id, c.name, c.settings,
           (SELECT count(*) FROM agent_session s
            WHERE s.campaign_id = c.id AND s.ended_at IS NULL) AS agents
    FROM campaign c WHERE c.client_id = :client_id AND c.state IN ('running', 'paused')
    ORDER BY c.name
    """
)
_LISTS = text(
    """
    SELECT DISTINCT n.campaign_id, l.id, l.name, p.reason
    FROM lane n JOIN contact_list l ON l.id = n.list_id
    LEFT JOIN list_pause p ON p.campaign_id = n.campaign_id AND p.list_id = l.id
    WHERE l.client_id = :client_id AND n.campaign_id = ANY(CAST(:campaigns AS uuid[]))
    ORDER BY l.name
    """
)


async def agents_now(
    session: AsyncSession, *, client_id: UUID, user_id: UUID | None
) -> list[AgentRow]:
    """Return a client's agents on shift, by name."""
    facts = {"client_id": client_id, "user_id": user_id}
    return [
        AgentRow(
            agent_id=row.agent_id,
            name=row.name,
            campaign_id=row.campaign_id,
            campaign=row.campaign,
            state=AgentState(row.state) if row.state else AgentState.CONNECTING,
            since=row.since,
            wants=AgentState(row.wants),
            held=row.held,
            unread=row.unread,
            listeners=row.listeners,
            is_me=row.is_me,
        )
        for row in await session.execute(_AGENTS, facts)
    ]


async def campaigns_now(session: AsyncSession, *, client_id: UUID) -> list[CampaignRow]:
    """Return a client's campaigns that run or are paused, by name."""
    rows = (await session.execute(_CAMPAIGNS, {"client_id": client_id})).all()
    facts = {"client_id": client_id, "campaigns": [row.id for row in rows]}
    lists: dict[UUID, list[ListRow]] = {}
    for one in await session.execute(_LISTS, facts):
        lists.setdefault(one.campaign_id, []).append(ListRow(one.id, one.name, one.reason))
    return [
        CampaignRow(
            row.id,
            row.name,
            CampaignSettings.model_validate(row.settings),
            tuple(lists.get(row.id, ())),
            row.agents,
        )
        for row in rows
    ]
