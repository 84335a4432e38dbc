"""A cell that is one plain number is read the short way, with the result of the long one."""

from random import Random

import pytest

from bench.phone_sample import mixed
from campaigns.lists.columns import cells
from campaigns.lists.columns.cells import PhonesFound, find_phones
from dialer.phone import parse_slowly

REGIONS = ("RU", "UA", "US", "DE", "IT", "GB")
#: What clings to numbers in spreadsheets, before and after.
BEFORE = (
    "",
    "",
    "",
    "",
    " ",
    "'",
    "=",
    "тел. ",
    "\u202a",
    "&nbsp;",
    "\x1c",
    "12345; ",
    "+",
    "\u0665",
)
AFTER = (
    *(
        "",
        "",
        "",
        "",
        " ",
        ".0",
        ".00",
        ".0 ",
        ".0\n",
        "0.0",
        "e+10",
        ".",
        "\n",
        "\u00a0",
        "\u200b",
    ),
    *(" доб. 12", " x204", ", 8 943 000-00-01", " 89430000001", " (жена)", "/12", "&#43;", "\x85"),
)


def dirty_cells(rng: Random, count: int) -> list[str]:
    numbers = [text for text, _ in mixed(rng, count)]
    old_ukrainian = [
        f"8 (0{rng.randrange(100):02}) {rng.randrange(10**7):07}" for _ in range(count // 10)
    ]
    floats = [f"{rng.choice('78')}9{rng.randrange(10**9):09}.0" for _ in range(count // 10)]
    plain = [f"8{rng.randrange(10**10):010}" for _ in range(count // 10)]
    bodies = numbers + old_ukrainian + floats + plain
    return [rng.choice(BEFORE) + body + rng.choice(AFTER) for body in bodies]


def both_ways(
    rows: list[list[str]], region: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[PhonesFound], list[PhonesFound]]:
    short = [find_phones(row, region) for row in rows]
    with monkeypatch.context() as patch:
        patch.setattr(cells, "_plain_number", lambda cell, region: None)
        patch.setattr(cells, "parse", parse_slowly)
        return short, [find_phones(row, region) for row in rows]


@pytest.mark.parametrize("region", REGIONS)
def test_the_short_way_finds_what_the_long_way_finds(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[cell] for cell in dirty_cells(Random(region), 1_500)]
    short, long = both_ways(rows, region, monkeypatch)
    for row, found, expected in zip(rows, short, long, strict=True):
        assert found == expected, row
    assert sum(bool(found.numbers) for found in short) > 100


def test_rows_of_several_cells_agree_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(7)
    heap = [*dirty_cells(rng, 300), "", "", "89430000001", "+7 943 000-00-01", "нет"]
    rows = [rng.choices(heap, k=rng.randint(0, 4)) for _ in range(500)]
    short, long = both_ways(rows, "RU", monkeypatch)
    assert short == long


def test_a_plain_number_is_taken_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cells, "_read_cell")
    for cell in ("89430000001", "+7 (943) 000-00-01", "79430000001.0", " 943-000-00-01 "):
        assert [number.e164 for number in find_phones([cell], "RU").numbers] == ["+79430000001"]
