"""How far into a number the phone library looks: equal beginnings then get an equal answer.

The library reads a number by trying patterns at a few places of it: an international prefix at the
start, a country code, a national prefix, then the plan of every region that shares the code. This module
walks the same road, trying a few patterns too many rather than one too few, and notes how many first
digits decide each of them. Two texts of the same length that agree up to there take the same turns, so
the library cuts off as much, finds the same country and judges them alike.
"""

import re
from functools import lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from dialer.phone_patterns import Patterns, head_depth

#: Digits of the longest country code. Source: ITU-T E.164, 6.2.1.
_COUNTRY_CODE_MAX = 3
_TYPES = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("voip", "personal_number", "pager", "uan", "voicemail"),
)


class BeyondReach(Exception):
    """The number is read by rules that are not followed here, such as a rewriting of its digits."""


def reach(digits: str, region: str | None) -> int:
    """Return how many first digits decide what the library makes of ``digits``, given their count.

    ``region`` (alpha-2) is assumed where no country code is; None means that a "+" was written.

    Raises:
        BeyondReach: nobody can tell here.
        UnknownPattern: the same, because a pattern is unusual.
    """
    reading = _Reading(digits)
    if region is None:
        reading.international(0)
    else:
        reading.from_region(region)
    return min(reading.depth, len(digits))


class _Reading:
    """One walk over a number."""

    def __init__(self, digits: str) -> None:
        self.digits = digits
        self.depth = _COUNTRY_CODE_MAX

    def from_region(self, region: str) -> None:
        """Read a number dialled in ``region``."""
        metadata = _metadata(region)
        abroad = metadata.international_prefix
        if abroad:
            self._saw(head_depth(abroad, self.digits))
            dialled = re.match(abroad, self.digits)
            # A country code cannot begin with 0: then the prefix is none.
            if dialled and self.digits[dialled.end() : dialled.end() + 1] != "0":
                self.international(dialled.end())
                return
            self._saw(dialled.end() + 1 if dialled else 0)
        self.national(metadata)

    def national(self, metadata: PhoneMetadata) -> None:
        """Read a number of the region's plan, perhaps with the country code before it."""
        code = str(metadata.country_code)
        starts = self._without_prefix(0, metadata)
        self._saw(len(code))
        if self.digits.startswith(code):
            starts |= self._without_prefix(len(code), metadata)
        main = _main_metadata(int(code))
        for start in tuple(starts):
            starts |= self._without_prefix(start, main)
        self._saw_plans(starts, int(code))

    def international(self, start: int) -> None:
        """Read a number whose country code begins at ``start``."""
        self._saw(start + _COUNTRY_CODE_MAX)
        for end in range(start + 1, start + _COUNTRY_CODE_MAX + 1):
            code = int(self.digits[start:end] or "0")
            if code in COUNTRY_CODE_TO_REGION_CODE:
                self._saw_plans(self._without_prefix(end, _main_metadata(code)), code)
                return
        raise BeyondReach

    def _without_prefix(self, start: int, metadata: PhoneMetadata) -> set[int]:
        """Return where the number may begin: at ``start``, or behind a national prefix there."""
        self._saw_whole(start, metadata)
        prefix = metadata.national_prefix_for_parsing
        if not prefix:
            return {start}
        if metadata.national_prefix_transform_rule:
            raise BeyondReach
        rest = self.digits[start:]
        self._saw(start + head_depth(prefix, rest))
        found = re.match(prefix, rest)
        if not found:
            return {start}
        self._saw_whole(start + found.end(), metadata)
        return {start, start + found.end()}

    def _saw_whole(self, start: int, metadata: PhoneMetadata) -> None:
        self._saw(start + _general(metadata).depth(self.digits[start:]))

    def _saw_plans(self, starts: set[int], code: int) -> None:
        for start in starts:
            self._saw(start + _plans(code).depth(self.digits[start:]))

    def _saw(self, depth: int) -> None:
        self.depth = max(self.depth, depth)


def _metadata(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise BeyondReach
    return metadata


def _main_metadata(code: int) -> PhoneMetadata:
    """Return the plan of the region that stands for ``code``; codes of no country are left out."""
    return _metadata(COUNTRY_CODE_TO_REGION_CODE[code][0])


def _general(metadata: PhoneMetadata) -> Patterns:
    general = metadata.general_desc
    return _patterns((general and general.national_number_pattern) or "")


@lru_cache(maxsize=1_024)
def _patterns(pattern: str) -> Patterns:
    return Patterns([pattern])


@lru_cache(maxsize=512)
def _plans(code: int) -> Patterns:
    """Return every pattern that says whether a number is valid, and in which region of ``code``."""
    wholes: list[str] = []
    heads: list[str] = []
    for region in COUNTRY_CODE_TO_REGION_CODE[code]:
        metadata = _metadata(region)
        kinds = (metadata.general_desc, *(getattr(metadata, kind) for kind in _TYPES))
        wholes += [
            kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern
        ]
        heads += [metadata.leading_digits] if metadata.leading_digits else []
    return Patterns(wholes, heads)
