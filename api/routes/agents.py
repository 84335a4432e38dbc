"""Agents: make, sign in, ready, pause, sign out."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import CallTakerDep, ManagerDep, SteererDep, require_own_agent
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.agents import (
    AgentIn,
    AgentOut,
    CampaignShare,
    PauseIn,
    ShareIn,
    ShiftOut,
    SignInIn,
)
from campaigns.agents import sessions, sharing
from campaigns.agents.models import Agent, AgentSession
from campaigns.agents.sharing import BadWeights
from campaigns.commands import CommandName
from campaigns.errors import (
    AgentNotFound,
    AlreadySignedIn,
    CampaignEnded,
    CampaignNotFound,
    NameTaken,
    NotSignedIn,
)
from campaigns.supervising.errors import PauseHolds
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.agent.states import AgentState
from dialer.errors import Forbidden, Invalid, Unauthenticated

router = APIRouter(
    prefix="/agents", tags=["agents"], responses=problems(Unauthenticated, Forbidden)
)

_PauseBody = Annotated[PauseIn, Body(default_factory=PauseIn)]


class UnknownLogin(Invalid):
    """The client has no such user."""

    code = "unknown_login"
    message = "There is no user with this login."


@router.post("", status_code=HTTPStatus.CREATED, responses=problems(NameTaken, UnknownLogin))
async def create_agent(body: AgentIn, who: ManagerDep, session: SessionDep) -> AgentOut:
    """Make an agent."""
    user_id = await _user_id(session, body.login, who) if body.login is not None else None
    agent = await sessions.create_agent(
        session,
        client_id=who.client_id,
        name=body.name,
        endpoint=body.endpoint,
        user_id=user_id,
    )
    return AgentOut.model_validate(agent)


async def _user_id(session: AsyncSession, login: str, who: Identity) -> UUID:
    user = await bootstrap.find_user(session, login)
    if user is None or user.client_id != who.client_id:
        raise UnknownLogin(login=login)
    return user.id


@router.get("")
async def list_agents(who: SteererDep, session: SessionDep) -> list[AgentOut]:
    """Return the client's agents by name."""
    statement = select(Agent).where(col(Agent.client_id) == who.client_id).order_by(col(Agent.name))
    return [AgentOut.model_validate(row) for row in (await session.exec(statement)).all()]


@router.post(
    "/{agent_id}/sign-in",
    responses=problems(AgentNotFound, CampaignNotFound, AlreadySignedIn, CampaignEnded, BadWeights),
)
async def sign_in(
    agent_id: UUID,
    body: SignInIn,
    who: CallTakerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> ShiftOut:
    """Begin a shift; the agent is ready as soon as the leg is up.

    Several campaigns share an agent by weight: whenever the agent is free, the agent works for the one that
    lacks agents most among those with something to dial.
    """
    await require_own_agent(session, who, agent_id)
    shift = await sharing.sign_in(
        session,
        agent_id,
        _weights(body.shares()),
        client_id=who.client_id,
        clock=clock,
        by=who.user_id,
    )
    outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return await _shown(session, shift)


def _weights(given: Sequence[CampaignShare]) -> dict[UUID, float]:
    weights = {share.campaign_id: share.weight for share in given}
    if len(weights) < len(given):
        raise BadWeights("A campaign is named twice.")
    return weights


async def _shown(session: AsyncSession, shift: AgentSession) -> ShiftOut:
    weights = (await sharing.campaigns_of(session, [shift]))[shift.id]
    shares = [CampaignShare(campaign_id=one, weight=weight) for one, weight in weights.items()]
    return ShiftOut.model_validate(shift).model_copy(update={"campaigns": shares})


@router.get("/{agent_id}/shift", responses=problems(AgentNotFound, NotSignedIn))
async def show_shift(agent_id: UUID, who: CallTakerDep, session: SessionDep) -> ShiftOut:
    """Return the agent's open shift: the campaigns that share it, and the one it works for now."""
    await require_own_agent(session, who, agent_id)
    return await _shown(
        session, await sessions.find_open(session, agent_id, client_id=who.client_id)
    )


@router.put(
    "/{agent_id}/campaigns",
    responses=problems(AgentNotFound, CampaignNotFound, NotSignedIn, CampaignEnded, BadWeights),
)
async def change_campaigns(
    agent_id: UUID,
    body: ShareIn,
    who: SteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> ShiftOut:
    """Change the campaigns of an open shift, or their weights; a call that is on is finished first."""
    shift = await sessions.find_open(session, agent_id, client_id=who.client_id)
    shift = await sharing.set_campaigns(
        session,
        shift.id,
        _weights(body.campaigns),
        client_id=who.client_id,
        clock=clock,
        by=who.user_id,
    )
    outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return await _shown(session, shift)


@router.post("/{agent_id}/ready", responses=problems(AgentNotFound, NotSignedIn, PauseHolds))
async def ready(
    agent_id: UUID, who: CallTakerDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> ShiftOut:
    """Take the next call when free."""
    return await _wants(session, agent_id, who, outbox, clock, AgentState.READY)


@router.post("/{agent_id}/pause", responses=problems(AgentNotFound, NotSignedIn))
async def pause(
    agent_id: UUID,
    who: CallTakerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
    body: _PauseBody,
) -> ShiftOut:
    """Take a break when free; a call that is on goes on."""
    return await _wants(session, agent_id, who, outbox, clock, AgentState.PAUSED, body.pause_code)


async def _wants(
    session: AsyncSession,
    agent_id: UUID,
    who: Identity,
    outbox: OutboxDep,
    clock: ClockDep,
    wants: AgentState,
    pause_code: str | None = None,
) -> ShiftOut:
    await require_own_agent(session, who, agent_id)
    shift = await sessions.find_open(session, agent_id, client_id=who.client_id)
    shift = await sessions.set_wants(
        session,
        shift.id,
        wants,
        client_id=who.client_id,
        pause_code=pause_code,
        own_at=clock.now() if who.role is Role.AGENT else None,
    )
    outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return await _shown(session, shift)


@router.post("/{agent_id}/sign-out", responses=problems(AgentNotFound, NotSignedIn))
async def sign_out(
    agent_id: UUID,
    who: CallTakerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> ShiftOut:
    """End the shift; a call that is on is finished first."""
    await require_own_agent(session, who, agent_id)
    shift = await sessions.find_open(session, agent_id, client_id=who.client_id)
    shift = await sessions.sign_out(session, shift.id, client_id=who.client_id, clock=clock)
    outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return await _shown(session, shift)
