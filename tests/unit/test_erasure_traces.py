"""Traces of a person: found in whatever dress, and nothing else is touched."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from campaigns.filters import parse
from campaigns.lists.erasure.subject import Subject
from campaigns.lists.erasure.subject_key import mark_of
from campaigns.lists.erasure.traces import ERASED, Traces
from dialer.ids import new_id

NUMBER, SHORT, KEY = "+380441234567", "+3726123", "17"
SUBJECT = Subject(
    client_id=new_id(),
    contact_ids=(),
    numbers=(NUMBER, SHORT),
    keys=(KEY,),
    names=("Оксана Бойко-Гай", "Jo Li"),
    key=b"k" * 32,
    recordings=Path(),
    raw_recordings=Path(),
    now=datetime(2026, 11, 23, tzinfo=UTC),
)
TRACES = Traces(SUBJECT)
MARK, KEY_MARK = mark_of(SUBJECT.key, NUMBER), mark_of(SUBJECT.key, KEY)


@pytest.mark.parametrize(
    "dress",
    [
        "+380441234567",
        "380 44 123-45-67",
        "+380 (44) 123.45.67",
        "44 123 45 67",
        "441234567",
    ],
)
def test_a_number_is_found_however_it_is_written(dress: str) -> None:
    assert TRACES.unnumbered(f"call {dress}, please") == f"call {MARK}, please"


def test_a_number_with_its_trunk_prefix_or_inside_a_file_name() -> None:
    assert TRACES.unnumbered("0441234567") == f"0{MARK}"
    assert TRACES.unnumbered("rec_20261120_380441234567.wav") == f"rec_20261120_{MARK}.wav"


@pytest.mark.parametrize(
    "text",
    ["+380441234568", "44 123 45, 67", "4412345", "2026-11-20T12:34:56", "6123", "17", "Оксана"],
)
def test_what_is_not_the_number_stays(text: str) -> None:
    assert TRACES.unnumbered(text) == text


def test_a_short_number_is_looked_for_with_its_country_code_only() -> None:
    assert TRACES.unnumbered("+372 6123 or 6123") == f"{mark_of(SUBJECT.key, SHORT)} or 6123"


def test_what_was_written_about_the_person_loses_names_and_keys() -> None:
    assert TRACES.unnamed("ОКСАНА Бойко-Гай asked; card 17") == f"{ERASED} asked; card {KEY_MARK}"
    assert TRACES.unnamed("спитати Оксана, Jo") == f"спитати {ERASED}, Jo"
    for other in ("Оксаною", "form 2026-11-17", "card 171", "Roxanne"):
        assert TRACES.unnamed(other) == other


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ({"field": "phone", "op": "is", "value": "0 44 123 45 67"}, f"0 {MARK}"),
        ({"field": "phone", "op": "in", "value": [NUMBER, "+49301234567"]}, [MARK, "+49301234567"]),
        ({"field": "fields.Tel", "op": "is", "value": 380441234567}, 0),
        ({"field": "fields.Tel", "op": "ge", "as": "number", "value": "441234567"}, 0),
        ({"field": "external_key", "op": "is", "value": "17"}, KEY_MARK),
        ({"field": "external_key", "op": "not_in", "value": ["17", "18"]}, [KEY_MARK, "18"]),
        ({"field": "external_key", "op": "starts_with", "value": "17"}, "17"),
        ({"field": "priority", "op": "ge", "value": 17}, 17),
        ({"field": "fields.Vip", "op": "is", "value": True}, True),
    ],
)
def test_a_condition_names_nobody_and_stays_a_condition(
    condition: dict[str, Any], value: object
) -> None:
    found = TRACES.without({"all": [{"not": condition}]})
    assert found == {"all": [{"not": condition | {"value": value}}]}
    parse(found)


def test_the_facts_of_an_own_record_lose_names_where_people_write() -> None:
    facts = {"reason": "Оксана said so", "kind": "Оксана", "count": 2, "at": None}
    assert TRACES.without(facts) == facts
    assert TRACES.without([facts], own=True) == [facts | {"reason": f"{ERASED} said so"}]
