"""A client's file to a stream of rows: CSV in any dress, XLSX, XLS, ODS, JSON lines."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice

from campaigns.lists.reading.decoding import find_encoding, text_blocks
from campaigns.lists.reading.delimited import DelimitedText, open_delimited, with_whole_entities
from campaigns.lists.reading.faults import EmptyFile, FileTooLarge, UnknownSheet, UnreadableFile
from campaigns.lists.reading.json_lines import open_json
from campaigns.lists.reading.limits import (
    USUAL_LIMITS,
    Limits,
    Source,
    check_columns,
    check_size,
    opened,
)
from campaigns.lists.reading.packages import check_package
from campaigns.lists.reading.shape import Shape
from campaigns.lists.reading.sheets import open_workbook
from campaigns.lists.reading.title_rows import distinct, find_headings, used_width

__all__ = [
    "EmptyFile",
    "FileTooLarge",
    "Limits",
    "OpenTable",
    "Shape",
    "Table",
    "UnknownSheet",
    "UnreadableFile",
    "open_table",
    "read_table",
]

#: How ZIP files (XLSX, ODS) and OLE files (XLS) begin.
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Characters that no list has and every picture, PDF or program does.
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WEB_PAGE = re.compile(r"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)
_LOOK_CHARACTERS = 10_000
#: Rows of text from which the width is told; a longer row further down gets no new column.
_HEAD_ROWS = 2_000
_HEAD_CHARACTERS = 4_000_000
_BATCH_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text: every row is as wide as ``columns``, whose names are not empty and differ."""

    columns: list[str]
    rows: list[list[str]]


class OpenTable:
    """A file whose columns are known and whose rows are read when they are asked for."""

    def __init__(
        self,
        columns: tuple[str, ...],
        shape: Shape,
        rows: Callable[[], Iterator[list[str]]],
        limits: Limits,
    ) -> None:
        """Keep what is known; ``rows`` starts reading from the first contact each time."""
        self.columns = columns
        self.shape = shape
        self._rows = rows
        self._limits = limits

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """Yield the rows, ``size`` at a time, each as wide as ``columns``.

        Rows without any text are left out. Each call reads from the start again. Of a text, the
        first 2,000 rows decide how many columns there are; the surplus cells of a longer row after
        them stay in its last cell, put together with the separator again, so no text is lost.

        Raises:
            UnreadableFile: a row is longer than allowed, or the file is broken from there on.
            FileTooLarge: there are more rows than allowed.
        """
        done = 0
        rows = self._rows()
        while batch := list(islice(rows, size)):
            done += len(batch)
            if done > self._limits.rows:
                raise FileTooLarge(
                    f"This file is too large: at most {self._limits.rows:,} rows are read.",
                    limit=self._limits.rows,
                )
            yield batch


def open_table(
    source: Source, file_name: str, *, sheet: str | None = None, limits: Limits = USUAL_LIMITS
) -> OpenTable:
    """Find out what the file is and which columns it has.

    The kind of file is told by its content, and ``file_name`` only serves the error sentences. Of a
    workbook ``sheet`` is read, by default the largest one that is not hidden.

    Raises:
        UnreadableFile: not a table, broken, or protected by a password.
        EmptyFile: no row below the headings.
        FileTooLarge: more bytes or columns than ``limits`` allow.
        UnknownSheet: there is no ``sheet``.
    """
    check_size(source, limits, file_name)
    with opened(source) as file:
        start = file.read(len(_OLE))
    if start.startswith(_ZIP):
        kind = check_package(source, limits, file_name)
        return _open_sheet(source, file_name, kind, sheet, limits)
    if start == _OLE:
        return _open_sheet(source, file_name, "xls", sheet, limits)
    encoding = find_encoding(source)
    _check_text(next(text_blocks(source, encoding, _LOOK_CHARACTERS), ""), file_name)
    if sheet is not None:
        raise UnknownSheet("This file has no sheets.", file_name=file_name, sheets=[])
    objects = open_json(source, file_name, limits, encoding)
    if objects is not None:
        shape = Shape("jsonl", encoding, None, None, (), (), 0)
        return OpenTable(objects.columns, shape, objects.rows, limits)
    return _open_text(open_delimited(source, file_name, limits, encoding))


