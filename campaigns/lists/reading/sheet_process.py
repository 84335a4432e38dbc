"""A process that takes a workbook apart, within limits that the operating system keeps.

It reads the workbook from its standard input, a file, and writes JSON lines: a ``Survey``, or the
rows of one sheet in batches and then an empty batch, or a ``Fault``. It imports nothing of ours, so
it starts at once, and it may be ended at any moment.

A workbook can say that its cells are a million rows and sixteen thousand columns apart, and no
library can hold what lies between: asking for that memory ends the process, and only this one.
"""

import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import msgspec
import python_calamine

#: What the workbook library makes of a cell.
Cell = int | float | str | bool | date | time | datetime | timedelta

#: Rows with text of which a survey gives the cells.
HEAD_ROWS = 40
_BATCH_ROWS = 500


class Fault(msgspec.Struct, frozen=True, tag=True):
    """Why there is nothing more to read."""

    fault: str  #: password, broken or long
    row: int = 0  #: of a cell that is too long, from 1


class SheetSurvey(msgspec.Struct, frozen=True):
    """One sheet."""

    index: int
    name: str
    visible: bool
    rows: int  #: that have any text
    width: int  #: cells up to the last one with text
    head: list[list[str]]  #: the first rows with text
    places: list[int]  #: their row numbers, from 1
    merged: list[list[tuple[int, int]]]  #: their merged cells: first and last column, from 0


class Survey(msgspec.Struct, frozen=True, tag=True):
    """All sheets with cells."""

    sheets: list[SheetSurvey]


class _TooLongError(Exception):
    """A cell is longer than is read."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def cell_text(cell: Cell) -> str:
    """Return a typed cell as a person would write it.

    A whole number has no decimals and none is written with an exponent; a fraction has the fifteen
    digits that spreadsheets show. Dates are ISO 8601.
    """
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer():
            return str(int(cell))
        case float():
            short = f"{cell:.15g}"
            return f"{Decimal(short):f}" if "e" in short else short
        case datetime() if cell.time() == time.min:
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            minutes, seconds = divmod(round(cell.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        case _:
            return str(cell)


def main(most_bytes: int, most_cpu_s: int, most_characters: int, index: int, width: int) -> None:
    """Write the survey, or with an ``index`` from 0 the rows of that sheet, ``width`` cells each."""
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (most_cpu_s, most_cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(sys.stdin.buffer)
        if index < 0:
            _write(_survey(workbook))
        else:
            _write_rows(workbook.get_sheet_by_index(index), width, most_characters)
    except python_calamine.PasswordError:
        _write(Fault("password"))
    except python_calamine.CalamineError:
        _write(Fault("broken"))
    except _TooLongError as error:
        _write(Fault("long", error.row))


def _survey(workbook: python_calamine.CalamineWorkbook) -> Survey:
    return Survey(
        [
            _sheet_survey(
                index,
                workbook.get_sheet_by_index(index),
                meta.visible == python_calamine.SheetVisibleEnum.Visible,
            )
            for index, meta in enumerate(workbook.sheets_metadata)
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    )


def _sheet_survey(index: int, sheet: python_calamine.CalamineSheet, visible: bool) -> SheetSurvey:
    rows = width = 0
    head: list[list[str]] = []
    places: list[int] = []
    for place, row in enumerate(sheet.iter_rows(), start=1):
        if not any(type(cell) is not str or cell.strip() for cell in row):
            continue
        rows += 1
        for at in range(len(row), width, -1):
            if _has_text(row[at - 1]):
                width = at
                break
        if rows <= HEAD_ROWS:
            head.append(_texts(row))
            places.append(place)
    return SheetSurvey(
        index, sheet.name, visible, rows, width, [row[:width] for row in head], places,
        _merged(sheet, places),
    )  # fmt: skip


def _merged(sheet: python_calamine.CalamineSheet, places: list[int]) -> list[list[tuple[int, int]]]:
    merged: dict[int, list[tuple[int, int]]] = {place: [] for place in places}
    for (row, first), (_, last) in sheet.merged_cell_ranges or []:
        if row + 1 in merged and last > first:
            merged[row + 1].append((first, last))
    return [merged[place] for place in places]


def _write_rows(sheet: python_calamine.CalamineSheet, width: int, most_characters: int) -> None:
    batch: list[list[str]] = []
    for row in _rows(sheet, width, most_characters):
        batch.append(row)
        if len(batch) == _BATCH_ROWS:
            _write(batch)
            batch = []
    if batch:
        _write(batch)
    _write([])


def _rows(
    sheet: python_calamine.CalamineSheet, width: int, most_characters: int
) -> Iterator[list[str]]:
    for place, row in enumerate(sheet.iter_rows(), start=1):
        texts = _texts(row[:width])
        joined = "".join(texts)
        if not joined.strip():
            continue
        if len(joined) > most_characters and any(len(text) > most_characters for text in texts):
            raise _TooLongError(place)
        yield texts if len(texts) == width else texts + [""] * (width - len(texts))


def _texts(row: list[Cell]) -> list[str]:
    texts = [cell if type(cell) is str else cell_text(cell) for cell in row]
    if any("\0" in text for text in texts):
        return [text.replace("\0", "") for text in texts]
    return texts


def _has_text(cell: Cell) -> bool:
    return type(cell) is not str or bool(cell.strip())


def _write(message: Survey | Fault | list[list[str]]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
