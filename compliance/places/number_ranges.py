"""Russian mobile numbers: which subject a number was issued in, by the regulator's plan.

A number that moved to another operator keeps its subject, so the table stays true after porting.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parents[1] / "data" / "ru_ranges.txt"

#: The key of numbers that nobody holds.
NOBODY = "-"


class MobileRange(NamedTuple):
    """Where a range of numbers was issued."""

    regions: tuple[
        str, ...
    ]  #: ``RU-PRI``; two where the plan names two; empty where it has no code
    zones: tuple[str, ...]  #: IANA names, sorted


#: Numbers of one block (ten thousand) mostly have one holder: looked up without a search.
_BLOCK = 10_000
_FIRST_BLOCK = 900_000
_BLOCKS = 100_000
_UNSEEN, _MIXED = "", "mixed"


@dataclass(frozen=True, slots=True)
class RangeTable:
    """The table in memory: each start says who holds the numbers from there on."""

    starts: tuple[int, ...]  #: ten digits after the 7, ascending
    keys: tuple[str, ...]  #: one for each start
    holders: dict[str, MobileRange]
    _blocks: list[str] = field(default_factory=lambda: [_UNSEEN] * _BLOCKS, repr=False)

    def key_of_mobile(self, number: int) -> str:
        """Return the holder's key of a mobile number (ten digits that begin with 9), remembering blocks."""
        block = number // _BLOCK
        key = self._blocks[block - _FIRST_BLOCK]
        if key == _UNSEEN:
            first = block * _BLOCK
            inside = bisect_right(self.starts, first) != bisect_right(
                self.starts, first + _BLOCK - 1
            )
            key = _MIXED if inside else self.key_of(first)
            self._blocks[block - _FIRST_BLOCK] = key
        return self.key_of(number) if key == _MIXED else key

    def key_of(self, number: int) -> str:
        """Return the holder's key of a number (ten digits after the 7), ``-`` for nobody."""
        at = bisect_right(self.starts, number) - 1
        return self.keys[at] if at >= 0 else NOBODY


def read_table(text: str) -> RangeTable:
    """Read the table's text form.

    ``key NAME regions zones`` names a holder, ``@916`` opens a code, ``0062000 NAME`` says who holds
    the numbers of that code from 0062000 on.

    Raises:
        ValueError: a line that is none of these, or starts out of order.
    """
    starts, keys, holders = list[int](), list[str](), dict[str, MobileRange]()
    code = ""
    for line in text.splitlines():
        if line.startswith("key\t"):
            _, name, regions, zones = line.split("\t")
            holders[name] = MobileRange(tuple(regions.split()), tuple(zones.split()))
        elif line.startswith("@"):
            code = line[1:]
        elif line and not line.startswith("#"):
            start, key = line.split(" ")
            starts.append(int(code + start))
            keys.append(key)
    if starts != sorted(set(starts)) or not set(keys) <= {*holders, NOBODY}:
        raise ValueError("the table of Russian ranges is out of order or names an unknown holder")
    return RangeTable(tuple(starts), tuple(keys), holders)


@cache
def _table() -> RangeTable:
    return read_table(TABLE.read_text(encoding="utf-8"))


def range_key(e164: str) -> str:
    """Return a short key that is equal for all numbers of one holder; ``-`` outside the table.

    ``e164`` begins with ``+79``; a number of another length than twelve is outside.
    """
    if len(e164) != 12:
        return NOBODY
    return _table().key_of_mobile(int(e164[2:]))


def ru_mobile(e164: str) -> MobileRange | None:
    """Return where a Russian mobile number was issued; None outside the table or for other numbers.

    Source: the register of the Russian numbering plan, file ``DEF-9xx``.
    """
    if not (e164.startswith("+79") and len(e164) == 12):
        return None
    return _table().holders.get(range_key(e164))
