"""Import: a client's file becomes contacts and phones, and every refused row is kept with its reason."""

import asyncio
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.enrol import link, mark_selection_due
from campaigns.lists.models import ContactList
from campaigns.lists.staged.mended import OwnColumns, own_columns, refused_csv, rows_of
from campaigns.lists.staged.plan import (
    DncLookup,
    DuplicatePolicy,
    ImportPlan,
    ImportReport,
    Progress,
    Rehearsal,
    RowSource,
    Scope,
)
from campaigns.lists.staged.preparing import (
    BATCH_ROWS,
    UnknownRegion,
    known_region,
    make_sorter,
    mapping_of,
    proposed_mapping,
)
from campaigns.lists.staged.rehearsing import dry_run, rehearse
from campaigns.lists.writing.batch import ListHead
from campaigns.lists.writing.pipeline import Pipeline, Stages
from campaigns.lists.writing.placing import Places
from campaigns.lists.writing.quiet import fewer_collections
from campaigns.lists.writing.tally import Tally
from dialer.clock import Clock
from dialer.errors import NotFound

__all__ = [
    "BATCH_ROWS",
    "DuplicatePolicy",
    "ImportPlan",
    "ImportReport",
    "Rehearsal",
    "UnknownRegion",
    "dry_run",
    "proposed_mapping",
    "refused_csv",
    "rehearse",
    "write_import",
]


#: Between two looks whether another import of the same client or campaign has ended.
_LOOK_AGAIN_S = 0.1


async def write_import(
    session: AsyncSession,
    plan: ImportPlan,
    table: RowSource,
    *,
    clock: Clock,
    progress: Progress | None = None,
    dnc: Mapping[str, DncLookup] | None = None,
) -> ImportReport:
    """Write a file into the plan's list, which exists, in the caller's transaction.

    Contacts and numbers (and leads, when the plan names a campaign) of accepted rows are added, refused
    rows are stored, and the list's counts grow. Rows of a mended refusal file (see :func:`refused_csv`)
    take their old places in the list. Nothing is seen by others before the commit, but for rows of
    ``place``, which say nothing of the client.

    Positions of the plan's mapping are those of ``table.columns``; members of the do-not-call lists
    ``dnc`` (by code) are counted as warnings; ``progress`` is called after each batch.

    Raises:
        NotFound: the list or the campaign does not exist or belongs to another client.
        UnknownRegion: the plan's region is no country's two letters.
        NoPhoneColumn: no mapping is given and no column holds phones.
    """
    region = known_region(plan.region)
    contact_list = await _locked_list(session, plan)
    await _wait_for_turn(session, plan)
    mapping = await mapping_of(plan, table)
    if plan.campaign_id is not None:
        await link(session, plan.campaign_id, plan.list_id, client_id=plan.client_id)
    own = own_columns(table.columns)
    rows = await rows_of(session, plan.list_id, own)
    contact_list.columns = list(dict.fromkeys([*contact_list.columns, *own.names]))
    places, tally = Places(), Tally(dnc)
    sorter = make_sorter(plan, region, mapping, rows, places)
    head = _head(plan, own, contact_list.columns, clock)
    stages = Stages(sorter, places, tally)
    with fewer_collections():
        await Pipeline(session, plan, head, table.batches(BATCH_ROWS), stages, progress).run()
    _count(contact_list, tally)
    await session.flush()
    if plan.campaign_id is not None:
        await mark_selection_due(session, plan.campaign_id)
    return ImportReport(list_id=plan.list_id, **tally.facts(sorter.traits.warnings))


async def _locked_list(session: AsyncSession, plan: ImportPlan) -> ContactList:
    """Return the plan's list, locked: two files into one list come one after the other."""
    contact_list = await session.get(
        ContactList, plan.list_id, with_for_update=True, populate_existing=True
    )
    if contact_list is None or contact_list.client_id != plan.client_id:
        raise NotFound("There is no such list here.")
    return contact_list


async def _wait_for_turn(session: AsyncSession, plan: ImportPlan) -> None:
    """Let files whose duplicates are sought beyond one list come one after the other.

    Two at once would not see each other's contacts. The lock is asked for again and again, because a
    statement that waits for it as long as a large import takes would be cut off.
    """
    scope = plan.duplicates.scope
    owner = {Scope.CLIENT: plan.client_id, Scope.CAMPAIGN: plan.campaign_id}.get(scope)
    if owner is None:
        return
    key = func.hashtextextended(f"import {scope} {owner}", 0)
    mine = select(func.pg_try_advisory_xact_lock(key))
    while not (await session.execute(mine)).scalar_one():  # noqa: ASYNC110 - another process tells
        await asyncio.sleep(_LOOK_AGAIN_S)


def _head(plan: ImportPlan, own: OwnColumns, columns: list[str], clock: Clock) -> ListHead:
    return ListHead(
        plan.client_id,
        plan.list_id,
        plan.import_id,
        plan.campaign_id,
        own.names,
        tuple(columns),
        plan.priority,
        clock.now(),
    )


def _count(contact_list: ContactList, tally: Tally) -> None:
    """Bring the list's counts up: mended rows move from refused to accepted, all others are new."""
    mended = tally.mended + tally.mended_refused
    contact_list.rows_in += tally.rows_in - mended
    contact_list.rows_accepted += tally.rows_in - tally.rows_refused
    contact_list.rows_refused += tally.rows_refused - mended
