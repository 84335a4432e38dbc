"""Rows by key, what changed between two looks at them, and a short memory of the changes. Pure.

A patch holds, for each key, the fields that have new values, or ``None`` for a row that is gone. A new row
has all of its fields in it, so a patch says the same whether the reader has an old row of that key or none.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
Rows = Mapping[str, Row]
Patch = dict[str, dict[str, Any] | None]


def diff(before: Rows, after: Rows) -> Patch:
    """Return what makes ``after`` of ``before``; a row's set of fields must not shrink.

    Raises:
        ValueError: a row lost a field; a row of another shape needs another key.
    """
    patch: Patch = {key: None for key in before if key not in after}
    for key, row in after.items():
        old = before.get(key)
        if old is row or old == row:
            continue
        if old is None:
            patch[key] = dict(row)
        elif old.keys() - row.keys():
            raise ValueError(f"the row {key} lost a field")
        else:
            patch[key] = {
                name: value for name, value in row.items() if name not in old or old[name] != value
            }
    return patch


def apply(rows: Rows, patch: Mapping[str, Row | None]) -> dict[str, dict[str, Any]]:
    """Return the rows after a patch, as the browser works them out."""
    after = {key: dict(row) for key, row in rows.items()}
    for key, fields in patch.items():
        if fields is None:
            after.pop(key, None)
        else:
            after[key] = {**after.get(key, {}), **fields}
    return after


def joined(patches: Iterable[Mapping[str, Row | None]]) -> Patch:
    """Return one patch that does what several do one after the other."""
    whole: Patch = {}
    for patch in patches:
        for key, fields in patch.items():
            if fields is None:
                whole[key] = None
            else:
                known = whole.get(key) or {}
                whole[key] = {**known, **fields}
    return whole


@dataclass(slots=True)
class Journal:
    """The rows as they are now, and the latest changes by number.

    Numbers rise by one with each change; a reader who has one can be brought up to date for as long as
    the changes since are kept.
    """

    keeps: int = 240  #: changes
    number: int = 0
    rows: dict[str, Row] = field(default_factory=dict)  #: none is ever changed in place
    _changes: deque[tuple[int, Patch]] = field(default_factory=deque)

    def become(self, rows: Rows) -> Patch:
        """Take the rows of a new look and return what changed; nothing: no number is used."""
        patch = diff(self.rows, rows)
        if patch:
            self.number += 1
            self.rows = dict(rows)
            self._changes.append((self.number, patch))
            while len(self._changes) > self.keeps:
                self._changes.popleft()
        return patch

    def since(self, number: int) -> Patch | None:
        """Return what changed after a number; None: not known any more, a whole snapshot is due."""
        if number == self.number:
            return {}
        first = self._changes[0][0] if self._changes else self.number + 1
        if number > self.number or number < first - 1:
            return None
        return joined(patch for at, patch in self._changes if at > number)
