"""Import: a client's file becomes contacts and phones, and every refused row is kept with its reason."""

import asyncio
import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import phonenumbers
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.cells import guarded
from campaigns.lists.mapping import propose
from campaigns.lists.models import ContactList, RefusedRow
from campaigns.lists.reading import Table, read_table
from campaigns.lists.sorting import SortedRows, Sorter
from campaigns.lists.writing import copy_rows
from dialer.clock import Clock
from dialer.errors import Invalid, NotFound

#: Rows that are sorted off the event loop and written together: a fraction of a second.
BATCH_ROWS = 1_000
#: The column a refusal file has more than the client's file; an import leaves it out again.
REFUSAL_COLUMN = "Refused because"

#: Called with the rows done and the rows there are.
Progress = Callable[[int, int], None]


class UnknownRegion(Invalid):
    """The region is not an ISO 3166-1 alpha-2 code with a numbering plan."""

    code = "unknown_region"
    message = "The region must be a country's two letters, such as RU, UA or US."


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: ``rows_in`` = accepted + refused."""

    list_id: UUID
    rows_in: int
    rows_accepted: int
    rows_refused: int
    refused_by_reason: Mapping[str, int]  #: only reasons that occurred
    phones: int  #: of the accepted rows
    numbers_skipped: int  #: pieces of the accepted rows' phone cells that are no numbers


async def import_list(
    session: AsyncSession,
    *,
    client_id: UUID,
    name: str,
    file_name: str,
    data: bytes,
    region: str,
    clock: Clock,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a file as one contact list, in the caller's transaction.

    Rows are sorted in a thread, so the event loop goes on meanwhile. Contacts are told apart by
    their first number: a later row with the same one is refused as a duplicate.

    Raises:
        UnknownRegion: ``region`` is no country's two letters.
        UnreadableFile: the file is not a table.
        EmptyFile: the file has no rows.
        NoPhoneColumn: no column holds phones.
    """
    region = _known_region(region)
    table = _without_refusals(await asyncio.to_thread(read_table, data, file_name))
    mapping = propose(table)
    contact_list = ContactList(
        client_id=client_id,
        name=name,
        file_name=file_name,
        file_sha256=hashlib.sha256(data).hexdigest(),
        region=region,
        columns=table.columns,
        imported_at=clock.now(),
    )
    session.add(contact_list)
    await session.flush()
    sorter = Sorter(
        client_id, contact_list.id, mapping, table.columns, region, contact_list.imported_at
    )
    await _write_rows(session, sorter, table.rows, progress)
    contact_list.rows_in = len(table.rows)
    contact_list.rows_refused = sorter.refusals.total()
    contact_list.rows_accepted = contact_list.rows_in - contact_list.rows_refused
    await session.flush()
    return _report(contact_list, sorter)


async def refused_csv(session: AsyncSession, list_id: UUID, client_id: UUID) -> str:
    """Return the list's refused rows as CSV: the client's columns, and why, in the last one.

    Mended rows can be sent again as they are: the added column and the guard against formulas are
    taken off by the next import. Write it with a byte order mark (``utf-8-sig``) for Excel.

    Raises:
        NotFound: no such list of this client.
    """
    contact_list = await session.get(ContactList, list_id)
    if contact_list is None or contact_list.client_id != client_id:
        raise NotFound("There is no such list here.")
    refused = await session.exec(
        select(RefusedRow.original, RefusedRow.reason, RefusedRow.detail)
        .where(RefusedRow.list_id == list_id, RefusedRow.client_id == client_id)
        .order_by(col(RefusedRow.source_row))
    )
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([guarded(cell) for cell in [*contact_list.columns, REFUSAL_COLUMN]])
    for original, reason, detail in refused:
        writer.writerow([guarded(cell) for cell in [*original, f"{reason}: {detail}"]])
    return out.getvalue()


async def _write_rows(
    session: AsyncSession, sorter: Sorter, rows: list[list[str]], progress: Progress | None
) -> None:
    """Write batch after batch; while the database takes one, the next is sorted."""
    written = await asyncio.to_thread(sorter.sort, rows[:BATCH_ROWS], 1)
    for done in range(BATCH_ROWS, len(rows) + BATCH_ROWS, BATCH_ROWS):
        following = rows[done : done + BATCH_ROWS]
        _, sorted_next = await asyncio.gather(
            _copy(session, written), asyncio.to_thread(sorter.sort, following, done + 1)
        )
        written = sorted_next
        if progress is not None:
            progress(min(done, len(rows)), len(rows))


async def _copy(session: AsyncSession, written: SortedRows) -> None:
    await copy_rows(session, "contact", written.contacts)
    await copy_rows(session, "phone", written.phones)
    await copy_rows(session, "refused_row", written.refused)


def _known_region(region: str) -> str:
    known = region.strip().upper()
    if known not in phonenumbers.SUPPORTED_REGIONS:
        raise UnknownRegion(region=region)
    return known


def _without_refusals(table: Table) -> Table:
    """Take off the column that :func:`refused_csv` added."""
    if REFUSAL_COLUMN not in table.columns:
        return table
    at = table.columns.index(REFUSAL_COLUMN)
    columns, *rows = [row[:at] + row[at + 1 :] for row in (table.columns, *table.rows)]
    return Table(columns, rows)


def _report(contact_list: ContactList, sorter: Sorter) -> ImportReport:
    return ImportReport(
        list_id=contact_list.id,
        rows_in=contact_list.rows_in,
        rows_accepted=contact_list.rows_accepted,
        rows_refused=contact_list.rows_refused,
        refused_by_reason=dict(sorter.refusals),
        phones=sorter.phones,
        numbers_skipped=sorter.numbers_skipped,
    )
