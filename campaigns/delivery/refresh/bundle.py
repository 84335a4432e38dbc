"""A refreshed database as one file: the client's files with corrected values, what changed, and a summary."""

import asyncio
import csv
import zipfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.export import text_of
from campaigns.delivery.making import Told, scratch_of
from campaigns.delivery.models import Export
from campaigns.delivery.options import ExportOptions
from campaigns.delivery.preparing import prepare_results
from campaigns.delivery.refresh.changes import ContactChanges, Verdict, changes_of
from campaigns.delivery.refresh.originals import ListFiles, Original, RefreshedFile, list_files
from campaigns.delivery.rows import snapshot
from campaigns.lists.columns.cells import guarded
from campaigns.lists.models import Contact
from dialer.db import SessionFactory
from dialer.errors import Conflict

CHANGES, SUMMARY = "changes.csv", "summary.csv"
CHANGE_COLUMNS = (
    *("list", "row", "external_key", "field", "old_value", "new_value", "verdict"),
    *("at", "agent", "recording", "place_s"),
)
_BATCH = 500
_CHANGED = (Verdict.CORRECTED, Verdict.REFUTED)


class SeveralFiles(Conflict):
    """The file alone was asked for, and there are several, or none."""

    code = "several_refreshed_files"
    message = "The campaign's lists came in several files: ask for all of them in one ZIP."


@dataclass(frozen=True, slots=True)
class RefreshTask:
    """What is to be refreshed."""

    campaign_id: UUID
    client_id: UUID
    options: ExportOptions
    originals: Path  #: folder of the clients' own files


async def write_refresh(
    sessions: SessionFactory, row: Export, part: Path, told: Told, *, originals: Path
) -> None:
    """Write the refreshed files of a campaign's lists to ``part``, a ZIP; with ``bare`` the only one alone.

    What could not be kept as it came (XLS, ODS, JSON, files of long ago) is written as CSV.

    Raises:
        SeveralFiles: ``bare``, and the lists came in several files.
        NotWanted: the export was cancelled.
    """
    options = ExportOptions.read(row.options, row.format)
    await prepare_results(sessions, row.campaign_id, client_id=row.client_id)
    task = RefreshTask(row.campaign_id, row.client_id, options, originals)
    async with snapshot(sessions) as session:
        await refresh_files(session, task, part, told)


async def refresh_files(session: AsyncSession, task: RefreshTask, part: Path, told: Told) -> None:
    """Write what ``write_refresh`` does, as the session's snapshot has it; leave a folder beside ``part``.

    Raises:
        SeveralFiles: see ``write_refresh``.
        NotWanted: the export was cancelled.
    """
    whose: dict[str, Any] = {"client_id": task.client_id}
    folder = await asyncio.to_thread(scratch_of, part)
    lists = await list_files(session, task.campaign_id, uploads=task.originals, **whose)
    with Refresh(folder, lists, task.options, told) as work:
        told_of = changes_of(session, task.campaign_id, names=task.options.names, **whose)
        async for batch in _batches(told_of):
            await asyncio.to_thread(work.take, batch)
            told.went_on(len(batch))
        for one in work.without_original():
            await work.write_csv(session, one)
        await asyncio.to_thread(work.finish)
    await asyncio.to_thread(_put_together, folder, part, work, bare=task.options.bare)
    told.facts = work.summary()


