"""A person asks to be called no more: every number of the person is held, then suppressed."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.suppressions import LiveCall, hold, suppress
from campaigns.leads.models import Attempt
from campaigns.lists.models import Phone
from dialer.clock import Clock


async def hold_person(session: AsyncSession, attempt: Attempt) -> None:
    """Hold the numbers of a call's person until the commit, before the person and the call are locked.

    Whoever opens attempts, and whoever erases a person, holds the numbers first.
    """
    await hold(session, await _numbers(session, attempt))


async def suppress_person(
    session: AsyncSession, attempt: Attempt, user_id: UUID | None, clock: Clock
) -> tuple[LiveCall, ...]:
    """Suppress every number of the contact: it is the person who asked, not the telephone.

    Another campaign may be ringing one of them at this moment.
    """
    done = await suppress(
        session,
        client_id=attempt.client_id,
        e164s=await _numbers(session, attempt),
        reason="do_not_call",
        source="agent",
        user_id=user_id,
        clock=clock,
    )
    return tuple(call for call in done.live_calls if call.attempt_id != attempt.id)


async def _numbers(session: AsyncSession, attempt: Attempt) -> set[str]:
    mine = select(Phone.e164).where(
        col(Phone.contact_id) == attempt.contact_id, col(Phone.client_id) == attempt.client_id
    )
    # Of an erased person a mark stands where the number was.
    return {one for one in {attempt.e164, *await session.exec(mine)} if one.startswith("+")}
