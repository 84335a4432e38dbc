"""Area codes: every clock of every exchange, overlays included."""

from pathlib import Path

import pytest

from compliance.places.area_code_builder import OVERLAYS, build_area_codes
from compliance.places.area_codes import TABLE, area_code, area_codes
from compliance.places.regions import region_codes, region_zones
from compliance.places.zone_names import canonical_zone, clocks

#: Codes that were measured to span clocks.
SPANNING = [
    "208",
    "219",
    "250",
    "270",
    "308",
    "418",
    "423",
    "541",
    "574",
    "605",
    "606",
    "620",
    "701",
    "709",
    "775",
    "785",
    "807",
    "812",
    "850",
    "867",
    "879",
    "906",
    "907",
    "928",
    "986",
]


@pytest.mark.parametrize("npa", SPANNING)
def test_codes_that_span_clocks_have_several(npa: str) -> None:
    assert len(clocks(area_codes()[npa].zones)) > 1


@pytest.mark.parametrize("overlay", sorted(OVERLAYS))
def test_an_overlay_has_the_clocks_and_the_state_of_what_it_lies_over(overlay: str) -> None:
    found = area_codes()[overlay]
    for parent in OVERLAYS[overlay]:
        assert clocks(area_codes()[parent].zones) <= clocks(found.zones)
        assert set(area_codes()[parent].subdivisions) <= set(found.subdivisions)


@pytest.mark.parametrize(
    ("npa", "country", "subdivisions"),
    [
        ("305", "US", ("US-FL",)),
        ("212", "US", ("US-NY",)),
        ("202", "US", ("US-DC",)),
        ("253", "US", ("US-WA",)),
        ("416", "CA", ("CA-ON",)),
        ("257", "CA", ("CA-BC",)),
        ("902", "CA", ("CA-NS", "CA-PE")),
        ("867", "CA", ("CA-NT", "CA-NU", "CA-YT")),
        ("787", "PR", ("US-PR",)),
        ("876", "JM", ()),
        ("242", "BS", ()),
    ],
)
def test_state_and_country(npa: str, country: str, subdivisions: tuple[str, ...]) -> None:
    found = area_codes()[npa]
    assert (found.country, found.subdivisions) == (country, subdivisions)


def test_newfoundland_and_the_north() -> None:
    assert area_codes()["709"].zones == ("America/Halifax", "America/St_Johns")
    north = {zone for code in ("CA-NT", "CA-NU", "CA-YT") for zone in region_zones(code)}
    assert north <= set(area_codes()["867"].zones)


def test_every_code_of_the_two_large_countries_has_a_state_and_known_zones() -> None:
    known = set(region_codes())
    for found in area_codes().values():
        assert found.zones
        assert all(canonical_zone(zone) == zone for zone in found.zones)
        assert set(found.subdivisions) <= known
        assert found.subdivisions or found.country not in ("US", "CA")


@pytest.mark.parametrize("e164", ["+18005551234", "+19005551234", "+16005551234", "+79161234567"])
def test_numbers_of_no_area(e164: str) -> None:
    assert area_code(e164) is None


def test_the_shipped_table_is_what_the_generator_makes(tmp_path: Path) -> None:
    target = tmp_path / "area_codes.tsv"
    assert build_area_codes(target) == len(area_codes())
    assert target.read_text(encoding="utf-8") == TABLE.read_text(encoding="utf-8")
