"""The digest that receipts cite, and the age of the time-zone data."""

import random
from dataclasses import fields, replace
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any

import pytest
import tzdata
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rulebook.packs import RuleBook, StaleTimeZones, check_tzdata, load_packs
from compliance.rulebook.rules import Rule, RuleKind, WindowTerms

BOOK = load_packs()
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def test_the_digest_does_not_depend_on_the_order() -> None:
    shuffled = list(BOOK.rules)
    random.Random(7).shuffle(shuffled)
    again = RuleBook(rules=tuple(shuffled), tzdata_min="2026f", compiled=BOOK.compiled)
    assert again.digest == BOOK.digest
    assert again == BOOK
    assert again.rules == BOOK.rules
    assert len(BOOK.digest) == 64


def changed(value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case StrEnum():
            return next(member for member in type(value) if member is not value)
        case str():
            return f"{value}x"
        case int() | float():
            return value + 1
        case date():
            return value + DAY
        case frozenset():
            return frozenset(["x", *sorted(value)[1:]])  # as many as before, where there are any
        case tuple():
            return (*value, ("x",))
        case None:
            return "x"
        case _:
            field = fields(value)[0].name
            return replace(value, **{field: changed(getattr(value, field))})


def digest(rule: Rule) -> str:
    return RuleBook(rules=(rule,), tzdata_min="2026f", compiled=MONDAY).digest


@pytest.mark.parametrize("kind", RuleKind)
def test_any_change_of_a_row_changes_the_digest(kind: RuleKind) -> None:
    rule = next(rule for rule in BOOK.rules if rule.kind is kind)
    terms: Any = rule.terms
    others = [replace(rule, **{f.name: changed(getattr(rule, f.name))}) for f in fields(rule)]
    others += [
        replace(rule, terms=replace(terms, **{f.name: changed(getattr(terms, f.name))}))
        for f in fields(terms)
    ]
    digests = {digest(other) for other in others}
    assert digest(rule) not in digests
    assert len(digests) >= len(fields(rule)) - 1 + len(fields(terms))


def test_a_minute_or_a_missing_row_changes_the_digest() -> None:
    rule = BOOK.get("it-window")
    assert isinstance(rule.terms, WindowTerms)
    later = replace(rule.terms, pre_holiday=((time(10), time(19, 1)),))
    assert digest(replace(rule, terms=later)) != digest(rule)
    for row in BOOK.rules[::10]:
        rest = tuple(other for other in BOOK.rules if other is not row)
        without = RuleBook(rules=rest, tzdata_min="2026f", compiled=BOOK.compiled)
        assert without.digest != BOOK.digest


# Time-zone data


def test_the_pinned_time_zones_are_new_enough() -> None:
    check_tzdata(BOOK, tzdata.IANA_VERSION)


@pytest.mark.parametrize("version", ["2026f", "2026g", "2026z", "2026za", "2027a"])
def test_newer_time_zones_are_good(version: str) -> None:
    check_tzdata(BOOK, version)


@pytest.mark.parametrize("version", ["2026e", "2025z", "2025za", "", "2026", "new", "2026.6", "f"])
def test_older_or_nameless_time_zones_are_refused(version: str) -> None:
    with pytest.raises(StaleTimeZones) as caught:
        check_tzdata(BOOK, version)
    assert caught.value.facts == {"needed": "2026f", "found": version}


letters = st.integers(0, 60).map(lambda n: "z" * (n // 26) + "abcdefghijklmnopqrstuvwxyz"[n % 26])
releases = st.tuples(st.integers(1996, 2100), letters)


@settings(deadline=None)
@given(needed=releases, found=releases)
def test_releases_are_in_order(needed: tuple[int, str], found: tuple[int, str]) -> None:
    older = (found[0], len(found[1]), found[1]) < (needed[0], len(needed[1]), needed[1])
    book = RuleBook(rules=(), tzdata_min=f"{needed[0]}{needed[1]}", compiled=MONDAY)
    try:
        check_tzdata(book, f"{found[0]}{found[1]}")
    except StaleTimeZones:
        assert older
    else:
        assert not older
