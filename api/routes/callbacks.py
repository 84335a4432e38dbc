"""Callbacks: promised calls of a campaign; promise one, look at them, take one back.

Agents promise with the disposition of their own call.
"""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from sqlmodel import col, select

from api.auth import ReaderDep, SteererDep
from api.deps import ClockDep, ServicesDep, SessionDep
from api.errors import problems
from api.schemas.callbacks import CallbackIn, CallbackOut
from campaigns import lifecycle
from campaigns.errors import AgentNotFound, CampaignNotFound, LeadNotFound
from campaigns.leads import callbacks
from campaigns.leads.callbacks import AboutToBeDialled, CallbackNotFound, CallbackRequest
from campaigns.leads.keeping import keeper_for
from campaigns.leads.models import Callback, Lead
from campaigns.leads.promised_time import CallbackTimeWrong
from campaigns.states import CallbackState
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/campaigns/{campaign_id}",
    tags=["callbacks"],
    responses=problems(Unauthenticated, Forbidden, CampaignNotFound),
)


@router.get("/callbacks")
async def list_callbacks(
    campaign_id: UUID, who: ReaderDep, session: SessionDep
) -> list[CallbackOut]:
    """Return the open callbacks of a campaign, the soonest first."""
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    rows = await session.exec(
        select(Callback)
        .where(col(Callback.campaign_id) == campaign_id, col(Callback.state) == CallbackState.OPEN)
        .order_by(col(Callback.promised_at))
        .limit(1000)
    )
    return [CallbackOut.model_validate(row) for row in rows]


@router.post(
    "/leads/{lead_id}/callback",
    status_code=HTTPStatus.CREATED,
    responses=problems(LeadNotFound, AgentNotFound, CallbackTimeWrong, AboutToBeDialled),
)
async def promise_callback(
    campaign_id: UUID,
    lead_id: UUID,
    body: CallbackIn,
    who: SteererDep,
    session: SessionDep,
    services: ServicesDep,
    clock: ClockDep,
) -> CallbackOut:
    """Promise a call inside the contact's allowed hours; an earlier promise is replaced."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    lead = await session.get(Lead, lead_id)
    if lead is None or lead.campaign_id != campaign_id:
        raise LeadNotFound(lead_id=str(lead_id))
    keeper = await keeper_for(session, campaign, services.law, services.shelf, clock)
    request = CallbackRequest(body.at, keeper.next_opening, body.zone, body.agent, body.note)
    made = await callbacks.promise(
        session, lead_id, request, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return CallbackOut.model_validate(made)


@router.delete("/callbacks/{callback_id}", responses=problems(CallbackNotFound))
async def cancel_callback(
    campaign_id: UUID,
    callback_id: UUID,
    who: SteererDep,
    session: SessionDep,
    clock: ClockDep,
) -> CallbackOut:
    """Take a promise back; the lead stays due at that time, for anybody."""
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    found = await callbacks.cancel(
        session, callback_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return CallbackOut.model_validate(found)
