"""The quick way to read a number says what the library says, or nothing."""

import re
from collections.abc import Callable, Iterator
from random import Random

import phonenumbers
import pytest

from bench.phone_equality import by_library
from bench.phone_sample import REGIONS, mixed, plain_examples, well_formed
from dialer.phone import InvalidPhone, parse, parse_slowly, time_zones_slowly
from dialer.phone_fast import FastAnswer, FastPhones
from dialer.phone_number import PhoneNumber
from dialer.phone_patterns import Patterns, UnknownPattern, boxes, head_depth
from dialer.phone_reach import BeyondReach, reach

Draw = Callable[[Random, int], Iterator[tuple[str, str]]]


def shown(answer: FastAnswer) -> tuple[str, str] | bool | None:
    return (answer.e164, answer.region) if isinstance(answer, PhoneNumber) else answer


@pytest.mark.parametrize(
    ("draw", "count", "share"), [(well_formed, 15_000, 0.98), (mixed, 45_000, 0.95)]
)
def test_the_quick_answer_is_the_librarys(draw: Draw, count: int, share: float) -> None:
    quick, answered = FastPhones(), 0
    for text, region in draw(Random(2), count):
        answer = quick.parse(text, region)
        if answer is not None:
            answered += 1
            assert shown(answer) == shown(by_library(text, region)), (text, region)
    assert answered > share * count


def test_the_quick_zones_are_the_librarys() -> None:
    quick, answered, count = FastPhones(), 0, 5_000
    for text, region in mixed(Random(6), count):
        number = quick.parse(text, region)
        e164 = number.e164 if number else "+" + re.sub("[^0-9]", "", text)
        zones = quick.zones(e164)
        if zones is not None:
            answered += 1
            assert zones == time_zones_slowly(e164), e164
    assert answered > count / 2


@pytest.mark.parametrize("text", ["", "+", "74951234567", "+7495123456\u0665", "+7 495 1234567"])
def test_the_quick_zones_are_of_plain_e164_only(text: str) -> None:
    assert FastPhones().zones(text) is None


def test_words_and_extensions_around_a_number_change_no_answer() -> None:
    rng = Random(8)
    befores = [
        "тел. ",
        "tel:",
        "моб ",
        "x",
        "доб. ",
        "1) ",
        "\uff0b",
        "",
        ";phone-context=+44",
        "#",
    ]
    afters = [
        " доб. 12",
        " x9",
        "#3",
        "",
        ";phone-context=+7",
        " ext 5 ",
        "e10",
        " (дом)",
        " x1 x2",
    ]
    for text, region in mixed(rng, 4_000):
        written = rng.choice(befores) + text + rng.choice(afters)
        assert said(parse, written, region) == said(parse_slowly, written, region), written


def said(read: Callable[[str, str], PhoneNumber], text: str, region: str) -> object:
    try:
        return shown(read(text, region))
    except InvalidPhone as refused:
        return refused.detail, refused.facts


@pytest.mark.parametrize("region", REGIONS)
def test_a_whole_block_is_answered_from_what_was_learnt(region: str) -> None:
    quick, rng = FastPhones(), Random(3)
    code = phonenumbers.country_code_for_region(region)
    for national in plain_examples(region):
        for _ in range(40):
            text = f"+{code}{national[:-3]}{rng.randrange(1000):03}"
            answer = quick.parse(text, region)
            assert answer is None or shown(answer) == shown(by_library(text, region)), text


@pytest.mark.parametrize("region", REGIONS)
def test_digits_behind_the_reach_change_nothing(region: str) -> None:
    rng, tried = Random(4), 0
    for text, _ in mixed(rng, 300):
        digits = "".join(mark for mark in text if mark in "0123456789")
        home = rng.choice((region, None))
        try:
            depth = reach(digits, home)
        except (BeyondReach, UnknownPattern):
            continue
        tried += 1
        other = digits[:depth] + "".join(rng.choices("0123456789", k=len(digits) - depth))
        assert outcome(digits, home) == outcome(other, home), (digits, other, home)
    assert tried > 150


