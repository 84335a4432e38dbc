"""Where a called person may be: every zone and every jurisdiction that cannot be excluded. Types only."""

from dataclasses import dataclass
from enum import StrEnum


class PlacementSource(StrEnum):
    """What told where the person is, the strongest first."""

    EXPLICIT_ZONE = "explicit_zone"  #: a zone in the client's list
    REGION = "region"  #: a region or postal code in the client's list
    NUMBER_RANGE = "number_range"  #: the regulator's table of ranges
    AREA_CODE = "area_code"
    NUMBER = "number"  #: the numbering plan's own answer
    COUNTRY = "country"  #: all zones of the country
    NONE = "none"


class Confidence(StrEnum):
    """How sure a placement is."""

    EXACT = "exact"  #: said by the client
    NARROW = "narrow"  #: one clock, by the number
    WIDE = "wide"  #: several clocks: the window must be open in all of them
    UNKNOWN = "unknown"  #: no zone: not dialled


@dataclass(frozen=True, slots=True)
class Placement:
    """The candidates; a window must be open in every zone and for every jurisdiction."""

    zones: tuple[str, ...]  #: IANA names, sorted; empty = unknown
    jurisdictions: tuple[str, ...]  #: ISO 3166-1 and 3166-2, sorted, parents included
    source: PlacementSource
    confidence: Confidence
