"""Russian mobile ranges: the shipped table, and building it from the regulator's file."""

import random
from pathlib import Path

import pytest

from compliance.places.number_range_builder import NotARangeFile, rebuild_ru_ranges, subjects_of
from compliance.places.number_ranges import (
    NOBODY,
    TABLE,
    MobileRange,
    range_key,
    read_table,
    ru_mobile,
)
from compliance.places.regions import region_zones
from compliance.places.zone_names import clocks
from compliance.places.zones import place

HEAD = "АВС/ DEF;От;До;Емкость;Оператор;Регион;Территория ГАР;ИНН\n"
PLAN = HEAD + "".join(
    [
        '900;0000000;0061999;62000;ООО "Т2";Краснодарский край;Краснодарский край;1\n',
        '900;0062000;0062999;1000;ООО "Т2";Ростовская обл.;Ростовская область;1\n',
        '900;0063000;0099999;37000;ООО "Т2";-;Ростовская область;1\n',
        '900;0200000;0299999;100000;ПАО "МТС";г. Москва и Московская область;'
        "Город Москва|Московская область;1\n",
        '901;0000000;0000009;10;ПАО "МТС";г. Тюмень|Тюменская обл.;г. Тюмень|Тюменская область;1\n',
        '901;0000010;0000019;10;ПАО "МТС";Байконур;Байконур;1\n',
        '901;0000020;0000029;10;ПАО "МТС";Российская Федерация;Российская Федерация;1\n',
        '495;0000000;0000009;10;ПАО "МГТС";г. Москва;Город Москва;1\n',
        "901;что-то;0000029\n",
        '901;0000005;0000012;8;ПАО "МТС";Томская обл.;Томская область;1\n',
    ]
)


def ranges_of(text: str) -> list[tuple[int, int, str]]:
    """Return (first, last, key) of every range somebody holds."""
    table = read_table(text)
    ends = [*table.starts[1:], 10_000_000_000]
    rows = zip(table.starts, ends, table.keys, strict=True)
    return [(first, end - 1, key) for first, end, key in rows if key != NOBODY]


def test_nearly_all_russian_mobile_numbers_are_in_one_zone() -> None:
    ranges = ranges_of(TABLE.read_text(encoding="utf-8"))
    generator = random.Random(1)
    weights = [last - first + 1 for first, last, _ in ranges]
    sample = generator.choices(ranges, weights, k=20_000)
    placed = [place(f"+7{generator.randint(first, last)}") for first, last, _ in sample]
    assert sum(len(found.zones) == 1 for found in placed) > 0.985 * len(placed)
    single = sum(last - first + 1 for first, last, key in ranges if key not in ("SA", "SAK"))
    assert single / sum(weights) > 0.99


def test_the_shipped_table_is_small_and_agrees_with_the_subdivisions() -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert len(text.encode()) < 250_000
    for held in read_table(text).holders.values():
        united = {zone for region in held.regions for zone in region_zones(region)}
        assert not held.regions or united == set(held.zones)
        assert clocks(held.zones)


def test_the_borders_of_ranges_are_exact() -> None:
    """Blocks are remembered whole only where no border runs through them."""
    table = read_table(TABLE.read_text(encoding="utf-8"))
    for start in random.Random(5).sample(table.starts[1:], 4_000):
        for number in (start, start - 1):
            assert range_key(f"+7{number}") == table.key_of(number)


def test_known_numbers() -> None:
    moscow = MobileRange(("RU-MOS", "RU-MOW"), ("Europe/Moscow",))
    assert ru_mobile("+79011344567") == MobileRange(("RU-PRI",), ("Asia/Vladivostok",))
    assert ru_mobile("+79161234567") == moscow


@pytest.mark.parametrize("e164", ["+79401234567", "+74951234567", "+380671234567", "+7916123456"])
def test_other_numbers_are_not_in_the_table(e164: str) -> None:
    assert ru_mobile(e164) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_the_regulators_file_becomes_a_table(tmp_path: Path, encoding: str) -> None:
    source, target = tmp_path / "DEF-9xx.csv", tmp_path / "ranges.txt"
    source.write_bytes(PLAN.encode(encoding))
    report = rebuild_ru_ranges(source, target)
    assert ranges_of(target.read_text(encoding="utf-8")) == [
        (9000000000, 9000061999, "KDA"),
        (9000062000, 9000099999, "ROS"),
        (9000200000, 9000299999, "MOS+MOW"),
        (9010000000, 9010000009, "TYU"),
    ]
    assert (report.rows, report.ranges, report.numbers) == (10, 4, 200_010)
    assert report.unknown_regions == {"Байконур": 10}
    assert report.nationwide == 10
    assert report.skipped_rows == 3  # a fixed-line code, a damaged row, one inside another


def test_rebuilding_from_the_short_form_gives_the_shipped_table(tmp_path: Path) -> None:
    shipped = TABLE.read_text(encoding="utf-8")
    holders = read_table(shipped).holders
    lines = ["first,last,region,zones"]
    for first, last, key in ranges_of(shipped):
        short = {"MOS+MOW": "MOS", "LEN+SPE": "LEN"}.get(key, "" if key.startswith("*") else key)
        lines.append(f"7{first},7{last},{short},{';'.join(holders[key].zones)}")
    source, target = tmp_path / "short.csv", tmp_path / "ranges.txt"
    source.write_text("\n".join(lines), encoding="utf-8")
    report = rebuild_ru_ranges(source, target)
    assert target.read_text(encoding="utf-8") == shipped
    assert (report.unknown_regions, report.skipped_rows) == ({}, 0)


@pytest.mark.parametrize(
    "text", ["", "<html>error</html>", "a,b\n1,2\n", HEAD, "first,last,region,zones\n"]
)
def test_a_file_that_is_no_table_leaves_the_old_one_alone(tmp_path: Path, text: str) -> None:
    source, target = tmp_path / "x.csv", tmp_path / "ranges.txt"
    source.write_text(text, encoding="utf-8")
    target.write_text("old", encoding="utf-8")
    with pytest.raises(NotARangeFile):
        rebuild_ru_ranges(source, target)
    assert target.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize(
    ("texts", "subjects"),
    [
        (["Республика Саха /Якутия/"], ("RU-SA",)),
        (["Ханты - Мансийский - Югра АО"], ("RU-KHM",)),
        (["Архангельская область и Ненецкий автономный округ"], ("RU-ARK", "RU-NEN")),
        (["г. Санкт - Петербург и Ленинградская область"], ("RU-LEN", "RU-SPE")),
        (["Московская область * Москва"], ("RU-MOS", "RU-MOW")),
        (["Камчатский край, Корякский округ"], ("RU-KAM",)),
        (["Республика Адыгея (Адыгея)"], ("RU-AD",)),
        (["Кемеровская область - Кузбасс область"], ("RU-KEM",)),
        (["р-ны Абзелиловский и Белорецкий|Республика Башкортостан"], ("RU-BA",)),
        (["-", "Алтайский край"], ("RU-ALT",)),
        (["Томская обл.", "Омская область"], ("RU-OMS", "RU-TOM")),
        (["Томская обл. и Нарния"], ()),
        (["Сургутский район и г. Сургут"], ()),
        ([], ()),
    ],
)
def test_region_texts_of_the_plan(texts: list[str], subjects: tuple[str, ...]) -> None:
    assert subjects_of(texts) == subjects


@pytest.mark.parametrize(
    "text", ["@900\n0000010 X\n", "key\tX\tRU-MOW\tEurope/Moscow\n@900\n0000010 X\n0000001 X\n"]
)
def test_a_damaged_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="out of order"):
        read_table(text)
