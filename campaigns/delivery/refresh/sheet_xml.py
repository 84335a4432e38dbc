"""A worksheet's XML as it stands, row by row: which cells have text, and a cell with another value.

Source: ECMA-376 part 1, 18.3 (worksheets) and 18.4 (shared strings).
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import IO

from campaigns.delivery.files.sheet_rows import column_letters

_CHUNK_BYTES = 1024 * 1024
_P = r"(?:\w+:)?"
_ROW_END = re.compile(rf"</{_P}row\s*>|<{_P}row\b[^>]*/>")
_PREFIX = re.compile(rf"<({_P})row")
_ROW_START = re.compile(rf"<{_P}row\b")
_CELL = re.compile(rf"<({_P})c\b([^>]*?)(?:/>|>(.*?)</{_P}c\s*>)", re.DOTALL)
_PLACE = re.compile(r'\br\s*=\s*"([A-Z]+)(\d+)"')
_KIND = re.compile(r'\bt\s*=\s*"(\w+)"')
_ROW_NUMBER = re.compile(r'\br\s*=\s*"(\d+)"')
_VALUE = re.compile(rf"<{_P}v\b[^>]*>(.*?)</{_P}v\s*>", re.DOTALL)
_TEXT = re.compile(rf"<{_P}t\b[^>]*>(.*?)</{_P}t\s*>", re.DOTALL)
#: What a number is that a spreadsheet keeps exactly and shows as it was written.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?")
#: Characters that XML cannot hold.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a row's XML."""

    start: int
    end: int
    prefix: str  #: of the namespace
    attributes: str
    inside: str
    column: int  #: from 0

    @property
    def kind(self) -> str:
        """Return the type's letter; ``n`` for numbers."""
        found = _KIND.search(self.attributes)
        return found[1] if found else "n"

    @property
    def shared(self) -> int | None:
        """Return which shared string it shows."""
        value = _VALUE.search(self.inside)
        return int(value[1]) if self.kind == "s" and value and value[1].isdecimal() else None

    def has_text(self, blank: set[int]) -> bool:
        """Tell whether an import sees anything in it; ``blank`` are shared strings of blanks."""
        if self.shared is not None:
            return self.shared not in blank
        if self.kind == "inlineStr":
            return any(text.strip() for text in _TEXT.findall(self.inside))
        value = _VALUE.search(self.inside)
        return bool(value and value[1].strip())


def cells_in(row: str) -> list[Cell]:
    """Return the cells of a row's XML, in order."""
    found: list[Cell] = []
    for match in _CELL.finditer(row):
        place = _PLACE.search(match[2])
        column = column_number(place[1]) if place else (found[-1].column + 1 if found else 0)
        found.append(Cell(match.start(), match.end(), match[1], match[2], match[3] or "", column))
    return found


def column_number(letters: str) -> int:
    """Return the number, from 0, of a column that spreadsheets call by letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def pieces(file: IO[bytes]) -> Iterator[tuple[bool, str]]:
    """Yield the sheet's XML in order: True with each row, False with what is between."""
    rest = ""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    while chunk := file.read(_CHUNK_BYTES):
        rest += decoder.decode(chunk)
        at = 0
        while end := _ROW_END.search(rest, at):
            start = _ROW_START.search(rest, at, end.end())
            if start is None:
                break
            if start.start() > at:
                yield False, rest[at : start.start()]
            yield True, rest[start.start() : end.end()]
            at = end.end()
        rest = rest[at:]
    yield False, rest


def with_value(row: str, column: int, value: str) -> str:
    """Return a row's XML with another value in a cell, in the cell's own style.

    A number stays a number if the new value is one; all else is text, telephone numbers above all.
    """
    cells = cells_in(row)
    known = next((cell for cell in cells if cell.column == column), None)
    if known is not None:
        is_number = known.kind == "n" and bool(_VALUE.search(known.inside))
        attributes = _KIND.sub("", known.attributes).rstrip()
        made = _cell(known.prefix, attributes, value, as_number=is_number)
        return row[: known.start] + made + row[known.end :]
    named = _PREFIX.match(row)
    prefix = named[1] if named else ""
    number = _ROW_NUMBER.search(row[: row.index(">")])
    place = f' r="{column_letters(column)}{number[1]}"' if number else ""
    made = _cell(prefix, place, value, as_number=False)
    after = next((cell for cell in cells if cell.column > column), None)
    if after is not None:
        return row[: after.start] + made + row[after.start :]
    if row.rstrip().endswith("/>"):
        return f"{row.rstrip()[:-2]}>{made}</{prefix}row>"
    end = row.rindex("</")
    return row[:end] + made + row[end:]


def _cell(prefix: str, attributes: str, value: str, *, as_number: bool) -> str:
    if as_number and _PLAIN_NUMBER.fullmatch(value):
        return f"<{prefix}c{attributes}><{prefix}v>{value}</{prefix}v></{prefix}c>"
    said = escape(_NO_XML.sub("", value), quote=False)
    text = f'<{prefix}t xml:space="preserve">{said}</{prefix}t>'
    return f'<{prefix}c{attributes} t="inlineStr"><{prefix}is>{text}</{prefix}is></{prefix}c>'
