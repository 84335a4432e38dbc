import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.lists.reading.tables import EmptyFile, UnreadableFile, read_table
from campaigns.lists.staged.mended import REFUSAL_COLUMN, ROW_COLUMN
from tests.list_files import xlsx

RUSSIAN = "ФИО;Телефон;Город\nЁлкин Пётр;+79430000001;Самара\nЩукина Анна;+79430000002;Москва\n"
UKRAINIAN = "Прізвище;Телефон;Місто\nЇжак Ґанна;+380501234567;Київ\nЄвко Ірина;0501234568;Львів\n"
FRENCH = "Nom;Téléphone;Ville\nRenée Müller;+33123456789;Orléans\nZoë Peña;+33123456780;Nîmes\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "utf-8-sig"),
        (RUSSIAN, "utf-16"),
        (RUSSIAN, "utf-16-le"),
        (RUSSIAN, "utf-16-be"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN.upper(), "cp1251"),
        (RUSSIAN.lower(), "cp1251"),
        (RUSSIAN.lower(), "koi8-r"),
        (UKRAINIAN, "utf-8"),
        (UKRAINIAN, "cp1251"),
        (UKRAINIAN, "koi8-u"),
        (FRENCH, "cp1252"),
        (FRENCH, "utf-16"),
    ],
)
def test_the_encoding_is_found_by_content(text: str, encoding: str) -> None:
    table = read_table(text.encode(encoding), "list.csv")
    expected = [line.split(";") for line in text.splitlines()]
    assert [table.columns, *table.rows] == expected


def test_a_few_broken_bytes_do_not_turn_utf8_into_gibberish() -> None:
    data = (RUSSIAN * 20).encode() + b"\xd0;1;2\n"
    assert read_table(data, "list.csv").rows[0][0] == "Ёлкин Пётр"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    rows = [["name", "phone", "note"], ["Ann, Bo", "+7 (943) 000-00-01", "a;b|c"], ["Cy", "2", ""]]
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    table = read_table(out.getvalue().encode(), "list.txt")
    assert [table.columns, *table.rows] == rows


def test_a_declared_separator_is_obeyed() -> None:
    table = read_table(b"sep=|\r\na,b|phone\r\n1,2|+79430000001\r\n", "list.csv")
    assert table.columns == ["a,b", "phone"]


def test_one_column_of_numbers_needs_no_separator_and_no_heading() -> None:
    table = read_table(b"+79430000001\n+79430000002\n", "list.txt")
    assert table.columns == ["column 1"]
    assert table.rows == [["+79430000001"], ["+79430000002"]]


@pytest.mark.parametrize(
    "first",
    [
        "Ivan;8 943 000-00-01, 8 943 000-00-02",
        "Ivan;8 (943) 000-00-01 доб. 12",
        "Ivan;нет",
        "Ivan;;Kyiv",
        "Ivan;7.94E+10",
        "Фирма Ромашка;нет",
        "Карташов;нет;Kyiv",
        "Заказчик;0;Kyiv",
    ],
)
def test_a_first_row_that_is_no_heading_is_kept(first: str) -> None:
    width = first.count(";") + 1
    below = [["Карташова", "+79430000003", "Kyiv"], ["Olga", "+79430000004", "Lviv"]]
    lines = [first, *(";".join(row[:width]) for row in below)]
    table = read_table("\n".join(lines).encode(), "list.csv")
    assert [";".join(row) for row in table.rows] == lines


def test_one_column_of_several_numbers_a_cell_keeps_its_first_row() -> None:
    lines = ["8 943 000-00-01 / 8 943 000-00-02", "8 943 000-00-03 / 8 943 000-00-04"]
    assert read_table("\n".join(lines).encode(), "list.csv").rows == [[line] for line in lines]


@pytest.mark.parametrize(
    "headings",
    [
        "Клиент;Телефон;2025-11-01",
        "ИНН;Номер;План 2025-2026",
        "column 1;column 2;column 3",
        f"A;{REFUSAL_COLUMN};{ROW_COLUMN}",
    ],
)
def test_known_headings_stay_headings(headings: str) -> None:
    data = f"{headings}\n7707083893;8 943 000-00-01;1\n7707083894;8 943 000-00-02;2\n"
    assert ";".join(read_table(data.encode(), "list.csv").columns) == headings


