"""An agent's disposition -> attempt and lead, in one transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.desk.editing import ContactErased, is_erased, note_of, save_note
from campaigns.desk.strangers import trace_stranger
from campaigns.errors import AttemptNotFound
from campaigns.law.suppressions import LiveCall
from campaigns.leads.callbacks import CallbackRequest, promise
from campaigns.leads.fates import store_fates
from campaigns.leads.models import Attempt, Lead
from campaigns.leads.opting_out import hold_person, suppress_person
from campaigns.leads.recycle import fate_after_disposition, fate_undisposed
from campaigns.leads.tried import lead_facts
from campaigns.models import Campaign, Disposition
from campaigns.settings import CampaignSettings
from campaigns.states import LeadState
from dialer.call.states import CallOutcome
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid

log = structlog.get_logger()


class AlreadyDisposed(Conflict):
    """Someone was first; nothing is changed."""

    code = "already_disposed"
    message = "This call already has its disposition."


class UnknownDisposition(Invalid):
    """The campaign has no such code."""

    code = "unknown_disposition"
    message = "The campaign has no such disposition."


class NoCallback(Invalid):
    """The code closes the number for good."""

    code = "no_callback"
    message = "With this disposition the person is not called again: no call can be promised."


class NoteRequired(Invalid):
    """The campaign wants to know more with this code."""

    code = "note_required"
    message = "This result needs a note: write a few words."


class CallbackRequired(Invalid):
    """The code says that a call was promised, and nobody said when."""

    code = "callback_required"
    message = "This result needs a callback: choose a time."


@dataclass(frozen=True, slots=True)
class RecordedDisposition:
    """What was recorded, and whom to tell."""

    attempt_id: UUID
    lead_id: UUID
    campaign_id: UUID
    session_id: UUID | None
    code: str
    ringing: tuple[LiveCall, ...] = ()  #: to be cancelled after the commit: ``cancel_ringing``


async def record(
    session: AsyncSession,
    attempt_id: UUID,
    code: str,
    *,
    client_id: UUID,
    clock: Clock,
    user_id: UUID | None = None,
    callback: CallbackRequest | None = None,
    note: str | None = None,
) -> RecordedDisposition:
    """Record the agent's disposition; decide the lead's fate if the call has ended already.

    A ``callback`` is promised in the same transaction, and then decides the lead's fate. A ``note`` takes
    the place of the call's former one; None leaves it.

    Raises:
        NotFound: no attempt of this client has this id.
        Conflict: the call was not connected to an agent, so there is nothing to dispose.
        ContactErased: the person's data were erased: nothing is written about the person any more.
        AlreadyDisposed: someone was first.
        UnknownDisposition: the campaign has no such code.
        NoCallback: the code closes the number for good, so no call can be promised.
        NoteRequired, CallbackRequired: the code wants one.
        NoteTooLong: see ``campaigns.desk.editing.save_note``.
        Invalid: the callback cannot be promised as asked, see ``callbacks.promise``.
    """
    attempt, codes = await lock_call(session, attempt_id, code, client_id=client_id)
    await _require_undisposed_talk(session, attempt)
    chosen = codes.get(code)
    if chosen is None:
        raise UnknownDisposition(code=code, known=sorted(codes))
    check_callback(chosen, callback)
    await keep_note(session, attempt, chosen, note, user_id, clock)
    now, ringing = clock.now(), tuple[LiveCall, ...]()
    if chosen.suppresses:
        ringing = await suppress_person(session, attempt, user_id, clock)
    await _close(session, attempt, code, user_id, clock)
    if callback is not None:
        lead_id = attempt.lead_id
        await promise(session, lead_id, callback, client_id=client_id, user_id=user_id, clock=clock)
    if attempt.ended_at is not None:
        delays = {name: row.retry_after_s for name, row in codes.items()}
        await _decide(session, attempt, code, delays, now)
    log.info("attempt.disposed", attempt_id=str(attempt_id), code=code)
    return RecordedDisposition(
        attempt.id, attempt.lead_id, attempt.campaign_id, attempt.agent_session_id, code, ringing
    )


async def _close(
    session: AsyncSession, attempt: Attempt, code: str, user_id: UUID | None, clock: Clock
) -> None:
    facts, action = {"code": code}, "attempt.disposed"
    await trace_stranger(session, attempt, action, user_id=user_id, clock=clock, facts=facts)
    attempt.disposition, attempt.disposed_at = code, clock.now()


def check_callback(chosen: Disposition, callback: CallbackRequest | None) -> None:
    """Refuse a promise that the code forbids, and a code without the promise it needs."""
    if chosen.suppresses and callback is not None:
        raise NoCallback(code=chosen.code)
    if chosen.requires_callback and callback is None:
        raise CallbackRequired(code=chosen.code)


async def keep_note(
    session: AsyncSession,
    attempt: Attempt,
    chosen: Disposition,
    note: str | None,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Keep the call's note; refuse a code without the note it needs."""
    if note is not None:
        await save_note(session, attempt, note, user_id=user_id, clock=clock)
    if chosen.requires_note and not (note or "").strip() and not await note_of(session, attempt):
        raise NoteRequired(code=chosen.code)


