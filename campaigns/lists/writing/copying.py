"""Bulk writing: rendered rows go to PostgreSQL by COPY, several times faster than by INSERT."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.writing.packing import COPY_END, COPY_HEAD
from campaigns.lists.writing.rendering import (
    CONTACT_COLUMNS,
    LEAD_COLUMNS,
    PHONE_COLUMNS,
    REFUSED_COLUMNS,
    Rendered,
)

#: Bytes given to the driver at a time: the event loop breathes between two pieces.
_PIECE = 1 << 18


async def copy_batch(session: AsyncSession, rendered: Rendered) -> None:
    """Write a batch's contacts, then what belongs to them, in the session's transaction."""
    await copy_rows(session, "contact", CONTACT_COLUMNS, rendered.contacts)
    await copy_rows(session, "phone", PHONE_COLUMNS, rendered.phones)
    await copy_rows(session, "lead", LEAD_COLUMNS, rendered.leads)
    await copy_rows(session, "refused_row", REFUSED_COLUMNS, rendered.refused)


async def copy_rows(session: AsyncSession, table: str, columns: Sequence[str], rows: bytes) -> None:
    """Write rows of the binary format; every column without a default in the database must be there."""
    if not rows:
        return
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection  # asyncpg's own
    await driver.copy_to_table(table, source=_pieces(rows), columns=list(columns), format="binary")


async def _pieces(rows: bytes) -> AsyncIterator[bytes]:
    yield COPY_HEAD
    for start in range(0, len(rows), _PIECE):
        yield rows[start : start + _PIECE]
    yield COPY_END
