"""Files of results re-read: what each format must say of known rows, cell by cell."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pyreadstat

from campaigns.delivery.layouts.columns import MISSING, Column
from campaigns.delivery.words import ColumnKind as Kind
from campaigns.forms.words import NoAnswer
from campaigns.lists.columns.cells import guarded

SILENCES = {word.value for word in NoAnswer}
Texts = Sequence[Sequence[str]]


def csv_says(
    path: Path,
    columns: Sequence[Column],
    texts: Texts,
    *,
    separator: str = ",",
    told: Callable[[str], str] = guarded,
) -> None:
    """Compare a CSV file with known rows."""
    text = io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")
    headings, *rows = csv.reader(text, delimiter=separator)
    assert headings == [column.name for column in columns]
    assert rows == [[told(cell) for cell in row] for row in texts]


def json_lines_say(path: Path, columns: Sequence[Column], texts: Texts) -> None:
    """Compare JSON lines with known rows."""
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
    for row, known in zip(rows, texts, strict=True):
        assert list(row) == [column.name for column in columns]
        for column, text in zip(columns, known, strict=True):
            assert row[column.name] == _typed(column, text, text or None), column.name


def workbook_says(path: Path, columns: Sequence[Column], texts: Texts) -> openpyxl.Workbook:
    """Compare a workbook's first sheet with known rows, and return the workbook."""
    book = openpyxl.load_workbook(path)
    headings, *rows = book["Results"].iter_rows(values_only=True)
    assert list(headings) == [column.name for column in columns]
    for row, known in zip(rows, texts, strict=True):
        for column, text, value in zip(columns, known, row, strict=True):
            wanted = _typed(column, text, text or None)
            if column.kind in (Kind.INSTANT, Kind.LOCAL, Kind.DATE) and text not in SILENCES | {""}:
                wanted = datetime.fromisoformat(text).replace(tzinfo=None)
            assert value == wanted, column.name
    return book


def spss_says(path: Path, columns: Sequence[Column], texts: Texts) -> Any:
    """Compare a file of SPSS with known rows, and return what it says of itself."""
    frame, meta = pyreadstat.read_sav(path, user_missing=True)
    assert (len(meta.column_names), len(frame)) == (len(columns), len(texts))
    for at, row in enumerate(texts):
        for column, text, name in zip(columns, row, meta.column_names, strict=True):
            assert _equal(column, text, frame[name].iloc[at], meta, name), (column.name, text)
    return meta


def parquet_says(path: Path, columns: Sequence[Column], texts: Texts) -> None:
    """Compare a Parquet file with known rows."""
    table = pq.read_table(path)
    assert table.num_rows == len(texts)
    for at, row in enumerate(texts):
        for column, text in zip(columns, row, strict=True):
            value = table[column.name][at].as_py()
            silence = f"{column.name}__no_answer"
            if silence in table.column_names:
                assert table[silence][at].as_py() == (text if text in SILENCES else None)
                text = "" if text in SILENCES else text
            assert value == _arrow(column, text), (column.name, text)


def _typed(column: Column, text: str, otherwise: Any) -> Any:
    if column.kind in (Kind.INTEGER, Kind.NUMBER, Kind.FLAG) and text not in SILENCES | {""}:
        return float(text)
    return otherwise


def _arrow(column: Column, text: str) -> Any:
    if not text:
        return None
    match column.kind:
        case Kind.INSTANT:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        case Kind.LOCAL:
            return datetime.fromisoformat(text)
        case Kind.DATE:
            return date.fromisoformat(text)
        case _:
            return _typed(column, text, text)


def _equal(column: Column, text: str, value: Any, meta: Any, name: str) -> bool:
    """Compare with a cell of SPSS: texts lose blanks at their end, codes are numbers."""
    if column.kind is Kind.TEXT:
        return bool(value == text.rstrip(" "))
    if not text:
        return bool(value != value)  # NaN
    if text in SILENCES:
        far = column.kind in (Kind.NUMBER, Kind.INTEGER, Kind.DATE)
        number = MISSING[NoAnswer(text)] - (9_999_900 if far else 0)
        return column.kind is Kind.DATE or bool(value == number)
    match column.kind:
        case Kind.CHOICE:
            codes = {one.code: one.number for one in column.values}
            labels = {one.code: one.label for one in column.values}
            shown = meta.variable_value_labels[name][value]
            return bool(value == codes[text] and shown == labels[text])
        case Kind.DATE:
            return bool(value == date.fromisoformat(text))
        case Kind.INSTANT | Kind.LOCAL:
            return bool(value == datetime.fromisoformat(text).replace(tzinfo=None))
        case _:
            return bool(value == float(text))
