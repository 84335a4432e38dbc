"""Manual dialling: an agent chooses whom to call, a contact found or a number typed. Nothing here commits.

It is preview dialling of a chosen contact: the agent reads nothing before, but the same claim keeps everybody
else from the lead, the same row says what was decided, and the gate is asked here and again when the call is
placed. So it is there in preview campaigns only: for the law a person chooses and dials.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession, AgentStateEntry
from campaigns.leads.asking import Gatekeeper
from campaigns.leads.deciding import NoSuchNumber
from campaigns.leads.history import load_facts
from campaigns.leads.hopper import Candidate
from campaigns.leads.models import Lead, LeadClaim
from campaigns.leads.places import load_places
from campaigns.leads.preview_models import Preview
from campaigns.leads.typed import lead_of_number
from campaigns.lists.models import Contact, Phone
from campaigns.models import Campaign
from campaigns.states import CampaignState, LeadState, PreviewWish
from campaigns.tenancy import audit
from compliance.gate import Refusal
from dialer.agent.states import AgentState
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid, NotFound

#: An agent in one of these can choose; whoever reads a contact decides about that one first.
_FREE = (AgentState.READY, AgentState.PAUSED)


class ManualDialOff(Conflict):
    """The campaign's agents do not choose whom to call, or it is not running."""

    code = "manual_dial_off"
    message = "In this campaign nobody is called by hand now."


class AgentNotFree(Conflict):
    """The agent has a call, a contact to decide about, or no telephone yet."""

    code = "agent_not_free"
    message = "Finish what you have first, or take a break: then dial by hand."


class ContactNotFree(Conflict):
    """The contact is done, on the line, about to be called, or another agent's; ``reason`` says which."""

    code = "contact_not_free"
    message = "This contact cannot be called by hand now."


class NotCleared(Conflict):
    """The gate refuses the number now; ``reasons`` and ``next_at`` tell why and until when."""

    code = "number_refused"
    message = "This number may not be dialled now."


class LeadMissing(NotFound):
    """The campaign has no such contact."""

    code = "lead_not_found"
    message = "The campaign has no such contact."


