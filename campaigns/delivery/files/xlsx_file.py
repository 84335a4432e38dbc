"""XLSX: numbers and instants are typed, telephone numbers are texts, and a sheet explains the columns."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from campaigns.delivery.files.sheet_rows import (
    CELL_CHARACTERS,
    SheetRows,
    column_letters,
    escaped,
)
from campaigns.delivery.layouts.columns import MISSING_LABELS, Column
from campaigns.delivery.rows import cells_of
from campaigns.delivery.words import ColumnKind as Kind

#: Rows of a sheet. Source: Microsoft, "Excel specifications and limits".
SHEET_ROWS = 1_048_576
#: Of zlib: the usual 6 takes twice the time for a file that is a seventh smaller.
_LEVEL = 3
_RESULTS, _CODEBOOK = "Results", "Codebook"
#: Of at most 255, the doubled ``&`` among them.
_HEADER_CHARACTERS = 120
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_DIMENSION = re.compile(rb"<dimension [^>]*/>")
_END = b"</sheetData>"
_FORMATS = {
    Kind.DATE: "yyyy-mm-dd",
    Kind.INSTANT: "yyyy-mm-dd hh:mm:ss",
    Kind.LOCAL: "yyyy-mm-dd hh:mm:ss",
}


@dataclass(frozen=True, slots=True)
class Written:
    """What a workbook says of itself."""

    title: str
    program: str  #: the client's name for it, or ours
    at: datetime

    def properties(self) -> dict[str, Any]:
        """Return the document's properties."""
        at = self.at.astimezone(UTC).replace(tzinfo=None)
        return {"title": self.title, "author": self.program, "company": self.program, "created": at}

    def header(self) -> str:
        """Return what is printed above the codebook. An ``&`` would begin a command there."""
        said = " · ".join(one for one in (self.program, self.title) if one)
        return "&C" + said[:_HEADER_CHARACTERS].replace("&", "&&")


class XlsxFile:
    """Writes rows as they come over COPY; one sheet after the other, when one is full.

    A library writes the workbook with nothing but headings in it; the rows go straight into the packed file.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[Column],
        written: Written,
        *,
        rows: int,
        sheet_rows: int = SHEET_ROWS,
    ) -> None:
        """Write all but the rows, of which there will be so many."""
        self._columns = columns
        self._written = written
        self._spread = _spread(rows, sheet_rows - 1)  # rows of each sheet that is still to come
        book, styles = self._headings()
        self._rows = SheetRows(columns, styles)
        self._out = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._sheets: list[tuple[str, bytes]] = []  # with headings only
        with zipfile.ZipFile(book) as headed:
            for one in headed.infolist():
                if _sheet_number(one.filename) in range(1, len(self._spread) + 1):
                    self._sheets.append((one.filename, headed.read(one)))
                else:
                    self._out.writestr(one, headed.read(one))
        self._begin_sheet()

    @property
    def cut(self) -> int:
        """Return how many texts were too long for a cell."""
        return self._rows.cut

    def write(self, block: bytes) -> int:
        """Write some whole rows; return how many."""
        rows = cells_of(escaped(block))
        at = 0
        while at < len(rows):
            if not self._room:
                self._end_sheet()
                self._begin_sheet()
            fitting = rows[at : at + self._room]
            self._sheet.write(self._rows.of(fitting, self._next).encode())
            self._room -= len(fitting)
            self._next += len(fitting)
            at += len(fitting)
        return len(rows)

    def close(self) -> None:
        """End the last sheet."""
        self._end_sheet()
        self._out.close()

    def abandon(self) -> None:
        """Close what is open, whether or not the file is whole."""
        if not self._sheet.closed:
            self._sheet.close()
        self._out.close()

    def _headings(self) -> tuple[IO[bytes], list[int]]:
        """Return a workbook of headings and the codebook, and the number of each column's style in it."""
        made = io.BytesIO()
        book = xlsxwriter.Workbook(made, {"in_memory": True})
        book.set_properties(self._written.properties())
        bold = book.add_format({"bold": True})
        formats = {kind: book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
        for number in range(1, len(self._spread) + 1):
            sheet = book.add_worksheet(_RESULTS if number == 1 else f"{_RESULTS} {number}")
            sheet.freeze_panes(1, 0)
            for at, column in enumerate(self._columns):
                sheet.write_string(0, at, column.name, bold)
        self._explain(book.add_worksheet(_CODEBOOK), bold)
        styles = [
            formats[one.kind]._get_xf_index() if one.kind in formats else 0 for one in self._columns
        ]
        book.close()
        made.seek(0)
        return made, styles

    def _explain(self, sheet: Any, bold: Any) -> None:
        sheet.set_header(self._written.header())
        rows = [("Column", "Meaning", "Kind", "Code", "Label"), *self._codebook()]
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(at, place, cell[:CELL_CHARACTERS], None if at else bold)
        sheet.set_column(0, 1, 40)

    def _begin_sheet(self) -> None:
        name, headed = self._sheets.pop(0)
        self._room, self._next = self._spread.pop(0), 2
        before, end, after = headed.partition(_END)
        last = f"{column_letters(len(self._columns) - 1)}{self._room + 1}"
        said = _DIMENSION.sub(f'<dimension ref="A1:{last}"/>'.encode(), before)
        self._sheet = self._out.open(name, "w", force_zip64=True)
        self._sheet.write(said)
        self._after = end + after

    def _end_sheet(self) -> None:
        self._sheet.write(self._after)
        self._sheet.close()

    def _codebook(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for column in self._columns:
            codes = [(value.code, value.label) for value in column.values]
            if column.kind is Kind.FLAG:
                codes = [("0", "not chosen"), ("1", "chosen")]
            if column.no_answers:
                codes += [(word.value, label) for word, label in MISSING_LABELS.items()]
            head = (column.name, column.label, column.kind.value)
            rows += [(*head, code, label) for code, label in codes] or [(*head, "", "")]
        return rows


def _sheet_number(name: str) -> int:
    found = _SHEET.fullmatch(name)
    return int(found[1]) if found else 0


def _spread(rows: int, most: int) -> list[int]:
    """Return how many rows each sheet has; there is always one."""
    full, rest = divmod(rows, most)
    return [most] * full + ([rest] if rest or not full else [])
