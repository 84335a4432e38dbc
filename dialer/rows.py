"""Whose rows a transaction may see: one client's for a person's request, everybody's for the workers.

PostgreSQL enforces it with row-level security (ADR 0022): a person's transaction takes the role ``ROLE`` and
says whose rows it is about; policies compare each row with that. Whoever forgot the client in a query reads
nothing of another client's, and writes nothing there.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

#: The role of a person's transaction: it owns nothing and logs in nowhere.
ROLE = "outdial_client"

_KEY = "whose_rows"

# What is left of the setting when a transaction ends is the session's own role again.
_ENTER = (
    "SELECT set_config('role', $1, true), set_config('app.client_id', $2, true),"
    " set_config('app.user_id', $3, true)"
)
_LEAVE = "SELECT set_config('role', 'none', true)"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose rows a transaction may see: a client's, and what is a person's own."""

    client_id: UUID
    user_id: UUID | None = None


def bind(session: AsyncSession, whose: Whose) -> None:
    """Have every transaction of the session, from the next one on, see a client's rows only."""
    session.sync_session.info[_KEY] = whose


async def see_only(session: AsyncSession, whose: Whose) -> None:
    """Have the transaction that is open, and every later one of the session, see a client's rows only."""
    bind(session, whose)
    if session.in_transaction():
        await _run(session, _enter(whose))


def whose(session: AsyncSession) -> Whose | None:
    """Return whose rows the session sees; None: everybody's."""
    found: Whose | None = session.sync_session.info.get(_KEY)
    return found


@asynccontextmanager
async def over_all_clients(session: AsyncSession, *, needed: bool = True) -> AsyncIterator[None]:
    """See every client's rows for as long as the block runs.

    For what is everybody's by its nature, such as the law's caps over clients of one legal entity; a test
    lists the places and their reasons. Outside of a person's transaction, and when not ``needed``, it does
    nothing.
    """
    mine = whose(session)
    if mine is None or not needed:
        yield
        return
    await session.flush()
    await _run(session, _LEAVE)
    del session.sync_session.info[_KEY]
    try:
        yield
        await session.flush()
    finally:
        bind(session, mine)
        if session.in_transaction():
            # A failed transaction takes nothing but its end; the end of a savepoint brings back the role
            # that was in force when it began.
            with suppress(DBAPIError):
                await _run(session, _enter(mine))


def _enter(mine: Whose) -> str:
    """Return the statement; ids are UUIDs, so nothing in it is anybody's text."""
    user_id = mine.user_id or ""
    return (
        f"SELECT set_config('role', '{ROLE}', true),"
        f" set_config('app.client_id', '{mine.client_id}', true),"
        f" set_config('app.user_id', '{user_id}', true)"
    )


async def _run(session: AsyncSession, statement: str) -> None:
    """Run a statement with the driver itself: every request does, and it takes a third of the time."""
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is not None and driver.is_in_transaction():
        with suppress(PostgresError, InterfaceError):  # told again, as an error of SQLAlchemy's
            await driver.execute(statement)
            return
    await connection.exec_driver_sql(statement)


@event.listens_for(Session, "after_begin")
def _begin(session: Session, transaction: Any, connection: Connection) -> None:
    """Say whose rows a new transaction is about: also the one after a rollback in the middle."""
    mine: Whose | None = session.info.get(_KEY)
    if mine is not None and not transaction.nested:  # a savepoint inherits it
        user_id = str(mine.user_id) if mine.user_id else ""
        connection.exec_driver_sql(_ENTER, (ROLE, str(mine.client_id), user_id))
