"""Countries to choose from: every numbering plan there is, by its name in the reader's language."""

from collections.abc import Sequence
from functools import lru_cache

import phonenumbers

from api.languages import locale_of

#: What is likely where the interface is read in a language.
_LIKELY = {"en": "US", "ru": "RU", "uk": "UA"}


@lru_cache
def countries(language: str) -> Sequence[tuple[str, str]]:
    """Return (code, name) of every country with phone numbers, in the order of the names."""
    names = locale_of(language).territories
    named = [(code, str(names.get(code, code))) for code in phonenumbers.SUPPORTED_REGIONS]
    return sorted(named, key=lambda pair: pair[1].casefold())


def likely_country(language: str) -> str:
    """Return the country a first list of a reader is probably from."""
    return _LIKELY.get(language, "US")
