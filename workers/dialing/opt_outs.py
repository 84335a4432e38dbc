"""Opt-outs by key: the number goes on the client's do-not-call list, whatever becomes of the call."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.suppressions import in_parts, suppress
from dialer.clock import Clock

#: Where the suppression came from, as the list and the audit log tell it.
SOURCE = "abandon message"
REASON = "do_not_call"

# The number of a person who was erased meanwhile is not there any more.
_NUMBERS = text(
    """
    SELECT client_id, array_agg(e164) AS e164s FROM attempt
    WHERE id = ANY(CAST(:ids AS uuid[])) AND e164 LIKE '+%' GROUP BY client_id
    """
)


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A person without an agent pressed the key: call no more."""

    attempt_id: UUID


async def store_opt_outs(session: AsyncSession, items: Iterable[OptedOut], clock: Clock) -> None:
    """Suppress the numbers for their client.

    Nobody's call need be cancelled: a number has one live attempt over all campaigns, and that is the
    one in which the key was pressed.
    """
    ids = [item.attempt_id for item in items]
    for row in (await session.execute(_NUMBERS, {"ids": ids})).all():
        for numbers in in_parts(row.e164s):
            await suppress(
                session,
                client_id=row.client_id,
                e164s=numbers,
                reason=REASON,
                source=SOURCE,
                user_id=None,
                clock=clock,
            )
