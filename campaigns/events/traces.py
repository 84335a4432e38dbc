"""Who took whole phone numbers out with events or results: an entry in the audit log."""

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock


async def trace_numbers(
    session: AsyncSession, who: Identity, action: str, rows: int, clock: Clock
) -> None:
    """Note that somebody was given so many rows with whole numbers."""
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=clock.now(),
        action=action,
        subject="client",
        subject_id=who.client_id,
        facts={"rows": rows},
    )
