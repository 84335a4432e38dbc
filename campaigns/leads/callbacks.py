"""Callbacks: a call promised for a time by the contact's clock, and kept, released or cancelled.

A promised call is made even when the lead had all the attempts the campaign allows: whoever promised
knew that. Limits of law, hours, opt-outs and the rest of the gate hold for it as for every call.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent
from campaigns.errors import AgentNotFound
from campaigns.leads.fates import store_fates
from campaigns.leads.models import Callback, Lead, LeadClaim
from campaigns.leads.places import load_places
from campaigns.leads.promised_time import CallbackTimeWrong, promised_moment
from campaigns.leads.recycle import Promise, fate_after_promise
from campaigns.lists.models import Contact
from campaigns.models import Campaign
from campaigns.states import CallbackState, CampaignState, LeadState
from campaigns.tenancy import audit
from compliance.places.placement import Placement
from dialer.clock import Clock
from dialer.errors import Conflict, NotFound

#: The first moment from an instant on at which a place may be called; None when there is none.
NextOpening = Callable[[Placement, datetime], datetime | None]


class CallbackNotFound(NotFound):
    """No open callback of this client has the id."""

    code = "callback_not_found"
    message = "There is no such open callback."


class AboutToBeDialled(Conflict):
    """The lead is in a dialer's hands this moment."""

    code = "about_to_be_dialled"
    message = "This contact is about to be dialled: try again in a moment."


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """What is promised to a person."""

    at: datetime  #: naive: by the contact's clock
    next_opening: NextOpening
    zone: str | None = None  #: IANA, as the person said; None: of the contact's number
    agent: str | None = None  #: name of the agent who will call; None = anybody
    note: str = ""


async def promise(
    session: AsyncSession,
    lead_id: UUID,
    request: CallbackRequest,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> Callback:
    """Promise a call; an earlier promise to the person in this campaign is replaced.

    A lead that is in a call gets its fate when the call ends or is disposed; any other waits for the
    promised time from now on.

    Raises:
        NotFound: no lead of this client has this id, or the person was erased.
        AboutToBeDialled: a dialer claimed the lead this moment.
        AgentNotFound: the client has no agent of this name.
        CallbackTimeWrong: the time is past, too far away, at no clear instant, or not allowed.
    """
    now = clock.now()
    lead = await lead_at_rest(session, lead_id, client_id)
    at, zone = await _agreed(session, lead, request, now)
    await _replace(session, lead_id, user_id=user_id, now=now)
    made = Callback(
        client_id=client_id,
        campaign_id=lead.campaign_id,
        lead_id=lead_id,
        promised_at=at,
        zone=zone,
        agent=request.agent,
        note=request.note,
        created_by=user_id,
        created_at=now,
    )
    session.add(made)
    lead.reserved_for = None  # what an earlier promise kept for somebody
    await session.flush()
    if lead.state is not LeadState.DIALING:
        fate = fate_after_promise(Promise(at, request.agent), phone_position=lead.phone_position)
        await store_fates(session, {lead_id: fate})
    await _note(session, made, "callback.promised", user_id, now)
    return made


async def cancel(
    session: AsyncSession,
    callback_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> Callback:
    """Take a promise back; the lead stays due at that time, for anybody, as any other one is.

    Raises:
        CallbackNotFound: no open callback of this client has this id.
    """
    found = await session.get(Callback, callback_id, with_for_update=True, populate_existing=True)
    if found is None or found.client_id != client_id or found.state is not CallbackState.OPEN:
        raise CallbackNotFound(callback_id=str(callback_id))
    now = clock.now()
    found.state, found.closed_at = CallbackState.CANCELLED, now
    await _note(session, found, "callback.cancelled", user_id, now)
    await session.execute(
        text(
            "UPDATE lead SET reserved_for = NULL, waiting_reason = 'callback_cancelled'"
            " WHERE id = :lead_id AND state = 'waiting'"
        ),
        {"lead_id": found.lead_id},
    )
    return found


async def close_kept(session: AsyncSession, lead_ids: Sequence[UUID], at: datetime) -> None:
    """Close the callbacks of leads that are dialled at ``at``: the promise is kept."""
    await session.execute(
        text(
            "UPDATE callback SET state = 'kept', closed_at = :at"
            " WHERE lead_id = ANY(CAST(:leads AS uuid[])) AND state = 'open'"
        ),
        {"leads": list(lead_ids), "at": at},
    )


async def hold_lead(session: AsyncSession, lead_id: UUID, client_id: UUID) -> Lead:
    """Lock a lead, claimed or not, and return it.

    Raises:
        NotFound: no lead of this client has this id, or the person was erased.
    """
    lead = await session.get(Lead, lead_id, with_for_update=True, populate_existing=True)
    if lead is None or lead.client_id != client_id:
        raise NotFound("There is no such contact in the campaign.", lead_id=str(lead_id))
    if (await session.get_one(Contact, lead.contact_id)).erased_at is not None:
        raise NotFound("There is no such contact in the campaign.", lead_id=str(lead_id))
    return lead


async def lead_at_rest(session: AsyncSession, lead_id: UUID, client_id: UUID) -> Lead:
    """Lock a lead that no dialer has claimed this moment, and return it.

    Raises:
        NotFound: see ``hold_lead``.
        AboutToBeDialled: a dialer claimed the lead this moment.
    """
    lead = await hold_lead(session, lead_id, client_id)
    if await session.get(LeadClaim, lead_id) is not None:
        campaign = await session.get_one(Campaign, lead.campaign_id)
        if campaign.state is CampaignState.RUNNING:  # else the claim is a remainder
            raise AboutToBeDialled(lead_id=str(lead_id))
    return lead


async def _agreed(
    session: AsyncSession, lead: Lead, request: CallbackRequest, now: datetime
) -> tuple[datetime, str]:
    """Return the instant and the zone of a promise that can be kept."""
    if request.agent is not None:
        known = select(Agent.id).where(
            col(Agent.client_id) == lead.client_id, col(Agent.name) == request.agent
        )
        if (await session.exec(known)).first() is None:
            raise AgentNotFound(agent=request.agent)
    place = (await load_places(session, [lead.place_id]))[lead.place_id]
    at, zone = promised_moment(request.at, request.zone, place, now)
    _require_opening(request.next_opening(place, at), at, zone)
    return at, zone


def _require_opening(opens: datetime | None, at: datetime, zone: str) -> None:
    if opens is None:
        raise CallbackTimeWrong("This person may not be called then, nor soon after.")
    if opens > at:
        raise CallbackTimeWrong(
            "This person may not be called then: promise a time within the calling hours.",
            next_allowed_at=opens.isoformat(),
            zone=zone,
        )


async def _replace(
    session: AsyncSession, lead_id: UUID, *, user_id: UUID | None, now: datetime
) -> None:
    """Close the lead's open callback, if there is one."""
    open_one = select(Callback).where(
        col(Callback.lead_id) == lead_id, col(Callback.state) == CallbackState.OPEN
    )
    for old in await session.exec(open_one.with_for_update()):
        old.state, old.closed_at = CallbackState.CANCELLED, now
        await _note(session, old, "callback.replaced", user_id, now)


async def _note(
    session: AsyncSession, row: Callback, action: str, user_id: UUID | None, now: datetime
) -> None:
    await audit.record(
        session,
        client_id=row.client_id,
        user_id=user_id,
        at=now,
        action=action,
        subject="callback",
        subject_id=row.id,
        facts={
            "lead_id": str(row.lead_id),
            "promised_at": row.promised_at.isoformat(),
            "zone": row.zone,
            "agent": row.agent,
        },
    )
