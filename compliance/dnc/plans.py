"""National digits to E.164 for whole arrays, by the lengths and prefixes of a numbering plan."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from phonenumbers import PhoneMetadata

from compliance.dnc.errors import DncUnreadable

Numbers = NDArray[np.uint64]
Flags = NDArray[np.bool_]

#: Digits of an E.164 number. Source: ITU-T E.164, 6.1 (at most 15); the least is our own guard.
FEWEST_DIGITS, MOST_DIGITS = 8, 15
_POWERS = np.array([10**exponent for exponent in range(20)], dtype=np.uint64)
_NANP = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed to tell national from international digits."""

    region: str  #: ISO 3166-1 alpha-2
    country_code: int
    prefix: str  #: the national trunk prefix, e.g. ``0``; "" where there is none
    lengths: tuple[int, ...]  #: digits of a national number without the prefix

    def e164(self, values: Numbers, digits: NDArray[Any], *, plus: bool) -> Numbers:
        """Return E.164 integers; 0 where the digits are no number or could be two.

        Args:
            values: the digits of each line read as one integer.
            digits: how many there were, leading zeros included.
            plus: the lines begin with ``+``.
        """
        counts = np.minimum(digits, len(_POWERS) - 1).astype(np.int64)
        if plus:
            long_enough = (counts >= FEWEST_DIGITS) & (counts <= MOST_DIGITS)
            whole = values >= _POWERS[np.maximum(counts - 1, 0)]
            foreign = self._lead(values, counts, len(str(self.country_code))) != self.country_code
            taken = np.where(long_enough & whole & foreign, values, np.uint64(0))
            return np.where(taken > 0, taken, self._international(values, counts))
        found = _none(values)
        clash = np.zeros(len(values), dtype=np.bool_)
        for reading in (
            self._prefixed(values, counts),
            self._bare(values, counts),
            self._international(values, counts),
        ):
            clash |= (found > 0) & (reading > 0) & (found != reading)
            found = np.where(found > 0, found, reading)
        return np.where(clash, np.uint64(0), found)

    def _international(self, values: Numbers, counts: NDArray[np.int64]) -> Numbers:
        width = len(str(self.country_code))
        right = self._has_length(counts - width)
        if not right.any():
            return _none(values)
        right &= self._lead(values, counts, width) == self.country_code
        return self._checked(np.where(right, values, np.uint64(0)))

    def _prefixed(self, values: Numbers, counts: NDArray[np.int64]) -> Numbers:
        rest = np.maximum(counts - len(self.prefix), 0)
        right = self._has_length(rest)
        if not self.prefix or not right.any():
            return _none(values)
        right &= self._lead(values, counts, len(self.prefix)) == int(self.prefix)
        return self._joined(values % _POWERS[rest], rest, right)

    def _bare(self, values: Numbers, counts: NDArray[np.int64]) -> Numbers:
        right = self._has_length(counts)
        if not right.any():
            return _none(values)
        if self.prefix == "0":
            right &= values >= _POWERS[np.maximum(counts - 1, 0)]
        return self._joined(values, counts, right)

    def _joined(self, national: Numbers, counts: NDArray[np.int64], right: Flags) -> Numbers:
        whole = national + np.uint64(self.country_code) * _POWERS[np.minimum(counts, MOST_DIGITS)]
        return self._checked(np.where(right, whole, np.uint64(0)))

    def _has_length(self, counts: NDArray[np.int64]) -> Flags:
        right = np.zeros(len(counts), dtype=np.bool_)
        for length in self.lengths:
            right |= counts == length
        return right

    def _lead(self, values: Numbers, counts: NDArray[np.int64], width: int) -> Numbers:
        return values // _POWERS[np.maximum(counts - width, 0)]

    def _checked(self, e164: Numbers) -> Numbers:
        """Drop what no North American number looks like: area code and exchange begin with 2 to 9."""
        if self.country_code != _NANP:
            return e164
        local = e164 % _POWERS[10]
        right = (local >= 2 * _POWERS[9]) & (local % _POWERS[7] >= 2 * _POWERS[6])
        return np.where(right, e164, np.uint64(0))


def _none(values: Numbers) -> Numbers:
    return np.zeros(len(values), dtype=np.uint64)


def plan_of(region: str) -> Plan:
    """Return the plan of a region (alpha-2).

    Raises:
        DncUnreadable: there is no such region.
    """
    metadata = PhoneMetadata.metadata_for_region(region.upper())
    if metadata is None or metadata.country_code is None or metadata.general_desc is None:
        raise DncUnreadable("There is no numbering plan for this region.", region=region)
    code = metadata.country_code
    least = FEWEST_DIGITS - len(str(code))
    most = MOST_DIGITS - len(str(code))
    lengths = (10,) if code == _NANP else tuple(metadata.general_desc.possible_length)
    lengths = tuple(length for length in lengths if least <= length <= most)
    return Plan(region.upper(), code, metadata.national_prefix or "", lengths)
