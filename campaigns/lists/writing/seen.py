"""The persons of one file, and the row each came in first: some 25 bytes for each, and quick."""

from array import array

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap64

from campaigns.lists.staged.plan import SameBy

_HASH_MASK = (1 << 64) - 1
#: What an identity looks like: a number, a key with this mark, or a name above a number.
KEY_MARK = "#"


class FirstRows:
    """Which row a 64-bit key came in first: 12 bytes for each, in sorted runs."""

    def __init__(self) -> None:
        """Begin without any."""
        self._keys = array("Q")
        self._rows = array("Q")
        self._runs: list[tuple[NDArray[np.uint64], NDArray[np.uint32]]] = []

    def add(self, key: int, row: int) -> None:
        """Remember a key that was not added before."""
        self._keys.append(key)
        self._rows.append(row)

    def find(self, keys: list[int]) -> list[int]:
        """Return the rows of ``keys``; 0 for one that was never added."""
        self._seal()
        asked = np.array(keys, dtype=np.uint64)
        found = np.zeros(len(keys), dtype=np.uint32)
        for known, rows in self._runs:
            at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
            found = np.where(known[at] == asked, rows[at], found)
        return [int(row) for row in found]

    def _seal(self) -> None:
        """Make a run of what is new; a run joins the one before it that is not much longer."""
        if not self._keys:
            return
        keys = np.array(self._keys, dtype=np.uint64)
        rows = np.array(self._rows, dtype=np.uint32)
        self._keys, self._rows = array("Q"), array("Q")
        while self._runs and len(self._runs[-1][0]) <= 2 * len(keys):
            former_keys, former_rows = self._runs.pop()
            keys = np.concatenate((former_keys, keys))
            rows = np.concatenate((former_rows, rows))
        order = np.argsort(keys, kind="stable")
        self._runs.append((keys[order], rows[order]))


class Seen:
    """Tells of each row whether its person came before, and in which row."""

    def __init__(self, by: SameBy) -> None:
        """Tell persons apart ``by``."""
        self._by = by
        self._numbers = BitMap64()
        self._hashes: set[int] = set()
        self._first = FirstRows()

    def look(self, row: int, e164: str, name: str, key: str | None) -> tuple[str, bool, bool]:
        """Return the row's identity, whether it came before, and whether another person's number did."""
        number = int(e164)
        numbered = number in self._numbers
        if not numbered:
            self._numbers.add(number)
        if self._by is SameBy.PHONE:
            if not numbered:
                self._first.add(number, row)
            return e164, numbered, False
        if self._by is SameBy.PERSON:
            identity = f"{name.casefold()}\n{e164}"
        elif key is not None:
            identity = KEY_MARK + key
        else:
            identity = e164
        digest = hash(identity) & _HASH_MASK
        again = digest in self._hashes
        if not again:
            self._hashes.add(digest)
            self._first.add(digest, row)
        return identity, again, numbered and not again

    def first_rows(self, identities: list[str]) -> list[int]:
        """Return the rows in which persons that came before came first."""
        if self._by is SameBy.PHONE:
            return self._first.find([int(identity) for identity in identities])
        return self._first.find([hash(identity) & _HASH_MASK for identity in identities])
