"""The first rows of a table: titles, headings over one or two rows, and names for every column."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.lists.columns.cells import is_rounded, says_none
from campaigns.lists.columns.column_words import MAYBE_PHONE, NOT_PHONE, PHONE, field_of
from campaigns.lists.columns.fields import ColumnField

#: What makes the first row data: a cell that is nothing but a number of this length.
_NUMBER_CELL = re.compile(r"^\+?(?:[\s().-]*\d){9,15}[\s.)-]*$")
#: A number of seven digits or more somewhere in a cell: with words, an extension, or another number.
_NUMBER_INSIDE = re.compile(r"\d(?:[\s().-]*+\d){6}")
#: Days and spans of years, which headings hold too and which are as long as a number.
_DAYS = re.compile(
    r"\b(?:\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4}|(?:19|20)\d\d\s?-\s?(?:19|20)\d\d)\b"
)
_DIGIT = re.compile(r"\d")
#: What a refusal file names the columns of a file without headings, and its own columns.
_OWN_NAME = re.compile(r"column \d+$|refused because$|row in the file$", re.IGNORECASE)
#: Rows below the headings that are asked whether those are headings.
_LOOK_ROWS = 100
_LONGEST_HEADING = 80
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

    A row that may be a contact is taken for one: with a row too many, one is refused and shown; with
    one too few, somebody is lost. So above a column of numbers one heading must be a known word.
    """
    at = _titles(rows)
    if at >= len(rows) or any(map(_is_of_a_contact, rows[at])):
        return Headings([], 0, 0)
    names = [heading.strip() for heading in rows[at]]
    below = rows[at + 1 : at + 1 + _LOOK_ROWS]
    if at + 2 < len(rows):
        groups = merged[at] if at < len(merged) else ()
        joined = _joined(rows[at : at + 12], groups)
        if joined and (groups or _are_headings(joined, below[1:])):
            return Headings(joined, at, at + 2)
    if not _are_headings(names, below):
        return Headings([], 0, 0)
    return Headings(names, at, at + 1)


def is_number_cell(cell: str) -> bool:
    """Tell whether a cell is nothing but a number as long as a phone's."""
    return _NUMBER_CELL.match(cell.strip()) is not None


def _is_of_a_contact(cell: str) -> bool:
    """Tell whether a cell holds a number, among words or damaged too, as no heading does."""
    if is_number_cell(cell) or is_rounded(cell):
        return True
    return _NUMBER_INSIDE.search(_DAYS.sub(" ", cell)) is not None


def _are_headings(names: Sequence[str], below: Sequence[list[str]]) -> bool:
    """Tell whether ``names`` are headings: nothing below is a number, or a name is a known word."""
    columns = [[row[at] for row in below if at < len(row)] for at in range(len(names))]
    numbered = [any(map(_is_of_a_contact, cells)) for cells in columns]
    if not any(numbered):
        return True
    if any(name and says_none(name) for name, is_so in zip(names, numbered, strict=True) if is_so):
        return False
    return any(map(_is_known, names, columns))


def _is_known(name: str, cells: Sequence[str]) -> bool:
    """Tell whether a heading is a known word for its ``cells``.

    A firm may be called "Firm of Anna" and a person "Cardigan": a word that the cells below begin
    with too is no heading, and one for numbers has no words alone below it.
    """
    if not name or len(name) > _LONGEST_HEADING:
        return False
    if _OWN_NAME.match(name):
        return True
    if field_of(name) is not ColumnField.CUSTOM:
        return all(field_of(cell) is ColumnField.CUSTOM for cell in cells)
    if PHONE.search(name) or MAYBE_PHONE.search(name) or NOT_PHONE.search(name):
        texts = [cell for cell in cells if cell.strip()]
        return not texts or any(map(_DIGIT.search, texts))
    return False


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
    above = [cell for row in rows[:titles] for cell in row]
    if any(map(is_number_cell, above)):
        return 0
    if any(map(_is_of_a_contact, above)) and not any(map(_is_known_word, rows[titles])):
        return 0  # a firm's title may name its phone, but only headings below prove it one
    if widest == 2 and not _begins_narrow_table(rows, titles):
        return 0
    return titles


def _begins_narrow_table(rows: Sequence[list[str]], at: int) -> bool:
    """Tell whether two columns begin at ``at``: with so few, only a number below proves it."""
    below = rows[at + 1] if at + 1 < len(rows) else []
    return any(map(_is_of_a_contact, below)) and not any(map(_is_of_a_contact, rows[at]))


def _is_known_word(name: str) -> bool:
    return PHONE.search(name) is not None and not _is_of_a_contact(name)


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
