"""Counting what a piece of the program asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from dialer.db import SessionFactory


@contextmanager
def counted(sessions: SessionFactory) -> Iterator[list[str]]:
    """Collect the statements that go through a factory's engine, each in one line."""
    engine = sessions.kw["bind"].sync_engine
    found: list[str] = []

    def executed(_: Any, __: Any, statement: str, *___: Any) -> None:
        found.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", executed)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", executed)
