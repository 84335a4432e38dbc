"""IANA zone names of the pinned ``tzdata`` package: which exist, and which tell the same time.

Read from the package itself and never from the system's copy, which may be years older.
"""

import importlib.resources
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources.abc import Traversable
from zoneinfo import ZoneInfo

#: Two zones with the same offset at every one of these moments tell the same time for a dialer.
_FIRST_SAMPLE = datetime(2026, 11, 22, 12, tzinfo=UTC)
_SAMPLES = tuple(_FIRST_SAMPLE + timedelta(days=7 * week) for week in range(110))

#: Old spellings whose link in tzdata leads to another country's zone with the same clock.
_RESPELLED = {
    "Africa/Asmera": "Africa/Asmara",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}

#: Zones of an offset whose link happens to lead to a place: a list that says "EST" means New York.
_OFFSET_NAMES = frozenset({"EST", "HST", "MST"})

Clock = tuple[timedelta, ...]


def _zoneinfo_dir() -> Traversable:
    return importlib.resources.files("tzdata") / "zoneinfo"


@cache
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """Return the zones of every country (alpha-2), sorted.

    Source: ``zone.tab`` of tzdata. Kazakhstan is one entry: the country has one clock since
    2024-03-01, and seven names for it would only slow the gate.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for line in (_zoneinfo_dir() / "zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found[country].append(zone)
    found["KZ"] = ["Asia/Almaty"]
    return {country: tuple(sorted(zones)) for country, zones in found.items()}


@cache
def _places() -> dict[str, str]:
    """Return zone -> country; the zones that name a place on Earth."""
    rows = (_zoneinfo_dir() / "zone.tab").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in rows if line and not line.startswith("#")]
    return {row[2]: row[0] for row in cells}


@cache
def _links() -> dict[str, str]:
    """Return old spelling -> zone, from the links of ``tzdata.zi``."""
    text = (_zoneinfo_dir() / "tzdata.zi").read_text(encoding="utf-8")
    cells = [line.split() for line in text.splitlines() if line.startswith("L ")]
    links = {name: target for _, target, name in cells if name not in _OFFSET_NAMES}
    return links | _RESPELLED


@cache
def _spellings() -> dict[str, str]:
    """Return casefolded name -> name, for everything a list may say."""
    return {name.casefold(): name for name in (*_links(), *_places())}


@cache
def canonical_zone(name: str) -> str | None:
    """Return the current name of a zone, or None when the name tells no place.

    ``UTC``, ``GMT`` and ``Etc/GMT+5`` are refused: they say an offset, not where a person is, and
    the sign of the ``Etc`` names is the opposite of what people expect.
    """
    zone = _spellings().get(name.strip().casefold())
    seen = 0
    while zone is not None and zone not in _places() and seen < 5:
        zone = _links().get(zone)
        seen += 1
    return zone if zone in _places() else None


def country_of_zone(zone: str) -> str | None:
    """Return the country (alpha-2) a current zone name belongs to."""
    return _places().get(zone)


@cache
def clock(zone: str) -> Clock:
    """Return what a zone's clock shows over two years: equal values mean equal time.

    Raises:
        KeyError: tzdata has no such zone.
    """
    file = _zoneinfo_dir().joinpath(*zone.split("/"))
    if not file.is_file():
        raise KeyError(zone)
    with file.open("rb") as stream:
        info = ZoneInfo.from_file(stream, zone)
    return tuple(at.astimezone(info).utcoffset() or timedelta() for at in _SAMPLES)


def clocks(zones: Iterable[str]) -> frozenset[Clock]:
    """Return the different clocks of ``zones``."""
    return frozenset(clock(zone) for zone in zones)
