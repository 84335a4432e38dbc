"""A call's result is corrected after the call, and the contact's fate with it. Nothing here commits.

Reports, events and deliveries follow by themselves: they look at the attempt and its lead.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.desk.editing import ContactErased, is_erased, is_own_call, note_of
from campaigns.law.suppressions import LiveCall
from campaigns.leads.after_correction import decide, decides, promise, take_back
from campaigns.leads.callbacks import CallbackRequest, hold_lead, lead_at_rest
from campaigns.leads.corrections import ACTION
from campaigns.leads.dispositions import UnknownDisposition, keep_note, lock_call
from campaigns.leads.models import Attempt, Lead
from campaigns.leads.opting_out import suppress_person
from campaigns.leads.uncorrectable import (
    MOST_REASON,
    CallGoesOn,
    NoConversation,
    NothingToCorrect,
    OwnResult,
    ReasonMissing,
    ResultChanged,
)
from campaigns.models import Disposition
from campaigns.states import LeadState
from campaigns.tenancy import audit
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
    lead_changed: (
        bool  #: False: a later call, or something else, has decided since; nothing was taken back
    )
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
        OwnResult: the user took the call.
        ResultChanged, NothingToCorrect: the person saw another result, or changes nothing.
        ReasonMissing: no reason.
        UnknownDisposition, NoCallback, NoteRequired, CallbackRequired: see ``dispositions.record``.
        AboutToBeDialled: a dialer claimed the contact this moment; a result that suppresses comes first.
        DecidedSince: a call is to be promised with one that does not decide any more.
        CallbackTimeWrong, AgentNotFound: the callback cannot be promised, see ``callbacks.promise``.
    """
    attempt, codes = await lock_call(session, attempt_id, wish.code, client_id=client_id)
    await _require_finished_talk(session, attempt, user_id)
    before, chosen, reason = attempt.disposition, _chosen(wish, attempt, codes), _reason(wish)
    note = await _keep_note(session, attempt, chosen, wish.note, user_id, clock)
    ringing = tuple[LiveCall, ...]()
    hold = lead_at_rest
    if (
        chosen.suppresses
    ):  # whoever claimed the contact looks at the do-not-call list before the call
        ringing, hold = await suppress_person(session, attempt, user_id, clock), hold_lead
    lead = await hold(session, attempt.lead_id, client_id)
    changed = await _follow(session, attempt, lead, wish, codes, user_id, clock)
    facts = {"before": before, "after": wish.code, "reason": reason, "note": note}
    await audit.trace(session, attempt, ACTION, facts, user_id=user_id, clock=clock)
    log.info("attempt.corrected", attempt_id=str(attempt_id), code=wish.code)
    stays = _suppressed(codes, before) and not chosen.suppresses
    return _done(attempt, lead, before, changed, stays, ringing)


async def _follow(
    session: AsyncSession,
    attempt: Attempt,
    lead: Lead,
    wish: Correction,
    codes: dict[str, Disposition],
    user_id: UUID | None,
    clock: Clock,
) -> bool:
    """Store the result, with what follows for the contact; tell whether anything does."""
    chosen, deciding = codes[wish.code], await decides(session, attempt, lead)
    taken_back = (chosen.suppresses or wish.cancel_promise) and await take_back(
        session, attempt, user_id=user_id, clock=clock
    )
    await promise(
        session, attempt, chosen, wish.callback, deciding=deciding, user_id=user_id, clock=clock
    )
    attempt.disposition, attempt.disposed_at = wish.code, attempt.disposed_at or clock.now()
    await session.flush()
    if deciding:
        await decide(session, attempt, codes)
    await session.refresh(lead)
    return deciding or taken_back


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


def _chosen(wish: Correction, attempt: Attempt, codes: dict[str, Disposition]) -> Disposition:
    before = attempt.disposition
    if wish.instead_of != before:
        raise ResultChanged(disposition=before)
    if wish.code == before:
        raise NothingToCorrect
    if wish.code not in codes:
        raise UnknownDisposition(code=wish.code, known=sorted(codes))
    return codes[wish.code]


async def _require_finished_talk(
    session: AsyncSession, attempt: Attempt, user_id: UUID | None
) -> None:
    if attempt.ended_at is None:
        raise CallGoesOn
    if attempt.connected_at is None:
        raise NoConversation
    if await is_erased(session, attempt):
        raise ContactErased
    if user_id is not None and await is_own_call(session, attempt, user_id):
        raise OwnResult


async def _keep_note(
    session: AsyncSession,
    attempt: Attempt,
    chosen: Disposition,
    words: str | None,
    user_id: UUID | None,
    clock: Clock,
) -> str:
    """Keep the note, and return what became of it; the words themselves are no matter of a log."""
    before = await note_of(session, attempt)
    await keep_note(session, attempt, chosen, words, user_id, clock)
    after = await note_of(session, attempt)
    if after == before:
        return "kept"
    return "changed" if after else "removed"
