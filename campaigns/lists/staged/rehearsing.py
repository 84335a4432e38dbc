"""Rehearsing: what an import would do, without writing anything."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.columns.mapping import Mapping as ColumnMapping
from campaigns.lists.staged.mended import own_columns, rows_of
from campaigns.lists.staged.plan import DncLookup, ImportPlan, Rehearsal, RowSource
from campaigns.lists.staged.preparing import (
    BATCH_ROWS,
    known_region,
    make_sorter,
    mapping_of,
    proposed_mapping,
)
from campaigns.lists.writing.duplicates import DoubleFinder
from campaigns.lists.writing.quiet import fewer_collections
from campaigns.lists.writing.sorting import Rows
from campaigns.lists.writing.tally import Tally
from dialer.clock import Clock

#: A dry run without a database has no list.
_NOBODY = UUID(int=0)


async def rehearse(
    session: AsyncSession | None,
    plan: ImportPlan,
    table: RowSource,
    *,
    clock: Clock,
    dnc: Mapping[str, DncLookup] | None = None,
) -> Rehearsal:
    """Tell what :func:`write_import` would do, and write nothing.

    With a session, doubles are also looked for among the stored contacts of the plan's scope, and rows
    of a refusal file among those that wait to be mended.

    Raises:
        UnknownRegion: the plan's region is no country's two letters.
        NoPhoneColumn: no mapping is given and no column holds phones.
    """
    del clock  # nothing of a rehearsal has a time
    region = known_region(plan.region)
    mapping = await mapping_of(plan, table)
    own = own_columns(table.columns)
    rows = await rows_of(session, plan.list_id, own) if session else Rows(own=own.positions)
    sorter = make_sorter(plan, region, mapping, rows, None)
    tally, finder = Tally(dnc), DoubleFinder(plan)
    batches = table.batches(BATCH_ROWS)
    with fewer_collections():
        while (cells := await asyncio.to_thread(next, batches, None)) is not None:
            batch = await asyncio.to_thread(sorter.sort, cells)
            await finder.resolve(session, batch, written=False)
            await asyncio.to_thread(tally.add, batch)
    return Rehearsal(**tally.facts(sorter.traits.warnings))


def dry_run(table: RowSource, region: str, mapping: ColumnMapping | None = None) -> Rehearsal:
    """Tell what an import would do with a file, without a database: doubles are those of the file.

    Raises:
        UnknownRegion: ``region`` is no country's two letters.
        NoPhoneColumn: no mapping is given and no column holds phones.
    """
    plan = ImportPlan(client_id=_NOBODY, list_id=_NOBODY, region=region)
    own = own_columns(table.columns)
    mapping = mapping or proposed_mapping(table)
    sorter = make_sorter(plan, known_region(region), mapping, Rows(own=own.positions), None)
    tally, finder = Tally(None), DoubleFinder(plan)
    with fewer_collections():
        for cells in table.batches(BATCH_ROWS):
            batch = sorter.sort(cells)
            finder.decide(batch, {}, written=False)
            tally.add(batch)
    return Rehearsal(**tally.facts(sorter.traits.warnings))
