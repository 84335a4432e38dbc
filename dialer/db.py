"""The database: column types, the session factory, and ``transaction()``, the only commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, DateTime, Dialect, Result, String, TypeDecorator, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer.rows import Whose, bind

SessionFactory = async_sessionmaker[AsyncSession]


class UtcDateTime(TypeDecorator[datetime]):
    """``timestamptz`` that refuses naive datetimes and gives back UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant: nobody knows which zone was meant.

        Raises:
            ValueError: the datetime has no time zone.
        """
        del dialect
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored instant in UTC."""
        del dialect
        return value.astimezone(UTC) if value is not None else None


class TextEnum(TypeDecorator[Any]):
    """A ``StrEnum`` stored as text, so that a new member needs no ``ALTER TYPE``."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        """Store members of ``kind``."""
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the member's text; raises ``ValueError`` for what is no member."""
        del dialect
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Return the member of the stored text."""
        del dialect
        return None if value is None else self.kind(value)


def text_enum(kind: type[StrEnum]) -> Any:
    """Return the column type of ``kind``, typed for SQLModel's ``sa_type``."""
    return TextEnum(kind)


def make_engine(
    url: str,
    *,
    pool_size: int = 10,
    idle_in_transaction_s: int | None = None,
    command_timeout_s: float = 30,
) -> AsyncEngine:
    """Return an engine; connections are tested before use, so a restarted server costs one retry."""
    # A frozen dialing worker must not keep its locks: its successor needs the campaign's row.
    limit = {"idle_in_transaction_session_timeout": f"{idle_in_transaction_s}s"}
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text must not print phone numbers
        connect_args={
            "timeout": 5,
            "command_timeout": command_timeout_s,
            "server_settings": limit if idle_in_transaction_s else {},
        },
    )


def make_sessions(engine: AsyncEngine) -> SessionFactory:
    """Return the factory every process passes around."""
    return async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


def affected(result: Result[Any]) -> int:
    """Return how many rows an INSERT, UPDATE or DELETE changed, 0 or more.

    Raises:
        TypeError: it was no such statement, or the driver does not know.
    """
    if not isinstance(result, CursorResult) or result.rowcount < 0:
        raise TypeError("only a statement that changes rows has a count of them")
    return result.rowcount


@asynccontextmanager
async def transaction(
    sessions: SessionFactory, *, durable: bool = True, whose: Whose | None = None
) -> AsyncIterator[AsyncSession]:
    """Open a session and commit at the end; roll back when the block raises.

    This is the only place that commits (a test walks the source for others).

    Args:
        sessions: The factory.
        durable: False for what may be done again after a crash of the server: its commit does not wait
            for the disk. Source: PostgreSQL 18, "Asynchronous Commit".
        whose: Whose rows it may see; None: everybody's (workers, the command line, signing in).
    """
    async with sessions() as session:
        if whose is not None:
            bind(session, whose)
        try:
            if not durable:
                await session.execute(text("SET LOCAL synchronous_commit = off"))
            yield session
            await session.commit()
        except BaseException:
            await session.rollback()
            raise
