"""Rows of a worksheet as XML: put together from whole rows of CSV, a block at a time.

A million rows of seventy cells are too many for a library that takes cell after cell. What XML and
spreadsheets cannot hold is escaped in the block, before it is taken apart: none of it means anything to CSV.

Source: ECMA-376 part 1, 18.3.1 (worksheets) and 22.9.2.19 (``_xHHHH_``).
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from campaigns.delivery.files.typed import Number, number_reader, serial_of
from campaigns.delivery.layouts.columns import Column
from campaigns.delivery.words import ColumnKind as Kind

#: Source: Microsoft, "Excel specifications and limits".
CELL_CHARACTERS = 32_767
INSTANTS = (Kind.DATE, Kind.INSTANT, Kind.LOCAL)
#: Numbers whose XML is remembered: flags, marks and counts come again and again.
_REMEMBERED = 4_096
_CONTROLS = bytes({*range(32)} - {*b"\t\n"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9a-fA-F]{4}_)")
#: What XML does not know, as UTF-8, and how it is escaped.
_NO_CHARACTERS = {b"\xef\xbf\xbe": b"_xFFFE_", b"\xef\xbf\xbf": b"_xFFFF_"}

Put = Callable[[str], str]


class SheetRows:
    """Makes the rows of a sheet; empty cells are left out."""

    def __init__(self, columns: Sequence[Column], styles: Sequence[int]) -> None:
        """Prepare each column; ``styles`` are their numbers in the workbook, 0 = none."""
        self._heads = [f'<c r="{column_letters(at)}' for at in range(len(columns))]
        self._puts = [_put(one, style) for one, style in zip(columns, styles, strict=True)]
        self.cut = 0  #: texts that were too long for a cell

    def of(self, rows: Sequence[Sequence[str]], first: int) -> str:
        """Return the XML of rows of an escaped block; ``first`` is the number of the first one, from 1."""
        return "".join(
            [self._row(row, str(number)) for number, row in enumerate(rows, start=first)]
        )

    def _row(self, cells: Sequence[str], number: str) -> str:
        made = [
            f"{head}{number}{put(cell)}"
            for head, put, cell in zip(self._heads, self._puts, cells, strict=True)
            if cell
        ]
        row = f'<row r="{number}">{"".join(made)}</row>'
        if len(row) > CELL_CHARACTERS and max(map(len, cells)) > CELL_CHARACTERS:
            fitting = [self._fitting(cell) for cell in cells]
            if fitting != list(cells):
                return self._row(fitting, number)
        return row

    def _fitting(self, cell: str) -> str:
        """Return what fits into a cell; an escape is never torn."""
        if len(cell) <= CELL_CHARACTERS:
            return cell
        characters = _CHARACTER.findall(cell)
        if len(characters) <= CELL_CHARACTERS:
            return cell
        self.cut += 1
        return "".join(characters[:CELL_CHARACTERS])


#: One character of a text, as it is escaped.
_CHARACTER = re.compile("_x[0-9A-F]{4}_|&(?:amp|lt|gt);|.", re.DOTALL)


def escaped(block: bytes) -> bytes:
    """Return a block in which nothing stands that XML cannot hold or a spreadsheet would read otherwise."""
    if b"_x" in block:
        block = _LOOKS_ESCAPED.sub("_x005F_", block.decode()).encode()
    if len(block.translate(None, _CONTROLS)) < len(block):
        block = _CONTROL.sub(_control, block.decode()).encode()
    for one, escape in _NO_CHARACTERS.items():
        block = block.replace(one, escape)
    return block.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _control(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _put(column: Column, style: int) -> Put:
    """Return what makes the rest of a cell of this column, from behind the row's number."""
    read = serial_of if column.kind in INSTANTS else number_reader(column)
    if read is None:
        return _text
    made = _number_put(read, f' s="{style}"' if style else "")
    return made if column.kind in INSTANTS else lru_cache(_REMEMBERED)(made)


def _number_put(read: Callable[[str], Number | str], style: str) -> Put:
    def put(cell: str) -> str:
        value = read(cell)
        if isinstance(value, str):
            return _text(value)
        return f'"{style}><v>{value:.16G}</v></c>'

    return put


def _text(cell: str) -> str:
    if cell.strip() != cell:
        return f'" t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>'
    return f'" t="inlineStr"><is><t>{cell}</t></is></c>'


def column_letters(number: int) -> str:
    """Return what spreadsheets call a column, from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
