"""Shifts in several campaigns: which, and with what weights. Nothing here commits.

After the commit the caller sends ``CommandName.AGENTS_CHANGED`` to the runner of the campaign the agent
works for: it decides who works where (``workers/dialing/blending.py``).
"""

from collections.abc import Iterable, Mapping
from math import isfinite
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.agents import sessions
from campaigns.agents.models import AgentSession, AgentSessionCampaign
from campaigns.errors import CampaignEnded, NotSignedIn
from campaigns.models import Campaign
from campaigns.states import CampaignState
from campaigns.tenancy import audit
from dialer.agent.states import AgentState
from dialer.clock import Clock
from dialer.errors import Invalid

#: More than this and the others would never get anybody.
LEAST_WEIGHT, MOST_WEIGHT = 0.001, 1000.0
#: Each hand-over weighs every campaign of the shift; nobody knows more scripts than this by heart.
MOST_CAMPAIGNS = 20

_OVER = frozenset({CampaignState.STOPPED, CampaignState.FINISHED})
#: Where a shift begins: rather with a campaign that has a runner.
_FIRST = {CampaignState.RUNNING: 2, CampaignState.PAUSED: 1}


class BadWeights(Invalid):
    """The campaigns of a shift cannot be weighed like this."""

    code = "bad_weights"
    message = "A weight is a number from 0.001 to 1000."


async def sign_in(
    session: AsyncSession,
    agent_id: UUID,
    weights: Mapping[UUID, float],
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
) -> AgentSession:
    """Begin a shift in one or several campaigns; ``weights`` by campaign share the agents among them.

    Raises:
        BadWeights: no campaign, too many, or a weight that is none.
        AgentNotFound, CampaignNotFound: not there, or another client's.
        AlreadySignedIn: the agent has an open session.
        CampaignEnded: a campaign was stopped or is finished.
    """
    campaigns = await _campaigns(session, weights, client_id=client_id)
    first = max(campaigns, key=lambda one: (_FIRST.get(one.state, 0), weights[one.id]))
    shift = await sessions.sign_in(session, agent_id, first.id, client_id=client_id, clock=clock)
    await _store(session, shift, weights)
    facts = {"agent_id": str(agent_id), "campaigns": _told(weights)}
    await audit.trace(session, shift, "agent_session.signed_in", facts, user_id=by, clock=clock)
    return shift


async def set_campaigns(
    session: AsyncSession,
    session_id: UUID,
    weights: Mapping[UUID, float],
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
) -> AgentSession:
    """Change the campaigns of a shift, or their weights; a call that is on is finished first.

    The agent leaves a campaign that is not named any more when free.

    Raises:
        BadWeights: no campaign, too many, or a weight that is none.
        CampaignNotFound: not there, or another client's.
        CampaignEnded: a campaign was stopped or is finished.
        NotSignedIn: no open session of this client has the id, or it is being signed out.
    """
    await _campaigns(session, weights, client_id=client_id)
    shift = await sessions.lock(session, session_id, client_id=client_id)
    if shift.wants is AgentState.OFFLINE:
        raise NotSignedIn("The agent is signing out: sign in again when it is done.")
    before = (await campaigns_of(session, [shift]))[shift.id]
    if before == dict(weights):
        return shift
    await _store(session, shift, weights)
    facts = {"from": _told(before), "to": _told(weights)}
    await audit.trace(
        session, shift, "agent_session.campaigns_changed", facts, user_id=by, clock=clock
    )
    return shift


async def campaigns_of(
    session: AsyncSession, shifts: Iterable[AgentSession]
) -> dict[UUID, dict[UUID, float]]:
    """Return the weights of each shift by campaign; a shift in one campaign gives it weight 1."""
    found: dict[UUID, dict[UUID, float]] = {}
    mine = {shift.id: shift for shift in shifts}
    rows = await session.exec(
        select(AgentSessionCampaign).where(col(AgentSessionCampaign.session_id).in_(mine))
    )
    for row in rows:
        found.setdefault(row.session_id, {})[row.campaign_id] = row.weight
    return {key: found.get(key, {shift.campaign_id: 1.0}) for key, shift in mine.items()}


async def _campaigns(
    session: AsyncSession, weights: Mapping[UUID, float], *, client_id: UUID
) -> list[Campaign]:
    if not weights:
        raise BadWeights("Name at least one campaign.")
    if len(weights) > MOST_CAMPAIGNS:
        raise BadWeights(f"A shift is in at most {MOST_CAMPAIGNS} campaigns.", count=len(weights))
    for campaign_id, weight in weights.items():
        if not isfinite(weight) or not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
            raise BadWeights(campaign_id=str(campaign_id), weight=str(weight))
    found = [await lifecycle.find(session, one, client_id=client_id) for one in weights]
    for campaign in found:
        if campaign.state in _OVER:
            raise CampaignEnded(campaign_id=str(campaign.id), state=campaign.state.value)
    return found


async def _store(session: AsyncSession, shift: AgentSession, weights: Mapping[UUID, float]) -> None:
    """Replace the shift's rows; one campaign that is its own already needs none."""
    await session.exec(
        delete(AgentSessionCampaign).where(col(AgentSessionCampaign.session_id) == shift.id)
    )
    if set(weights) != {shift.campaign_id}:
        session.add_all(
            AgentSessionCampaign(
                session_id=shift.id,
                campaign_id=campaign_id,
                client_id=shift.client_id,
                weight=weight,
            )
            for campaign_id, weight in weights.items()
        )
    await session.flush()


def _told(weights: Mapping[UUID, float]) -> dict[str, float]:
    return {str(campaign_id): weight for campaign_id, weight in weights.items()}
