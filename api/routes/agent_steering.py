"""Steering agents: a supervisor's orders with their reasons, and more time for a wrap-up."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import CallTakerDep, SteererDep, require_own_agent
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.agents import ShiftOut
from campaigns.agents import sessions, steering
from campaigns.agents.steering import NoMoreTime, NotWrappingUp, ReasonMissing
from campaigns.commands import CommandName
from campaigns.errors import AgentNotFound, NotSignedIn
from dialer.agent.states import AgentState
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/agents/{agent_id}",
    tags=["agents"],
    responses=problems(Unauthenticated, Forbidden, AgentNotFound, NotSignedIn),
)


class Forced(StrEnum):
    """What a supervisor can make of an agent."""

    READY = "ready"
    PAUSED = "paused"
    OFFLINE = "offline"


class ForceIn(BaseModel):
    """An order and its reason."""

    model_config = ConfigDict(extra="forbid")

    state: Forced
    reason: Annotated[str, Field(max_length=1000, description="The agent reads it.")] = ""
    hold: Annotated[
        bool, Field(description="Of a pause: only a supervisor, or the time, ends it.")
    ] = True
    minutes: Annotated[
        float | None, Field(gt=0, le=1440, description="After these the agent may be ready again.")
    ] = None


@router.post("/force", responses=problems(ReasonMissing))
async def force(
    agent_id: UUID,
    body: ForceIn,
    who: SteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> ShiftOut:
    """Make an agent ready, pause or sign out an agent; a call that is on goes on."""
    shift = await sessions.find_open(session, agent_id, client_id=who.client_id)
    wants = AgentState(body.state.value)
    shift = await steering.force(
        session,
        shift,
        wants,
        body.reason,
        user_id=who.user_id,
        clock=clock,
        hold=body.hold,
        minutes=body.minutes,
    )
    outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return ShiftOut.model_validate(shift)


@router.post("/extend-wrap-up", responses=problems(NotWrappingUp, NoMoreTime))
async def extend_wrap_up(
    agent_id: UUID, who: CallTakerDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> ShiftOut:
    """Take more time for the wrap-up that is on."""
    await require_own_agent(session, who, agent_id)
    shift = await sessions.find_open(session, agent_id, client_id=who.client_id)
    shift = await steering.extend_wrap_up(session, shift, user_id=who.user_id, clock=clock)
    outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return ShiftOut.model_validate(shift)
