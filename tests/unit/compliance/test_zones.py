"""Where a number may be: the measured errors of the library, corrected; and the client's own columns."""

import pytest

from compliance.places.placement import Confidence, PlacementSource
from compliance.places.regions import country_zones
from compliance.places.zone_names import clocks, country_of_zone
from compliance.places.zones import place

#: Number -> exactly these zones.
ONE_PLACE = {
    "+12125551234": ("America/New_York",),
    "+13055551234": ("America/New_York",),
    "+12055551234": ("America/Chicago",),
    "+12145551234": ("America/Chicago",),
    "+17095551234": ("America/Halifax", "America/St_Johns"),
    "+33145678901": ("Europe/Paris",),
    "+33612345678": ("Europe/Paris",),
    "+79011344567": ("Asia/Vladivostok",),
    "+79161234567": ("Europe/Moscow",),
    "+74951234567": ("Europe/Moscow",),
    "+74232123456": ("Asia/Vladivostok",),
    "+74012123456": ("Europe/Kaliningrad",),
    "+78452123456": ("Europe/Saratov",),
    "+78462123456": ("Europe/Samara",),
    "+77011234567": ("Asia/Almaty",),
    "+77771234567": ("Asia/Almaty",),
    "+77292123456": ("Asia/Almaty",),
    "+380671234567": ("Europe/Kyiv",),
    "+380441234567": ("Europe/Kyiv",),
    "+380652123456": ("Europe/Kyiv", "Europe/Simferopol"),
    "+971501234567": ("Asia/Dubai",),
    "+61212345678": ("Australia/Sydney",),
    "+61881234567": ("Australia/Adelaide", "Australia/Darwin", "Australia/Perth"),
    "+5511987654321": ("America/Sao_Paulo",),
    "+5581987654321": ("America/Recife",),
    "+558136191234": ("America/Noronha", "America/Recife"),
    "+5591987654321": ("America/Belem",),
    "+5592987654321": ("America/Manaus",),
    "+5597987654321": ("America/Eirunepe", "America/Manaus"),
    "+526141234567": ("America/Chihuahua",),
    "+526561234567": ("America/Ciudad_Juarez",),
    "+525512345678": ("America/Mexico_City",),
    "+529981234567": ("America/Cancun",),
    "+62811234567": ("Asia/Jakarta", "Asia/Jayapura", "Asia/Makassar"),
    "+56612212345": ("America/Punta_Arenas",),
    "+56221234567": ("America/Santiago",),
    "+56912345678": ("America/Coyhaique", "America/Punta_Arenas", "America/Santiago"),
    "+8613812345678": ("Asia/Shanghai",),
    "+213551234567": ("Africa/Algiers",),
    "+212612345678": ("Africa/Casablanca",),
    "+218912345678": ("Africa/Tripoli",),
    "+50581234567": ("America/Managua",),
    "+211912345678": ("Africa/Juba",),
    "+919812345678": ("Asia/Kolkata",),
    "+9779841234567": ("Asia/Kathmandu",),
}


@pytest.mark.parametrize(("e164", "zones"), ONE_PLACE.items())
def test_the_number_alone(e164: str, zones: tuple[str, ...]) -> None:
    assert place(e164).zones == zones


@pytest.mark.parametrize(
    ("e164", "country"),
    [
        ("+61412345678", "AU"),
        ("+79401234567", "RU"),
        ("+78005551234", "RU"),
        ("+34612345678", "ES"),
        ("+351912345678", "PT"),
        ("+64211234567", "NZ"),
        ("+558001234567", "BR"),
        ("+16005551234", "CA"),
    ],
)
def test_a_number_without_a_place_may_be_anywhere_in_its_country(e164: str, country: str) -> None:
    found = place(e164)
    assert found.zones == country_zones(country)
    assert (found.source, found.confidence) == (PlacementSource.COUNTRY, Confidence.WIDE)
    assert found.jurisdictions == (country,)


def test_a_russian_mobile_number_outside_the_table_is_in_eleven_clocks_of_russia_and_no_other() -> (
    None
):
    zones = place("+79401234567").zones
    assert len(clocks(zones)) == 11
    assert {country_of_zone(zone) for zone in zones} == {"RU"}
    assert "Europe/Kaliningrad" in zones


def test_an_australian_mobile_number_is_not_on_christmas_island() -> None:
    zones = place("+61412345678").zones
    assert {"Australia/Perth", "Australia/Darwin", "Australia/Sydney"} <= set(zones)
    assert not any(zone.startswith("Indian/") for zone in zones)


def test_a_free_phone_number_of_north_america_is_anywhere_in_both_countries() -> None:
    found = place("+18005551234")
    assert set(found.zones) == {*country_zones("US"), *country_zones("CA")}
    assert found.jurisdictions == ("CA", "US")
    assert found.confidence is Confidence.WIDE


@pytest.mark.parametrize("e164", ["", "+", "nonsense", "+999", "+0123456"])
def test_what_is_no_number_has_no_zone(e164: str) -> None:
    assert place(e164).confidence is Confidence.UNKNOWN


@pytest.mark.parametrize("e164", ["+7916", "+791612345678", "+44", "+6"])
def test_a_cut_number_is_at_most_somewhere_in_its_country(e164: str) -> None:
    assert place(e164).confidence is not Confidence.EXACT


