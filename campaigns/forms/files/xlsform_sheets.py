"""The sheets of an XLSForm as rows of cells by heading, each with its row number."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from campaigns.forms.files import sheet_process
from campaigns.forms.files.faults import Fault, UnreadableForm
from campaigns.forms.texts import ANY, Text
from campaigns.lists.reading.limits import Limits
from campaigns.lists.reading.packages import check_package
from dialer.errors import Invalid

MOST_ROWS = 5_000  #: of a sheet
_MIB = 2**20
_LIMITS = Limits(file_bytes=10 * _MIB, unpacked_bytes=100 * _MIB, package_parts=1_000)
_MEMORY_BYTES, _CPU_S, _COLUMNS, _WAIT_S = 1024 * _MIB, 30, 200, 120
#: ``label::English (en)``, ``label::en``, ``label:en``.
_HEADING = re.compile(r"(?P<column>[\w ]+?)\s*::?\s*(?P<language>.+)")
_LANGUAGE = re.compile(r"(?:.*\()?([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\)?")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: cells by heading; headings in lower case, texts by language apart."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def get(self, column: str) -> str:
        """Return a cell, empty when it is not there."""
        return self.cells.get(column, "")

    def text(self, column: str) -> Text:
        """Return what a column says in each language."""
        said = dict(self.texts.get(column, {}))
        if self.get(column):
            said[ANY] = self.get(column)
        return Text(tuple(sorted(said.items())))

    def fault(self, sentence: str) -> Fault:
        """Return a fault at this row."""
        return Fault(f"{self.sheet}, row {self.number}", sentence)


def read_sheets(content: bytes, file_name: str) -> dict[str, list[SheetRow]]:
    """Return the rows of each sheet below its headings.

    Raises:
        UnreadableForm: it is no workbook, or has too many rows.
    """
    try:
        check_package(content, _LIMITS, file_name)
    except Invalid as error:
        raise UnreadableForm([Fault("", error.detail)]) from error
    numbers = map(str, (_MEMORY_BYTES, _CPU_S, MOST_ROWS + 1, _COLUMNS))
    program = [sys.executable, "-I", str(Path(sheet_process.__file__)), *numbers]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and numbers
            program, input=content, capture_output=True, check=True, timeout=_WAIT_S
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise UnreadableForm([Fault("", "The workbook needs too much memory or time.")]) from error
    if "fault" in answer:
        raise UnreadableForm([Fault("", "This is no workbook that can be read.")])
    for name, rows in answer["sheets"].items():
        if len(rows) > MOST_ROWS + 1:
            raise UnreadableForm([Fault(name, f"The sheet has more than {MOST_ROWS:,} rows.")])
    return {name: _rows(name, rows) for name, rows in answer["sheets"].items()}


def _rows(sheet: str, rows: list[tuple[int, list[str]]]) -> list[SheetRow]:
    if not rows:
        return []
    headings = [_heading(text) for text in rows[0][1]]
    return [_row(sheet, number, headings, cells) for number, cells in rows[1:]]


def _heading(text: str) -> tuple[str, str]:
    found = _HEADING.fullmatch(text)
    if found is None or found["column"].lower() in ("media", "bind", "body", "instance"):
        return text.lower().replace(" ", "_"), ""
    language = _LANGUAGE.fullmatch(found["language"].strip())
    return found["column"].lower(), language[1] if language else found["language"].strip()


def _row(sheet: str, number: int, headings: list[tuple[str, str]], cells: list[str]) -> SheetRow:
    plain: dict[str, str] = {}
    texts: dict[str, dict[str, str]] = {}
    for (column, language), cell in zip(headings, cells, strict=False):
        if not cell or not column:
            continue
        if language:
            texts.setdefault(column, {})[language] = cell
        else:
            plain[column] = cell
    return SheetRow(sheet, number, plain, texts)