async def _batches(
    changes: AsyncIterator[ContactChanges],
) -> AsyncIterator[list[ContactChanges]]:
    batch: list[ContactChanges] = []
    async for one in changes:
        batch.append(one)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class Refresh:
    """The files of one refresh while they are written."""

    def __init__(
        self, folder: Path, lists: list[ListFiles], options: ExportOptions, told: Told
    ) -> None:
        """Begin every file."""
        self._told = told
        self._options = options
        self._folder = folder
        self._lists = {one.id: one for one in lists}
        self._stack = ExitStack()
        self.counts: Counter[str] = Counter()
        self.names: dict[Path, str] = {}  #: what each file is called
        self._files: dict[Original, RefreshedFile] = {}
        self._corrected: dict[tuple[UUID, int], dict[str, str]] = {}
        self._changes = csv.writer(self._csv(folder / CHANGES))
        self._changes.writerow(CHANGE_COLUMNS)

    def __enter__(self) -> "Refresh":
        """Open the client's files."""
        with ExitStack() as safe:
            safe.push(self._stack)
            for one in self._lists.values():
                for original in one.originals:
                    path = self._new_file(original.file_name)
                    opened = original.opened(path, only_changed=self._options.only_changed)
                    self._stack.callback(opened.close)
                    self._files[original] = opened
            safe.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        """Close all."""
        self._stack.close()

    def take(self, batch: list[ContactChanges]) -> None:
        """Put the changes of some contacts into their files, and into the file of changes."""
        for contact in batch:
            self.counts["contacts"] += 1
            values = contact.corrected()
            files = self._lists.get(contact.list_id)
            original = files.original_of(contact.row) if files else None
            if values and original is not None:
                self._files[original].change(original.place_of(contact.row), values)
            elif values:
                self._corrected[contact.list_id, contact.row] = values
            for one in contact.fields:
                self.counts[one.verdict.value] += 1
                if self._options.only_changed and one.verdict not in _CHANGED:
                    continue
                cells = (
                    contact.list, contact.row, contact.external_key, one.heading, one.old, one.new,
                    one.verdict.value, one.at, one.agent, one.recording, one.place_s,
                )  # fmt: skip
                self._changes.writerow([guarded(text_of(cell)) for cell in cells])

    def without_original(self) -> list[ListFiles]:
        """Return the lists whose files are not kept as they came."""
        return [one for one in self._lists.values() if not one.originals]

    async def write_csv(self, session: AsyncSession, one: ListFiles) -> None:
        """Write a list's contacts as CSV, with the corrected values."""
        writer = csv.writer(self._csv(self._new_file(f"{one.name}.csv")))
        writer.writerow([guarded(name) for name in one.columns])
        rows = select(Contact.source_row, Contact.fields).where(
            col(Contact.list_id) == one.id, col(Contact.erased_at).is_(None)
        )
        found = await session.stream(
            rows.order_by(col(Contact.source_row)), execution_options={"yield_per": _BATCH}
        )
        async for row, fields in found:
            values = self._corrected.get((one.id, row), {})
            if values or not self._options.only_changed:
                cells = {**fields, **values}
                writer.writerow([guarded(str(cells.get(name) or "")) for name in one.columns])

    def finish(self) -> None:
        """Copy what follows the last change of each file, and write the summary."""
        for file in self._files.values():
            file.finish()
            self.counts["cells_replaced"] += file.replaced
        self._stack.close()
        with (self._folder / SUMMARY).open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows([("what", "count"), *self.summary().items()])

    def summary(self) -> dict[str, int]:
        """Return how many fields got each verdict, how many contacts were talked about, and the files."""
        told = {verdict.value: self.counts[verdict.value] for verdict in Verdict}
        return told | {
            "dead_numbers": self.counts[Verdict.REFUTED.value],
            "contacts": self.counts["contacts"],
            "cells_replaced": self.counts["cells_replaced"],
            "files": len(self.names),
            "files_as_they_came": len(self._files),
        }

    def _csv(self, path: Path) -> Any:
        return self._stack.enter_context(path.open("w", encoding="utf-8-sig", newline=""))

    def _new_file(self, name: str) -> Path:
        """Return where a new file is written; of two with one name the second gets a number."""
        plain = Path(name.replace("\\", "/")).name or "list.csv"
        taken = {*self.names.values(), CHANGES, SUMMARY}
        stem, suffix, at = Path(plain).stem, Path(plain).suffix, 2
        while plain in taken:
            plain, at = f"{stem} ({at}){suffix}", at + 1
        path = self._folder / f"{len(self.names)}.file"
        self.names[path] = plain
        return path


def _put_together(folder: Path, part: Path, work: Refresh, *, bare: bool) -> None:
    """Make one file of all.

    Raises:
        SeveralFiles: the only one was asked for.
    """
    if bare:
        if len(work.names) != 1:
            raise SeveralFiles(files=len(work.names))
        next(iter(work.names)).replace(part)
        return
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as out:
        for path, name in work.names.items():
            out.write(path, name)
        for name in (CHANGES, SUMMARY):
            out.write(folder / name, name)