@pytest.mark.parametrize("e164", ["+870123456789", "+80012345678", "+881612345678"])
def test_a_number_of_no_country_has_no_zone(e164: str) -> None:
    found = place(e164)
    assert (found.zones, found.jurisdictions) == ((), ())
    assert (found.source, found.confidence) == (PlacementSource.NONE, Confidence.UNKNOWN)
    assert place(e164, zone="Europe/Kyiv").zones == ("Europe/Kyiv",)


def test_a_region_that_contradicts_the_number_opens_both_clocks() -> None:
    found = place("+79161234567", region="RU-PRI")
    assert found.zones == ("Asia/Vladivostok", "Europe/Moscow")
    assert found.jurisdictions == ("RU", "RU-MOS", "RU-MOW", "RU-PRI")
    assert (found.source, found.confidence) == (PlacementSource.REGION, Confidence.WIDE)


def test_an_address_in_another_state_adds_its_law_and_its_clock() -> None:
    for told in ({"region": "US-CA"}, {"region": "CA"}, {"postal_code": "90210"}):
        found = place("+13055551234", **told)
        assert found.zones == ("America/Los_Angeles", "America/New_York")
        assert found.jurisdictions == ("US", "US-CA", "US-FL")


@pytest.mark.parametrize(
    ("e164", "region", "zones"),
    [
        ("+13055551234", "US-FL", ("America/New_York",)),
        ("+12145551234", "TX", ("America/Chicago",)),
        ("+17095551234", "CA-NL", ("America/Halifax", "America/St_Johns")),
        ("+79161234567", "г. Москва", ("Europe/Moscow",)),
        ("+61881234567", "NT", ("Australia/Darwin",)),
    ],
)
def test_a_number_of_the_same_region_narrows_it(
    e164: str, region: str, zones: tuple[str, ...]
) -> None:
    assert place(e164, region=region).zones == zones


def test_a_state_with_two_clocks_stays_wide_for_a_number_of_another_state() -> None:
    assert place("+12125551234", region="FL").zones == ("America/Chicago", "America/New_York")


@pytest.mark.parametrize(
    ("e164", "region", "zones"),
    [
        ("+61412345678", "Western Australia", ("Australia/Eucla", "Australia/Perth")),
        ("+79401234567", "Приморский край", ("Asia/Vladivostok",)),
        ("+34612345678", "Canarias", ("Atlantic/Canary",)),
        ("+18005551234", "NY", ("America/New_York",)),
        ("+62811234567", "Bali", ("Asia/Makassar",)),
    ],
)
def test_the_region_alone_decides_when_the_number_says_only_its_country(
    e164: str, region: str, zones: tuple[str, ...]
) -> None:
    assert place(e164, region=region).zones == zones


def test_a_region_abroad_never_silences_the_number() -> None:
    found = place("+61412345678", region="US-HI")
    assert set(found.zones) == {*country_zones("AU"), "Pacific/Honolulu"}
    assert found.jurisdictions == ("AU", "US", "US-HI")


def test_a_zone_in_the_list_decides_the_clock_and_not_the_law() -> None:
    found = place("+79161234567", zone="asia/omsk", region="RU-PRI")
    assert found.zones == ("Asia/Omsk",)
    assert found.jurisdictions == ("RU", "RU-MOS", "RU-MOW", "RU-PRI")
    assert (found.source, found.confidence) == (PlacementSource.EXPLICIT_ZONE, Confidence.EXACT)


def test_a_zone_of_no_place_in_the_numbers_country_does_not_silence_the_number() -> None:
    found = place("+79161234567", zone="asia/calcutta", region="RU-PRI")
    assert found.zones == ("Asia/Kolkata", "Europe/Moscow")
    assert found.jurisdictions == ("RU", "RU-MOS", "RU-MOW", "RU-PRI")
    assert (found.source, found.confidence) == (PlacementSource.EXPLICIT_ZONE, Confidence.WIDE)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Base", "UTC", "Etc/GMT+5", "EST", "+03:00", "Etc/Unknown"]
)
def test_a_zone_that_names_no_place_is_ignored(zone: str) -> None:
    assert place("+380671234567", zone=zone) == place("+380671234567")
    assert place("+61412345678", zone=zone, region="NT").zones == ("Australia/Darwin",)


@pytest.mark.parametrize(
    "told", [{"region": "??"}, {"postal_code": "K1A 0B1"}, {"region": "Narnia"}]
)
def test_a_region_nobody_knows_is_ignored(told: dict[str, str]) -> None:
    assert place("+12125551234", **told) == place("+12125551234")


def test_a_territory_is_a_country_and_a_part_of_the_united_states() -> None:
    assert place("+17875551234").jurisdictions == ("PR", "US", "US-PR")
    assert place("+18765551234").jurisdictions == ("JM",)


@pytest.mark.parametrize(
    ("e164", "told", "confidence"),
    [
        ("+12125551234", {}, Confidence.NARROW),
        ("+17095551234", {}, Confidence.WIDE),
        ("+447911234567", {}, Confidence.NARROW),  # four names, one clock
        ("+12125551234", {"region": "NY"}, Confidence.EXACT),
        ("+79000000000", {"region": "RU-SA"}, Confidence.WIDE),
    ],
)
def test_confidence_counts_clocks_and_not_names(
    e164: str, told: dict[str, str], confidence: Confidence
) -> None:
    assert place(e164, **told).confidence is confidence
