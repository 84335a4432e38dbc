"""Refused rows go out as a file; mended, they come back and take their old places in the list."""

import asyncio
import codecs
import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.columns.cells import guarded
from campaigns.lists.models import Contact, ContactList, RefusedRow
from campaigns.lists.writing.sorting import Rows
from dialer.errors import NotFound

#: The columns a refusal file has more than the client's file; an import leaves them out again.
REFUSAL_COLUMN = "Refused because"
ROW_COLUMN = "Row in the file"


#: So many rows at a time are held, and written in another thread.
_CHUNK_ROWS = 1_000
#: A refusal file that is shorter stays in memory, bytes.
_MEMORY_BYTES = 1024 * 1024


class OwnColumns(NamedTuple):
    """The client's columns of a file, without those we added."""

    names: tuple[str, ...]
    positions: tuple[int, ...] | None  #: None: nothing was added
    row_column: int | None


def own_columns(columns: Sequence[str]) -> OwnColumns:
    """Tell the client's columns from those of :func:`refused_csv`."""
    added = {REFUSAL_COLUMN, ROW_COLUMN}
    kept = tuple(at for at, name in enumerate(columns) if name not in added)
    names = tuple(columns[at] for at in kept)
    row_column = list(columns).index(ROW_COLUMN) if ROW_COLUMN in columns else None
    return OwnColumns(names, None if len(kept) == len(columns) else kept, row_column)


async def refused_csv(
    session: AsyncSession, list_id: UUID, client_id: UUID, *, import_id: UUID | None = None
) -> str:
    """Return the list's refused rows as CSV: the client's columns, why, and which row of the list it was.

    Mended rows can be sent again as they are: into the same list they take their old places; the added
    columns and the guard against formulas are taken off by every import. Write it with a byte order
    mark (``utf-8-sig``) for Excel. With ``import_id`` only those of one of its imports.

    Raises:
        NotFound: no such list of this client.
    """
    parts = _parts(session, list_id, client_id, import_id)
    return "".join([part async for part in parts])


async def refused_file(
    session: AsyncSession, list_id: UUID, client_id: UUID, *, import_id: UUID | None = None
) -> SpooledTemporaryFile[bytes]:
    """Return what :func:`refused_csv` does as a file with the mark, at its start; the caller closes it.

    However many rows were refused, little of them is in memory, and other work goes on.

    Raises:
        NotFound: no such list of this client.
    """
    file = SpooledTemporaryFile[bytes](max_size=_MEMORY_BYTES)
    whole = False
    try:
        await asyncio.to_thread(file.write, codecs.BOM_UTF8)
        async for part in _parts(session, list_id, client_id, import_id):
            await asyncio.to_thread(file.write, part.encode())
        await asyncio.to_thread(file.seek, 0)
        whole = True
    finally:
        if not whole:
            file.close()
    return file


async def _parts(
    session: AsyncSession, list_id: UUID, client_id: UUID, import_id: UUID | None
) -> AsyncIterator[str]:
    contact_list = await session.get(ContactList, list_id)
    if contact_list is None or contact_list.client_id != client_id:
        raise NotFound("There is no such list here.")
    statement = (
        select(
            col(RefusedRow.original),
            col(RefusedRow.reason),
            col(RefusedRow.detail),
            col(RefusedRow.source_row),
        )
        .where(col(RefusedRow.list_id) == list_id, col(RefusedRow.client_id) == client_id)
        .order_by(col(RefusedRow.source_row))
    )
    if import_id is not None:
        statement = statement.where(col(RefusedRow.import_id) == import_id)
    width = len(contact_list.columns)
    yield _as_csv([[*contact_list.columns, REFUSAL_COLUMN, ROW_COLUMN]])
    refused = await session.stream(statement, execution_options={"yield_per": _CHUNK_ROWS})
    async for rows in refused.partitions():
        yield await asyncio.to_thread(_told, rows, width)


def _told(rows: Sequence[Row[list[str], str, str, int]], width: int) -> str:
    return _as_csv(
        [*original, *[""] * (width - len(original)), f"{reason}: {detail}", str(number)]
        for original, reason, detail, number in rows
    )


def _as_csv(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue()


async def rows_of(session: AsyncSession, list_id: UUID, own: OwnColumns) -> Rows:
    """Return how the rows of a further file are numbered in a list, and which of its rows it may mend."""
    known = await session.get(ContactList, list_id)
    if known is None:
        return Rows(own=own.positions)
    highest = [known.rows_in]
    for table in (Contact, RefusedRow):
        last = select(func.max(col(table.source_row))).where(col(table.list_id) == list_id)
        highest.append((await session.exec(last)).one() or 0)
    refused: set[int] = set()
    if own.row_column is not None:
        waiting = select(col(RefusedRow.source_row)).where(col(RefusedRow.list_id) == list_id)
        refused = set(await session.exec(waiting))
    return Rows(max(highest), own.positions, own.row_column if refused else None, refused)
