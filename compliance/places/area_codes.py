"""Area codes of the North American plan: the country, the states and every zone of each.

The table is frozen in ``data/area_codes.tsv``; ``build_area_codes`` makes it again.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parents[1] / "data" / "area_codes.tsv"


class AreaCode(NamedTuple):
    """Where an area code (NPA) is used."""

    npa: str  #: three digits
    country: str  #: ISO 3166-1 alpha-2: not only US and CA
    subdivisions: tuple[str, ...]  #: ISO 3166-2, sorted; empty outside US and CA
    zones: tuple[str, ...]  #: IANA names, sorted: all zones of all exchanges


@cache
def area_codes() -> dict[str, AreaCode]:
    """Return the table by area code."""
    table = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            npa, country, subdivisions, zones = line.split("\t")
            table[npa] = AreaCode(npa, country, tuple(subdivisions.split()), tuple(zones.split()))
    return table


def area_code(e164: str) -> AreaCode | None:
    """Return the area code of a ``+1`` number; None when it belongs to no place, such as 800."""
    return area_codes().get(e164[2:5]) if e164.startswith("+1") else None
