"""A report of either kind, counted and printed: what a reader takes now, and what the clock has made."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.crosstabs import workbook as table_workbook
from campaigns.crosstabs.definition import TableDefinition
from campaigns.crosstabs.making import Made, make_table
from campaigns.reports.settings import ReportTerms, terms_of
from campaigns.saved_reports.answering import answer
from campaigns.saved_reports.definitions import AnyDefinition
from campaigns.saved_reports.paper import as_pdf
from campaigns.saved_reports.printing import Printed, printed
from campaigns.saved_reports.table_paper import as_pdf as table_as_pdf
from campaigns.saved_reports.wording import Wording
from campaigns.saved_reports.words import PrintFormat
from campaigns.saved_reports.workbook import as_xlsx


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A cross-table ready for paper."""

    title: str
    notes: tuple[str, ...]  #: days, when it was made
    made: Made
    words: Wording


@dataclass(frozen=True, slots=True)
class Finished:
    """A report that was counted."""

    sheet: Printed | PrintedTable
    first: date | None  #: the days that it is about; None: from the beginning
    last: date
    rows: int

    async def printed(self, kind: PrintFormat) -> bytes:
        """Return its file; made on a thread, for a long table takes seconds."""
        return await asyncio.to_thread(_print, self.sheet, kind)


async def finish(
    session: AsyncSession,
    client_id: UUID,
    definition: AnyDefinition,
    *,
    title: str,
    words: Wording,
    today: date,
    now: datetime,
) -> Finished:
    """Count a report and put it in words.

    Raises:
        OutdialError: it cannot be counted so, as ``answer`` and ``make_table`` say.
    """
    if isinstance(definition, TableDefinition):
        asked = definition.asked(today)
        made = await make_table(session, asked, client_id=client_id, language=words.language)
        first, last = made.asked.first, made.asked.last or today
        notes = _notes(first, last, await terms_of(session, client_id), words, now)
        sheet = PrintedTable(title, notes, made, words)
        return Finished(sheet, first, last, len(made.table.lines))
    found = await answer(session, client_id, definition, today=today, now=now)
    period = found.question.period
    rows = len(found.table.rows)
    return Finished(printed(found, title, words), period.first, period.last, rows)


def days_text(first: date | None, last: date | None) -> str:
    """Return the days that a report is about; open ones begin with an ellipsis."""
    return f"{first or '…'} – {last or '…'}"


def _notes(
    first: date | None, last: date, terms: ReportTerms, words: Wording, now: datetime
) -> tuple[str, ...]:
    local = now.astimezone(ZoneInfo(terms.zone))
    return (
        f"{days_text(first, last)} ({terms.zone})",
        f"{words.made_at} {local:%Y-%m-%d %H:%M %z}",
    )


def _print(sheet: Printed | PrintedTable, kind: PrintFormat) -> bytes:
    if isinstance(sheet, Printed):
        return as_pdf(sheet) if kind is PrintFormat.PDF else as_xlsx(sheet)
    words = sheet.words.table
    if kind is PrintFormat.PDF:
        return table_as_pdf(sheet.made, words, sheet.title, sheet.notes, sheet.words.language)
    return table_workbook.as_xlsx(sheet.made, words, (sheet.title, *sheet.notes))
