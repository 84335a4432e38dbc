"""Subdivisions: their zones, and what a client writes in a region or postal code column.

Pure but for the first call, which reads the package's own table.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from compliance.places.zip_codes import zip_state
from compliance.places.zone_names import zones_by_country

__all__ = ["country_zones", "parse_region", "region_codes", "region_zones", "zip_state"]

_TABLE = Path(__file__).parents[1] / "data" / "regions.tsv"

#: Words that say what kind of place it is, not which; Cyrillic, because there the adjective differs
#: ("Московская область", "Москва"), while English names are listed in full.
_KIND = re.compile(
    r"\b(?:г|гор|город|м|місто|обл|область|край|республика|респ|республіка|ао|авт округ"
    r"|автономный округ|автономная область|аобл)\b"
)
_LATIN_ACCENT = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_NOT_WORD = re.compile(r"[^\w]+")
_CODE = re.compile(r"([A-Z]{2})[-_ ]([A-Z0-9]{1,3})")

#: Where a person of one numbering plan may well live: looked at after the number's own country.
_NEIGHBOURS = {"CA": ("US",), "KZ": ("RU",), "PR": ("US",), "US": ("CA",)}


@dataclass(frozen=True, slots=True)
class _Region:
    """One row of the table."""

    code: str
    zones: tuple[str, ...]
    names: tuple[str, ...]


@cache
def _regions() -> dict[str, _Region]:
    rows = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, zones, names = line.split("\t")
            rows[code] = _Region(code, tuple(zones.split()), tuple(names.split(";")))
    return rows


def region_codes() -> tuple[str, ...]:
    """Return every subdivision code of the table, sorted."""
    return tuple(sorted(_regions()))


def region_zones(code: str) -> tuple[str, ...]:
    """Return every zone in use in a subdivision such as ``US-FL``, sorted; empty when unknown."""
    region = _regions().get(code)
    return region.zones if region else ()


def country_zones(alpha2: str) -> tuple[str, ...]:
    """Return every zone of a country (ISO 3166-1 alpha-2), sorted; empty when unknown."""
    return zones_by_country().get(alpha2, ())


@lru_cache(maxsize=16_384)
def parse_region(text: str, country: str) -> str | None:
    """Return the ISO 3166-2 code a client meant by ``text``, or None.

    ``country`` (alpha-2, may be empty) is where the number belongs: it decides what ``FL`` or
    ``PRI`` means. A full name is understood for any country when only one has it.
    """
    upper = text.strip().upper()
    whole = _CODE.fullmatch(upper)
    if whole and "-".join(whole.groups()) in _regions():
        return "-".join(whole.groups())
    lands = (country, *_NEIGHBOURS.get(country, ()))
    for land in lands:
        if f"{land}-{upper}" in _regions():
            return f"{land}-{upper}"
    return _by_name(text, lands)


def _by_name(text: str, lands: tuple[str, ...]) -> str | None:
    """Look a name up as written, then without words such as "область"; the lands' own names first."""
    plain = _plain(text)
    for name, index in ((plain, _exact_names()), (_bare(plain), _bare_names())):
        codes = index.get(name, frozenset())
        for land in lands:
            own = [code for code in codes if code.startswith(f"{land}-")]
            if own:
                return own[0] if len(own) == 1 else None
        if len(codes) == 1:
            return next(iter(codes))
    return None


@cache
def _exact_names() -> dict[str, frozenset[str]]:
    return _index(bare=False)


@cache
def _bare_names() -> dict[str, frozenset[str]]:
    return _index(bare=True)


def _index(*, bare: bool) -> dict[str, frozenset[str]]:
    index: dict[str, set[str]] = defaultdict(set)
    for region in _regions().values():
        for name in map(_plain, region.names):
            index[_bare(name) if bare else name].add(region.code)
    index.pop("", None)
    return {name: frozenset(codes) for name, codes in index.items()}


def _plain(text: str) -> str:
    """Fold case, Latin accents and punctuation; й and ї stay letters of their own."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ё", "е"))
    composed = unicodedata.normalize("NFC", _LATIN_ACCENT.sub("", decomposed))
    return _NOT_WORD.sub(" ", composed).strip()


def _bare(plain: str) -> str:
    short = re.sub(r"\s(?:oblast|krai|region|republic)$", "", plain)
    return " ".join(_KIND.sub(" ", short).split())