def outcome(digits: str, region: str | None) -> tuple[int, int, str | None] | str:
    """What the library made of ``digits``, without the digits themselves."""
    try:
        number = phonenumbers.parse(digits if region else f"+{digits}", region)
    except phonenumbers.NumberParseException as error:
        return f"error {error.error_type}"
    if not phonenumbers.is_valid_number(number):
        return "invalid"
    national = phonenumbers.national_significant_number(number)
    found = phonenumbers.region_code_for_number(number)
    return number.country_code or 0, len(digits) - len(national), found


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("8 495 123-45-67", "RU", ("+74951234567", "RU")),
        ("+7(495)1234567", "UA", ("+74951234567", "RU")),
        ("4951234567", "RU", ("+74951234567", "RU")),
        ("7 701 123 45 67", "RU", ("+77011234567", "KZ")),
        ("(+44) 1481 234567", "RU", ("+441481234567", "GG")),
        ("06 698 12345", "IT", ("+390669812345", "VA")),
        ("00 1 416 555 0123", "DE", ("+14165550123", "CA")),
        ("+7 495 123\u00a045\u201367.", "", ("+74951234567", "RU")),
        ("8 000 123-45-67", "RU", False),
        ("+7 916 123 45 6", "RU", False),
    ],
)
def test_what_is_answered(text: str, region: str, expected: tuple[str, str] | bool) -> None:
    assert shown(FastPhones().parse(text, region)) == expected


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("", "RU"),
        ("+", "RU"),
        ("12345", "RU"),
        ("8 495 123-45-67 доб. 12", "RU"),
        ("1-800-FLOWERS", "US"),
        ("+74951234567, +74951234568", "RU"),
        ("+74951234567/68", "RU"),
        ("++74951234567", "RU"),
        ("8+4951234567", "RU"),
        ("7.95E+10", "RU"),
        ("4951234567", "XX"),
        ("74951234567", "+"),
        ("+800 1234 5678", "RU"),
        ("+2101234567", "RU"),
        ("011 15 2345-6789", "AR"),
        ("4951234567" + " " * 40, "RU"),
    ],
)
def test_what_is_left_to_the_library(text: str, region: str) -> None:
    assert FastPhones().parse(text, region) is None


@pytest.mark.parametrize("strange", ["\u0665", "\u00b2", "\uff15", "a", "*", "\n", "\u200b"])
def test_a_strange_character_is_left_to_the_library_wherever_it_stands(strange: str) -> None:
    quick = FastPhones()
    assert quick.parse("+74951234567", "RU")
    for at in range(12):
        longer = "+74951234567"[:at] + strange + "+74951234567"[at:]
        for text in (longer, longer[:12], longer + strange):
            assert quick.parse(text, "RU") is None


def test_a_full_memory_begins_anew_and_stays_right() -> None:
    quick = FastPhones(kept_max=5)
    for text, region in well_formed(Random(5), 300):
        answer = quick.parse(text, region)
        assert answer is None or shown(answer) == shown(by_library(text, region))


@pytest.mark.parametrize(
    "pattern",
    ["12?3", "[1-35-7]\\d", "1(?:2|3[04])?5", "(9)|0|80?", "\\d{2,3}|4{2}", "[05]{1,3}9", "1?1?1"],
)
def test_boxes_hold_what_the_pattern_matches(pattern: str) -> None:
    for length in range(5):
        for value in range(10**length):
            digits = f"{value:0{length}}" if length else ""
            inside = any(
                len(box) == length and all(map(str.__contains__, box, digits))
                for box in boxes(pattern)
            )
            assert inside == bool(re.fullmatch(pattern, digits)), digits


@pytest.mark.parametrize(
    "pattern", ["1+", "1*", "(1)$", "a", "[^1]", "[1", "1{", "1{,2}", "(?:1", "1)", "\\d{9}?x", "."]
)
def test_what_cannot_be_unfolded_is_refused(pattern: str) -> None:
    with pytest.raises(UnknownPattern):
        boxes(pattern)


def test_a_pattern_that_unfolds_too_far_is_refused() -> None:
    with pytest.raises(UnknownPattern):
        boxes("(?:1|2|3|4|5|6|7|8|9|0){9}")


@pytest.mark.parametrize(
    ("digits", "depth"),
    [
        ("9123456", 1),
        ("1239999", 3),
        ("1259999", 3),
        ("4512345", 3),
        ("12", 1),
        ("1", 0),
        ("3333333", 2),
    ],
)
def test_depth_is_where_every_pattern_is_decided(digits: str, depth: int) -> None:
    assert Patterns(["123\\d{4}", "[1-4]\\d{6}"], heads=["33", "450"]).depth(digits) == depth


@pytest.mark.parametrize(
    ("digits", "depth"), [("9123", 1), ("0123", 1), ("1812", 3), ("1", 1), ("180020", 6)]
)
def test_head_depth_is_where_the_prefix_is_decided(digits: str, depth: int) -> None:
    assert head_depth("0|180020", digits) == depth
