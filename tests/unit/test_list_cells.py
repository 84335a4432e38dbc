import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.lists.columns.cells import find_phones, guarded, without_guard
from campaigns.lists.refusals import RefusalReason


def e164(cell: str, region: str) -> list[str]:
    return [number.e164 for number in find_phones([cell], region).numbers]


@pytest.mark.parametrize(
    ("cell", "region", "expected"),
    [
        ("8 (943) 000-00-01", "RU", ["+79430000001"]),
        ("9430000001", "RU", ["+79430000001"]),
        ("79430000001.0", "RU", ["+79430000001"]),
        ("тел. +79430000001, доб. 12", "RU", ["+79430000001"]),
        ("\u202a+7 943 000-00-01\u202c", "RU", ["+79430000001"]),
        ("79430000001 / 89740000002", "RU", ["+79430000001", "+79740000002"]),
        ("8 943 0000001, 89740000002", "RU", ["+79430000001", "+79740000002"]),
        ("89430000001 89740000002", "RU", ["+79430000001", "+79740000002"]),
        ("89430000001 или 89740000002 (жена)", "RU", ["+79430000001", "+79740000002"]),
        ("89430000001; +7 943 000-00-01", "RU", ["+79430000001"]),
        ("0501234567", "UA", ["+380501234567"]),
        ("501234567", "UA", ["+380501234567"]),
        ("380501234567", "UA", ["+380501234567"]),
        ("8 (050) 123-45-67", "UA", ["+380501234567"]),
        ("2128232395", "US", ["+12128232395"]),
        ("6029281454 x204", "US", ["+16029281454"]),
        ("6029281454x204", "US", ["+16029281454"]),
        ("212.393.3174 (cell)", "US", ["+12123933174"]),
        ("+380501234567", "US", ["+380501234567"]),
    ],
)
def test_numbers_are_found_as_people_write_them(
    cell: str, region: str, expected: list[str]
) -> None:
    assert e164(cell, region) == expected


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", RefusalReason.NO_PHONE),
        (" — ", RefusalReason.NO_PHONE),
        ("Нет", RefusalReason.NO_PHONE),
        ("N/A", RefusalReason.NO_PHONE),
        ("abc", RefusalReason.INVALID_PHONE),
        ("12345", RefusalReason.INVALID_PHONE),
        ("+7 943 12345678901", RefusalReason.INVALID_PHONE),
        ("8 (000) 123-45-67", RefusalReason.INVALID_PHONE),
        ("7.943E+10", RefusalReason.DAMAGED_PHONE),
        ("7,943E+10", RefusalReason.DAMAGED_PHONE),
        ("'7.943E+10", RefusalReason.DAMAGED_PHONE),
    ],
)
def test_what_is_no_number_has_its_reason(cell: str, reason: RefusalReason) -> None:
    found = find_phones([cell], "RU")
    assert (found.numbers, found.reason) == ((), reason)


def test_a_second_cell_saves_a_row_and_its_bad_piece_is_counted() -> None:
    found = find_phones(["12345", "89430000001"], "RU")
    assert ([number.e164 for number in found.numbers], found.skipped) == (["+79430000001"], 1)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+A1", "@SUM(A1)", "\tA1", "\r=1", "=1"]
)
def test_formulas_are_guarded(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["+79430001234", "+7 (943) 000-12-34", "-5", "-0,5", "Анна", ""])
def test_numbers_and_text_stay_readable(cell: str) -> None:
    assert guarded(cell) == cell


@given(st.text())
def test_what_is_guarded_comes_back(cell: str) -> None:
    assert without_guard(guarded(cell)) == cell


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("Anna;=1+1", "Anna;'=1+1"),
        ("Anna, @SUM(A1)\t-A1", "Anna, '@SUM(A1)\t'-A1"),
        ("\t=1", "'\t'=1"),
        ("1; +7 (943) 000-12-34, -5; +7", "1; +7 (943) 000-12-34, '-5; +7"),
        ("1; +7 (943) 000-12-34; x", "1; +7 (943) 000-12-34; x"),
        ("Anna;'=1", "Anna;''=1"),
    ],
)
def test_formulas_behind_another_separator_are_guarded(cell: str, safe: str) -> None:
    assert guarded(cell) == safe
    assert without_guard(safe) == cell


@given(st.text(st.sampled_from("=+-@＝＋－＠;,\t\n '1.()A")))
def test_no_split_makes_a_formula_and_all_is_undone(cell: str) -> None:
    safe = guarded(cell)
    assert without_guard(safe) == cell
    for mark in ";,\t":
        first, *others = safe.split(mark)
        for part in [first, *(other.lstrip() for other in others)]:
            # Digits and signs alone call nothing and refer to nothing, apostrophes among them or not.
            assert not re.match(r"[=+\-@＝＋－＠]", part) or re.fullmatch(
                r"[+-][\d\s().,'-]*", part
            )
