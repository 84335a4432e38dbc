import tracemalloc
from pathlib import Path

import pytest

from campaigns.lists.reading.tables import (
    EmptyFile,
    FileTooLarge,
    Limits,
    OpenTable,
    UnknownSheet,
    UnreadableFile,
    open_table,
)


def rows_of(table: OpenTable, size: int = 1_000) -> list[list[str]]:
    return [row for batch in table.batches(size) for row in batch]


def test_batches_have_the_size_asked_for_and_start_again_each_time() -> None:
    table = open_table(b"name;phone\n" + b"Ann;1\n" * 25, "list.csv")
    assert [len(batch) for batch in table.batches(10)] == [10, 10, 5]
    assert [len(batch) for batch in table.batches(20)] == [20, 5]


def test_the_shape_says_how_a_text_was_read() -> None:
    text = "sep=;\n\nОтчёт за май;;\n\nИмя;Телефон;Город\nЁлка;+79430000001;Самара\n"
    shape = open_table(text.encode("cp1251"), "list.csv").shape
    assert (shape.format, shape.encoding, shape.separator) == ("csv", "cp1251", ";")
    assert shape.headings_row == 5
    assert (shape.sheet, shape.sheets, shape.sheet_rows) == (None, (), ())


def test_a_list_without_headings_says_so() -> None:
    table = open_table(b"+79430000001\tAnn\n+79430000002\tBob\n", "pasted")
    assert table.columns == ("column 1", "column 2")
    assert table.shape.headings_row == 0
    assert len(rows_of(table)) == 2


def test_the_separator_is_found_below_a_title() -> None:
    table = open_table(b"Report\nname,phone,city\nAnn,+79430000001,x\nBob,2,y\n", "list.csv")
    assert table.columns == ("name", "phone", "city")
    assert table.shape.headings_row == 2


def test_a_title_above_two_columns_is_no_heading() -> None:
    table = open_table(b"Report;\nname;phone\nAnn;+79430000001\n", "list.csv")
    assert table.columns == ("name", "phone")


def test_headings_over_two_rows_become_one() -> None:
    text = "ФИО;Контакты;;Город\n;Телефон;Почта;\nЁлка;+79430000001;a@b;Самара\n"
    table = open_table(text.encode(), "list.csv")
    assert table.columns == ("ФИО", "Контакты Телефон", "Контакты Почта", "Город")
    assert len(rows_of(table)) == 1


def test_a_contact_below_unnamed_columns_is_no_heading() -> None:
    text = "name;;phone\nAnn;Lee;\nBob;Roe;+79430000001\n"
    table = open_table(text.encode(), "list.csv")
    assert rows_of(table) == [["Ann", "Lee", ""], ["Bob", "Roe", "+79430000001"]]


def test_a_long_row_after_the_head_keeps_all_its_text() -> None:
    data = b"name;phone\n" + b"Ann;1\n" * 2_500 + b'Bob;2;x;"y;z";;\nCy;3\n'
    table = open_table(data, "list.csv")
    assert table.columns == ("name", "phone")
    assert rows_of(table)[-2:] == [["Bob", "2;x;y;z"], ["Cy", "3"]]


def test_a_cut_entity_is_mended_after_the_head_too() -> None:
    data = b"note;phone\n" + b"x;1\n" * 2_500 + b"5 &#179;;2\n"
    assert rows_of(open_table(data, "list.csv"))[-1] == ["5 &#179;", "2"]


def test_quoted_cells_over_lines_keep_doubled_quotes_and_guards_come_off() -> None:
    data = b'name;phone;note\n"a ""b""\nc";1;"\'=1+1"\nBob;2;x\n'
    assert rows_of(open_table(data, "list.csv")) == [['a "b"\nc', "1", "=1+1"], ["Bob", "2", "x"]]


def test_records_are_whole_wherever_a_block_ends() -> None:
    record = '"first\nsecond; ""third""";+7943{:07d};city\n'
    text = "name;phone;city\n" + "".join(record.format(at) for at in range(20_000))
    rows = rows_of(open_table(text.encode(), "list.csv"))
    assert {row[0] for row in rows} == {'first\nsecond; "third"'}
    assert [row[1] for row in rows] == [f"+7943{at:07d}" for at in range(20_000)]


def test_an_open_quote_far_down_swallows_no_row() -> None:
    lines = [f"Ann;{at};x" for at in range(30_000)]
    lines[15_000] = '"Ann;15000;x'
    rows = rows_of(open_table("\n".join(["name;phone;city", *lines]).encode(), "list.csv"))
    assert [row[1] for row in rows] == [str(at) for at in range(30_000)]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-u", "cp866"])
def test_the_encoding_is_found_when_only_the_end_tells_it(encoding: str) -> None:
    text = "name;phone\n" + "Ann;1\n" * 100_000 + "Щукина Анна Петровна;2\n" * 20
    assert rows_of(open_table(text.encode(encoding), "list.csv"))[-1][0] == "Щукина Анна Петровна"


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be", "utf-16-be"])
def test_wide_encodings_are_read(encoding: str) -> None:
    table = open_table("имя;phone\nЁлка;1\n".encode(encoding), "list.csv")
    assert table.columns == ("имя", "phone")
    assert rows_of(table) == [["Ёлка", "1"]]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(line_end: str) -> None:
    table = open_table(line_end.join(["name;phone", "Ann;1", "Bob;2"]).encode(), "list.csv")
    assert rows_of(table) == [["Ann", "1"], ["Bob", "2"]]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("name;phone;city\n")
        for at in range(40_000):
            file.write(f'"Анна {at}";+7943{at:07d};{"Самара" * 40}\n')
    tracemalloc.start()
    try:
        count = sum(len(batch) for batch in open_table(path, path.name).batches(1_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 40_000
    assert peak < path.stat().st_size / 3


def test_too_many_rows_are_refused_when_they_come() -> None:
    table = open_table(b"name;phone\n" + b"Ann;1\n" * 11, "x", limits=Limits(rows=10))
    with pytest.raises(FileTooLarge, match="10 rows"):
        list(table.batches(4))


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(FileTooLarge, match="1,000 columns"):
        open_table(b";".join([b"a"] * 1_001) + b"\n1;2\n", "list.csv")


def test_a_line_or_cell_that_is_too_long_is_named() -> None:
    limits = Limits(cell_characters=1_000)
    table = open_table(b"name;phone\nAnn;1\n" * 2_000 + b"Bob;" + b"x" * 1_001, "x", limits=limits)
    with pytest.raises(UnreadableFile, match=r"Line 4,001 .* 1,000 characters"):
        rows_of(table)
    with pytest.raises(UnreadableFile, match=r"Line 2 .* 4,000 characters"):
        open_table(b"name;phone\n" + b"x;" * 10_000, "x", limits=limits)


def test_a_long_cell_is_kept_whole() -> None:
    data = b'name;phone\n"' + b"x" * 300_000 + b'";1\n'
    assert rows_of(open_table(data, "list.csv")) == [["x" * 300_000, "1"]]


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)  # takes no room on the disk
    with pytest.raises(FileTooLarge, match="1 GB"):
        open_table(path, path.name)


def test_a_text_has_no_sheets() -> None:
    with pytest.raises(UnknownSheet):
        open_table(b"name;phone\nAnn;1\n", "list.csv", sheet="S1")


def test_only_blank_rows_are_an_empty_file() -> None:
    with pytest.raises(EmptyFile):
        open_table(b"name;phone\n" + b" ; \n\n" * 100_000, "list.csv")
