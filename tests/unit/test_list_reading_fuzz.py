import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.lists.reading.tables import open_table
from dialer.errors import OutdialError
from tests.list_files import xlsx
from tests.raw_workbooks import xls

BOOK = xlsx([["name", "phone"], ["Ann", "1"]])
RUSSIAN = ["Ёлкин Пётр", "Самара", "перезвонить, утром", "ул. Ленина; дом 5|6", "Москва"]
WORDS = {
    "cp1252": ["Müller", "Peña", "Orléans", "Nîmes, centre", "a|b; c", "Zoë"],
    "utf-8": RUSSIAN,
    "utf-8-sig": RUSSIAN,
    "utf-16": RUSSIAN,
    "cp1251": RUSSIAN,
    "cp866": RUSSIAN,
}


def check(data: bytes) -> None:
    """Read to the end: only our errors may come, and only rows a database takes."""
    try:
        table = open_table(data, "list")
        assert len(set(table.columns)) == len(table.columns) > 0
        assert all(table.columns)
        for batch in table.batches(7):
            for row in batch:
                assert len(row) == len(table.columns)
                "".join(row).encode("utf-8")
                assert "\0" not in "".join(row)
                assert "".join(row).strip()
    except OutdialError:
        pass


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    check(data)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-16", "utf-32-le", "utf-7"]))
def test_no_text_breaks_the_reader(text: str, encoding: str) -> None:
    check(text.encode(encoding, errors="surrogatepass"))


@settings(max_examples=200, deadline=None)
@given(st.text("\";,\t|\n\r '=aя{}[]:1", max_size=200))
def test_no_marks_break_the_reader(text: str) -> None:
    check(text.encode())


@pytest.mark.parametrize("book", [BOOK, xls([(0, 0, "name"), (1, 1, 7.0)])], ids=["xlsx", "xls"])
def test_no_damage_to_a_workbook_breaks_the_reader(book: bytes) -> None:
    rng = random.Random(5)
    for _ in range(12):
        damaged = bytearray(book)
        for _ in range(rng.randrange(1, 8)):
            damaged[rng.randrange(8, len(book))] = rng.randrange(256)
        check(bytes(damaged))


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", WORDS)
def test_every_text_comes_through(encoding: str, separator: str) -> None:
    rng = random.Random(f"{encoding}{separator}")
    marks = ["", '"', "\n", '""', f'"{separator}', " x", "'=1"]
    rows = [
        [f"+7943{at:07d}", *(rng.choice(WORDS[encoding]) + rng.choice(marks) for _ in range(3))]
        for at in range(3_000)
    ]
    out = io.StringIO()
    always = rng.random() < 0.5
    writer = csv.writer(
        out, delimiter=separator, quoting=csv.QUOTE_ALL if always else csv.QUOTE_MINIMAL
    )
    writer.writerows([["phone", "name", "city", "note"], *rows])
    table = open_table(out.getvalue().encode(encoding), "list.csv")
    assert table.shape.encoding == encoding
    assert [row for batch in table.batches(500) for row in batch] == rows
