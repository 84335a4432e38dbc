"""Kinds of numbers, and which of them a campaign may not dial."""

import random

import phonenumbers
import pytest

from compliance.places.deciding_digits import MAX_DIGITS, deciding_digits, type_key
from compliance.places.numbering import (
    ALLOWED_TYPES_DEFAULT,
    NumberRefusal,
    NumberType,
    is_dialable,
    number_type,
)

#: Codes of no country, which the module decides before it asks the library.
GLOBAL_CODES = set(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)

KINDS = {
    "+12125551234": NumberType.FIXED_OR_MOBILE,
    "+18005551234": NumberType.TOLL_FREE,
    "+19005551234": NumberType.PREMIUM,
    "+74951234567": NumberType.FIXED,
    "+79161234567": NumberType.MOBILE,
    "+78095551234": NumberType.PREMIUM,
    "+380671234567": NumberType.MOBILE,
    "+390612345678": NumberType.FIXED,
    "+447011234567": NumberType.PERSONAL,
    "+443001234567": NumberType.UAN,
    "+448701234567": NumberType.PREMIUM,
    "+33812345678": NumberType.PREMIUM,
    "+80012345678": NumberType.INTERNATIONAL_FREEPHONE,
    "+80812345678": NumberType.INTERNATIONAL_SHARED,
    "+870123456789": NumberType.SATELLITE,
    "+881612345678": NumberType.SATELLITE,
    "+882161234567": NumberType.SATELLITE,
    "+979123456789": NumberType.INTERNATIONAL_PREMIUM,
    "+999123456": NumberType.UNKNOWN,
    "+3901234": NumberType.UNKNOWN,
}


@pytest.mark.parametrize(("e164", "kind"), KINDS.items())
def test_the_kind_of_a_number(e164: str, kind: NumberType) -> None:
    assert number_type(e164) is kind


@pytest.mark.parametrize(
    ("e164", "refusal"),
    [
        ("+12125551234", None),
        ("+79161234567", None),
        ("+19005551234", NumberRefusal.PREMIUM_NUMBER),
        ("+979123456789", NumberRefusal.PREMIUM_NUMBER),
        ("+447011234567", NumberRefusal.PREMIUM_NUMBER),
        ("+870123456789", NumberRefusal.SATELLITE_NUMBER),
        ("+881612345678", NumberRefusal.SATELLITE_NUMBER),
        ("+80812345678", NumberRefusal.SHARED_COST_NUMBER),
        ("+443001234567", NumberRefusal.SHARED_COST_NUMBER),
        ("+18005551234", NumberRefusal.SHORT_OR_SPECIAL),
        ("+80012345678", NumberRefusal.SHORT_OR_SPECIAL),
        ("+999123456", NumberRefusal.SHORT_OR_SPECIAL),
    ],
)
def test_only_ordinary_numbers_are_dialled_by_default(
    e164: str, refusal: NumberRefusal | None
) -> None:
    assert is_dialable(e164) == refusal


@pytest.mark.parametrize("npa", ["876", "242", "268", "284", "473", "649", "664", "809", "767"])
def test_the_caribbean_is_not_the_united_states(npa: str) -> None:
    assert is_dialable(f"+1{npa}2345678", frozenset({"US"})) is not None
    assert is_dialable("+12125551234", frozenset({"US"})) is None


def test_countries_that_share_a_code_are_told_apart() -> None:
    assert is_dialable("+77011234567", frozenset({"RU"})) is NumberRefusal.COUNTRY_NOT_ALLOWED
    assert is_dialable("+79161234567", frozenset({"RU"})) is None
    assert is_dialable("+447781123456", frozenset({"GB"})) is NumberRefusal.COUNTRY_NOT_ALLOWED
    assert is_dialable("+79161234567", frozenset()) is NumberRefusal.COUNTRY_NOT_ALLOWED


def test_an_operator_may_allow_more_and_less() -> None:
    more = ALLOWED_TYPES_DEFAULT | {NumberType.TOLL_FREE}
    assert is_dialable("+18005551234", None, more) is None
    mobiles = frozenset({NumberType.MOBILE})
    assert is_dialable("+74951234567", None, mobiles) is NumberRefusal.SHORT_OR_SPECIAL


def test_no_default_type_can_earn_its_holder_money() -> None:
    paid = {
        NumberType.PREMIUM,
        NumberType.PERSONAL,
        NumberType.SATELLITE,
        NumberType.SHARED_COST,
        NumberType.INTERNATIONAL_PREMIUM,
        NumberType.INTERNATIONAL_SHARED,
        NumberType.UNKNOWN,
    }
    assert not paid & ALLOWED_TYPES_DEFAULT


def test_remembering_by_the_deciding_digits_changes_no_answer() -> None:
    """Against the library itself, number by number: one kind of ours for each kind of its."""
    generator = random.Random(11)
    codes = sorted(set(phonenumbers.COUNTRY_CODE_TO_REGION_CODE) - GLOBAL_CODES)
    pairs = set()
    for _ in range(8_000):
        digits = generator.choice((7, 8, 9, 10))
        e164 = f"+{generator.choice(codes)}{generator.randrange(10**digits):0{digits}d}"
        parsed = phonenumbers.parse(e164)
        if phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == e164:
            pairs.add((phonenumbers.number_type(parsed), number_type(e164)))
    assert len(pairs) >= 9
    assert len({library for library, _ in pairs}) == len(pairs)
    assert len({ours for _, ours in pairs}) == len(pairs)


@pytest.mark.parametrize("head", ["1264", "4479", "6189", "3906", "3460", "5693", "7985", "2348"])
def test_digits_beyond_the_deciding_ones_never_matter(head: str) -> None:
    generator = random.Random(int(head))
    deep = deciding_digits(head)
    assert 4 <= deep < MAX_DIGITS
    for _ in range(150):
        rest = f"{generator.randrange(10**8):08d}"
        left = f"+{head}{rest}"
        right = left[: 1 + deep] + f"{generator.randrange(10**12):012d}"[: len(left) - 1 - deep]
        assert type_key(left) == type_key(right)
        assert library_view(left) == library_view(right)


def library_view(e164: str) -> tuple[int, str | None]:
    """Return what the library says of a number, every digit seen."""
    number = phonenumbers.parse(e164)
    return phonenumbers.number_type(number), phonenumbers.region_code_for_number(number)
