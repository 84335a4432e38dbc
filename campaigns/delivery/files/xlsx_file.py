"""XLSX: numbers and instants are typed, telephone numbers are texts, and a sheet explains the columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from campaigns.delivery.files.typed import Number, number_reader, serial_of
from campaigns.delivery.layouts.columns import MISSING_LABELS, Column
from campaigns.delivery.rows import cells_of
from campaigns.delivery.words import ColumnKind as Kind

#: Source: Microsoft, "Excel specifications and limits": rows of a sheet, characters of a cell.
SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767
_RESULTS, _CODEBOOK = "Results", "Codebook"
#: Of at most 255, the doubled ``&`` among them.
_HEADER_CHARACTERS = 120
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
    """Writes rows as they come over COPY; one sheet after the other, when one is full."""

    def __init__(
        self,
        path: Path,
        columns: Sequence[Column],
        scratch: Path,
        written: Written,
        *,
        sheet_rows: int = SHEET_ROWS,
    ) -> None:
        """Begin the first sheet; rows wait in the folder ``scratch``, not in memory."""
        self._columns = columns
        self._written = written
        self._sheet_rows = sheet_rows
        self._book = xlsxwriter.Workbook(
            path, {"constant_memory": True, "tmpdir": str(scratch), "use_zip64": True}
        )
        self._book.set_properties(written.properties())
        self._bold = self._book.add_format({"bold": True})
        formats = {
            kind: self._book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()
        }
        self._ways: list[tuple[Callable[[str], Number | str] | None, Any]] = [
            (serial_of, formats[one.kind]) if one.kind in formats else (number_reader(one), None)
            for one in columns
        ]
        self.cut = 0  #: texts that were too long for a cell
        self._sheets = 0
        self._begin_sheet()

    def write(self, block: bytes) -> int:
        """Write some whole rows; return how many."""
        rows = cells_of(block)
        for row in rows:
            if self._at == self._sheet_rows:
                self._begin_sheet()
            self._put(row)
            self._at += 1
        return len(rows)

    def close(self) -> None:
        """Write the codebook and pack the sheets."""
        sheet = self._book.add_worksheet(_CODEBOOK)
        sheet.set_header(self._written.header())
        rows = [("Column", "Meaning", "Kind", "Code", "Label"), *self._codebook()]
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(at, place, cell[:CELL_CHARACTERS], None if at else self._bold)
        sheet.set_column(0, 1, 40)
        self._book.close()

    def abandon(self) -> None:
        """Close what is open, whether or not the file is whole."""
        for sheet in self._book.worksheets():
            sheet._opt_close()
        self._book.fileclosed = True

    def _begin_sheet(self) -> None:
        self._sheets += 1
        name = _RESULTS if self._sheets == 1 else f"{_RESULTS} {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for at, column in enumerate(self._columns):
            self._sheet.write_string(0, at, column.name, self._bold)
        self._at = 1

    def _put(self, row: Sequence[str]) -> None:
        at, sheet = self._at, self._sheet
        for place, (cell, (read, shown)) in enumerate(zip(row, self._ways, strict=True)):
            if not cell:
                continue
            value = cell if read is None else read(cell)
            if not isinstance(value, str):
                sheet.write_number(at, place, value, shown)
                continue
            if len(value) > CELL_CHARACTERS:
                self.cut += 1
                value = value[:CELL_CHARACTERS]
            sheet.write_string(at, place, value)

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
