"""Forecast: what an import would do, and how many of its contacts could not be dialled at this moment."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.keeping import keeper_for
from campaigns.lists.models import ListImport
from campaigns.lists.staged import staging
from campaigns.lists.staged.mended import own_columns, rows_of
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.plan import DncLookup, Rehearsal
from campaigns.lists.staged.planning import plan_of, take_counts
from campaigns.lists.staged.preparing import BATCH_ROWS, known_region, make_sorter
from campaigns.lists.staged.uploads import UploadFolder
from campaigns.lists.writing.batch import Batch
from campaigns.lists.writing.duplicates import DoubleFinder
from campaigns.lists.writing.listed import dnc_lookups
from campaigns.lists.writing.placing import Places
from campaigns.lists.writing.quiet import fewer_collections
from campaigns.lists.writing.tally import Tally
from campaigns.models import Campaign
from campaigns.states import ImportState
from compliance.dnc.shelf import DncShelf
from compliance.facts import Law
from compliance.places.placement import Confidence, Placement
from dialer.clock import Clock

#: Added to the warnings of a rehearsal.
WINDOW_CLOSED = "window_closed"  #: contacts whose window is closed at this moment
PLACE_UNKNOWN = "place_unknown"  #: contacts that will not be dialled: nobody knows where they are


@dataclass(frozen=True, slots=True)
class Forecast:
    """A rehearsal, and what would keep the accepted contacts from being dialled now.

    Contacts are counted by their first number.
    """

    rehearsal: Rehearsal
    places: Mapping[str, int]  #: by how exactly their zone is known; a region column narrows it
    window_closed: int | None  #: None: no campaign is named, so nobody knows for what is called
    asked_at: datetime

    def warnings(self) -> dict[str, int]:
        """Return every skip to come, by code."""
        found = dict(self.rehearsal.warnings)
        if self.window_closed:
            found[WINDOW_CLOSED] = self.window_closed
        if unknown := self.places.get(Confidence.UNKNOWN.value):
            found[PLACE_UNKNOWN] = unknown
        return found


async def forecast(
    session: AsyncSession,
    folder: UploadFolder,
    row: ListImport,
    *,
    law: Law,
    shelf: DncShelf,
    clock: Clock,
) -> Forecast:
    """Tell what committing a staged import would do, and keep the counts with it.

    An import that somebody changes or commits meanwhile keeps its own counts.

    Args:
        session: of the caller; nothing but the import's counts is changed.
        folder: where its file is.
        row: the import.
        law: decides about windows, and which do-not-call lists are asked.
        shelf: holds those lists.
        clock: tells which windows are closed now.

    Raises:
        ImportNotStaged: it is being committed, or was.
        NoPhoneColumn: nobody said which column holds phones.
        UploadGone: the file is not there any more.
    """
    staging.require_staged(row)
    asked = _asked(row)
    options = ImportOptions.read(row.options)
    places = _SeenPlaces()
    dnc = await dnc_lookups(
        session, shelf, client_id=row.client_id, law=law, campaign_id=options.campaign_id
    )
    rehearsal, first_places = await _rehearse(session, folder, row, options, places, dnc)
    now = clock.now()
    confidences: Counter[str] = Counter()
    for slot, contacts in first_places.items():
        confidences[places.placement(slot).confidence.value] += contacts
    closed = None
    if options.campaign_id is not None:
        campaign = await session.get_one(Campaign, options.campaign_id)
        keeper = await keeper_for(session, campaign, law, shelf, clock)
        closed = sum(
            contacts
            for slot, contacts in first_places.items()
            if not keeper.opening(places.placement(slot), now).is_open
        )
    told = Forecast(rehearsal, dict(confidences), closed, now)
    await _keep(session, row.id, asked, told)
    return told


def _asked(row: ListImport) -> tuple[ImportState, dict[str, Any], dict[str, Any]]:
    """Return what the counts of a rehearsal depend on."""
    return row.state, row.options, row.mapping


async def _keep(
    session: AsyncSession,
    import_id: UUID,
    asked: tuple[ImportState, dict[str, Any], dict[str, Any]],
    told: Forecast,
) -> None:
    """Keep the counts, unless the import was changed or committed during the rehearsal."""
    row = await session.get(ListImport, import_id, with_for_update=True, populate_existing=True)
    if row is None or _asked(row) != asked:
        return
    take_counts(row, told.rehearsal)
    row.warnings = told.warnings()
    await session.flush()


class _SeenPlaces(Places):
    """Places that are looked at and not stored."""

    def placement(self, slot: int) -> Placement:
        return self._placements[slot]


async def _rehearse(
    session: AsyncSession,
    folder: UploadFolder,
    row: ListImport,
    options: ImportOptions,
    places: Places,
    dnc: Mapping[str, DncLookup],
) -> tuple[Rehearsal, Counter[int]]:
    """Return the rehearsal, and how many accepted contacts are in each place."""
    table = await staging.opened(folder, row)
    plan = await plan_of(session, row, options, table)
    rows = await rows_of(session, plan.list_id, own_columns(table.columns))
    mapping = staging.mapping_of(row, table)
    sorter = make_sorter(plan, known_region(plan.region), mapping, rows, places)
    tally, finder = Tally(dnc), DoubleFinder(plan)
    seen: Counter[int] = Counter()
    batches = table.batches(BATCH_ROWS)

    def count(batch: Batch) -> None:
        tally.add(batch)
        seen.update(draft.places[0] for draft in batch.drafts)

    with fewer_collections():
        while (cells := await asyncio.to_thread(next, batches, None)) is not None:
            batch = await asyncio.to_thread(sorter.sort, cells)
            await finder.resolve(session, batch, written=False)
            await asyncio.to_thread(count, batch)
    return Rehearsal(**tally.facts(sorter.traits.warnings)), seen
