"""A campaign's results as a file of any format: rows flow from COPY through a writer, a piece at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.files.csv_file import CsvFile
from campaigns.delivery.files.jsonl_file import JsonLinesFile
from campaigns.delivery.files.sav_file import SavFile, is_string
from campaigns.delivery.files.xlsx_file import Written, XlsxFile
from campaigns.delivery.layouts.columns import Layout
from campaigns.delivery.layouts.statement import (
    count_statement,
    lengths_statement,
    rows_statement,
)
from campaigns.delivery.making import Told
from campaigns.delivery.models import Export, ExportLayout
from campaigns.delivery.options import ExportOptions
from campaigns.delivery.preparing import prepare_results
from campaigns.delivery.rows import blocks, fetch, snapshot
from campaigns.delivery.words import ExportFormat
from campaigns.tenancy import looks
from dialer.db import SessionFactory
from dialer.errors import NotFound


class RowFile(Protocol):
    """A file that takes rows as COPY gives them."""

    def write(self, block: bytes) -> int:
        """Write some whole rows; return about how many."""
        ...

    def close(self) -> int | None:
        """Write what is held back."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be written."""

    campaign_id: UUID
    client_id: UUID
    layout: Layout
    format: ExportFormat
    options: ExportOptions
    made_at: datetime
    label: str = ""  #: of the whole file
    program: str = "Outdial"  #: the name that the file says for the program that wrote it


async def write_results(sessions: SessionFactory, row: Export, part: Path, told: Told) -> None:
    """Write an export's rows to ``part``, as one moment's snapshot has them.

    Raises:
        NotWanted: the export was cancelled.
    """
    async with sessions() as session:
        layout = await session.get(ExportLayout, row.layout_id)
        if layout is None or layout.client_id != row.client_id:
            raise NotFound("There is no such layout.")
        program = await looks.shown_name(session, row.client_id)
    task = Task(
        row.campaign_id,
        row.client_id,
        Layout.read(layout.content),
        row.format,
        ExportOptions.read(row.options, row.format),
        row.asked_at,
        row.file_name,
        program,
    )
    await prepare_results(sessions, row.campaign_id, client_id=row.client_id)
    async with snapshot(sessions) as session:
        await write_rows(session, task, part, told)


async def write_rows(session: AsyncSession, task: Task, part: Path, told: Told) -> None:
    """Write a task's rows, as the session's snapshot has them."""
    whose: dict[str, Any] = {"client_id": task.client_id}
    (told.rows_total,) = await fetch(session, count_statement(task.campaign_id, **whose))
    statement = rows_statement(task.layout, task.campaign_id, **whose)
    is_csv = task.format is ExportFormat.CSV
    separator = task.options.separator if is_csv else ","
    async with _opened(session, task, part, told) as file:
        async with aclosing(blocks(session, statement, separator=separator)) as sent:
            async for block in sent:
                # Here, not in a thread: both would want the interpreter's lock, and wait for it in turns.
                told.went_on(file.write(block))
        await asyncio.to_thread(file.close)
        for fact in ("cut", "unknown"):
            if getattr(file, fact, 0):
                told.facts[fact] = getattr(file, fact)
    told.rows_done = told.rows_total or 0  # lines of a CSV file are not rows


@asynccontextmanager
async def _opened(
    session: AsyncSession, task: Task, part: Path, told: Told
) -> AsyncIterator[RowFile]:
    columns = task.layout.columns
    with ExitStack() as stack:
        if task.format is ExportFormat.XLSX:
            written = Written(task.label, task.program, task.made_at)
            book = XlsxFile(part, columns, written, rows=told.rows_total or 0)
            stack.callback(book.abandon)
            yield book
            return
        out = stack.enter_context(part.open("wb"))
        match task.format:
            case ExportFormat.CSV:
                said = task.options
                yield CsvFile(
                    out, task.layout.names, bom=said.bom, separator=said.separator, guard=said.guard
                )
            case ExportFormat.JSONL:
                yield JsonLinesFile(out, columns)
            case ExportFormat.PARQUET:
                # Here: its library takes 70 MB, and most workers never write such a file.
                from campaigns.delivery.files.parquet_file import ParquetFile

                rows = ParquetFile(out, columns)
                stack.callback(rows.abandon)
                yield rows
            case _:
                yield SavFile(
                    out,
                    columns,
                    await _widths(session, task),
                    cases=told.rows_total or 0,
                    made_at=task.made_at,
                    label=task.label,
                    with_zlib=task.format is ExportFormat.ZSAV,
                )


async def _widths(session: AsyncSession, task: Task) -> list[int]:
    """Return the longest value of each text column, in bytes, 0 for the others: SPSS wants them first."""
    columns = task.layout.columns
    texts = [at for at, column in enumerate(columns) if is_string(column)]
    widths = [0] * len(columns)
    if texts:
        found = await fetch(
            session,
            lengths_statement(task.layout, texts, task.campaign_id, client_id=task.client_id),
        )
        for at, longest in zip(texts, found, strict=True):
            widths[at] = longest or 1
    return widths
