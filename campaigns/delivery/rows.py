"""Rows of a layout as PostgreSQL sends them by COPY, whole rows at a time, in one snapshot."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer.db import SessionFactory

#: Bytes that go through the writer at a time, and how many such pieces may wait for it.
_BLOCK_BYTES = 256 * 1024
_AHEAD = 4
#: Nothing is exported for longer than this, seconds.
LONGEST_S = 2 * 3600.0


@asynccontextmanager
async def snapshot(sessions: SessionFactory) -> AsyncIterator[AsyncSession]:
    """Open a session that sees the database as it is now until the end, and changes nothing."""
    async with sessions() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        await session.execute(text("SET TRANSACTION READ ONLY"))
        await tune(session)
        yield session


async def tune(session: AsyncSession) -> None:
    """Prepare a transaction for statements over all rows of a campaign."""
    # A million sorted rows do not fit the server's usual memory for a sort.
    await session.execute(text("SET LOCAL work_mem = '64MB'"))
    # Every lead is looked up once: to remember what was found takes time and the server's memory.
    await session.execute(text("SET LOCAL enable_memoize = off"))


async def fetch(session: AsyncSession, statement: str) -> tuple[Any, ...]:
    """Return the single row of a statement that may take long."""
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection  # asyncpg's own
    return tuple(await driver.fetchrow(statement, timeout=LONGEST_S))


async def blocks(
    session: AsyncSession, statement: str, *, separator: str = ","
) -> AsyncGenerator[bytes]:
    """Yield the statement's rows as CSV in UTF-8 with line feeds, several whole rows at a time.

    Close it (``contextlib.aclosing``) when the reading may break off; the session is at its end then.
    The server sends while the caller works on an earlier block: at most a few are held.
    """
    waiting: asyncio.Queue[bytes | None] = asyncio.Queue(_AHEAD)
    held: list[bytes] = []
    size = 0

    async def take(data: bytes) -> None:  # whole rows: each is a message of its own
        nonlocal held, size
        held.append(data)
        size += len(data)
        if size >= _BLOCK_BYTES:
            full, held, size = held, [], 0
            await waiting.put(b"".join(full))

    async def send() -> None:
        try:
            await _copy(session, statement, take, separator)
            if held:
                await waiting.put(b"".join(held))
        finally:
            if not sending.cancelling():
                await waiting.put(None)

    sending = asyncio.create_task(send())
    try:
        while (block := await waiting.get()) is not None:
            yield block
        await sending
    finally:
        if (
            not sending.done()
        ):  # broken off: the server still sends, so this connection is of no use
            sending.cancel()
            await asyncio.wait([sending])
            await session.invalidate()


async def _copy(session: AsyncSession, statement: str, take: Any, separator: str) -> None:
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    await driver.copy_from_query(
        statement,
        output=take,
        format="csv",
        delimiter=separator,
        encoding="utf-8",
        timeout=LONGEST_S,
    )


def cells_of(block: bytes, separator: str = ",") -> list[list[str]]:
    """Return the cells of a block of whole rows."""
    read = csv.reader(io.StringIO(block.decode(), newline=""), delimiter=separator)
    return [row or [""] for row in read]


csv.field_size_limit(2**27)  # a client's cell may hold a million characters
