"""What a number alone says of a person's place: every zone that its prefix does not exclude.

``phonenumbers`` knows prefixes and answers with a representative of a clock; this module corrects the
representatives that stopped being true, and adds what its data lacks.
"""

from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers.timezone import time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from compliance.places.area_codes import AreaCode, area_code
from compliance.places.calling_codes import built_number, calling_code, number_country, regions_of
from compliance.places.deciding_digits import deciding_digits
from compliance.places.number_corrections import ADDITIONS, CORRECTIONS
from compliance.places.number_ranges import range_key, ru_mobile
from compliance.places.placement import PlacementSource
from compliance.places.regions import country_zones
from compliance.places.zone_names import canonical_zone, clocks, country_of_zone

#: Longest key, "+" included, of a place that the calling code alone decides.
_PLAIN = 4

#: Russian numbers without a place: free-phone, premium and the like.
_PLACELESS_RUSSIAN = ("+780", "+7810")


@dataclass(frozen=True, slots=True, eq=False)
class NumberPlace:
    """What a number says; compared and hashed by identity, for the caches."""

    country: str  #: ISO 3166-1 alpha-2, "" for a code without a country
    subdivisions: tuple[str, ...]  #: ISO 3166-2; of a code two countries share, the other country
    zones: tuple[str, ...]  #: IANA names, sorted
    source: PlacementSource
    narrows: bool  #: False: the zones are merely all clocks of the country


def place_key(e164: str) -> str:
    """Return a text that is equal only for numbers in one place, as short as the numbering plan allows.

    North America: the area code; Russian mobile numbers: the holder of the range; a country with one
    clock: its code; elsewhere as many digits as a type, zone or border inside the code needs. Placing
    a million numbers is then a matter of dictionary look-ups.
    """
    if e164.startswith("+1"):
        return e164[:5]
    if e164.startswith("+79"):
        return f"+79:{range_key(e164)}"
    length = _key_length(e164[1:5])
    return e164[:length] if length <= _PLAIN else f"{e164[:length]}/{len(e164)}"


@cache
def _key_length(head: str) -> int:
    """Return how many characters of a number, "+" included, decide its place."""
    code = calling_code(head)
    if not code or code in _plain_codes():
        return 1 + len(code or head[:3])
    zoned = [
        len(prefix)
        for prefix in (*TIMEZONE_DATA, *CORRECTIONS, *ADDITIONS)
        if prefix.startswith(head) or head.startswith(prefix)
    ]
    return 1 + max(deciding_digits(head), *zoned, _PLAIN)


@cache
def _plain_codes() -> frozenset[str]:
    """Return the calling codes of one country with one clock each, or of no country at all."""
    return frozenset(
        str(code)
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        if len(regions) == 1 and len(clocks(country_zones(regions[0]))) <= 1
    )


def number_place(e164: str) -> NumberPlace:
    """Return what ``e164`` says of its place; equal for all numbers with one ``place_key``."""
    if e164.startswith("+1"):
        found = area_code(e164)
        return _in_area(found) if found else _without_area(e164)
    country = number_country(e164)
    if country == "KZ" or e164.startswith(("+76", "+77")):
        return _place("KZ", (), country_zones("KZ"), PlacementSource.NUMBER)
    if e164.startswith("+79"):
        held = ru_mobile(e164)
        if held:
            return _place("RU", held.regions, held.zones, PlacementSource.NUMBER_RANGE)
        return _anywhere(e164, ("RU",))
    if e164.startswith(_PLACELESS_RUSSIAN):
        return _anywhere(e164, ("RU",))
    return _by_prefix(e164, country)


def _in_area(area: AreaCode) -> NumberPlace:
    return _place(area.country, area.subdivisions, area.zones, PlacementSource.AREA_CODE)


def _without_area(e164: str) -> NumberPlace:
    """Place a number such as 800 or 600: both countries may hold it, unless the plan gives it to one."""
    if number_country(e164) == "CA":
        return _anywhere(e164, ("CA",))
    return _anywhere(e164, ("US", "CA"))


def _anywhere(e164: str, countries: tuple[str, ...]) -> NumberPlace:
    """Return all zones of the countries: the number says nothing more."""
    zones = tuple(sorted({zone for country in countries for zone in country_zones(country)}))
    country, *others = countries
    source = PlacementSource.COUNTRY if zones else PlacementSource.NONE
    return NumberPlace(country, tuple(others), zones, source, narrows=False)


def _by_prefix(e164: str, country: str) -> NumberPlace:
    if not country:
        return NumberPlace("", (), (), PlacementSource.NONE, narrows=False)
    corrected = _longest(CORRECTIONS, e164)
    if corrected:
        return _place(country, (), corrected, PlacementSource.NUMBER)
    code = calling_code(e164[1:4])
    whole = TIMEZONE_DATA.get(code, ())
    answer = whole if code in _plain_codes() else time_zones_for_number(built_number(e164))
    zones = _current(answer, e164, country)
    merely_the_country = answer == whole
    if not zones or (merely_the_country and len(clocks(zones)) > 1):
        return _anywhere(e164, (country,))
    return _place(country, (), zones, PlacementSource.NUMBER)


def _longest(table: dict[str, tuple[str, ...]], e164: str) -> tuple[str, ...]:
    """Return the entry of the longest prefix of ``e164`` in ``table``, or nothing."""
    matching = [prefix for prefix in table if e164.startswith(prefix, 1)]
    return table[max(matching, key=len)] if matching else ()


def _current(answer: tuple[str, ...], e164: str, country: str) -> tuple[str, ...]:
    """Return current names; a zone of a foreign country gives way to all zones of the number's own.

    The package names New York for Mexico, Paris for Algeria, Bucharest for Libya: the clocks agreed
    once, or agree in winter.
    """
    zones = {zone for zone in map(canonical_zone, answer) if zone}
    zones |= set(_longest(ADDITIONS, e164)) if zones else set()
    lands = regions_of(calling_code(e164[1:4]))
    native = {zone for zone in zones if country_of_zone(zone) in lands}
    own = country_zones(country)
    if own and native != zones:
        return tuple(sorted(native | set(own)))
    return tuple(sorted(zones))


def _place(
    country: str, subdivisions: tuple[str, ...], zones: tuple[str, ...], source: PlacementSource
) -> NumberPlace:
    narrows = not clocks(zones) >= clocks(country_zones(country))
    return NumberPlace(country, subdivisions, zones, source, narrows)
