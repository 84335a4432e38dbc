"""The library's number patterns unfolded, to know how many first digits of a number decide a match.

Every pattern of the metadata is finite: it unfolds into *boxes*, one set of digits for each place. A
number matches when its digits lie in a box of its own length. Places that take any digit decide
nothing, so a number is often settled by its first few digits.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import product

#: One set of digits for each place of a number.
Box = tuple[str, ...]
#: A box of one of several patterns: the pattern's index, the box, the place its last limit ends at.
_Live = tuple[int, Box, int]

_ANY = "0123456789"
#: Far above what any country needs (a few hundred).
_MAX_BOXES = 20_000


class UnknownPattern(Exception):
    """The pattern holds more than digits, classes, groups, choices and counts."""


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def next_is(self, mark: str) -> bool:
        """Step over ``mark`` if it comes next."""
        found = self.pattern.startswith(mark, self.at)
        self.at += len(mark) * found
        return found

    def upto(self, mark: str) -> str:
        """Return the text before the next ``mark`` and step over both."""
        end = self.pattern.find(mark, self.at)
        if end < 0:
            raise UnknownPattern(self.pattern)
        text, self.at = self.pattern[self.at : end], end + 1
        return text

    def choice(self) -> list[Box]:
        """Read alternatives: ``one|another``."""
        found = self.sequence()
        while self.next_is("|"):
            found += self.sequence()
        return found

    def sequence(self) -> list[Box]:
        """Read what stands side by side."""
        found: list[Box] = [()]
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            found = _joined(found, self.counted(self.atom()))
        return found

    def atom(self) -> list[Box]:
        """Read one digit, a class of digits or a group."""
        if self.next_is("\\d"):
            return [(_ANY,)]
        if self.next_is("["):
            return [(_members(self.upto("]")),)]
        if self.next_is("(?:") or self.next_is("("):
            inside = self.choice()
            if not self.next_is(")"):
                raise UnknownPattern(self.pattern)
            return inside
        digit = self.pattern[self.at]
        if digit not in _ANY:
            raise UnknownPattern(self.pattern)
        self.at += 1
        return [(digit,)]

    def counted(self, atom: list[Box]) -> list[Box]:
        """Read how often ``atom`` comes: ``?``, ``{3}``, ``{3,5}`` or once."""
        least, most = 1, 1
        if self.next_is("?"):
            least = 0
        elif self.next_is("{"):
            numbers = self.upto("}").split(",")
            if not all(number.isdigit() for number in numbers):
                raise UnknownPattern(self.pattern)
            least, most = int(numbers[0]), int(numbers[-1])
        found: list[Box] = []
        repeated: list[Box] = [()]
        for times in range(most + 1):
            if times >= least:
                found += repeated
            repeated = _joined(repeated, atom)
        return found


@lru_cache(maxsize=4_096)
def boxes(pattern: str) -> tuple[Box, ...]:
    """Return the boxes whose union is what ``pattern`` matches.

    Raises:
        UnknownPattern: it cannot be unfolded.
    """
    reader = _Reader(pattern)
    found = reader.choice()
    if reader.at != len(pattern):
        raise UnknownPattern(pattern)
    return tuple(dict.fromkeys(found))


def head_depth(pattern: str, digits: str) -> int:
    """Return how many first digits decide where a match of ``pattern`` at their start ends, if any."""
    live = list(boxes(pattern))
    for place, digit in enumerate(digits):
        live = [box for box in live if len(box) <= place or digit in box[place]]
        if all(len(box) <= place + 1 for box in live):
            return place + 1
    return len(digits)


class Patterns:
    """Several patterns, looked at together; what was once worked out is kept."""

    def __init__(self, wholes: Iterable[str], heads: Iterable[str] = ()) -> None:
        """Take patterns for whole numbers, and patterns for the beginnings of numbers."""
        self._wholes = [boxes(pattern) for pattern in dict.fromkeys(wholes)]
        self._heads = [boxes(pattern) for pattern in dict.fromkeys(heads)]
        self._live: dict[tuple[int, str], tuple[_Live, ...]] = {}

    def depth(self, digits: str) -> int:
        """Return how many first digits decide, for numbers of this length, which patterns match."""
        live = self._live.get((len(digits), ""))
        if live is None:
            live = self._live[len(digits), ""] = _undecided(self._of_length(len(digits)), 0)
        for place, digit in enumerate(digits):
            if not live:
                return place
            key = (len(digits), digits[: place + 1])
            left = self._live.get(key)
            if left is None:
                kept = [entry for entry in live if digit in entry[1][place]]
                left = self._live[key] = _undecided(kept, place + 1)
            live = left
        return len(digits)

    def _of_length(self, length: int) -> list[_Live]:
        found: list[tuple[int, Box]] = []
        for index, whole in enumerate(self._wholes):
            found += [(index, box) for box in whole if len(box) == length]
        for index, head in enumerate(self._heads, len(self._wholes)):
            found += [
                (index, box + (_ANY,) * (length - len(box))) for box in head if len(box) <= length
            ]
        return [(index, box, _free_from(box)) for index, box in found]


def _undecided(live: list[_Live], place: int) -> tuple[_Live, ...]:
    """Drop the patterns that match whatever follows ``place``; those with no box left never will."""
    decided = {index for index, _, free_from in live if free_from <= place}
    return tuple(entry for entry in live if entry[0] not in decided)


def _free_from(box: Box) -> int:
    end = len(box)
    while end and len(box[end - 1]) == len(_ANY):
        end -= 1
    return end


def _joined(first: list[Box], second: list[Box]) -> list[Box]:
    if len(first) * len(second) > _MAX_BOXES:
        raise UnknownPattern("too many boxes")
    return [left + right for left, right in product(first, second)]


def _members(inside: str) -> str:
    """Return the digits of a class such as ``0-24-9``."""
    found = ""
    at = 0
    while at < len(inside):
        last = at + 2 if inside[at + 1 : at + 2] == "-" else at
        if last >= len(inside) or not (inside[at] + inside[last]).isdigit():
            raise UnknownPattern(inside)
        found += "".join(digit for digit in _ANY if inside[at] <= digit <= inside[last])
        at = last + 1
    return "".join(sorted(set(found)))
