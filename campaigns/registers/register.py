"""What a register is: a table of a client whose rows are searched, sorted, put away and brought back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.permissions import Permission
from campaigns.tenancy.models import Role


class Author(Protocol):
    """Who changes rows of a client: a person, or the command line."""

    @property
    def client_id(self) -> UUID:
        """The client for which it is done."""
        ...

    @property
    def user_id(self) -> UUID | None:
        """The person; None: the command line."""
        ...

    @property
    def role(self) -> Role:
        """What the person may."""
        ...


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Whoever has the installation's command line may everything, and stands in the log as nobody."""

    client_id: UUID
    user_id: UUID | None = None
    role: Role = Role.ADMIN
    manages_clients: bool = True


#: What follows a change of rows: returns the campaigns whose runners look anew.
Follow = Callable[[AsyncSession, UUID, Sequence[UUID], datetime], Awaitable[Sequence[UUID]]]


#: Names of campaigns under way that use rows: those are not put away.
Uses = Callable[[AsyncSession, UUID, Sequence[UUID]], Awaitable[Sequence[str]]]


async def _unused(session: AsyncSession, client_id: UUID, ids: Sequence[UUID]) -> Sequence[str]:
    del session, client_id, ids
    return ()


async def _nothing(
    session: AsyncSession, client_id: UUID, ids: Sequence[UUID], now: datetime
) -> Sequence[UUID]:
    del session, client_id, ids, now
    return ()


@dataclass(frozen=True, slots=True)
class Register:
    """One register.

    Args:
        code: of the register, also in addresses and in the audit log.
        table: its table, with ``id`` and ``client_id``.
        searched: columns in which a search looks for its words.
        sorts: by code the columns a list is sorted by; the first one is usual.
        put_away: the column that says since when a row is put away.
        changes: what undo may write; nothing else is ever taken back.
        permission: who may change rows, and take changes back.
        follow: what a change of rows brings with it.
        uses: which campaigns keep rows from being put away.
        shared: rows without a client are everybody's, and changed by who manages clients.
        only: a condition on every row of it, for tables of several registers.
    """

    code: str
    table: type[SQLModel]
    searched: tuple[str, ...]
    sorts: Mapping[str, tuple[str, ...]]
    changes: frozenset[str]
    put_away: str = "archived_at"
    permission: Permission = Permission.CHANGE
    follow: Follow = _nothing
    uses: Uses = _unused
    shared: bool = False
    only: Mapping[str, Any] = field(default_factory=dict)

    def column(self, name: str) -> Any:
        """Return a column of the table."""
        return getattr(self.table, name)
