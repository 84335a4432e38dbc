"""Rows of a register: searched, sorted, one page of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import String, cast, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.registers.register import Register
from dialer.errors import NotFound

#: Rows of one page.
PAGE = 50


class Shown(StrEnum):
    """Which rows a list shows."""

    USED = "used"
    PUT_AWAY = "put_away"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person looks for."""

    q: str = ""
    sort: str = ""
    shown: Shown = Shown.USED
    page: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found."""

    rows: Sequence[Any]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Return how many pages there are, one at least."""
        return max(1, -(-self.total // PAGE))


async def find_rows(
    session: AsyncSession, register: Register, wanted: Wanted, *, client_id: UUID
) -> Found:
    """Return a page of a client's rows; a page beyond the last one is the last one."""
    where = [*_mine(register, client_id), *_looked_for(register, wanted)]
    counted = select(func.count()).select_from(register.table).where(*where)
    total = (await session.exec(counted)).one()
    page = min(max(0, wanted.page), max(0, -(-total // PAGE) - 1))
    names = register.sorts.get(wanted.sort) or next(iter(register.sorts.values()))
    statement = select(register.table).where(*where).order_by(*_order(register, names))
    rows = (await session.exec(statement.offset(page * PAGE).limit(PAGE))).all()
    return Found(rows, total, page)


async def find_row(session: AsyncSession, register: Register, row_id: UUID, client_id: UUID) -> Any:
    """Return one row of a client.

    Raises:
        NotFound: there is none, or it is another client's.
    """
    own = register.column("id") == row_id
    found = await session.exec(select(register.table).where(own, *_mine(register, client_id)))
    row = found.first()
    if row is None:
        raise NotFound
    return row


def _mine(register: Register, client_id: UUID) -> list[Any]:
    owner = register.column("client_id")
    own = or_(owner == client_id, owner.is_(None)) if register.shared else owner == client_id
    return [own, *(register.column(name) == value for name, value in register.only.items())]


def _looked_for(register: Register, wanted: Wanted) -> list[Any]:
    away = register.column(register.put_away)
    where = {
        Shown.USED: [away.is_(None)],
        Shown.PUT_AWAY: [away.is_not(None)],
        Shown.ALL: [],
    }[wanted.shown]
    for word in wanted.q.lower().split():
        texts = (func.lower(cast(register.column(name), String)) for name in register.searched)
        where.append(or_(*(text.contains(word, autoescape=True) for text in texts)))
    return where


def _order(register: Register, names: Sequence[str]) -> list[Any]:
    """Return the columns to sort by: ``-name`` is downwards; the id keeps pages apart."""
    order = []
    for name in names:
        column = register.column(name.removeprefix("-"))
        order.append(column.desc().nulls_last() if name.startswith("-") else column.asc())
    return [*order, register.column("id")]
