"""The quick way to read a phone number: what the library once said, kept for all that begin alike.

The library stays the judge. The first number of its kind is given to it, and its answer (cut off so many
digits, this country code, this region; or "not valid") is kept under the digits that decided it, see
:mod:`dialer.phone_reach`. The next one that begins so and is as long costs a walk over those digits. The
metadata change only with the library, that is with the process, so nothing here grows old.
"""

from enum import Enum
from typing import Literal

import phonenumbers
from phonenumbers import SUPPORTED_REGIONS
from phonenumbers.timezone import UNKNOWN_TIMEZONE
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from dialer.phone_number import PhoneNumber
from dialer.phone_patterns import UnknownPattern
from dialer.phone_reach import BeyondReach, reach

#: A number, False for what is surely none, None for "ask the library".
FastAnswer = PhoneNumber | Literal[False] | None

#: The marks people group digits with: the library ignores each of them at every place.
_MARKS = str.maketrans("", "", " -.()\u00a0\u2010\u2011\u2012\u2013\u2014\u2015")
#: Far below the 250 characters from which on the library refuses.
_TEXT_MAX = 40
#: Nothing shorter is worth keeping; nothing longer is a number with its prefixes.
_DIGITS_MIN, _DIGITS_MAX = 6, 20
#: The first step of a tree takes so many digits: no answer depends on fewer.
_FIRST = 3
#: Numbers that begin with the same six digits are not tried again where one was beyond reach: six hold
#: an international prefix and a country code. Asking the library too often is slow, never wrong.
_UNREAD = 6


class _Verdict(Enum):
    INVALID = "invalid"
    UNSURE = "unsure"


#: How a number becomes E.164: drop so many digits, put this in front; its region, and whether such
#: numbers belong to places.
_Cut = tuple[int, str, str, bool]
_Leaf = _Cut | _Verdict
_Tree = dict[str, "_Tree | _Leaf"]


def _without_marks(text: str) -> str:
    """Drop the marks: the common ones first, which alone is twice as quick."""
    bare = text.replace(" ", "").replace("-", "").replace("(", "").replace(")", "")
    bare = bare.replace(".", "")
    return bare if bare.isdigit() else bare.translate(_MARKS)


class FastPhones:
    """What was learnt so far; safe to share between threads, which at worst learn the same twice."""

    def __init__(self, kept_max: int = 200_000) -> None:
        """Keep up to ``kept_max`` answers, some 350 bytes each, and then begin anew."""
        self._kept_max = kept_max
        self._kept = 0
        #: For each region and count of digits; None stands for a number written with a plus.
        self._trees: dict[tuple[str | None, int], _Tree] = {}

    def parse(self, text: str, region: str) -> FastAnswer:
        """Return what the library would say, or None where only the library can tell."""
        plan: str | None = region
        digits = text
        if text[:1] == "+":
            plan, digits = None, text[1:]
        if not digits.isdigit():
            digits = _without_marks(digits)
            if digits[:1] == "+" and plan is not None:
                plan, digits = None, digits[1:]
            if not digits.isdigit() or len(text) > _TEXT_MAX:
                return None
        if not digits.isascii():
            return None
        leaf = self._find(digits, plan)
        if isinstance(leaf, tuple):
            return PhoneNumber(leaf[1] + digits[leaf[0] :], leaf[2])
        return None if leaf is _Verdict.UNSURE else False

    def zones(self, e164: str) -> tuple[str, ...] | None:
        """Return the time zones the library finds for ``e164``; None where only it can tell."""
        digits = e164[1:]
        if e164[:1] != "+" or not digits.isdigit() or not digits.isascii():
            return None
        leaf = self._find(digits, None)
        if isinstance(leaf, tuple):
            drop, code, _, is_geographic = leaf
            return _zones_of(code[1:] + digits[drop:] if is_geographic else code[1:])
        return None if leaf is _Verdict.UNSURE else ()

    def _find(self, digits: str, plan: str | None) -> _Leaf:
        node: _Tree | _Leaf | None = self._trees.get((plan, len(digits)))
        if node.__class__ is dict:
            node = node.get(digits[:_FIRST])
            if node.__class__ is dict:
                for digit in digits[_FIRST:]:
                    node = node.get(digit)
                    if node.__class__ is not dict:
                        break
        return self._learn(digits, plan) if node is None or isinstance(node, dict) else node

    def _learn(self, digits: str, plan: str | None) -> _Leaf:
        """Ask the library, and keep its answer under the digits that decided it."""
        known = plan is None or plan in SUPPORTED_REGIONS
        if not known or not _DIGITS_MIN <= len(digits) <= _DIGITS_MAX:
            return _Verdict.UNSURE
        if self._kept >= self._kept_max:
            self._trees, self._kept = {}, 0
        leaf, depth = _ask(digits, plan)
        tree = self._trees.setdefault((plan, len(digits)), {})
        steps = (digits[:_FIRST], *digits[_FIRST:depth])
        for step in steps[:-1]:
            inner = tree.setdefault(step, {})
            if not isinstance(inner, dict):  # another thread was here first
                return _Verdict.UNSURE
            tree = inner
        tree[steps[-1]] = leaf
        self._kept += 1
        return leaf


def _ask(digits: str, plan: str | None) -> tuple[_Leaf, int]:
    """Return the library's answer and how many first digits it depends on."""
    try:
        depth = reach(digits, plan)
        number = phonenumbers.parse(digits if plan else f"+{digits}", plan)
    except (BeyondReach, UnknownPattern):
        return _Verdict.UNSURE, _UNREAD if plan else _FIRST
    except phonenumbers.NumberParseException:
        return _Verdict.UNSURE, depth
    if not phonenumbers.is_valid_number(number):
        return _Verdict.INVALID, depth
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    code = f"+{number.country_code}"
    cut = len(digits) - (len(e164) - len(code))
    # The library turns the digits into an integer: what is all zeros up to here might lose some.
    if cut < 0 or code + digits[cut:] != e164 or not digits[cut:depth].strip("0"):
        return _Verdict.UNSURE, depth
    kind = phonenumbers.number_type(number)
    is_geographic = phonenumbers.is_number_type_geographical(kind, number.country_code or 0)
    return (cut, code, phonenumbers.region_code_for_number(number) or "", is_geographic), depth


def _zones_of(digits: str) -> tuple[str, ...]:
    """Return the zones of the longest known beginning of ``digits``."""
    for length in range(TIMEZONE_LONGEST_PREFIX, 0, -1):
        zones = TIMEZONE_DATA.get(digits[:length])
        if zones:
            return () if UNKNOWN_TIMEZONE in zones else zones
    return ()


#: The answers of this process.
_PHONES = FastPhones()
fast_parse = _PHONES.parse
fast_zones = _PHONES.zones
