"""The library's zones, one by one, and the memory that makes placing a million numbers fast."""

import random
from collections.abc import Iterator

import pytest
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from compliance.places.area_codes import area_codes
from compliance.places.number_corrections import ADDITIONS, CORRECTIONS
from compliance.places.number_zones import number_place
from compliance.places.regions import country_zones, parse_region, region_zones
from compliance.places.zone_names import canonical_zone, clock, clocks, country_of_zone
from compliance.places.zones import place, place_key


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("America/Godthab", "America/Nuuk"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Eastern", "America/New_York"),
        ("Pacific/Truk", "Pacific/Chuuk"),
        ("Europe/Oslo", "Europe/Oslo"),
    ],
)
def test_old_spellings_get_their_current_name(old: str, new: str) -> None:
    assert canonical_zone(old) == new


def test_every_zone_the_library_can_answer_exists_and_has_a_clock() -> None:
    answers = {zone for zones in TIMEZONE_DATA.values() for zone in zones}
    ours = {zone for zones in (*CORRECTIONS.values(), *ADDITIONS.values()) for zone in zones}
    assert {zone for zone in answers | ours if canonical_zone(zone) is None} == set()
    assert all(clock(canonical_zone(zone) or "") for zone in answers | ours)


def test_no_number_is_placed_in_a_foreign_country() -> None:
    """Apart from codes whose country has no zone of its own in tzdata: Kosovo, Ascension."""
    generator = random.Random(20_261_122)
    foreign = set()
    for prefix in generator.sample(sorted(TIMEZONE_DATA), 600):
        if prefix.startswith("1"):
            continue
        found = number_place(f"+{prefix}{generator.randrange(10**7):07d}")
        lands = {country_of_zone(zone) for zone in found.zones}
        if country_zones(found.country) and not lands & {found.country}:
            foreign.add((prefix, found.country))
    assert foreign == set()


def test_numbers_with_one_key_are_in_one_place() -> None:
    """The memory of ``place`` is right only if the key holds every digit that matters."""
    generator = random.Random(7)
    heads = [
        "+614",
        "+618",
        "+447",
        "+346",
        "+3519",
        "+628",
        "+569",
        "+7384",
        "+5299",
        "+64",
        "+380",
    ]
    for _ in range(3_000):
        e164 = generator.choice(heads)
        e164 += f"{generator.randrange(10**10):010d}"[: 12 - len(e164)]
        key = place_key(e164)
        digits = len(key.partition("/")[0])
        rest = len(e164) - digits
        twin = e164[:digits] + f"{generator.randrange(10**12):012d}"[:rest]
        assert place_key(twin) == key
        left, right = number_place(e164), number_place(twin)
        assert (left.country, left.zones, left.source) == (right.country, right.zones, right.source)


def test_the_memory_answers_as_a_fresh_look_would() -> None:
    generator = random.Random(17)
    prefixes = [*TIMEZONE_DATA, *CORRECTIONS, *ADDITIONS] * 2
    generator.shuffle(prefixes)
    for prefix in prefixes:
        if not prefix.startswith("1"):
            e164 = f"+{prefix}{generator.randrange(10**11):011d}"[:12]
            fresh = number_place(e164)
            assert (place(e164).zones, place(e164).source) == (fresh.zones, fresh.source), prefix


def test_an_area_code_is_the_whole_key_in_north_america() -> None:
    assert len({place_key(f"+1{npa}2345678") for npa in area_codes()}) == len(area_codes())
    assert place_key("+12125551234") == place_key("+12129876543")


#: Calling code, country, digits of a national number: countries of several clocks whose place names
#: in the library say the subdivision.
NAMED = (("7", "RU", 10), ("55", "BR", 10), ("52", "MX", 10), ("34", "ES", 9), ("351", "PT", 9))


def named_prefixes() -> Iterator[tuple[str, str]]:
    """Yield (number, subdivision) for prefixes whose place name tells the subdivision."""
    for prefix, names in GEOCODE_DATA.items():
        for code, country, digits in NAMED:
            if prefix.startswith(code) and not prefix.startswith(("76", "77")):
                name = names.get("ru") or names.get("pt") or names.get("en") or ""
                region = parse_region(name.rsplit(" - ", 1)[-1].rsplit(", ", 1)[-1], country)
                if region and region.startswith(country):
                    yield "+" + prefix.ljust(len(code) + digits, "2"), region


def test_zones_agree_with_the_librarys_own_place_names() -> None:
    """Would have found Kaliningrad, Saratov, Chihuahua and Belém; finds the next law's victims."""
    checked, wrong = 0, set()
    for e164, region in named_prefixes():
        checked += 1
        if not clocks(number_place(e164).zones) & clocks(region_zones(region)):
            wrong.add((e164, region))
    assert checked > 2_000
    assert wrong == set()
