"""Delimited text to rows, line by line: the separator is found, and broken quotes swallow no row."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from campaigns.lists.columns.cells import without_guard
from campaigns.lists.reading.limits import Limits, Source
from campaigns.lists.reading.lines import line_blocks, too_long
from campaigns.lists.reading.quoting import MOST_LINES_IN_CELL, QUOTED, QuotedRecords

_SEPARATORS = (";", "\t", ",", "|")
#: Lines from which the separator is told.
_SAMPLE_LINES = 100
#: Lines among which the headings are: titles may stand above them.
_HEADING_LINES = 10
#: The first line in which Excel writes the separator it was told.
_DECLARED = re.compile(r"sep=([^\w\s\"'=]|\t)\s*$", re.IGNORECASE)
#: A cell that ends in an HTML entity whose semicolon was taken for a separator.
_CUT_ENTITY = re.compile(r"&(?:#\d{1,5}|#x[0-9a-f]{1,5}|amp|quot|apos|lt|gt|nbsp)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DelimitedText:
    """A text file whose separator is known; it can be read any number of times."""

    source: Source
    file_name: str
    limits: Limits
    encoding: str
    separator: str
    skipped_lines: int  #: a line that only declares the separator
    width: int  #: cells that the first lines are cut into

    def rows(
        self, fit: Callable[[list[str]], list[str]], width: int, starts: list[int] | None = None
    ) -> Iterator[list[str]]:
        """Yield every row with any text in it, headings included.

        Rows that have not ``width`` cells go through ``fit``. The number of the line where a row
        begins, from 1, is appended to ``starts``.

        Raises:
            UnreadableFile: a line or a cell is longer than allowed.
        """
        separator = self.separator
        quoted = QuotedRecords(separator, self.width, self.limits.cell_characters)
        for first, lines, upto in self._windows():
            end = 0
            for at, line in enumerate(islice(lines, upto)):
                if at < end:
                    continue  # the line is part of the record before
                if '"' in line:
                    row, end = quoted.read(lines, at)
                else:
                    row = line.split(separator)
                if "'" in line or end > at + 1:
                    row = [without_guard(cell) for cell in row]
                if not row[0].strip() and not "".join(row).strip():
                    continue
                if starts is not None:
                    starts.append(first + at)
                yield row if len(row) == width else fit(row)
            del lines[: max(end, upto)]

    def _windows(self) -> Iterator[tuple[int, list[str], int]]:
        """Yield the number of the first line, lines, and up to where they may be read.

        The lines after that are for looking ahead. The reader takes off the list what it has read.
        """
        first = 1
        window: list[str] = []
        skipped = self.skipped_lines
        for block in line_blocks(self.source, self.encoding, self.limits, self.file_name):
            self._check_cells(block[0], first + len(window))
            window += block[skipped:]
            first += skipped
            skipped = 0
            there_were = len(window)
            yield first, window, there_were - self._held_back(window)
            first += there_were - len(window)
        yield first, window, len(window)

    def _held_back(self, lines: list[str]) -> int:
        """Return how many lines are kept to look ahead: enough for the longest quoted cell."""
        characters = 0
        for held, line in enumerate(reversed(lines)):
            characters += len(line)
            if held == MOST_LINES_IN_CELL or characters > self.limits.cell_characters:
                return held
        return len(lines)

    def _check_cells(self, line: str, number: int) -> None:
        most = self.limits.cell_characters
        if len(line) > most and any(len(cell) > most for cell in line.split(self.separator)):
            raise too_long(number, most, self.file_name)


def open_delimited(source: Source, file_name: str, limits: Limits, encoding: str) -> DelimitedText:
    """Find out how the text is cut into cells.

    Raises:
        UnreadableFile: the first line is longer than allowed.
    """
    sample = next(line_blocks(source, encoding, limits, file_name), [""])[:_SAMPLE_LINES]
    declared = _DECLARED.match(sample[0])
    if declared:
        sample = sample[1:]
    separator = declared[1] if declared else find_separator(sample)
    width = max((line.count(separator) + 1 for line in sample[:_HEADING_LINES]), default=1)
    return DelimitedText(
        source, file_name, limits, encoding, separator, 1 if declared else 0, width
    )


def find_separator(lines: list[str]) -> str:
    """Return the separator that cuts the lines into the most even rows."""
    sample = [line for line in lines if line.strip()]
    return max(_SEPARATORS, key=lambda separator: _evenness(sample, separator))


def with_whole_entities(row: list[str], width: int) -> list[str]:
    """Return ``row`` with the entities mended that its semicolons cut, while it is too long."""
    mended = list(row)
    at = 0
    while len(mended) > width and at < len(mended) - 1:
        if _CUT_ENTITY.search(mended[at]):
            mended[at : at + 2] = [f"{mended[at]};{mended[at + 1]}"]
        else:
            at += 1
    return mended


def _evenness(sample: list[str], separator: str) -> tuple[float, int]:
    """Return the share of lines cut like the headings, and into how many cells.

    The headings are the first line; below a title, which is not cut at all, they are taken to be
    like most lines.
    """
    widths = Counter(len(QUOTED.sub("", line).split(separator)) for line in sample)
    if not widths:
        return (0.0, 0)
    width = len(QUOTED.sub("", sample[0]).split(separator))
    if width == 1:
        wide = [cells for cells in widths if cells >= 3]
        if not wide:
            return (0.0, 0)
        width = max(wide, key=lambda cells: widths[cells])
    return (widths[width] / len(sample), width)
