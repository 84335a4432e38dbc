"""How many leading digits decide a number's type, proven from the numbering plan's own patterns.

``phonenumbers`` matches a number against some ten patterns a country: tens of microseconds each, a minute
for a million rows. Nearly all patterns end in "any digit" places. The last place that is *not*
any digit bounds what a look-up table must see: two numbers of one length that agree up to there match
the same patterns. A construct this reader does not know counts as "all digits decide".
"""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

from compliance.places.calling_codes import calling_code

_ALL = frozenset("0123456789")

#: No E.164 number is longer.
MAX_DIGITS = 15

_TOKEN = re.compile(r"\(\?:|\(\?!|[()|]|\[[^\]]*\]|\\d|\d|\{\d+(?:,\d+)?\}|\?")
_KINDS = (
    "general_desc",
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)

#: What one place of a pattern accepts, or the branches of a group.
Atom = frozenset[str] | list["Sequence"]
#: Atoms with how often each may occur.
Sequence = list[tuple[Atom, int, int]]
#: Places reached so far -> the deepest place on the way that was not any digit.
States = dict[int, int]


class _Unreadable(Exception):
    """The pattern uses a construct this reader does not know."""


@cache
def deciding_digits(head: str) -> int:
    """Return how many digits, calling code included, decide the type of numbers that begin with ``head``.

    ``head`` is the first four digits of a number.
    """
    code = calling_code(head)
    if not code:
        return len(head)
    national = head[len(code) :]
    try:
        deep = max((_depth(pattern, national) for pattern in _patterns(code)), default=0)
    except _Unreadable:
        return MAX_DIGITS
    return len(code) + max(deep, len(national))


def type_key(e164: str) -> str:
    """Return a text that is equal only for numbers of one type, country and length."""
    return f"{e164[: 1 + deciding_digits(e164[1:5])]}/{len(e164)}"


@cache
def _patterns(code: str) -> tuple[list[Sequence], ...]:
    """Return the read patterns of every region that shares a calling code, each once."""
    found = set()
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]:
        metadata = (
            PhoneMetadata.metadata_for_nongeo_region(int(code))
            if region == "001"
            else PhoneMetadata.metadata_for_region(region)
        )
        for kind in _KINDS:
            found.add(getattr(getattr(metadata, kind, None), "national_number_pattern", None))
        found.add(getattr(metadata, "leading_digits", None))
    return tuple(_read(pattern) for pattern in sorted(filter(None, found)))


def _read(pattern: str) -> list[Sequence]:
    tokens = _TOKEN.findall(pattern)
    if "".join(tokens) != pattern:
        raise _Unreadable(pattern)
    branches, rest = _branches(tokens, 0)
    if rest != len(tokens):
        raise _Unreadable(pattern)
    return branches


def _branches(tokens: list[str], at: int) -> tuple[list[Sequence], int]:
    """Read branches until the group or the pattern ends; return them and where reading stopped."""
    branches: list[Sequence] = [[]]
    while at < len(tokens) and tokens[at] != ")":
        mark = tokens[at]
        at += 1
        if mark == "|":
            branches.append([])
        elif mark in ("(?:", "("):
            inner, at = _branches(tokens, at)
            branches[-1].append((inner, 1, 1))
            at += 1
        elif mark == "?" or mark.startswith("{"):
            atom, _, _ = branches[-1].pop()
            branches[-1].append((atom, *_times(mark)))
        else:
            branches[-1].append((_accepted(mark), 1, 1))
    return branches, at


def _times(mark: str) -> tuple[int, int]:
    if mark == "?":
        return 0, 1
    low, _, high = mark[1:-1].partition(",")
    return int(low), int(high or low)


def _accepted(mark: str) -> frozenset[str]:
    if mark == r"\d":
        return _ALL
    if mark.isdigit():
        return frozenset(mark)
    if not re.fullmatch(r"\[(?:\d-\d|\d|\\d)+\]", mark):
        raise _Unreadable(mark)
    return frozenset(digit for digit in _ALL if re.fullmatch(mark, digit))


def _depth(branches: list[Sequence], known: str) -> int:
    """Return the deepest place that is not any digit, for numbers that begin with ``known``."""
    return max(_walk_any(branches, {0: 0}, known).values(), default=0)


def _walk_any(branches: list[Sequence], states: States, known: str) -> States:
    reached: States = {}
    for branch in branches:
        _merge(reached, _walk(branch, states, known))
    return reached


def _walk(sequence: Sequence, states: States, known: str) -> States:
    for atom, low, high in sequence:
        reached: States = {}
        for times in range(high + 1):
            if times >= low:
                _merge(reached, states)
            if times < high:
                states = _step(atom, states, known)
        states = reached
    return states


def _step(atom: Atom, states: States, known: str) -> States:
    if isinstance(atom, list):
        return _walk_any(atom, states, known)
    reached: States = {}
    for place, deep in states.items():
        if place >= len(known):
            _merge(reached, {place + 1: deep if atom == _ALL else max(deep, place + 1)})
        elif known[place] in atom:
            _merge(reached, {place + 1: deep})
    return reached


def _merge(into: States, more: States) -> None:
    for place, deep in more.items():
        into[place] = max(into.get(place, 0), deep)