def read_table(data: bytes, file_name: str) -> Table:
    """Read a small file whole, as :func:`open_table` does.

    Raises:
        UnreadableFile: not a table, broken, or protected by a password.
        EmptyFile: no row below the headings.
        FileTooLarge: beyond the usual limits.
    """
    table = open_table(data, file_name)
    rows = [row for batch in table.batches(_BATCH_ROWS) for row in batch]
    return Table(list(table.columns), rows)


def _check_text(text: str, file_name: str) -> None:
    if len(_BINARY.findall(text)) * 100 > len(text):
        raise UnreadableFile(file_name=file_name)
    if _WEB_PAGE.match(text):
        raise UnreadableFile(
            "This is a web page under a spreadsheet's name. Open it and save it as XLSX.",
            file_name=file_name,
        )


def _open_sheet(
    source: Source, file_name: str, kind: str, name: str | None, limits: Limits
) -> OpenTable:
    workbook = open_workbook(source, file_name, limits)
    sheet = workbook.choose(name)
    check_columns(sheet.width, limits, file_name)
    found = find_headings(sheet.head, sheet.merged)
    if found.body >= sheet.rows:
        raise EmptyFile(file_name=file_name)
    shape = Shape(
        format=kind,
        encoding=None,
        separator=None,
        sheet=sheet.name,
        sheets=tuple(each.name for each in workbook.sheets),
        sheet_rows=tuple(each.rows for each in workbook.sheets),
        headings_row=sheet.places[found.at] if found.names else 0,
    )

    def rows() -> Iterator[list[str]]:
        with closing(workbook.rows(sheet, sheet.width)) as every:
            yield from islice(every, found.body, None)

    names = found.names + [""] * (sheet.width - len(found.names))
    return OpenTable(distinct(names[: sheet.width]), shape, rows, limits)


def _open_text(text: DelimitedText) -> OpenTable:
    head, starts = _head(text)
    found = find_headings(head)
    body = head[found.body :]
    if not body:
        raise EmptyFile(file_name=text.file_name)
    # A row is mended only when it is longer than the headings: there an entity was cut.
    plain = len(head[found.at])
    if text.separator == ";":
        body = [with_whole_entities(row, plain) for row in body]
    width = max(len(found.names), *map(used_width, body))
    check_columns(width, text.limits, text.file_name)
    shape = Shape(
        format="csv",
        encoding=text.encoding,
        separator=text.separator,
        sheet=None,
        sheets=(),
        sheet_rows=(),
        headings_row=starts[found.at] if found.names else 0,
    )
    fit = partial(_fitted, separator=text.separator, plain=plain, width=width)
    # Rows of the right width need no look, unless even those may hold a cut entity.
    ready = width if width <= plain or text.separator != ";" else -1

    def rows() -> Iterator[list[str]]:
        return islice(text.rows(fit, ready), found.body, None)

    names = found.names + [""] * (width - len(found.names))
    return OpenTable(distinct(names), shape, rows, text.limits)


def first_body_row(text: DelimitedText) -> int:
    """Return how many of the rows with text are titles and headings."""
    head, _ = _head(text)
    return find_headings(head).body


def _head(text: DelimitedText) -> tuple[list[list[str]], list[int]]:
    """Return the first rows as they are, and the lines where they begin."""
    head: list[list[str]] = []
    starts: list[int] = []
    characters = 0
    for row in text.rows(list, -1, starts):
        head.append(row)
        characters += sum(map(len, row))
        if len(head) == _HEAD_ROWS or characters > _HEAD_CHARACTERS:
            break
    return head, starts


def _fitted(row: Sequence[str], *, separator: str, plain: int, width: int) -> list[str]:
    """Return ``row`` with ``width`` cells: filled up, or its surplus cells put into the last one."""
    cells = with_whole_entities(list(row), plain) if separator == ";" else list(row)
    used = used_width(cells)
    if used <= width:
        return (cells + [""] * (width - len(cells)))[:width]
    return [*cells[: width - 1], separator.join(cells[width - 1 : used])]
