"""Delimited text to rows: the separator is found, and broken quotes never swallow a row."""

import csv
import re
from collections.abc import Iterator
from enum import Enum, auto

_SEPARATORS = (";", "\t", ",", "|")
#: Lines from which the separator is told.
_SAMPLE_LINES = 100
#: Lines among which the headings are: titles may stand above them.
_HEADING_LINES = 10
#: A quoted cell longer than this many lines is a quote somebody forgot to close.
_MOST_LINES_IN_CELL = 100
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
#: The first line in which Excel writes the separator it was told.
_DECLARED = re.compile(r"\ufeff?sep=(.)\s*$", re.IGNORECASE)
#: A cell that ends in an HTML entity whose semicolon was taken for a separator.
_CUT_ENTITY = re.compile(r"&(?:#\d{1,5}|#x[0-9a-f]{1,5}|amp|quot|apos|lt|gt|nbsp)$", re.IGNORECASE)


class _Quoting(Enum):
    """How the quotes of a record stand at the end of what has been read of it."""

    CLOSED = auto()
    OPEN = auto()  #: a quoted cell goes on in the next line
    #: A cell of several lines closes before text: that quote opens the next cell of somebody who
    #: forgot to close this one.
    BROKEN = auto()


def parse_delimited(text: str) -> list[list[str]]:
    """Return every row of ``text`` that has any text in it, headings included.

    A quote that is never closed costs its own row its quoting and nothing else: the rows after it
    are read as if it were not there.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    declared = _DECLARED.match(lines[0])
    if declared:
        lines = lines[1:]
    separator = declared[1] if declared else find_separator(lines)
    rows = [row for row in _records(lines, separator) if any(cell.strip() for cell in row)]
    if separator == ";" and rows:
        rows = [_with_whole_entities(row, len(rows[0])) for row in rows]
    return rows


def find_separator(lines: list[str]) -> str:
    """Return the separator that cuts the first lines into the most even rows."""
    sample = [line for line in lines[:_SAMPLE_LINES] if line.strip()]
    return max(_SEPARATORS, key=lambda separator: _evenness(sample, separator))


def _evenness(sample: list[str], separator: str) -> tuple[float, int]:
    """Return the share of lines cut like the first one, and into how many cells."""
    widths = [len(_QUOTED.sub("", line).split(separator)) for line in sample]
    if not widths or widths[0] == 1:
        return (0.0, 0)
    return (sum(width == widths[0] for width in widths) / len(widths), widths[0])


def _records(lines: list[str], separator: str) -> Iterator[list[str]]:
    """Yield rows, joining the lines of a quoted cell."""
    width = max((line.count(separator) + 1 for line in lines[:_HEADING_LINES]), default=1)
    at = 0
    while at < len(lines):
        if '"' not in lines[at]:
            yield lines[at].split(separator)
            at += 1
            continue
        end = _end_of_record(lines, at, separator, width)
        if end is None:
            yield [cell.strip('"') for cell in lines[at].split(separator)]
            at += 1
        else:
            yield next(csv.reader(["\n".join(lines[at:end])], delimiter=separator))
            at = end


def _end_of_record(lines: list[str], start: int, separator: str, width: int) -> int | None:
    """Return the line after the record; None when its quote is never closed."""
    for end in range(start + 1, min(len(lines), start + _MOST_LINES_IN_CELL) + 1):
        quoting = _quoting("\n".join(lines[start:end]), separator)
        if quoting is not _Quoting.OPEN:
            return end if quoting is _Quoting.CLOSED else None
        if end < len(lines) and _is_whole_row(lines[end], separator, width):
            return None
    return None


def _is_whole_row(line: str, separator: str, width: int) -> bool:
    """Tell whether ``line`` is a row by itself, so that an open quote before it was a mistake."""
    whole = width >= 3 and line.count(separator) >= width - 1
    return whole and _quoting(line, separator) is _Quoting.CLOSED


def _quoting(text: str, separator: str) -> _Quoting:
    """Return in which state the quotes of ``text`` are at its end."""
    at = 0
    while True:
        if text.startswith('"', at):
            quoted = _QUOTED.match(text, at)
            if quoted is None:
                return _Quoting.OPEN
            at = quoted.end()
            if "\n" in quoted[0] and text[at:].lstrip(" ")[:1] not in ("", separator):
                return _Quoting.BROKEN
        at = text.find(separator, at) + 1
        if at == 0:
            return _Quoting.CLOSED


def _with_whole_entities(row: list[str], width: int) -> list[str]:
    """Return ``row`` with the entities mended that its separator cut, when it is too long."""
    mended = list(row)
    at = 0
    while len(mended) > width and at < len(mended) - 1:
        if _CUT_ENTITY.search(mended[at]):
            mended[at : at + 2] = [f"{mended[at]};{mended[at + 1]}"]
        else:
            at += 1
    return mended
