import json

import pytest

from campaigns.lists.reading.tables import (
    EmptyFile,
    FileTooLarge,
    Limits,
    OpenTable,
    UnreadableFile,
    open_table,
)


def rows_of(table: OpenTable) -> list[list[str]]:
    return [row for batch in table.batches(1_000) for row in batch]


PEOPLE = [{"name": "Ёлка", "phone": 79161234567}, {"phone": "2", "city": "Самара"}]
EXPECTED = [["Ёлка", "79161234567", ""], ["", "2", "Самара"]]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(person, ensure_ascii=False) for person in PEOPLE),
        "\n".join(json.dumps(person) for person in PEOPLE),
        json.dumps(PEOPLE),
        json.dumps(PEOPLE, indent=2),
    ],
    ids=["lines", "escaped lines", "list", "indented list"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_objects_become_rows_and_keys_columns(text: str, encoding: str) -> None:
    table = open_table(text.encode(encoding), "list.json")
    assert (table.shape.format, table.shape.encoding) == ("jsonl", encoding)
    assert table.columns == ("name", "phone", "city")
    assert rows_of(table) == EXPECTED


def test_values_are_kept_as_they_are_written() -> None:
    line = b'{"a": 7.10, "b": 1e400, "c": {"d": [1.50, null, "\\u0451"]}, "e": true, "f": null}'
    assert rows_of(open_table(line, "x")) == [
        ["7.10", "1e400", '{"d": [1.50, null, "ё"]}', "true", ""]
    ]


def test_what_a_database_refuses_is_taken_out() -> None:
    line = b'{"a": "x\\u0000y\\ud800z", "b": {"\\udfff": "\\u0000"}}'
    assert rows_of(open_table(line, "x")) == [["xy\ufffdz", '{"\ufffd": "\\u0000"}']]


def test_keys_that_come_late_are_kept_as_other_fields() -> None:
    lines = ['{"phone": "1"}'] * 2_500 + ['{"phone": "2", "late": 3, "later": ["x"]}']
    table = open_table("\n".join(lines).encode(), "x")
    assert table.columns == ("phone", "other fields")
    assert rows_of(table)[-1] == ["2", '{"late": 3, "later": ["x"]}']


def test_a_broken_line_is_kept_and_costs_no_other() -> None:
    lines = [f'{{"phone": "{at}"}}' for at in range(50_000)]
    lines[20] = '{"phone": "20'
    lines[30_000] = "oops"
    table = open_table("\n".join(lines).encode(), "x")
    rows = rows_of(table)
    assert len(rows) == 50_000
    assert rows[20] == ["", '{"phone": "20']
    assert rows[30_000] == ["", "oops"]
    assert rows[-1] == ["49999", ""]


def test_deep_nesting_is_kept_as_text() -> None:
    deep = '{"a": ' + '{"b": ' * 100_000 + "1" + "}" * 100_001
    rows = rows_of(open_table(f'{{"phone": "1"}}\n{deep}\n{{"phone": "2"}}'.encode(), "x"))
    assert rows == [["1", ""], ["", deep], ["2", ""]]


def test_csv_that_begins_with_json_is_csv() -> None:
    table = open_table(b'{"a": 1};+79430000001;x\n{"a": 2};+79430000002;y\n', "x")
    assert table.shape.format == "csv"


def test_objects_without_keys_are_an_empty_file() -> None:
    with pytest.raises(EmptyFile):
        open_table(b"{}\n{}\n", "x.jsonl")


def test_too_many_keys_are_refused() -> None:
    with pytest.raises(FileTooLarge, match="1,000 columns"):
        open_table(json.dumps({f"k{at}": 1 for at in range(1_001)}).encode(), "x")


def test_a_value_that_is_too_long_names_its_row() -> None:
    text = '{"a": "x"}\n' + json.dumps({"a": "y" * 1_001})
    table = open_table(text.encode(), "x", limits=Limits(cell_characters=1_000))
    with pytest.raises(UnreadableFile, match="Row 2 "):
        rows_of(table)


def test_blank_objects_are_left_out() -> None:
    assert rows_of(open_table(b'{"a": 1}\n{"a": " "}\n{}\n{"a": 2}', "x")) == [["1"], ["2"]]


def test_a_broken_list_of_objects_says_how_far_it_is_whole() -> None:
    with pytest.raises(UnreadableFile, match="after object 2"):
        open_table(b'[{"a": 1}, {"a": 2}, {"a": oops}]', "x.json")
