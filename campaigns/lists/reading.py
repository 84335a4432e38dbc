"""A client's file to a table of text: CSV in any dress, XLSX, XLS, ODS."""

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import python_calamine

from campaigns.lists.cells import without_guard
from campaigns.lists.decoding import decode
from campaigns.lists.delimited import parse_delimited
from dialer.errors import Invalid

#: How ZIP files (XLSX, ODS) and OLE files (XLS) begin.
_SPREADSHEET_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
#: Characters that no list has and every picture, PDF or program does.
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WEB_PAGE = re.compile(r"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)
#: What makes the first row data: a cell that is nothing but a number of this length.
_NUMBER_CELL = re.compile(r"^\+?(?:[\s().-]*\d){9,15}[\s.)-]*$")
#: Rows above the headings (a title, a date) that are looked through.
_MOST_TITLE_ROWS = 10


class UnreadableFile(Invalid):
    """The file is not a table we can read."""

    code = "unreadable_file"
    message = "This file cannot be read as a table. Send CSV, XLSX, XLS or ODS."


class EmptyFile(Invalid):
    """The file has no rows below its headings."""

    code = "empty_file"
    message = "This file has no rows with contacts."


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text: every row is as wide as ``columns``, whose names are not empty and differ."""

    columns: list[str]
    rows: list[list[str]]


def read_table(data: bytes, file_name: str) -> Table:
    """Read the file; rows without any text are left out, every other row is kept.

    The kind of file is told by its content, and ``file_name`` only serves the error sentences. Of a
    workbook the sheet with the most rows is read. Short rows are filled up, and columns are added
    for long ones.

    Raises:
        UnreadableFile: not a table, or protected by a password.
        EmptyFile: no row below the headings.
    """
    if data.startswith(_SPREADSHEET_MARKS):
        return _shaped(_read_spreadsheet(data, file_name), file_name)
    text = decode(data)
    if len(_BINARY.findall(text[:10_000])) * 100 > min(len(text), 10_000):
        raise UnreadableFile(file_name=file_name)
    if _WEB_PAGE.match(text):
        raise UnreadableFile(
            "This is a web page under a spreadsheet's name. Open it and save it as XLSX.",
            file_name=file_name,
        )
    rows = [[without_guard(cell) for cell in row] for row in parse_delimited(text)]
    return _shaped(rows, file_name)


def _read_spreadsheet(data: bytes, file_name: str) -> list[list[str]]:
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names]
    except python_calamine.PasswordError as error:
        raise UnreadableFile(
            "This workbook is protected by a password. Save it without one.", file_name=file_name
        ) from error
    except python_calamine.CalamineError as error:
        raise UnreadableFile(file_name=file_name) from error
    largest = max(sheets, key=len, default=[])
    rows = [[_cell_text(cell) for cell in row] for row in largest]
    return [row for row in rows if any(cell.strip() for cell in row)]


def _cell_text(cell: float | str | bool | date | datetime | time | timedelta) -> str:
    """Return a typed cell as a person would write it; a whole number has no decimals."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time.min:
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell).replace("\0", "")


def _shaped(rows: list[list[str]], file_name: str) -> Table:
    """Find the headings and make every row as wide as them."""
    rows = _without_title(rows)
    headed = bool(rows) and not any(_NUMBER_CELL.match(cell.strip()) for cell in rows[0])
    body = rows[1:] if headed else rows
    if not body:
        raise EmptyFile(file_name=file_name)
    headings = [heading.strip() for heading in rows[0]] if headed else []
    width = max(len(headings), *(_used_width(row) for row in body))
    headings += [""] * (width - len(headings))
    filled = [(row + [""] * (width - len(row)))[:width] for row in body]
    return Table(_distinct(headings), filled)


def _without_title(rows: list[list[str]]) -> list[list[str]]:
    """Drop the lines above the headings: those with one cell of text in a table of three or more."""
    used = [sum(bool(cell.strip()) for cell in row) for row in rows[: _MOST_TITLE_ROWS + 1]]
    if not used or max(used) < 3:
        return rows
    headings = next(at for at, cells in enumerate(used) if cells > 1)
    if any(_NUMBER_CELL.match(cell.strip()) for row in rows[:headings] for cell in row):
        return rows
    return rows[headings:]


def _used_width(row: Sequence[str]) -> int:
    return max((at for at, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _distinct(headings: list[str]) -> list[str]:
    """Name what has no name, and number what has another's."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for position, heading in enumerate(headings, start=1):
        name = " ".join(heading.split()) or f"column {position}"
        seen[name] += 1
        while seen[name] > 1:
            name = f"{name} ({seen[name]})"
            seen[name] += 1
        names.append(name)
    return names
