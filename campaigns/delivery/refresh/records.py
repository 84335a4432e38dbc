"""A text file taken apart into records as it stands, so that it can be put together again byte by byte."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from campaigns.lists.reading.decoding import find_encoding
from campaigns.lists.reading.delimited import DelimitedText, open_delimited
from campaigns.lists.reading.limits import USUAL_LIMITS
from campaigns.lists.reading.tables import first_body_row

#: Marks of a file's beginning that a codec's name does not tell: they are copied as they are.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Dress:
    """How a text file is written."""

    mark: bytes  #: the byte order mark, if there is one
    encoding: str
    separator: str

    def encoded(self, text: str) -> bytes:
        """Return a text as the file has it; what the file cannot say is written as HTML would."""
        try:
            return text.encode(self.encoding, "surrogateescape")
        except UnicodeEncodeError:
            return b"".join(self._character(one) for one in text)

    def _character(self, one: str) -> bytes:
        try:
            return one.encode(self.encoding, "surrogateescape")
        except UnicodeEncodeError:
            return one.encode(self.encoding, "xmlcharrefreplace")


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the table with what follows it up to the next: its text, as it stands."""

    text: str
    cells: tuple[str, ...]  #: as an import reads them


class Records:
    """The records of a delimited text file, in order."""

    def __init__(self, path: Path) -> None:
        """Find out how the file is written."""
        encoding = find_encoding(path)
        with path.open("rb") as file:
            start = file.read(4)
        mark, plain = next(((m, e) for m, e in _MARKS if start.startswith(m)), (b"", encoding))
        self._path = path
        self._text = open_delimited(path, path.name, USUAL_LIMITS, encoding)
        self.dress = Dress(mark, plain, self._text.separator)
        self._body = first_body_row(self._text)

    @property
    def text(self) -> DelimitedText:
        """Return how the file is read."""
        return self._text

    def __iter__(self) -> Iterator[str | Record]:
        """Yield what is before the first row below the headings as a text, then a record for each row."""
        starts: list[int] = []
        rows = self._text.rows(list, -1, starts)
        with self._path.open("rb") as file:
            file.seek(len(self.dress.mark))
            lines = _lines(file, self.dress.encoding)
            for _ in range(self._body):
                next(rows)
                starts.clear()
            cells = next(rows, None)
            first = starts.pop() if starts else 0
            yield "".join(next(lines, "") for _ in range(first - 1))
            at = first
            while cells is not None:
                following = next(rows, None)
                upto = starts.pop() if starts else 0
                if following is None:
                    yield Record("".join(lines), tuple(cells))
                    return
                yield Record("".join(next(lines, "") for _ in range(upto - at)), tuple(cells))
                cells, at = following, upto


def _lines(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield the lines with their ends as they stand; an import takes the same places for ends of lines."""
    with io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="") as text:
        yield from text


def spans(record: str, separator: str) -> tuple[list[tuple[int, int]], int]:
    """Return where the cells of a record are, quotes included, and where its last line ends."""
    found: list[tuple[int, int]] = []
    start = at = 0
    quoted = False
    while at < len(record):
        one = record[at]
        if quoted:
            if one == '"':
                quoted = False
        elif one == '"' and (at == start or record[at - 1] == '"'):
            quoted = True
        elif record.startswith(separator, at):
            found.append((start, at))
            start = at + 1
        elif one in "\r\n":
            break
        at += 1
    return [*found, (start, at)], at


def written(value: str, former: str, separator: str) -> str:
    """Return a cell's text in the dress of the one before it: quoted if that was, or if it must be."""
    if former.startswith('"') or any(mark in value for mark in (separator, '"', "\r", "\n")):
        return '"' + value.replace('"', '""') + '"'
    return value
