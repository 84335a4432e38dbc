"""The files of a delivery, written by the exports; the only place of deliveries that knows those."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.files import MadeFile, measured
from campaigns.delivery.deliveries.words import FileFormat
from campaigns.delivery.layouts.columns import Layout
from campaigns.delivery.making import Told, scratch_of
from campaigns.delivery.operators import is_with_names
from campaigns.delivery.options import ExportOptions
from campaigns.delivery.refresh.bundle import RefreshTask, refresh_files
from campaigns.delivery.refresh_export import export_refresh
from campaigns.delivery.results_file import Task, write_rows
from campaigns.delivery.words import ExportFormat

_RESULTS = {
    FileFormat.RESULTS_CSV: ExportFormat.CSV,
    FileFormat.RESULTS_XLSX: ExportFormat.XLSX,
    FileFormat.RESULTS_SAV: ExportFormat.SAV,
    FileFormat.RESULTS_PARQUET: ExportFormat.PARQUET,
    FileFormat.RESULTS_JSONL: ExportFormat.JSONL,
}
_SUFFIXES = {one: f"results.{export.suffix}" for one, export in _RESULTS.items()} | {
    FileFormat.REFRESH_ZIP: "refresh.zip",
    FileFormat.REFRESH_CSV: "refresh.csv",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What the files of a delivery are about."""

    campaign_id: UUID
    client_id: UUID
    layout: Layout  #: with operators' names in it the refreshed files have them, too
    made_at: datetime  #: the instant of the snapshot
    title: str  #: what files call themselves
    program: str  #: the name that files say for the program
    originals: Path  #: folder of the clients' own files


async def make_files(
    session: AsyncSession,
    content: Content,
    formats: Sequence[FileFormat],
    *,
    folder: Path,
    stem: str,
) -> list[MadeFile]:
    """Write a campaign's results in several formats, as the session's transaction sees them.

    Safe to repeat: a file that is there is written over. Interviews' results must be worked out before
    (``campaigns.delivery.preparing``).

    Args:
        session: of the caller, with one snapshot for all files; nothing is changed in it.
        content: whose results, in which columns.
        formats: what to write, in this order.
        folder: where; it exists.
        stem: with what names begin.

    Raises:
        OutdialError: an export refused.
        OSError: the disk is full, or cannot be written.
    """
    return [
        await _made(session, content, one, folder / f"{stem}-{_SUFFIXES[one]}") for one in formats
    ]


async def _made(
    session: AsyncSession, content: Content, format_: FileFormat, path: Path
) -> MadeFile:
    told, part = Told(), path.with_name(f"{format_.value}.part")
    write = _WRITERS.get(format_, _results)
    try:
        await write(session, content, format_, part, told)
    finally:
        await asyncio.to_thread(shutil.rmtree, scratch_of(part), ignore_errors=True)
    part.replace(path)
    facts = {name: told.facts[name] for name in sorted(told.facts)}
    return await asyncio.to_thread(measured, path, format_.value, told.rows_done, facts)


async def _results(
    session: AsyncSession, content: Content, format_: FileFormat, part: Path, told: Told
) -> None:
    task = Task(
        content.campaign_id,
        content.client_id,
        content.layout,
        _RESULTS[format_],
        ExportOptions(),
        content.made_at,
        content.title,
        content.program,
    )
    await write_rows(session, task, part, told)


async def _refresh_zip(
    session: AsyncSession, content: Content, format_: FileFormat, part: Path, told: Told
) -> None:
    del format_
    options = ExportOptions(names=is_with_names(content.layout))
    task = RefreshTask(content.campaign_id, content.client_id, options, content.originals)
    await refresh_files(session, task, part, told)


async def _refresh_csv(
    session: AsyncSession, content: Content, format_: FileFormat, part: Path, told: Told
) -> None:
    del format_
    names = is_with_names(content.layout)
    done = await export_refresh(
        session, content.campaign_id, client_id=content.client_id, out=part, names=names
    )
    told.rows_done = done.rows


_Writer = Callable[[AsyncSession, Content, FileFormat, Path, Told], Awaitable[None]]
_WRITERS: dict[FileFormat, _Writer] = {
    FileFormat.REFRESH_ZIP: _refresh_zip,
    FileFormat.REFRESH_CSV: _refresh_csv,
}
