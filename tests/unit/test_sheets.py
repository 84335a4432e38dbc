"""A workbook's rows are XML that we write ourselves: openpyxl reads in it what PostgreSQL sent."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
from openpyxl.utils.escape import unescape

from campaigns.delivery.files.sheet_rows import CELL_CHARACTERS
from campaigns.delivery.files.typed import number_of
from campaigns.delivery.files.xlsx_file import Written, XlsxFile
from campaigns.delivery.layouts.columns import Column
from campaigns.delivery.words import ColumnKind, ColumnSource

_PIECES = (
    *("<", ">", "&", "&amp;", "<r>", "</r>", '"', "'", ",", " ", "\t", "\n", "\r", "\x01", "\x1f"),
    *("_x0041_", "_x", "\ufffe", "\uffff", "=1", "аб", "1", "-5.5", "0012", "\U0001f600"),
)
_COLUMNS = [
    Column("text", ColumnSource.OWN, "text"),
    Column("number", ColumnSource.OWN, "number", ColumnKind.NUMBER),
    Column("at", ColumnSource.OWN, "at", ColumnKind.INSTANT),
]
_WRITTEN = Written("A title", "Outdial", datetime(2026, 1, 2, tzinfo=UTC))


def _as_copy_sends(rows: Sequence[Sequence[str]]) -> bytes:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def _read(path: Path) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
        for sheet in book.worksheets
        if sheet.title != "Codebook"
    }


def _written(
    path: Path, rows: Sequence[Sequence[str]], columns: Sequence[Column], sheet_rows: int = 1_000
) -> XlsxFile:
    file = XlsxFile(path, columns, _WRITTEN, rows=len(rows), sheet_rows=sheet_rows)
    for at in range(0, len(rows), 7):
        file.write(_as_copy_sends(rows[at : at + 7]))
    file.close()
    return file


def _expected(cell: str, kind: ColumnKind) -> Any:
    value = number_of(cell) if kind is ColumnKind.NUMBER else cell
    return value if value != "" else None


def test_a_sheet_says_what_any_cell_says(tmp_path: Path) -> None:
    draw = Random(6)
    rows = [
        ["".join(draw.choices(_PIECES, k=draw.choice([0, 1, 2, 5]))) for _ in _COLUMNS[:2]]
        for _ in range(500)
    ]
    path = tmp_path / "x.xlsx"
    _written(path, rows, _COLUMNS[:2])
    told = [
        [unescape(cell) if isinstance(cell, str) else cell for cell in row]
        for row in _read(path)["Results"]
    ]
    kinds = [column.kind for column in _COLUMNS]
    said = [[_expected(cell, kind) for cell, kind in zip(row, kinds, strict=False)] for row in rows]
    while said[-1] == [None, None]:  # a row of nothing at the end is none
        said.pop()
    assert told[: len(said)] == said


def test_instants_are_instants_and_keep_their_text_where_there_is_no_calendar(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.xlsx"
    _written(
        path, [["a", "1", "2026-11-23T03:54:07Z"], ["b", "", "1850-01-01T00:00:00Z"]], _COLUMNS
    )
    assert _read(path) == {
        "Results": [
            ["a", 1, datetime(2026, 11, 23, 3, 54, 7)],  # noqa: DTZ001 - spreadsheets know no zones
            ["b", None, "1850-01-01T00:00:00Z"],
        ]
    }


def test_rows_go_on_in_the_next_sheet(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    for count, sizes in ((0, [0]), (9, [9]), (10, [9, 1]), (27, [9, 9, 9])):
        rows = [[f"row {at}"] for at in range(count)]
        _written(path, rows, _COLUMNS[:1], sheet_rows=10)
        sheets = _read(path)
        assert [len(one) for one in sheets.values()] == sizes
        assert list(sheets) == ["Results", "Results 2", "Results 3"][: len(sizes)]
        assert [row for one in sheets.values() for row in one] == rows


def test_a_text_that_is_too_long_is_cut_and_counted(tmp_path: Path) -> None:
    fits, long = "<" * CELL_CHARACTERS, "a&" * CELL_CHARACTERS
    file = _written(tmp_path / "x.xlsx", [[fits], [long]], _COLUMNS[:1])
    assert file.cut == 1
    assert _read(tmp_path / "x.xlsx") == {"Results": [[fits], [long[:CELL_CHARACTERS]]]}
