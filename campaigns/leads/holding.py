"""What holds a lead back though it is due: its lane, its agent, a selection still to be applied."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.quotas import full_cells
from campaigns.leads.selection import load_lanes
from campaigns.models import Campaign
from campaigns.selection import Selection
from campaigns.supervising import list_pauses
from dialer.agent.states import AgentState

SELECTION_PENDING = "selection_pending"
QUOTA_FULL = "quota_full"
LIST_RESTS = "list_rests"
LIST_PAUSED = "list_paused"
AGENT_RESERVED = "agent_reserved"

#: How a campaign's reason begins when its selection stays due until a person acts.
NOT_APPLIED = "The selection cannot be applied: "

REMEDIES = {
    SELECTION_PENDING: "The selection is being applied to the leads; that passes by itself.",
    QUOTA_FULL: "Its quota has its successes: raise the quota's target to dial it.",
    LIST_RESTS: "Its list has 0 percent in the campaign's list mix: give it a share.",
    LIST_PAUSED: "Its list was paused in this campaign by a supervisor: resume the list.",
    AGENT_RESERVED: "The call was promised by an agent who is not here: the agent must sign in.",
}


@dataclass(frozen=True, slots=True)
class Holds:
    """What a campaign holds back now."""

    selection_due: bool
    full_lanes: frozenset[int]  #: even numbers
    resting_lanes: frozenset[int]
    agents: frozenset[str]  #: names of those who are signed in and want calls
    paused_lanes: frozenset[int] = frozenset()
    not_applied: str = ""  #: why the selection cannot be applied, a sentence

    def of_due_lead(self, row: Row[Any]) -> str | None:
        """Return what keeps a due lead from being drawn; a promised call waits for no lane."""
        if self.selection_due:
            return SELECTION_PENDING
        if row.promised or row.lane is None:
            return None
        if row.lane & ~1 in self.paused_lanes:
            return LIST_PAUSED
        if row.lane & ~1 in self.resting_lanes:
            return LIST_RESTS
        return QUOTA_FULL if row.lane & ~1 in self.full_lanes else None

    def of_cleared_lead(self, row: Row[Any]) -> str | None:
        """Return what keeps a lead that may be called: the call belongs to somebody who is away."""
        away = row.reserved_for is not None and row.reserved_for not in self.agents
        return AGENT_RESERVED if away else None


async def load_holds(session: AsyncSession, campaign_id: UUID, selection: Selection) -> Holds:
    """Read what a campaign holds back."""
    campaign = select(Campaign.selection_due, Campaign.state_reason)
    due, told = (await session.exec(campaign.where(col(Campaign.id) == campaign_id))).one()
    lanes = await load_lanes(session, campaign_id)
    paused = await list_pauses.resting(session, campaign_id)
    full = await full_cells(session, campaign_id, selection.quotas)
    names = (
        select(Agent.name)
        .join(AgentSession, col(AgentSession.agent_id) == col(Agent.id))
        .where(
            col(AgentSession.campaign_id) == campaign_id,
            col(AgentSession.ended_at).is_(None),
            col(AgentSession.wants) == AgentState.READY,
        )
    )
    return Holds(
        selection_due=due,
        full_lanes=frozenset(row.lane for row in lanes if row.quota_cell in full),
        resting_lanes=frozenset(
            row.lane for row in lanes if selection.list_mix.get(row.list_id) == 0
        ),
        paused_lanes=frozenset(row.lane for row in lanes if row.list_id in paused),
        agents=frozenset((await session.exec(names)).all()),
        not_applied="".join(told.partition(NOT_APPLIED)[1:]) if due else "",
    )
