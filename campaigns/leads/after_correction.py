"""What becomes of the contact, and of what it was promised, when a call's result is corrected."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads import callbacks
from campaigns.leads.callbacks import CallbackRequest
from campaigns.leads.dispositions import check_callback
from campaigns.leads.fates import store_fates
from campaigns.leads.models import Attempt, Callback, Lead
from campaigns.leads.recycle import UNDISPOSED, AttemptFacts, fate_after_disposition
from campaigns.leads.tried import lead_facts
from campaigns.leads.uncorrectable import CallGoesOn, DecidedSince
from campaigns.lists.models import Phone
from campaigns.models import Campaign, Disposition
from campaigns.settings import CampaignSettings
from campaigns.states import CallbackState, LeadState
from dialer.call.states import CallOutcome
from dialer.clock import Clock

_LATER = text(
    "SELECT EXISTS (SELECT FROM attempt WHERE lead_id = :lead_id AND client_id = :client_id"
    " AND (started_at, id) > (:started_at, :id))"
)


async def decides(session: AsyncSession, attempt: Attempt, lead: Lead) -> bool:
    """Tell whether it is this call that says what becomes of the contact.

    Raises:
        CallGoesOn: the contact waits for the result that the operator is about to save.
    """
    facts = attempt.model_dump(include={"lead_id", "client_id", "started_at", "id"})
    if (await session.execute(_LATER, facts)).scalar_one():
        return False
    if lead.state is LeadState.DIALING:
        raise CallGoesOn
    return lead.state is LeadState.WAITING or lead.result in (attempt.disposition, UNDISPOSED)


async def take_back(
    session: AsyncSession, attempt: Attempt, *, user_id: UUID | None, clock: Clock
) -> bool:
    """Take back what the contact is promised; tell whether there was anything."""
    known = await _promised(session, attempt)
    if known is None:
        return False
    client_id = attempt.client_id
    await callbacks.cancel(session, known, client_id=client_id, user_id=user_id, clock=clock)
    return True


async def promise(
    session: AsyncSession,
    attempt: Attempt,
    chosen: Disposition,
    request: CallbackRequest | None,
    *,
    deciding: bool,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Promise the call that the new result comes with; an open promise may stay instead.

    A call that does not decide promises nothing: the contact follows a later one.

    Raises:
        DecidedSince: a call is to be promised with one that does not decide.
        NoCallback, CallbackRequired: see ``dispositions.record``.
    """
    if not deciding:
        if request is not None:
            raise DecidedSince
        return
    if request is not None or await _promised(session, attempt) is None:
        check_callback(chosen, request)
    if request is not None:
        lead_id, client_id = attempt.lead_id, attempt.client_id
        await callbacks.promise(
            session, lead_id, request, client_id=client_id, user_id=user_id, clock=clock
        )


async def _promised(session: AsyncSession, attempt: Attempt) -> UUID | None:
    statement = select(Callback.id).where(
        col(Callback.lead_id) == attempt.lead_id,
        col(Callback.client_id) == attempt.client_id,
        col(Callback.state) == CallbackState.OPEN,
    )
    return (await session.exec(statement)).first()


async def decide(session: AsyncSession, attempt: Attempt, codes: dict[str, Disposition]) -> None:
    """Store the fate that the lead would have had, with waits that began when the call ended."""
    campaign = await session.get_one(Campaign, attempt.campaign_id)
    settings = CampaignSettings.model_validate(campaign.settings)
    talked = {attempt.lead_id: CallOutcome.CONNECTED}
    facts = (await lead_facts(session, talked, in_hand=False))[attempt.lead_id]
    facts = await _as_dialled(session, attempt, facts)
    delays = {name: row.retry_after_s for name, row in codes.items()}
    code, ended = attempt.disposition or "", attempt.ended_at or attempt.started_at
    fate = fate_after_disposition(code, facts, delays, settings, ended)
    await store_fates(session, {attempt.lead_id: fate}, talked)


async def _as_dialled(session: AsyncSession, attempt: Attempt, facts: AttemptFacts) -> AttemptFacts:
    """The former result may have moved the lead on to another of the person's numbers."""
    statement = select(Phone.position).where(
        col(Phone.contact_id) == attempt.contact_id,
        col(Phone.client_id) == attempt.client_id,
        col(Phone.e164) == attempt.e164,
    )
    position = (await session.exec(statement.order_by(col(Phone.position)))).first()
    return facts if position is None else replace(facts, phone_position=position)
