"""A call's result is corrected after the call, and the contact's fate with it. Nothing here commits.

Reports, events and deliveries follow by themselves: they look at the attempt and its lead.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.desk.editing import ContactErased, is_erased
from campaigns.errors import AttemptNotFound
from campaigns.law.suppressions import LiveCall
from campaigns.leads import callbacks
from campaigns.leads.callbacks import CallbackRequest, lead_at_rest
from campaigns.leads.corrections import ACTION
from campaigns.leads.dispositions import (
    UnknownDisposition,
    check_callback,
    codes_of,
    keep_note,
    suppress_person,
)
from campaigns.leads.fates import store_fates
from campaigns.leads.models import Attempt, Callback, Lead
from campaigns.leads.recycle import UNDISPOSED, AttemptFacts, fate_after_disposition
from campaigns.leads.tried import lead_facts
from campaigns.leads.uncorrectable import (
    MOST_REASON,
    CallGoesOn,
    NoConversation,
    NothingToCorrect,
    ReasonMissing,
    ResultChanged,
)
from campaigns.lists.models import Phone
from campaigns.models import Campaign, Disposition
from campaigns.settings import CampaignSettings
from campaigns.states import CallbackState, LeadState
from campaigns.tenancy import audit
from dialer.call.states import CallOutcome
from dialer.clock import Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person wants of a call's result."""

    code: str
    instead_of: str | None  #: what the person saw; None: the call had no result
    reason: str
    note: str | None = None  #: takes the place of the call's note; None leaves it
    callback: CallbackRequest | None = None
    cancel_promise: bool = False  #: an open callback is taken back


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was corrected, and what became of the contact."""

    attempt_id: UUID
    lead_id: UUID
    campaign_id: UUID
    before: str | None
    code: str
    lead_changed: bool  #: False: a later call, or something else, has decided since
    lead_state: LeadState
    lead_result: str | None
    next_attempt_at: datetime | None
    stays_suppressed: bool  #: the former result put the numbers on the do-not-call list
    ringing: tuple[LiveCall, ...] = ()  #: to be cancelled after the commit: ``cancel_ringing``


async def correct(
    session: AsyncSession,
    attempt_id: UUID,
    wish: Correction,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> Corrected:
    """Give a call that is over another result; the contact's fate follows if this call decides it.

    A result that suppresses puts the person's numbers on the do-not-call list and takes an open promise
    back. One that suppressed before leaves them there: who opted out is called again only by a lift.

    Raises:
        AttemptNotFound: there is none, or it is another client's.
        CallGoesOn, NoConversation, ContactErased: there is nothing to correct.
        ResultChanged, NothingToCorrect: the person saw another result, or changes nothing.
        ReasonMissing: no reason.
        UnknownDisposition, NoCallback, NoteRequired, CallbackRequired: see ``dispositions.record``.
        AboutToBeDialled: a dialer claimed the contact this moment.
        CallbackTimeWrong, AgentNotFound: the callback cannot be promised, see ``callbacks.promise``.
    """
    attempt = await _finished_talk(session, attempt_id, client_id)
    before, codes = attempt.disposition, await codes_of(session, attempt.campaign_id)
    chosen, reason = _chosen(wish, before, codes), _reason(wish)
    await keep_note(session, attempt, chosen, wish.note, user_id, clock)
    ringing = tuple[LiveCall, ...]()
    if chosen.suppresses:  # before the lead is locked: who opens attempts holds the number first
        ringing = await suppress_person(session, attempt, user_id, clock)
    lead = await lead_at_rest(session, attempt.lead_id, client_id)
    decides = await _decides(session, attempt, lead)
    await _settle_promise(session, attempt, chosen, wish, user_id, clock)
    attempt.disposition, attempt.disposed_at = wish.code, attempt.disposed_at or clock.now()
    await session.flush()
    if decides:
        await _decide(session, attempt, codes)
        await session.refresh(lead)
    facts = {"before": before, "after": wish.code, "reason": reason}
    await audit.trace(session, attempt, ACTION, facts, user_id=user_id, clock=clock)
    log.info("attempt.corrected", attempt_id=str(attempt_id), code=wish.code)
    stays = _suppressed(codes, before) and not chosen.suppresses
    return _done(attempt, lead, before, decides, stays, ringing)


def _suppressed(codes: dict[str, Disposition], code: str | None) -> bool:
    return code in codes and codes[code].suppresses


def _done(
    attempt: Attempt,
    lead: Lead,
    before: str | None,
    decides: bool,
    stays_suppressed: bool,
    ringing: tuple[LiveCall, ...],
) -> Corrected:
    return Corrected(
        attempt_id=attempt.id,
        lead_id=lead.id,
        campaign_id=attempt.campaign_id,
        before=before,
        code=attempt.disposition or "",
        lead_changed=decides,
        lead_state=lead.state,
        lead_result=lead.result,
        next_attempt_at=lead.next_attempt_at,
        stays_suppressed=stays_suppressed,
        ringing=ringing,
    )


def _reason(wish: Correction) -> str:
    reason = wish.reason.replace("\0", "").strip()[:MOST_REASON]
    if not reason:
        raise ReasonMissing
    return reason


def _chosen(wish: Correction, before: str | None, codes: dict[str, Disposition]) -> Disposition:
    if wish.instead_of != before:
        raise ResultChanged(disposition=before)
    if wish.code == before:
        raise NothingToCorrect
    if wish.code not in codes:
        raise UnknownDisposition(code=wish.code, known=sorted(codes))
    return codes[wish.code]


async def _finished_talk(session: AsyncSession, attempt_id: UUID, client_id: UUID) -> Attempt:
    attempt = await session.get(Attempt, attempt_id, with_for_update=True, populate_existing=True)
    if attempt is None or attempt.client_id != client_id:
        raise AttemptNotFound(attempt_id=str(attempt_id))
    if attempt.ended_at is None:
        raise CallGoesOn
    if attempt.connected_at is None:
        raise NoConversation
    if await is_erased(session, attempt):
        raise ContactErased
    return attempt


_LATER = text(
    "SELECT EXISTS (SELECT FROM attempt WHERE lead_id = :lead_id AND client_id = :client_id"
    " AND (started_at, id) > (:started_at, :id))"
)


async def _decides(session: AsyncSession, attempt: Attempt, lead: Lead) -> bool:
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


async def _settle_promise(
    session: AsyncSession,
    attempt: Attempt,
    chosen: Disposition,
    wish: Correction,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Take the open promise back, keep it, or put another in its place, as the new result wants it."""
    statement = select(Callback.id).where(
        col(Callback.lead_id) == attempt.lead_id,
        col(Callback.client_id) == attempt.client_id,
        col(Callback.state) == CallbackState.OPEN,
    )
    known = (await session.exec(statement)).first()
    client_id = attempt.client_id
    if known is not None and (chosen.suppresses or wish.cancel_promise):
        await callbacks.cancel(session, known, client_id=client_id, user_id=user_id, clock=clock)
        known = None
    if known is None or wish.callback is not None:
        check_callback(chosen, wish.callback)
    if wish.callback is not None:
        await callbacks.promise(
            session,
            attempt.lead_id,
            wish.callback,
            client_id=client_id,
            user_id=user_id,
            clock=clock,
        )


async def _decide(session: AsyncSession, attempt: Attempt, codes: dict[str, Disposition]) -> None:
    """Store the fate that the lead would have had, with waits that began when the call ended."""
    campaign = await session.get_one(Campaign, attempt.campaign_id)
    settings = CampaignSettings.model_validate(campaign.settings)
    talked = {attempt.lead_id: CallOutcome.CONNECTED}
    facts = (await lead_facts(session, talked, in_hand=False))[attempt.lead_id]
    facts = await _as_dialled(session, attempt, facts)
    delays = {name: row.retry_after_s for name, row in codes.items()}
    ended = max(one for one in (attempt.ended_at, attempt.disposed_at) if one is not None)
    code = attempt.disposition or ""
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
