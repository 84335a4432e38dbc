"""Remembering: what a client's columns are for, from one file to the next with the same headings."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.columns.mapping import Mapping, MappingFault, headings_digest
from campaigns.lists.models import ImportMapping, ListImport
from campaigns.lists.reading.tables import OpenTable
from campaigns.lists.staged.mended import own_columns
from dialer.clock import Clock


async def remember(session: AsyncSession, row: ListImport, table: OpenTable, clock: Clock) -> None:
    """Keep the mapping for the client's next file with the same headings."""
    own = own_columns(table.columns).names
    entries = [one for one in row.mapping.get("columns", ()) if one["column"] in own]
    meant = {"mapping": {"columns": entries}, "used_at": clock.now()}
    named = {"client_id": row.client_id, "headings_sha256": headings_digest(own)}
    # One statement: two files with the same headings may end at the same moment.
    statement = insert(ImportMapping).values(**named, **meant)
    await session.execute(statement.on_conflict_do_update(index_elements=list(named), set_=meant))


async def remembered(session: AsyncSession, client_id: UUID, table: OpenTable) -> Mapping | None:
    """Return what the client's columns meant last under the same headings."""
    digest = headings_digest(own_columns(table.columns).names)
    known = await session.get(ImportMapping, (client_id, digest))
    if known is None:
        return None
    try:
        return Mapping.from_json(known.mapping, table.columns)
    except MappingFault:  # of an earlier release that knew other fields
        return None
