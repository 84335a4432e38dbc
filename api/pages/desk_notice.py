"""What the operator must be told about the own state, and more time for the wrap-up."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import control_labels
from api.auth import PageCallTakerDep, own_agent_ids
from api.deps import ClockDep, OutboxDep, SessionDep
from api.templating import render
from campaigns.agents import sessions as shifts
from campaigns.agents import steering
from campaigns.agents.models import AgentSession
from campaigns.agents.steering import NotWrappingUp
from campaigns.commands import CommandName
from campaigns.errors import NotSignedIn
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.supervising import monitoring
from campaigns.tenancy.models import Client
from campaigns.tenancy.tokens import Identity
from dialer.agent.states import AgentState

router = APIRouter(prefix="/desk/state")


async def own_shift(session: AsyncSession, who: Identity) -> AgentSession | None:
    """Return the open shift of the agent who is this user."""
    statement = select(AgentSession).where(
        col(AgentSession.agent_id).in_(await own_agent_ids(session, who)),
        col(AgentSession.ended_at).is_(None),
    )
    return (await session.exec(statement)).first()


@router.get("/notice")
async def show_notice(
    request: Request, who: PageCallTakerDep, session: SessionDep, clock: ClockDep
) -> HTMLResponse:
    """Return why the state is another than the agent wished, and whether there is more time."""
    shift = await own_shift(session, who)
    paused = shift is not None and shift.wants is AgentState.PAUSED
    why = control_labels.PAUSES.get(shift.pause_code or "", "") if shift and paused else ""
    return render(
        request,
        "desk/_notice.html",
        forced=shift.forced_reason if shift is not None else None,
        why=why,
        held=shift is not None and shifts.holds(shift, clock.now()),
        held_until=shift.held_until if shift is not None else None,
        listened=await _is_told(session, shift) if shift is not None else False,
        more_times=await _more_times(session, shift) if shift is not None else 0,
    )


async def _is_told(session: AsyncSession, shift: AgentSession) -> bool:
    """Tell whether the agent is listened to, and is to know it by the client's setting."""
    client = await session.get_one(Client, shift.client_id)
    told = client.monitoring_notice
    return told and await monitoring.listened_to(session, shift.id, client_id=shift.client_id)


async def _more_times(session: AsyncSession, shift: AgentSession) -> int:
    try:
        call_id = await steering.wrapped_up(session, shift)
    except NotWrappingUp:
        return 0
    campaign = await session.get_one(Campaign, shift.campaign_id)
    allowed = CampaignSettings.model_validate(campaign.settings).wrap_up_extensions
    used = shift.extensions if shift.extended_call == call_id else 0
    return max(0, allowed - used)


@router.post("/extend-wrap-up")
async def extend(
    who: PageCallTakerDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> Response:
    """Take more time for the wrap-up that is on.

    Raises:
        NotSignedIn, NotWrappingUp, NoMoreTime: there is nothing to extend.
    """
    shift = await own_shift(session, who)
    if shift is None:
        raise NotSignedIn
    shift = await steering.extend_wrap_up(session, shift, user_id=who.user_id, clock=clock)
    outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    triggers = {"HX-Trigger": "outdial-control-wished"}
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=triggers)