def test_a_title_with_a_number_is_passed_over_where_headings_follow() -> None:
    data = "Ромашка, тел. 8 800 555-35-35;;\nИНН;Телефон;Город\n7707083893;8 943 000-00-01;Тула\n"
    assert read_table(data.encode(), "list.csv").columns == ["ИНН", "Телефон", "Город"]


def test_quoted_cells_keep_separators_quotes_and_lines() -> None:
    data = 'name;phone;note\n"ООО ""Макет""; филиал";1;"первая\nвторая"\nx "y" z;2;\n'.encode()
    assert read_table(data, "list.csv").rows == [
        ['ООО "Макет"; филиал', "1", "первая\nвторая"],
        ['x "y" z', "2", ""],
    ]


def test_a_quote_never_closed_costs_no_row() -> None:
    data = b'name;phone;note\nAnn;1;\n"Bob;2;x\nCy;3;"ok; sure"\nDee;4;"\nEve;5;\n'
    rows = read_table(data, "list.csv").rows
    assert [row[1] for row in rows] == ["1", "2", "3", "4", "5"]
    assert rows[1][0] == "Bob"


@given(
    names=st.lists(st.text("ab c", min_size=1).filter(str.strip), min_size=2, max_size=30),
    broken=st.sets(st.integers(0, 29)),
)
def test_broken_quotes_lose_no_row(names: list[str], broken: set[int]) -> None:
    lines = ["name;phone;city;note"]
    lines += ['"' * (at in broken) + f"{name};+7943{at:07d};x;y" for at, name in enumerate(names)]
    rows = read_table("\n".join(lines).encode(), "list.csv").rows
    assert [row[1] for row in rows] == [f"+7943{at:07d}" for at in range(len(names))]


def test_ragged_rows_are_filled_up_or_widen_the_table() -> None:
    table = read_table(b"name;phone;city\nAnn;1\nBob;2;x;more\nCy;3;y;;;\n", "list.csv")
    assert table.columns == ["name", "phone", "city", "column 4"]
    assert table.rows == [["Ann", "1", "", ""], ["Bob", "2", "x", "more"], ["Cy", "3", "y", ""]]


def test_an_entity_cut_by_the_separator_is_mended() -> None:
    data = "note;phone;city\nёмкость 5 м&#179;;+79430000001;Самара\n".encode("cp1251")
    assert read_table(data, "list.csv").rows == [["ёмкость 5 м&#179;", "+79430000001", "Самара"]]


def test_rows_without_text_are_left_out_and_titles_are_no_headings() -> None:
    data = "Отчёт за май;;\n\nname;phone;city\n;;\nAnn;1;x\n\n".encode()
    table = read_table(data, "list.csv")
    assert table.columns == ["name", "phone", "city"]
    assert table.rows == [["Ann", "1", "x"]]


def test_headings_are_named_and_distinct() -> None:
    table = read_table(b"phone;;phone;phone (2)\n1;2;3;4\n", "list.csv")
    assert len(set(table.columns)) == 4
    assert table.columns[:3] == ["phone", "column 2", "phone (2)"]


def test_a_workbook_gives_numbers_as_text_without_decimals() -> None:
    sheet: list[list[str | float]] = [
        ["name", "phone", "rate"],
        ["Ann", 12125551234.0, 1.5],
        ["Bob", "+1 212", 7],
    ]
    table = read_table(xlsx([["read me"]], sheet), "list.xlsx")
    assert table.rows == [["Ann", "12125551234", "1.5"], ["Bob", "+1 212", "7"]]


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02" * 20,
        b"<html><body><table><tr><td>phone</td></tr></table></body></html>",
        b"PK\x03\x04 this is no workbook",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 neither is this",
    ],
)
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_table(data, "list.xls")
    assert caught.value.code == "unreadable_file"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"name;phone\n", xlsx([["name", "phone"]])])
def test_a_file_without_rows_is_refused(data: bytes) -> None:
    with pytest.raises(EmptyFile):
        read_table(data, "list.csv")


def test_zero_characters_are_dropped() -> None:
    assert read_table(b"name;phone\nA\x00nn is here;1234567\n" * 3, "x").rows[0][0] == "Ann is here"
