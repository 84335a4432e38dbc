"""An agent's disposition -> attempt and lead, in one transaction."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.fates import store_fates
from campaigns.leads.models import Attempt, Lead
from campaigns.leads.recycle import fate_after_disposition
from campaigns.lists.models import Phone
from campaigns.models import Disposition
from campaigns.states import LeadState
from compliance.models import Suppression
from dialer.call.states import CallOutcome
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid, NotFound
from dialer.ids import new_id

log = structlog.get_logger()


class AlreadyDisposed(Conflict):
    """Someone was first; nothing is changed."""

    code = "already_disposed"
    message = "This call already has its disposition."


class UnknownDisposition(Invalid):
    """The campaign has no such code."""

    code = "unknown_disposition"
    message = "The campaign has no such disposition."


@dataclass(frozen=True, slots=True)
class RecordedDisposition:
    """What was recorded, and whom to tell."""

    attempt_id: UUID
    lead_id: UUID
    campaign_id: UUID
    session_id: UUID | None
    code: str


async def record(
    session: AsyncSession, attempt_id: UUID, code: str, *, client_id: UUID, clock: Clock
) -> RecordedDisposition:
    """Record the agent's disposition; decide the lead's fate if the call has ended already.

    Raises:
        NotFound: no attempt of this client has this id.
        Conflict: the call was not connected to an agent, so there is nothing to dispose.
        AlreadyDisposed: someone was first.
        UnknownDisposition: the campaign has no such code.
    """
    attempt = await session.get(Attempt, attempt_id, with_for_update=True)
    if attempt is None or attempt.client_id != client_id:
        raise NotFound("There is no such call.", attempt_id=str(attempt_id))
    if attempt.disposition is not None:
        raise AlreadyDisposed(attempt_id=str(attempt_id))
    if attempt.connected_at is None:
        raise Conflict(_not_connected(attempt), attempt_id=str(attempt_id))
    codes = await _codes(session, attempt.campaign_id)
    chosen = codes.get(code)
    if chosen is None:
        raise UnknownDisposition(code=code, known=sorted(codes))
    now = clock.now()
    attempt.disposition, attempt.disposed_at = code, now
    if chosen.suppresses:
        await _suppress(session, attempt, clock)
    if attempt.ended_at is not None:
        lead = await session.get_one(Lead, attempt.lead_id, with_for_update=True)
        delays = {name: row.retry_after_s for name, row in codes.items()}
        fate = fate_after_disposition(code, delays, now, phone_position=lead.phone_position)
        await session.flush()
        await store_fates(session, {lead.id: fate}, {lead.id: CallOutcome.CONNECTED})
    log.info("attempt.disposed", attempt_id=str(attempt_id), code=code)
    return RecordedDisposition(
        attempt.id, attempt.lead_id, attempt.campaign_id, attempt.agent_session_id, code
    )


async def _codes(session: AsyncSession, campaign_id: UUID) -> dict[str, Disposition]:
    rows = await session.exec(
        select(Disposition).where(col(Disposition.campaign_id) == campaign_id)
    )
    return {row.code: row for row in rows}


def _not_connected(attempt: Attempt) -> str:
    if attempt.ended_at is not None:
        return "Nobody talked on this call."
    return "The call is not connected yet: save its disposition when you have talked."


async def _suppress(session: AsyncSession, attempt: Attempt, clock: Clock) -> None:
    """Suppress every number of the contact: it is the person who asked, not the telephone."""
    found = await session.exec(
        select(Phone.e164).where(col(Phone.contact_id) == attempt.contact_id)
    )
    rows = [
        Suppression(
            id=new_id(), client_id=attempt.client_id, e164=e164, added_at=clock.now()
        ).model_dump()
        for e164 in sorted({attempt.e164, *found})  # in one order: two of them cannot deadlock
    ]
    await session.execute(insert(Suppression).values(rows).on_conflict_do_nothing())


_CLOSE = text(
    """
    SELECT l.id, l.phone_position FROM attempt a JOIN lead l ON l.id = a.lead_id
    WHERE a.id = :attempt_id AND a.ended_at IS NOT NULL AND a.disposition IS NULL
      AND l.state = :dialing FOR UPDATE
    """
)


async def close_undisposed(session: AsyncSession, attempt_id: UUID, *, clock: Clock) -> bool:
    """Close the lead of a conversation whose wrap-up ran out; False when there is nothing to close.

    The agent may still save a disposition later: it then replaces this result.
    """
    row = (
        await session.execute(
            _CLOSE, {"attempt_id": attempt_id, "dialing": LeadState.DIALING.value}
        )
    ).one_or_none()
    if row is None:
        return False
    fate = fate_after_disposition(None, {}, clock.now(), phone_position=row.phone_position)
    await store_fates(session, {row.id: fate}, {row.id: CallOutcome.CONNECTED})
    return True
