"""Pipeline: a file's rows flow through sorting, look-ups, rendering and COPY, three batches at a time.

While the database takes one batch, a thread renders the next and sorts the one after it. Between them,
on the event loop, the look-ups a batch needs are made: doubles, new places, lanes.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import NamedTuple, TypeVar

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.enrol import lane_of
from campaigns.lists.models import RefusedRow
from campaigns.lists.staged.plan import ImportPlan, Progress
from campaigns.lists.writing.batch import Batch, ListHead
from campaigns.lists.writing.copying import copy_batch
from campaigns.lists.writing.duplicates import DoubleFinder
from campaigns.lists.writing.merging import Merger
from campaigns.lists.writing.placing import Places
from campaigns.lists.writing.rendering import Rendered, Renderer
from campaigns.lists.writing.sorting import Sorter
from campaigns.lists.writing.tally import Tally

#: Batches that may wait for the database: a few megabytes each.
_AHEAD = 2

_A = TypeVar("_A")
_B = TypeVar("_B")


class _Ready(NamedTuple):
    """A batch that only waits for the database."""

    batch: Batch
    rendered: Rendered


class Stages(NamedTuple):
    """What the rows go through, and what counts them."""

    sorter: Sorter
    places: Places
    tally: Tally


class Pipeline:
    """One import into one list, in the caller's transaction."""

    def __init__(
        self,
        session: AsyncSession,
        plan: ImportPlan,
        head: ListHead,
        batches: Iterator[list[list[str]]],
        stages: Stages,
        progress: Progress | None,
    ) -> None:
        """Prepare; nothing is read yet."""
        self._session = session
        self._head = head
        self._batches = batches
        self._sorter, self._places, self._tally = stages
        self._progress = progress
        self._finder = DoubleFinder(plan)
        self._renderer = Renderer(head)
        self._merger = Merger(session, head, plan.duplicates.then, stages.places)
        self._lanes: dict[int, int] | None = None if head.campaign_id is None else {}
        self._written = 0
        self._session_turn = asyncio.Lock()  #: its one connection does one thing at a time

    async def run(self) -> None:
        """Take every batch through; the first fault of any stage ends it."""
        if self._finder.asks_the_database:
            await self._run_in_step()
        else:
            await self._run_ahead()
        self._tally.phones += self._merger.phones_added
        if self._progress is not None:
            self._progress(self._written, self._written)

    async def _run_ahead(self) -> None:
        """Sort and render as far ahead as memory allows while the database writes."""
        rendered: asyncio.Queue[_Ready | None] = asyncio.Queue(_AHEAD)

        async def produce() -> None:
            while (batch := await asyncio.to_thread(self._sort_next)) is not None:
                await self._look_up(batch)
                await rendered.put(await asyncio.to_thread(self._render, batch))
            await rendered.put(None)

        async def consume() -> None:
            while (ready := await rendered.get()) is not None:
                async with self._session_turn:
                    await self._write(ready)

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(produce())
                group.create_task(consume())
        except BaseExceptionGroup as faults:  # the first is what happened, the other its echo
            raise faults.exceptions[0] from None

    async def _run_in_step(self) -> None:
        """Look each batch up once the one before it is on its way, and write while the next is sorted."""
        coming = await asyncio.to_thread(self._sort_next)
        ready: _Ready | None = None
        while coming is not None or ready is not None:
            if coming is not None:
                await self._look_up(coming)
            ahead = asyncio.to_thread(self._advance, coming)
            if ready is None:
                ready, coming = await ahead
            else:
                _, (ready, coming) = await _both(self._write(ready), ahead)

    def _sort_next(self) -> Batch | None:
        rows = next(self._batches, None)
        return None if rows is None else self._sorter.sort(rows)

    def _advance(self, coming: Batch | None) -> tuple[_Ready | None, Batch | None]:
        if coming is None:
            return None, None
        return self._render(coming), self._sort_next()

    def _render(self, batch: Batch) -> _Ready:
        self._tally.add(batch)
        return _Ready(batch, self._renderer.render(batch, self._places.ids, self._lanes))

    async def _look_up(self, batch: Batch) -> None:
        await self._finder.resolve(self._session, batch, written=True)
        await self._places.save(self._session)
        head, lanes = self._head, self._lanes
        if lanes is None or head.campaign_id is None:
            return
        said = {draft.traits.priority for draft in batch.drafts}
        new = sorted({head.priority if one is None else one for one in said} - set(lanes))
        for priority in new:
            async with self._session_turn:
                lanes[priority] = await lane_of(
                    self._session, head.campaign_id, head.list_id, priority
                )

    async def _write(self, ready: _Ready) -> None:
        batch = ready.batch
        if batch.mended:
            await self._session.exec(
                delete(RefusedRow).where(
                    col(RefusedRow.list_id) == self._head.list_id,
                    col(RefusedRow.source_row).in_(batch.mended),
                )
            )
        await copy_batch(self._session, ready.rendered)
        await self._merger.merge(batch.drafts, self._lanes)
        self._written += batch.rows
        if self._progress is not None:
            self._progress(self._written, None)


async def _both(
    first: Coroutine[None, None, _A], second: Coroutine[None, None, _B]
) -> tuple[_A, _B]:
    """Await both, and let neither run on alone when the other fails."""
    one, other = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(one, BaseException):
        raise one
    if isinstance(other, BaseException):
        raise other
    return one, other
