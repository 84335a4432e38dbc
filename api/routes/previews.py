"""Preview dialling: what an agent is shown, and the decision to dial or to skip."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import CallTakerDep, ReaderDep, require_own_agent
from api.deps import ClockDep, OutboxDep, Services, ServicesDep, SessionDep
from api.errors import problems
from api.routes.why import local_time
from api.schemas.previews import (
    DecisionOut,
    DialIn,
    EndedPreviewOut,
    PastCallOut,
    PreviewCountOut,
    PreviewNumberOut,
    PreviewOut,
    PromiseOut,
    ShownOut,
    SkipIn,
)
from campaigns import lifecycle
from campaigns.agents import sessions
from campaigns.agents.models import AgentSession
from campaigns.commands import CommandName
from campaigns.errors import AgentNotFound, CampaignNotFound, NotSignedIn
from campaigns.leads import deciding, preview_view
from campaigns.leads.asking import Gatekeeper
from campaigns.leads.keeping import keeper_for
from campaigns.leads.preview_view import NumberView, PreviewView
from campaigns.settings import CampaignSettings
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import Forbidden, Unauthenticated
from dialer.phone import masked
from dialer.phone_number import masked_in

router = APIRouter(tags=["agents"], responses=problems(Unauthenticated, Forbidden))

_NOTHING = (deciding.NothingShown, deciding.PreviewIsOver, deciding.AlreadyDecided)


@router.get("/agents/{agent_id}/preview", responses=problems(AgentNotFound, NotSignedIn))
async def get_preview(
    agent_id: UUID, who: CallTakerDep, session: SessionDep, services: ServicesDep
) -> PreviewOut:
    """Return the contact in front of the agent, and how the one before ended."""
    shift = await _own_shift(session, who, agent_id)
    keeper = await _keeper(session, shift, services)
    now = services.clock.now()
    view = await preview_view.shown_to(session, shift, keeper, now=now)
    last = await preview_view.last_ended(session, shift)
    return PreviewOut(
        session_id=shift.id,
        campaign_id=shift.campaign_id,
        shown=_shown(view, keeper.settings, who, services.clock) if view else None,
        last=EndedPreviewOut.model_validate(last) if last else None,
    )


@router.post(
    "/agents/{agent_id}/preview/dial",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(
        *(AgentNotFound, NotSignedIn, deciding.NoSuchNumber, deciding.NumberNotCleared, *_NOTHING)
    ),
)
async def dial(
    agent_id: UUID,
    body: DialIn,
    who: CallTakerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> DecisionOut:
    """Dial the contact that is shown; the gate is asked once more when the call is placed."""
    shift = await _own_shift(session, who, agent_id)
    decided = await deciding.dial(
        session,
        shift,
        body.preview_id,
        keeper=await _keeper(session, shift, services),
        clock=services.clock,
        user_id=who.user_id,
        phone_position=body.phone_position,
    )
    outbox.tell(shift.campaign_id, CommandName.PREVIEW_DECIDED)
    return DecisionOut.model_validate(decided)


@router.post(
    "/agents/{agent_id}/preview/skip",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(AgentNotFound, NotSignedIn, deciding.SkipNotAllowed, *_NOTHING),
)
async def skip(
    agent_id: UUID,
    body: SkipIn,
    who: CallTakerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> DecisionOut:
    """Skip the contact that is shown: it waits for an hour, and the next one is shown."""
    shift = await _own_shift(session, who, agent_id)
    decided = await deciding.skip(
        session, shift, body.preview_id, body.reason, clock=clock, user_id=who.user_id
    )
    outbox.tell(shift.campaign_id, CommandName.PREVIEW_DECIDED)
    return DecisionOut.model_validate(decided)


@router.get("/campaigns/{campaign_id}/previews", responses=problems(CampaignNotFound))
async def count_previews(
    campaign_id: UUID, who: ReaderDep, session: SessionDep
) -> list[PreviewCountOut]:
    """Count the contacts agents were shown, by how it ended and why."""
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    rows = await preview_view.counts(session, campaign_id, client_id=who.client_id)
    return [PreviewCountOut.model_validate(row) for row in rows]


async def _own_shift(session: AsyncSession, who: Identity, agent_id: UUID) -> AgentSession:
    await require_own_agent(session, who, agent_id)
    return await sessions.find_open(session, agent_id, client_id=who.client_id)


async def _keeper(session: AsyncSession, shift: AgentSession, services: Services) -> Gatekeeper:
    campaign = await lifecycle.find(session, shift.campaign_id, client_id=shift.client_id)
    return await keeper_for(session, campaign, services.law, services.shelf, services.clock)


def _shown(view: PreviewView, settings: CampaignSettings, who: Identity, clock: Clock) -> ShownOut:
    preview, lead, contact = view.preview, view.lead, view.contact
    now = clock.now()
    return ShownOut(
        id=preview.id,
        lead_id=lead.id,
        contact_id=contact.id,
        name=_told(contact.name, view, who),
        fields=_fields(view, who),
        language=contact.language,
        numbers=[_number(one, who) for one in view.numbers],
        local_times=[local_time(now, zone) for zone in view.zones],
        attempts_made=lead.attempts_made,
        calls=[PastCallOut.model_validate(one) for one in view.calls],
        skips=view.skips,
        promise=_promise(view, who),
        shown_at=preview.shown_at,
        seconds_left=view.seconds_left,
        at_limit=settings.preview_at_limit,
        may_skip=settings.preview_skips,
        wish=preview.wish,
    )


def _promise(view: PreviewView, who: Identity) -> PromiseOut | None:
    if view.promise is None:
        return None
    note = _told(view.promise.note, view, who)
    return PromiseOut.model_validate(view.promise).model_copy(update={"note": note})


def _fields(view: PreviewView, who: Identity) -> dict[str, Any]:
    return {name: _told(value, view, who) for name, value in view.contact.fields.items()}


def _told(value: Any, view: PreviewView, who: Identity) -> Any:
    """Return a value of the client's; for an agent without the contact's numbers in it."""
    if who.role is not Role.AGENT or value is None:
        return value
    hidden = masked_in(str(value), view.known_numbers)
    return value if hidden == str(value) else hidden


def _number(number: NumberView, who: Identity) -> PreviewNumberOut:
    shown = PreviewNumberOut.model_validate(number)
    if who.role is Role.AGENT:  # agents dial by the system: they need no number to take away
        return shown.model_copy(update={"e164": masked(number.e164)})
    return shown
