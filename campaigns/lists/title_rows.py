"""The first rows of a table: titles, headings over one or two rows, and names for every column."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

#: What makes the first row data: a cell that is nothing but a number of this length.
_NUMBER_CELL = re.compile(r"^\+?(?:[\s().-]*\d){9,15}[\s.)-]*$")
_DIGIT = re.compile(r"\d")
#: Rows above the headings (a title, a date) that are looked through.
_MOST_TITLE_ROWS = 10

#: A row's merged cells: the first and the last column, from 0.
Merged = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Headings:
    """Where the headings are among the rows that have any text."""

    names: list[str]  #: as in the file, one a cell; none when the file has no headings
    at: int  #: the row where they begin, from 0; where the contacts begin if there are none
    body: int  #: the row where the contacts begin


def find_headings(rows: Sequence[list[str]], merged: Sequence[Merged] = ()) -> Headings:
    """Find the headings among the first ``rows``, which all have text.

    Titles above them are passed over. Headings of two rows (a group's name above the names of its
    columns) become one: "Contacts phone". ``merged`` holds each row's merged cells, if known.
    """
    at = _titles(rows)
    if at >= len(rows) or any(map(is_number_cell, rows[at])):
        return Headings([], at, at)
    names = [heading.strip() for heading in rows[at]]
    if at + 2 < len(rows):
        joined = _joined(rows[at : at + 12], merged[at] if at < len(merged) else ())
        if joined:
            return Headings(joined, at, at + 2)
    return Headings(names, at, at + 1)


def is_number_cell(cell: str) -> bool:
    """Tell whether a cell is nothing but a number as long as a phone's."""
    return _NUMBER_CELL.match(cell.strip()) is not None


def used_width(row: Sequence[str]) -> int:
    """Return how many cells the row has up to its last one with text."""
    return next((at for at in range(len(row), 0, -1) if row[at - 1].strip()), 0)


def distinct(headings: Sequence[str]) -> tuple[str, ...]:
    """Name what has no name, and number what has another's."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for position, heading in enumerate(headings, start=1):
        name = " ".join(heading.split()) or f"column {position}"
        seen[name] += 1
        while seen[name] > 1:
            name = f"{name} ({seen[name]})"
            seen[name] += 1
        names.append(name)
    return tuple(names)


def _titles(rows: Sequence[list[str]]) -> int:
    """Return how many rows are titles: those with one cell of text above a wider table."""
    used = [sum(bool(cell.strip()) for cell in row) for row in rows[: _MOST_TITLE_ROWS + 1]]
    widest = max(used, default=0)
    if widest < 2:
        return 0
    titles = next(at for at, cells in enumerate(used) if cells > 1)
    if any(is_number_cell(cell) for row in rows[:titles] for cell in row):
        return 0
    if widest == 2 and not _begins_narrow_table(rows, titles):
        return 0
    return titles


def _begins_narrow_table(rows: Sequence[list[str]], at: int) -> bool:
    """Tell whether two columns begin at ``at``: with so few, only a number below proves it."""
    below = rows[at + 1] if at + 1 < len(rows) else []
    return any(map(is_number_cell, below)) and not any(map(is_number_cell, rows[at]))


def _joined(rows: Sequence[list[str]], merged: Merged) -> list[str]:
    """Return the names when two rows together are the headings, else nothing.

    The upper row has gaps right of its groups, and the lower row fills each gap and the cell under
    its group's name. A contact below unnamed columns can look so too, so the groups must be merged
    cells; or the lower row is empty below every other heading, and numbers follow in a group.
    """
    top, below, *contacts = rows
    width = max(used_width(top), used_width(below))
    upper = [(top[at] if at < len(top) else "").strip() for at in range(width)]
    lower = [(below[at] if at < len(below) else "").strip() for at in range(width)]
    gaps = {at for at in range(width) if not upper[at]}
    if not gaps or 0 in gaps or any(map(_DIGIT.search, lower)):
        return []
    grouped = gaps | {at - 1 for at in gaps}
    if not all(lower[at] for at in grouped):
        return []
    covered = {at for first, last in merged for at in range(first + 1, min(last, width) + 1)}
    others = [lower[at] for at in range(width) if at not in grouped]
    numbered = any(
        at in grouped and is_number_cell(cell) for row in contacts for at, cell in enumerate(row)
    )
    if not gaps <= covered and (any(others) or not others or not numbered):
        return []
    names: list[str] = []
    group = ""
    for above, own in zip(upper, lower, strict=True):
        group = above or group
        names.append(f"{group} {own}".strip())
    return names