async def lock_call(
    session: AsyncSession, attempt_id: UUID, code: str, *, client_id: UUID
) -> tuple[Attempt, dict[str, Disposition]]:
    """Lock a call that is to get a result, and return it with the campaign's codes.

    Whoever opens attempts or erases a person holds numbers first, then persons, then calls: so does this.

    Raises:
        AttemptNotFound: no attempt of this client has this id.
    """
    seen = await session.get(Attempt, attempt_id)
    if seen is None or seen.client_id != client_id:
        raise AttemptNotFound(attempt_id=str(attempt_id))
    codes = await codes_of(session, seen.campaign_id)
    if code in codes and codes[code].suppresses:
        await hold_person(session, seen)
    await is_erased(session, seen)  # from here on nobody erases the person
    # Whoever asked whose call it is has read it before: since then it may have ended, or been disposed.
    attempt = await session.get_one(
        Attempt, attempt_id, with_for_update=True, populate_existing=True
    )
    return attempt, codes


async def _require_undisposed_talk(session: AsyncSession, attempt: Attempt) -> None:
    if attempt.disposition is not None:
        raise AlreadyDisposed(attempt_id=str(attempt.id))
    if attempt.connected_at is None:
        raise Conflict(_not_connected(attempt), attempt_id=str(attempt.id))
    if await is_erased(session, attempt):  # a result would bring the closed lead back
        raise ContactErased


async def _decide(
    session: AsyncSession,
    attempt: Attempt,
    code: str,
    retry_after_s: dict[str, int | None],
    now: datetime,
) -> None:
    """Store the fate of the lead of a conversation that is over and disposed."""
    await session.flush()
    lead_id = (await session.get_one(Lead, attempt.lead_id, with_for_update=True)).id
    campaign = await session.get_one(Campaign, attempt.campaign_id)
    settings = CampaignSettings.model_validate(campaign.settings)
    talked = {lead_id: CallOutcome.CONNECTED}
    facts = (await lead_facts(session, talked, in_hand=False))[lead_id]
    fate = fate_after_disposition(code, facts, retry_after_s, settings, now)
    await store_fates(session, {lead_id: fate}, talked)


async def codes_of(session: AsyncSession, campaign_id: UUID) -> dict[str, Disposition]:
    """Return a campaign's dispositions by code."""
    rows = await session.exec(
        select(Disposition).where(col(Disposition.campaign_id) == campaign_id)
    )
    return {row.code: row for row in rows}


def _not_connected(attempt: Attempt) -> str:
    if attempt.ended_at is not None:
        return "Nobody talked on this call."
    return "The call is not connected yet: save its disposition when you have talked."


_CLOSE = text(
    """
    SELECT l.id FROM attempt a JOIN lead l ON l.id = a.lead_id
    WHERE a.id = ANY(CAST(:attempts AS uuid[])) AND a.ended_at IS NOT NULL AND a.disposition IS NULL
      AND l.state = :dialing ORDER BY a.id FOR UPDATE
    """
)


async def close_undisposed(session: AsyncSession, attempt_ids: Collection[UUID]) -> int:
    """Close the leads of conversations whose wrap-ups ran out; return how many there were to close.

    A promised callback stays promised. The agent may still save a disposition later: it then replaces
    this result.
    """
    if not attempt_ids:
        return 0
    facts = {"attempts": list(attempt_ids), "dialing": LeadState.DIALING.value}
    found = (await session.execute(_CLOSE, facts)).scalars().all()
    if not found:
        return 0
    talked = dict.fromkeys(found, CallOutcome.CONNECTED)
    leads = await lead_facts(session, talked)
    fates = {lead_id: fate_undisposed(lead) for lead_id, lead in leads.items()}
    await store_fates(session, fates, talked)
    return len(found)
