"""Quotes of delimited text: where a record ends, and its cells."""

import csv
import re
from enum import Enum, auto

from campaigns.lists.reading.title_rows import is_number_cell

#: A quoted cell longer than this many lines is a quote somebody forgot to close.
MOST_LINES_IN_CELL = 100
#: Possessive: an open quote must not be closed by half of a doubled one.
QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
#: The standard reader takes no longer cells, and a line is no shorter than its cells.
_MOST_FOR_READER = 131_072


class _Quoting(Enum):
    """How the quotes of a record stand at the end of what has been read of it."""

    CLOSED = auto()
    OPEN = auto()  #: a quoted cell goes on in the next line
    #: A cell of several lines closes before text: that quote opens the next cell of somebody who
    #: forgot to close this one.
    BROKEN = auto()


class QuotedRecords:
    """Reads records with quotes in them, one at a time.

    A quote that is never closed costs its own row its quoting and nothing else. It counts as never
    closed after 100 lines or ``most_characters``, or when a line follows that is a row of ``width``
    cells by itself.
    """

    def __init__(self, separator: str, width: int, most_characters: int) -> None:
        """Read records whose cells ``separator`` parts."""
        self._separator = separator
        self._width = width
        self._most_characters = most_characters
        self._clean = _line_of(separator, f'(?!")[^{re.escape(separator)}]*+')
        self._proper = _line_of(separator, f'[^"{re.escape(separator)}]*+')
        # A reader for each line would take longer than the line.
        self._next_lines: list[str] = []
        self._reader = csv.reader(iter(self._next_lines.pop, None), delimiter=separator)

    def read(self, lines: list[str], at: int) -> tuple[list[str], int]:
        """Return the cells of the record at line ``at``, and the line after it."""
        line = lines[at]
        cells = line[1:-1].split(f'"{self._separator}"')
        if line[0] == line[-1] == '"' and line.count('"') == 2 * len(cells):
            return cells, at + 1
        if len(line) < _MOST_FOR_READER and self._clean.fullmatch(line):
            self._next_lines.append(line)
            return next(self._reader), at + 1
        end = self._end_of_record(lines, at)
        if end is None:
            return [cell.strip('"') for cell in line.split(self._separator)], at + 1
        return _cells("\n".join(lines[at:end]), self._separator), end

    def _end_of_record(self, lines: list[str], start: int) -> int | None:
        """Return the line after the record; None when its quote is never closed."""
        characters = 0
        for end in range(start + 1, min(len(lines), start + MOST_LINES_IN_CELL) + 1):
            characters += len(lines[end - 1])
            quoting = _quoting("\n".join(lines[start:end]), self._separator)
            if quoting is not _Quoting.OPEN:
                return end if quoting is _Quoting.CLOSED else None
            if characters > self._most_characters:
                return None
            if end < len(lines) and self._is_row_itself(lines[end], lines[start]):
                return None
        return None

    def _is_row_itself(self, line: str, start: str) -> bool:
        """Tell whether ``line`` is a row, so that the quote left open in ``start`` was a mistake.

        It is when it has enough cells and all its quotes are where quotes belong; or, whatever its
        quotes, when it has a phone in the column where ``start`` has one.
        """
        if self._width < 3 or line.count(self._separator) < self._width - 1:
            return False
        if self._proper.fullmatch(line):
            return True
        pairs = zip(line.split(self._separator), start.split(self._separator), strict=False)
        return any(is_number_cell(cell) and is_number_cell(above) for cell, above in pairs)


def _line_of(separator: str, bare_cell: str) -> re.Pattern[str]:
    """Return what matches a line of bare cells and of quoted ones, each followed by its end."""
    cell = f"(?:{QUOTED.pattern}|{bare_cell})"
    return re.compile(f"{cell}(?:{re.escape(separator)}{cell})*+")


def _quoting(text: str, separator: str) -> _Quoting:
    """Return in which state the quotes of ``text`` are at its end."""
    at = 0
    while True:
        if text.startswith('"', at):
            quoted = QUOTED.match(text, at)
            if quoted is None:
                return _Quoting.OPEN
            at = quoted.end()
            if "\n" in quoted[0] and text[at : at + 100].lstrip(" ")[:1] not in ("", separator):
                return _Quoting.BROKEN
        at = text.find(separator, at) + 1
        if at == 0:
            return _Quoting.CLOSED


def _cells(record: str, separator: str) -> list[str]:
    """Cut a record whose quotes are closed; text after a closing quote stays with its cell."""
    cells: list[str] = []
    at = 0
    while True:
        value = ""
        quoted = QUOTED.match(record, at)
        if quoted is not None:
            value = quoted[0][1:-1].replace('""', '"')
            at = quoted.end()
        end = record.find(separator, at)
        if end < 0:
            return [*cells, value + record[at:]]
        cells.append(value + record[at:end])
        at = end + 1
