"""Where the called person may be: every zone and jurisdiction that cannot be excluded.

Order: the client's zone, the client's region or postal code, the number, the number's country. What the
client says never removes the number's jurisdictions; where the two disagree (a zone outside the number's
country, a region the number contradicts), both clocks must be open.
"""

from collections.abc import Iterable
from functools import lru_cache

from compliance.places.number_zones import NumberPlace, number_place, place_key
from compliance.places.placement import Confidence, Placement, PlacementSource
from compliance.places.regions import country_zones, parse_region, region_zones, zip_state
from compliance.places.zone_names import canonical_zone, clock, clocks

__all__ = ["place", "place_key"]

#: Keys remembered at most, some 300 bytes each; a full memory starts afresh.
_REMEMBERED = 200_000

#: Countries that are parts of the United States: federal law reaches them.
_US_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})

_places: dict[str, tuple[NumberPlace, Placement]] = {}


def place(
    e164: str,
    *,
    zone: str | None = None,
    region: str | None = None,
    postal_code: str | None = None,
) -> Placement:
    """Return where the person behind ``e164`` (a valid number) may be.

    ``zone`` is an IANA name, ``region`` a code or a name in the number's country, ``postal_code`` a US
    ZIP; what cannot be understood is ignored, and the next source decides.
    """
    key = place_key(e164)
    known = _places.get(key)
    if known is None:
        known = _learn(key, e164)
    if not (zone or region or postal_code):
        return known[1]
    return _told(known[0], zone or "", region or "", postal_code or "")


def _learn(key: str, e164: str) -> tuple[NumberPlace, Placement]:
    if len(_places) >= _REMEMBERED:
        _places.clear()
    number = number_place(e164)
    alone = Placement(
        number.zones,
        _jurisdictions(number, ()),
        number.source if number.zones else PlacementSource.NONE,
        _confidence(number.zones, one_clock=Confidence.NARROW),
    )
    _places[key] = number, alone
    return number, alone


@lru_cache(maxsize=65_536)
def _told(number: NumberPlace, zone: str, region: str, postal_code: str) -> Placement:
    """Place a number of which the client's list says something."""
    regions = _regions(number, region, postal_code)
    jurisdictions = _jurisdictions(number, regions)
    explicit = canonical_zone(zone) if zone else None
    if explicit:
        return _at_zone(number, explicit, jurisdictions)
    told = {name for code in regions for name in region_zones(code)}
    if told:
        zones = tuple(sorted(_united(number, regions, told)))
        confidence = _confidence(zones, one_clock=Confidence.EXACT)
        return Placement(zones, jurisdictions, PlacementSource.REGION, confidence)
    source = number.source if number.zones else PlacementSource.NONE
    confidence = _confidence(number.zones, one_clock=Confidence.NARROW)
    return Placement(number.zones, jurisdictions, source, confidence)


def _at_zone(number: NumberPlace, zone: str, jurisdictions: tuple[str, ...]) -> Placement:
    """Place a number by the zone the client names; one foreign to its country does not silence it."""
    lands = {number.country, *(code for code in number.subdivisions if "-" not in code)}
    at_home = clocks({*number.zones, *(name for land in lands for name in country_zones(land))})
    source = PlacementSource.EXPLICIT_ZONE
    if not number.zones or clock(zone) in at_home:
        return Placement((zone,), jurisdictions, source, Confidence.EXACT)
    both = tuple(sorted({zone, *number.zones}))
    return Placement(both, jurisdictions, source, Confidence.WIDE)


def _regions(number: NumberPlace, region: str, postal_code: str) -> tuple[str, ...]:
    """Return the subdivisions the client names, each once."""
    named = parse_region(region, number.country) if region else None
    land = named[:2] if named else number.country
    state = zip_state(postal_code) if postal_code and land in {"US", *_US_TERRITORIES} else None
    return tuple(dict.fromkeys(code for code in (named, state) if code))


def _united(number: NumberPlace, regions: tuple[str, ...], told: set[str]) -> set[str]:
    """Bring the region's zones and the number's together.

    A number that says no more than its country leaves the decision to the region. A number of the
    same subdivision narrows it: a Miami number in Florida is not in the Panhandle. Any other number
    contradicts it, and both count.
    """
    abroad = any(code[:2] != number.country for code in regions)
    if not number.narrows and not abroad:
        return told
    shared = clocks(told) & clocks(number.zones)
    if shared and not abroad and _agree(number, regions):
        return {name for name in number.zones if clock(name) in shared}
    return told | set(number.zones)


def _agree(number: NumberPlace, regions: Iterable[str]) -> bool:
    """Tell whether all the client's regions are the number's; a number without any objects to none."""
    return not number.subdivisions or set(regions) <= set(number.subdivisions)


def _jurisdictions(number: NumberPlace, regions: Iterable[str]) -> tuple[str, ...]:
    codes = {number.country, *number.subdivisions, *regions}
    parents = {code[:2] for code in codes}
    if codes & _US_TERRITORIES:
        parents.add("US")
    return tuple(sorted((codes | parents) - {""}))


def _confidence(zones: tuple[str, ...], *, one_clock: Confidence) -> Confidence:
    if not zones:
        return Confidence.UNKNOWN
    return one_clock if len(clocks(zones)) == 1 else Confidence.WIDE
