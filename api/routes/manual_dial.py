"""Manual dialling: an agent calls a contact found, or a number typed, through the gate."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import CallTakerDep, require_own_agent
from api.deps import OutboxDep, Services, ServicesDep, SessionDep
from api.errors import problems
from api.schemas.previews import DecisionOut
from campaigns import lifecycle
from campaigns.agents import sessions
from campaigns.agents.models import AgentSession
from campaigns.commands import CommandName
from campaigns.errors import AgentNotFound, NotSignedIn
from campaigns.leads import manual
from campaigns.leads.deciding import NoSuchNumber
from campaigns.leads.keeping import keeper_for
from campaigns.leads.manual import Wanted
from campaigns.leads.preview_models import Preview
from campaigns.tenancy.tokens import Identity
from dialer.errors import Forbidden, Unauthenticated
from dialer.phone import InvalidPhone

router = APIRouter(tags=["agents"], responses=problems(Unauthenticated, Forbidden))


class ManualDialIn(BaseModel):
    """Whom to call: a lead of the campaign, or a number."""

    model_config = ConfigDict(extra="forbid")

    lead_id: UUID | None = None
    phone_position: int | None = Field(default=None, ge=0, description="Which of its numbers.")
    number: str = Field(default="", max_length=40, description="As people write it.")


@router.post(
    "/agents/{agent_id}/manual-dial",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(
        *(AgentNotFound, NotSignedIn, manual.ManualDialOff, manual.AgentNotFree),
        *(manual.ContactNotFree, manual.NotCleared, manual.LeadMissing, manual.WhomToDial),
        *(NoSuchNumber, InvalidPhone),
    ),
)
async def dial_by_hand(
    agent_id: UUID,
    body: ManualDialIn,
    who: CallTakerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> DecisionOut:
    """Dial whom the agent chose; the gate is asked here, and again when the call is placed."""
    await require_own_agent(session, who, agent_id)
    shift = await sessions.find_open(session, agent_id, client_id=who.client_id)
    wanted = Wanted(body.lead_id, body.phone_position, body.number)
    chosen = await choose(session, services, outbox, who, shift, wanted)
    return DecisionOut.model_validate(chosen)


async def choose(
    session: AsyncSession,
    services: Services,
    outbox: OutboxDep,
    who: Identity,
    shift: AgentSession,
    wanted: Wanted,
) -> Preview:
    """Have whom the agent chose dialled after the commit.

    Raises:
        OutdialError: see ``campaigns.leads.manual.dial``.
    """
    campaign = await lifecycle.find(session, shift.campaign_id, client_id=shift.client_id)
    keeper = await keeper_for(session, campaign, services.law, services.shelf, services.clock)
    clock, user_id = services.clock, who.user_id
    chosen = await manual.dial(session, shift, wanted, keeper=keeper, clock=clock, user_id=user_id)
    outbox.tell(shift.campaign_id, CommandName.PREVIEW_DECIDED)
    return chosen
