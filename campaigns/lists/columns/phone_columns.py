"""Which columns hold phones: by their headings, confirmed by what is in them. Pure."""

import re
from collections.abc import Sequence

from campaigns.lists.columns.column_words import MAYBE_PHONE, NOT_PHONE, PHONE, SECOND

_PHONE_CELL = re.compile(r"^\D{0,12}(?:\d[\s().-]{0,3}){9,15}(?!\d)")
#: The least share of filled cells that look like phones, for a column to be one.
_CONFIRMING_SHARE = 0.2
_TELLING_SHARE = 0.6


def phone_columns(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the positions of the phone columns in the order of dialling; empty when there are none."""
    candidates = [at for at, name in enumerate(columns) if not NOT_PHONE.search(name)]
    named = [at for at in candidates if PHONE.search(columns[at])]
    shares = {at: _phone_share(rows, at) for at in candidates}
    confirmed = [at for at in named if shares[at] >= _CONFIRMING_SHARE]
    if not confirmed:
        confirmed = [at for at in candidates if _tells(columns[at], shares[at])]
    found = confirmed or named
    return tuple(sorted(found, key=lambda at: bool(SECOND.search(columns[at]))))


def _tells(heading: str, share: float) -> bool:
    """Tell whether the cells alone make a column one of phones; a vague heading lowers the bar."""
    return share >= (_CONFIRMING_SHARE if MAYBE_PHONE.search(heading) else _TELLING_SHARE)


def _phone_share(rows: Sequence[Sequence[str]], column: int) -> float:
    """Return which share of the column's filled cells looks like phones."""
    cells = [row[column] for row in rows if row[column].strip()]
    if not cells:
        return 0.0
    return sum(bool(_PHONE_CELL.match(cell)) for cell in cells) / len(cells)
