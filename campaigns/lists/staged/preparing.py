"""Preparing: what a rehearsal and an import have in common before the first row."""

import asyncio

import phonenumbers

from campaigns.lists.columns.mapping import SAMPLE_ROWS, Mapping, propose
from campaigns.lists.staged.plan import ImportPlan, RowSource
from campaigns.lists.writing.placing import Places
from campaigns.lists.writing.sorting import Rows, Sorter
from dialer.errors import Invalid

#: Rows that are sorted, looked up and written together: a fraction of a second, some 30 MB.
BATCH_ROWS = 25_000


class UnknownRegion(Invalid):
    """The region is not an ISO 3166-1 alpha-2 code with a numbering plan."""

    code = "unknown_region"
    message = "The region must be a country's two letters, such as RU, UA or US."


def proposed_mapping(table: RowSource) -> Mapping:
    """Return what the columns are for, as the headings and the first rows tell.

    Raises:
        NoPhoneColumn: neither tells of a phone.
    """
    return propose(table.columns, next(table.batches(SAMPLE_ROWS), []))


async def mapping_of(plan: ImportPlan, table: RowSource) -> Mapping:
    """Return the plan's mapping, or the proposed one.

    Raises:
        NoPhoneColumn: no mapping is given and no column holds phones.
    """
    if plan.mapping is not None:
        return plan.mapping
    return await asyncio.to_thread(proposed_mapping, table)


def known_region(region: str) -> str:
    """Return the country's two letters in capitals.

    Raises:
        UnknownRegion: there is no such numbering plan.
    """
    known = region.strip().upper()
    if known not in phonenumbers.SUPPORTED_REGIONS:
        raise UnknownRegion(region=region)
    return known


def make_sorter(
    plan: ImportPlan, region: str, mapping: Mapping, rows: Rows, places: Places | None
) -> Sorter:
    """Return the sorter of a plan; ``places`` None: nobody asks where the numbers are."""
    return Sorter(
        mapping,
        region=region,
        by=plan.duplicates.by,
        rows=rows,
        places=places,
        limits=plan.limits,
    )
