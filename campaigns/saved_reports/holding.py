"""Cross-tables and erasures: a table is made either after a person is erased, or before, and then emptied."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_KEY = "hashtextextended('report tables ' || :client_id, 0)"
_HOLD = text(f"SELECT pg_advisory_xact_lock_shared({_KEY})")
_HOLD_BACK = text(f"SELECT pg_advisory_xact_lock({_KEY})")


async def hold_tables(session: AsyncSession, client_id: UUID) -> None:
    """Let no erasure empty a client's tables until the transaction ends; wait for one that does."""
    await session.execute(_HOLD, {"client_id": str(client_id)})


async def hold_tables_back(session: AsyncSession, client_id: UUID) -> None:
    """Wait for the client's tables that are being made; let none be made until the transaction ends."""
    await session.execute(_HOLD_BACK, {"client_id": str(client_id)})
