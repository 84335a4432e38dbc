"""The quick look at the tables, once a second: campaigns, agents, calls in flight, open alarms."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.desk.moments import Told
from campaigns.states import CampaignState
from campaigns.wall.words import AlarmCode
from dialer.agent.states import AgentState

#: A person who waits longer than the campaign lets anybody wait has heard that nobody comes.
WAITS_S = 3.0

_CAMPAIGNS = text(
    """
    SELECT id, name, state, state_reason, trunk_id, settings FROM campaign
    WHERE client_id = :client_id AND state IN ('running', 'paused') ORDER BY name, id
    """
)
_AGENTS = text(
    """
    SELECT s.id, s.agent_id, g.name, s.campaign_id, s.wants, s.alone_at, s.started_at,
           s.forced_by IS NOT NULL AS forced,
           e.state, e.pause_code, e.call_id, e.started_at AS since
    FROM agent_session s JOIN agent g ON g.id = s.agent_id
    LEFT JOIN agent_state_entry e ON e.session_id = s.id AND e.ended_at IS NULL
    WHERE s.client_id = :client_id AND s.ended_at IS NULL
    """
)
_CALLS = text(
    """
    SELECT campaign_id,
           count(*) FILTER (WHERE answered_at IS NULL AND rang_at IS NULL) AS dialing,
           count(*) FILTER (WHERE answered_at IS NULL AND rang_at IS NOT NULL) AS ringing,
           count(*) FILTER (WHERE connected_at IS NULL AND answered_at >= :waits_since) AS waiting,
           count(*) FILTER (WHERE connected_at IS NULL AND answered_at < :waits_since) AS closing,
           count(connected_at) AS connected,
           min(answered_at) FILTER (WHERE connected_at IS NULL AND answered_at >= :waits_since)
               AS waiting_since
    FROM attempt WHERE client_id = :client_id AND ended_at IS NULL
    GROUP BY campaign_id
    """
)
_ALARMS = text(
    """
    SELECT a.id, a.campaign_id, a.code, a.about, a.facts, a.began_at, a.acknowledged_at,
           u.login AS acknowledged_by
    FROM wall_alarm a LEFT JOIN user_account u ON u.id = a.acknowledged_by
    WHERE a.client_id = :client_id AND a.ended_at IS NULL ORDER BY a.began_at, a.id
    """
)


@dataclass(frozen=True, slots=True)
class CampaignNow:
    """A campaign that runs, or is paused."""

    id: UUID
    name: str
    state: CampaignState
    reason: str
    trunk_id: UUID | None
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An open shift."""

    session_id: UUID
    agent_id: UUID
    name: str
    campaign_id: UUID
    state: AgentState
    since: datetime
    wants: AgentState
    forced: bool = False
    pause_code: str | None = None
    call_id: UUID | None = None
    alone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallsNow:
    """A campaign's calls in flight."""

    dialing: int = 0
    ringing: int = 0
    waiting: int = 0  #: people who answered and have no agent yet
    closing: int = 0  #: people who hear that nobody comes, and machines
    connected: int = 0
    waiting_since: datetime | None = None  #: of who waits longest

    @property
    def in_flight(self) -> int:
        """Return all of them."""
        return self.dialing + self.ringing + self.waiting + self.closing + self.connected


@dataclass(frozen=True, slots=True)
class AlarmNow:
    """An open alarm."""

    id: UUID
    campaign_id: UUID | None
    code: AlarmCode
    about: str
    facts: dict[str, Any]
    began_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """What a quick look found."""

    at: datetime
    campaigns: dict[UUID, CampaignNow]
    agents: dict[UUID, AgentNow]  #: by shift
    calls: dict[UUID, CallsNow]  #: by campaign
    alarms: tuple[AlarmNow, ...] = ()


async def look(session: AsyncSession, client_id: UUID, now: datetime) -> Look:
    """Return what a client's tables say now: four statements, each by an index of what is open."""
    mine = {"client_id": client_id}
    campaigns = await session.execute(_CAMPAIGNS, mine)
    agents = await session.execute(_AGENTS, mine)
    calls = await session.execute(_CALLS, {**mine, "waits_since": now - timedelta(seconds=WAITS_S)})
    alarms = await session.execute(_ALARMS, mine)
    return Look(
        now,
        {row.id: _campaign(row) for row in campaigns},
        {row.id: _agent(row) for row in agents},
        {row.campaign_id: CallsNow(*row[1:]) for row in calls},
        tuple(AlarmNow(row.id, row.campaign_id, AlarmCode(row.code), *row[3:]) for row in alarms),
    )


def _campaign(row: Row[Any]) -> CampaignNow:
    state = CampaignState(row.state)
    return CampaignNow(row.id, row.name, state, row.state_reason, row.trunk_id, row.settings)


def _agent(row: Row[Any]) -> AgentNow:
    # A shift that nobody has taken up yet has no state: its leg is about to be dialled.
    return AgentNow(
        session_id=row.id,
        agent_id=row.agent_id,
        name=row.name,
        campaign_id=row.campaign_id,
        state=AgentState(row.state) if row.state else AgentState.CONNECTING,
        since=row.since or row.started_at,
        wants=AgentState(row.wants),
        forced=row.forced,
        pause_code=row.pause_code,
        call_id=row.call_id,
        alone_at=row.alone_at,
    )


def after_look(known: AgentNow | None, row: AgentNow) -> AgentNow:
    """Return an agent after a look at the tables, which may not have the latest state yet."""
    if known == row:
        return known  # the same object: what was drawn of it can be used again
    if known is None or row.since >= known.since:
        return row
    return AgentNow(
        session_id=row.session_id,
        agent_id=row.agent_id,
        name=row.name,
        campaign_id=known.campaign_id,
        state=known.state,
        since=known.since,
        wants=row.wants,
        forced=row.forced,
        pause_code=known.pause_code,
        call_id=known.call_id,
        alone_at=row.alone_at,
    )


def after_notice(known: AgentNow, told: Told, pause_code: str | None = None) -> AgentNow:
    """Return an agent after what the runner told; a notice that is older changes nothing."""
    if told.at < known.since or (told.at == known.since and told.state is known.state):
        return known
    return AgentNow(
        session_id=known.session_id,
        agent_id=known.agent_id,
        name=known.name,
        campaign_id=told.campaign_id,
        state=told.state,
        since=told.at,
        wants=known.wants,
        forced=known.forced,
        pause_code=pause_code if told.state is AgentState.PAUSED else None,
        call_id=told.call_id,
        alone_at=known.alone_at,
    )