class WhomToDial(Invalid):
    """Neither a contact nor a number was given, or both."""

    code = "whom_to_dial"
    message = "Give either a contact or a number."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom an agent wants to call: a lead (and which of its numbers), or a number."""

    lead_id: UUID | None = None
    phone_position: int | None = None
    number: str = ""


async def dial(
    session: AsyncSession,
    shift: AgentSession,
    wanted: Wanted,
    *,
    keeper: Gatekeeper,
    clock: Clock,
    user_id: UUID | None,
) -> Preview:
    """Claim the lead for the agent, with the decision to dial it; the campaign's runner dials.

    Raises:
        ManualDialOff, AgentNotFree, ContactNotFree, NotCleared: it cannot be dialled now.
        WhomToDial, LeadMissing, NoSuchNumber, InvalidPhone: there is nothing to dial.
    """
    if (wanted.lead_id is None) is (wanted.number == ""):
        raise WhomToDial
    await _require_allowed(session, shift, keeper)
    lead_id, position = wanted.lead_id, wanted.phone_position
    if lead_id is None:
        lead_id, position = await lead_of_number(
            session, shift.campaign_id, wanted.number, client_id=shift.client_id, clock=clock
        )
    lead = await _free_lead(session, shift, lead_id)
    phone = await _turn_to(session, lead, position)
    await _require_cleared(session, lead, phone, keeper, clock)
    now = clock.now()
    lead.next_attempt_at = now
    session.add(LeadClaim(lead_id=lead.id, campaign_id=lead.campaign_id))
    chosen = Preview(
        client_id=shift.client_id,
        campaign_id=shift.campaign_id,
        session_id=shift.id,
        lead_id=lead.id,
        shown_at=now,
        wish=PreviewWish.DIAL,
        wished_at=now,
        wished_by=user_id,
    )
    session.add(chosen)
    await session.flush()
    facts = {"lead_id": str(lead.id), "session_id": str(shift.id), "typed": bool(wanted.number)}
    await audit.trace(session, chosen, "preview.manual", facts, user_id=user_id, clock=clock)
    return chosen


async def _require_allowed(session: AsyncSession, shift: AgentSession, keeper: Gatekeeper) -> None:
    campaign = await session.get_one(Campaign, shift.campaign_id)
    settings = keeper.settings
    allowed = settings.manual_dial and settings.agents_dial()
    if not allowed or campaign.state is not CampaignState.RUNNING or campaign.selection_due:
        raise ManualDialOff(state=campaign.state.value, mode=settings.mode.value)
    state = select(AgentStateEntry.state).where(
        col(AgentStateEntry.session_id) == shift.id, col(AgentStateEntry.ended_at).is_(None)
    )
    reads = select(Preview.id).where(
        col(Preview.session_id) == shift.id, col(Preview.ended_at).is_(None)
    )
    now = (await session.exec(state)).first()
    if now not in _FREE or (await session.exec(reads)).first() is not None:
        raise AgentNotFree(state=now)


async def _free_lead(session: AsyncSession, shift: AgentSession, lead_id: UUID) -> Lead:
    statement = (
        select(Lead)
        .where(
            col(Lead.id) == lead_id,
            col(Lead.client_id) == shift.client_id,
            col(Lead.campaign_id) == shift.campaign_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    lead = (await session.exec(statement)).first()
    if lead is None:
        raise LeadMissing(lead_id=str(lead_id))
    agent = await session.get_one(Agent, shift.agent_id)
    claim = select(LeadClaim.lead_id).where(col(LeadClaim.lead_id) == lead.id)
    reason = ""
    if lead.state is not LeadState.WAITING:
        reason = lead.state.value
    elif lead.reserved_for not in (None, agent.name):
        reason = "other_agent"
    elif lead.lane is None:
        reason = "not_selected"
    elif (await session.exec(claim)).first() is not None:
        reason = "claimed"
    if reason:
        raise ContactNotFree(reason=reason)
    return lead


async def _turn_to(session: AsyncSession, lead: Lead, position: int | None) -> Phone:
    """Make the chosen number the lead's next one."""
    wanted = lead.phone_position if position is None else position
    statement = select(Phone).where(
        col(Phone.contact_id) == lead.contact_id,
        col(Phone.client_id) == lead.client_id,
        col(Phone.position) == wanted,
        col(Phone.invalid_at).is_(None),
    )
    phone = (await session.exec(statement)).first()
    if phone is None:
        raise NoSuchNumber(phone_position=wanted)
    lead.phone_position, lead.e164, lead.place_id = phone.position, phone.e164, phone.place_id
    return phone


async def _require_cleared(
    session: AsyncSession, lead: Lead, phone: Phone, keeper: Gatekeeper, clock: Clock
) -> None:
    contact = await session.get_one(Contact, lead.contact_id)
    candidate = Candidate(
        lead_id=lead.id,
        contact_id=lead.contact_id,
        attempts_made=lead.attempts_made,
        phone_position=phone.position,
        e164=phone.e164,
        place_id=phone.place_id,
        lane=lead.lane or 0,
        person_key=contact.external_key or str(contact.id),
        reserved_for=lead.reserved_for,
        suppressed=False,
    )
    people = await load_facts(
        session,
        [candidate],
        campaign_id=lead.campaign_id,
        client_id=keeper.client.client_id,
        clients=keeper.client.clients,
        subject=keeper.settings.subject,
    )
    places = await load_places(session, [phone.place_id])
    answer = keeper.ask(candidate, people.get(lead.id), places.get(phone.place_id), clock.now())
    if isinstance(answer, Refusal):
        next_at = answer.next_allowed_at.isoformat() if answer.next_allowed_at else None
        raise NotCleared(reasons=[one.value for one in answer.reasons], next_at=next_at)
