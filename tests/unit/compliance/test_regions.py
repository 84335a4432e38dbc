"""Subdivisions: their zones, and what clients write for them."""

import pytest

from compliance.places.regions import (
    country_zones,
    parse_region,
    region_codes,
    region_zones,
    zip_state,
)
from compliance.places.zone_names import canonical_zone, clocks, country_of_zone, zones_by_country


def test_every_zone_of_every_subdivision_exists() -> None:
    for code in region_codes():
        assert region_zones(code)
        for zone in region_zones(code):
            assert canonical_zone(zone) == zone, code


def test_the_zones_of_a_subdivision_are_in_its_country() -> None:
    neighbours = {
        ("US", "PR"),
        ("US", "VI"),
        ("US", "GU"),
        ("US", "AS"),
        ("US", "MP"),
        ("US", "UM"),
    }
    neighbours |= {
        ("RU", "UA")
    }  # Simferopol is listed under one country and kept by another's clock
    for code in region_codes():
        for zone in region_zones(code):
            land = country_of_zone(zone) or ""
            assert land == code[:2] or (code[:2], land) in neighbours, (code, zone)


@pytest.mark.parametrize(
    ("country", "count"),
    [("US", 57), ("CA", 13), ("RU", 89), ("AU", 8), ("ID", 38), ("BR", 27), ("MX", 32), ("UA", 27)],
)
def test_no_subdivision_is_forgotten(country: str, count: int) -> None:
    assert sum(code.startswith(f"{country}-") for code in region_codes()) == count


@pytest.mark.parametrize("country", ["US", "CA", "RU", "AU", "ID", "BR", "MX", "ES", "PT", "CL"])
def test_subdivisions_cover_the_clocks_of_their_country(country: str) -> None:
    """Uninhabited places apart: nobody is called on Macquarie Island."""
    own = {
        zone
        for code in region_codes()
        if code.startswith(f"{country}-")
        for zone in region_zones(code)
    }
    missing = clocks(country_zones(country)) - clocks(own)
    assert missing <= clocks(["Antarctica/Macquarie"])


@pytest.mark.parametrize(
    ("code", "zones"),
    [
        ("RU-KGD", ("Europe/Kaliningrad",)),
        ("RU-SAR", ("Europe/Saratov",)),
        ("US-FL", ("America/Chicago", "America/New_York")),
        ("ES-CN", ("Atlantic/Canary",)),
        ("PT-20", ("Atlantic/Azores",)),
        ("KZ-15", ("Asia/Almaty",)),
        ("CL-MA", ("America/Punta_Arenas",)),
        ("CN-XJ", ("Asia/Shanghai", "Asia/Urumqi")),
        ("ID-PA", ("Asia/Jayapura",)),
        ("XX-YY", ()),
    ],
)
def test_zones_of_a_subdivision(code: str, zones: tuple[str, ...]) -> None:
    assert region_zones(code) == zones


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("RU-PRI", "RU", "RU-PRI"),
        ("ru-pri", "", "RU-PRI"),
        ("PRI", "RU", "RU-PRI"),
        ("Приморский край", "RU", "RU-PRI"),
        ("  ПРИМОРСКИЙ  КРАЙ ", "", "RU-PRI"),
        ("Primorsky Krai", "RU", "RU-PRI"),
        ("Москва", "RU", "RU-MOW"),
        ("г. Москва", "RU", "RU-MOW"),
        ("Moscow", "RU", "RU-MOW"),
        ("Московская обл.", "RU", "RU-MOS"),
        ("Moscow Region", "RU", "RU-MOS"),
        ("Алтайский край", "RU", "RU-ALT"),
        ("Респ. Алтай", "RU", "RU-AL"),
        ("Altai", "RU", None),
        ("Ямало-Ненецкий АО", "RU", "RU-YAN"),
        ("Ненецкий АО", "RU", "RU-NEN"),
        ("Орёл", "RU", None),
        ("Орловская", "RU", "RU-ORL"),
        ("м. Київ", "UA", "UA-30"),
        ("Київська область", "UA", "UA-32"),
        ("Киевская обл", "UA", "UA-32"),
        ("Odesa", "UA", "UA-51"),
        ("Крым", "UA", "UA-43"),
        ("Крым", "RU", "RU-CR"),
        ("Florida", "US", "US-FL"),
        ("FL", "US", "US-FL"),
        ("US-FL", "RU", "US-FL"),
        ("fl", "CA", "US-FL"),
        ("WA", "US", "US-WA"),
        ("WA", "AU", "AU-WA"),
        ("Quebec", "CA", "CA-QC"),
        ("Québec", "CA", "CA-QC"),
        ("Sao Paulo", "BR", "BR-SP"),
        ("Tasmania", "AU", "AU-TAS"),
        ("", "RU", None),
        ("-", "RU", None),
        ("область", "RU", None),
        ("Narnia", "US", None),
        ("ZZ", "US", None),
        ("FL", "", None),
    ],
)
def test_what_a_client_writes(text: str, country: str, code: str | None) -> None:
    assert parse_region(text, country) == code


@pytest.mark.parametrize(
    ("zip_code", "state"),
    [
        ("10001", "US-NY"),
        ("90210", "US-CA"),
        ("33101", "US-FL"),
        ("02139-1234", "US-MA"),
        ("2139", "US-MA"),
        ("20001", "US-DC"),
        ("79901", "US-TX"),
        ("88510", "US-TX"),
        ("00907", "US-PR"),
        ("00802", "US-VI"),
        ("06390", "US-NY"),
        ("83414", "US-WY"),
        ("83401", "US-ID"),
        ("96799", "US-AS"),
        ("96910", "US-GU"),
        ("96950", "US-MP"),
        ("96941", None),
        ("09012", None),  # military mail
        ("00000", None),
        ("K1A 0B1", None),
        ("123", None),
        ("", None),
    ],
)
def test_zip_codes(zip_code: str, state: str | None) -> None:
    assert zip_state(zip_code) == state


def test_every_state_has_a_zip_code() -> None:
    states = {zip_state(f"{number:05d}") for number in range(0, 100_000, 10)}
    wanted = {code for code in region_codes() if code.startswith("US-")} - {"US-AS", "US-UM"}
    assert wanted <= states


def test_zones_of_a_country() -> None:
    assert country_zones("UA") == ("Europe/Kyiv", "Europe/Simferopol")
    assert country_zones("KZ") == ("Asia/Almaty",)
    assert len(clocks(country_zones("RU"))) == 11
    assert country_zones("XX") == ()
    for zones in zones_by_country().values():
        assert all(canonical_zone(zone) == zone for zone in zones)
