"""Build the table of area codes from the data of the ``phonenumbers`` package.

Its time zone data is per exchange; a number may be ported anywhere in its area code, so the zones of
all exchanges are united. Its place names give the states. Both know new overlays badly: an overlay
gets what the code it lies over has.
"""

import re
from collections import Counter, defaultdict
from pathlib import Path

import phonenumbers
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from compliance.places.area_codes import TABLE, AreaCode
from compliance.places.regions import country_zones, parse_region, region_zones
from compliance.places.zone_names import canonical_zone, clock, clocks

#: Overlay -> the codes it lies over, where the package knows less of the overlay.
#: Source: the planning letters of the numbering administrations (NANPA, CNAC).
OVERLAYS = {
    "236": ("250", "604"),
    "257": ("250", "604"),
    "364": ("270",),
    "367": ("418",),
    "448": ("850",),
    "458": ("541",),
    "581": ("418",),
    "672": ("250", "604"),
    "729": ("423",),
    "778": ("250", "604"),
    "930": ("812",),
}

#: Codes of all of a territory's or province's clocks: the package names zones of neighbours for them.
_ALL_ZONES_OF = {"867": ("CA-NT", "CA-NU", "CA-YT")}

#: A place name with a state that fewer exchanges than this share have is an error of the data (0..1).
_NOISE_SHARE = 0.02

#: Codes below this share their numbers by exchange; a sample of each tells the country.
_SAMPLES = ("2345678", "4567890", "9876543", "5552345")

#: Territories with a country code of their own that are parts of the United States too.
_TERRITORIES = {"AS": "US-AS", "GU": "US-GU", "MP": "US-MP", "PR": "US-PR", "VI": "US-VI"}

_STATE = re.compile(r", ([A-Z]{2})$")
_HEAD = "# Area codes: code, country, subdivisions, zones of all exchanges. Built, not written."


def build_area_codes(target: Path = TABLE) -> int:
    """Write the table to ``target``, whole or not at all; return how many codes it holds.

    Raises:
        OSError: the file cannot be written.
    """
    exchanges, places = _exchange_zones(), _place_states()
    rows = {}
    for npa in sorted({*exchanges, *OVERLAYS}):
        country = _country(npa)
        if country:
            rows[npa] = _area_code(npa, country, exchanges, places)
    lines = [_HEAD]
    lines += [
        f"{row.npa}\t{row.country}\t{' '.join(row.subdivisions)}\t{' '.join(row.zones)}"
        for row in rows.values()
    ]
    part = target.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(target)
    return len(rows)


def _area_code(
    npa: str, country: str, exchanges: dict[str, set[str]], places: dict[str, set[str]]
) -> AreaCode:
    family = (npa, *OVERLAYS.get(npa, ()))
    states = {state for code in family for state in places.get(code, ())}
    if country in _TERRITORIES:
        states = {_TERRITORIES[country]}
    zones = {zone for code in family for zone in exchanges.get(code, ())}
    zones |= {zone for state in _ALL_ZONES_OF.get(npa, ()) for zone in region_zones(state)}
    kept = _of_the_states(zones, states) if country in ("US", "CA") else country_zones(country)
    return AreaCode(npa, country, tuple(sorted(states)), tuple(sorted(kept)))


def _of_the_states(zones: set[str], states: set[str]) -> set[str]:
    """Replace what no clock of the states shows by all of their zones.

    The package answers with a representative of a clock, which may have stopped being one: in 2026
    Winnipeg left the clock of Nunavut's middle.
    """
    own = {zone for state in states for zone in region_zones(state)}
    if not own:
        return zones
    known = {zone for zone in zones if clock(zone) in clocks(own)}
    return known if known == zones and known else known | own


def _exchange_zones() -> dict[str, set[str]]:
    zones: dict[str, set[str]] = defaultdict(set)
    for prefix, answers in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= 4:
            zones[prefix[1:4]] |= {zone for zone in map(canonical_zone, answers) if zone}
    return zones


def _place_states() -> dict[str, set[str]]:
    """Return area code -> states, from the place names of the code itself and of its exchanges."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for prefix, names in GEOCODE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= 4:
            weight = 1_000 if len(prefix) == 4 else 1
            for state in _states_in(names.get("en", "")):
                counted[prefix[1:4]][state] += weight
    return {
        npa: {state for state, count in seen.items() if count >= _NOISE_SHARE * seen.total()}
        for npa, seen in counted.items()
    }


def _states_in(place: str) -> list[str]:
    """Read "Miami, FL", "Florida" or "Nova Scotia/Prince Edward Island"."""
    abbreviation = _STATE.search(place)
    names = [abbreviation[1]] if abbreviation else place.split("/")
    states = (parse_region(name, "US") for name in names)
    return [state for state in states if state and state[:3] in ("US-", "CA-")]


def _country(npa: str) -> str | None:
    for sample in _SAMPLES:
        number = phonenumbers.PhoneNumber(country_code=1, national_number=int(npa + sample))
        region = phonenumbers.region_code_for_number(number)
        if region:
            return region
    return "US" if npa in OVERLAYS else None
