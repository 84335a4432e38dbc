"""What single rows become: traits, identities, text for COPY."""

import json
import random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.lists.columns.mapping import Mapping, propose
from campaigns.lists.columns.traits import NO_TRAITS, TraitReader, Traits
from campaigns.lists.reading.tables import open_table
from campaigns.lists.staged.plan import (
    DuplicatePolicy,
    ImportPlan,
    SameBy,
    Scope,
    ScopeNeedsCampaign,
)
from campaigns.lists.writing.identifiers import Identifiers
from campaigns.lists.writing.importing import dry_run
from campaigns.lists.writing.packing import json_lines, plain
from campaigns.lists.writing.seen import FirstRows, Seen
from tests.list_files import dirty_list

NUMBER = "+79430000001"
HEADINGS = ["Телефон", "ID", "Язык", "Регион", "Часовой пояс", "Приоритет", "Оператор", "Теги"]


def traits_of(cells: list[str]) -> tuple[Traits, dict[str, int]]:
    reader = TraitReader(propose(HEADINGS, [[NUMBER] + ["x"] * 7] * 3))
    return reader.read([NUMBER, *cells], "RU"), dict(reader.warnings)


def test_traits_are_understood() -> None:
    cells = [" A-1 ", "Русский", "Самарская обл.", "europe/samara", "5", "anna", "vip; долг ,vip"]
    found, warnings = traits_of(cells)
    assert found == Traits("A-1", "ru", "RU-SAM", None, "Europe/Samara", 5, "anna", ("vip", "долг"))
    assert warnings == {}


def test_what_is_not_understood_is_counted_and_left_out() -> None:
    found, warnings = traits_of(["", "эльфийский", "Средиземье", "UTC+5", "срочно", "", ""])
    assert found == Traits()
    assert warnings == {
        "unknown_language": 1,
        "unknown_region": 1,
        "unknown_zone": 1,
        "unreadable_value": 1,
    }


def test_a_priority_that_would_make_a_queue_of_its_own_is_not_taken() -> None:
    assert traits_of(["", "", "", "", "101", "", ""])[1] == {"unreadable_value": 1}


def test_a_list_without_such_columns_has_no_traits() -> None:
    reader = TraitReader(propose(["Phone", "City"], [[NUMBER, "Omsk"]]))
    assert reader.read([NUMBER, "Omsk"], "RU") is NO_TRAITS


def test_an_unreadable_custom_value_is_counted() -> None:
    data = {"columns": [{"column": "P", "field": "phone"}, {"column": "D", "type": "date"}]}
    reader = TraitReader(Mapping.from_json(data, ["P", "D"]))
    for text in ("31.12.2026", "", "soon"):
        reader.read([NUMBER, text], "RU")
    assert reader.warnings == {"unreadable_value": 1}


@pytest.mark.parametrize(
    ("by", "again"),
    [
        (SameBy.PHONE, [False, True, True, True]),
        (SameBy.KEY, [False, True, False, False]),
        (SameBy.PERSON, [False, False, False, True]),
    ],
)
def test_persons_are_told_apart_as_the_plan_says(by: SameBy, again: list[bool]) -> None:
    seen = Seen(by)
    rows = [("Анна", "k1"), ("Яна", "k1"), ("Пётр", "k2"), ("АННА", None)]
    looked = [seen.look(at, NUMBER, name, key) for at, (name, key) in enumerate(rows, start=1)]
    assert [one[1] for one in looked] == again


def test_another_person_with_the_number_is_noticed() -> None:
    seen = Seen(SameBy.PERSON)
    assert [seen.look(1, NUMBER, name, None)[2] for name in ("Анна", "Яна", "Яна")] == [
        False,
        True,
        False,
    ]


def test_first_rows_are_found_over_many_runs() -> None:
    rng = random.Random(5)
    rows, truth = FirstRows(), {}
    for at in range(1, 2_000):
        key = rng.getrandbits(64)
        truth[key] = at
        rows.add(key, at)
        if at % 37 == 0:
            asked = [rng.choice(list(truth)), key, rng.getrandbits(64)]
            assert rows.find(asked) == [truth[asked[0]], at, 0]


def test_a_scope_of_a_campaign_needs_one() -> None:
    nobody = UUID(int=0)
    policy = DuplicatePolicy(scope=Scope.CAMPAIGN)
    with pytest.raises(ScopeNeedsCampaign):
        ImportPlan(client_id=nobody, list_id=nobody, region="RU", duplicates=policy)


def test_identifiers_rise_and_are_uuids() -> None:
    series = Identifiers()
    ids = [UUID(bytes=series.next()) for _ in range(1_000)]
    assert ids == sorted(set(ids))
    assert {one.version for one in ids} == {7}


@given(st.lists(st.lists(st.text(), max_size=3), min_size=1, max_size=4))
def test_rendered_json_comes_back_without_zeros(rows: list[list[str]]) -> None:
    clean = [[text.replace("\0", "") for text in row] for row in rows]
    assert [json.loads(cell) for cell in json_lines(rows)] == clean


def test_half_a_character_is_replaced() -> None:
    assert json_lines([["a\ud800b"], ["c"]]) == [b'["a?b"]', b'["c"]']
    assert plain("a\ud800\0b") == b"a?b"


def test_a_dry_run_finds_what_an_import_finds() -> None:
    dirty = dirty_list(500, random.Random(3))
    text = "\n".join(
        ";".join('"' + cell.replace('"', '""') + '"' for cell in row)
        for row in [["ФИО", "Телефон", "Доп. телефон", "Комментарий"], *dirty.rows]
    )
    found = dry_run(open_table(text.encode(), "list.csv"), "RU")
    assert found.refused_by_reason == dirty.refused
    assert (found.rows_in, found.rows_accepted, found.phones) == (500, dirty.accepted, dirty.phones)
    duplicate = next(one for one in found.samples if one.reason == "duplicate")
    first = int(duplicate.detail.split()[1])
    assert first < duplicate.source_row
    assert {one.reason for one in found.samples} == {"", *dirty.refused}
