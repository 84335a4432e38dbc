"""The interface's languages: which one a request wants, and its catalogue.

Catalogues are compiled when they are first needed, so what is read can never be older than the text.
"""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from fastapi import Request

LANGUAGES = ("en", "ru", "uk")  #: English is the language of the source
DEFAULT = "en"
COOKIE = "outdial_lang"
DIRECTORY = Path(__file__).parent / "locales"


def language_of(request: Request) -> str:
    """Return the language: ``?lang=``, else the cookie, else ``Accept-Language``, else English."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return str(chosen)
    return negotiate_locale(_accepted(request), LANGUAGES, sep="-") or DEFAULT


def _accepted(request: Request) -> list[str]:
    """Return the accepted languages, the best first. Source: RFC 9110, section 12.5.4."""
    weighted = []
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        if tag:
            weighted.append((-_weight(weight), tag.split("-")[0].lower()))
    return [tag for weight, tag in sorted(weighted, key=lambda pair: pair[0]) if weight < 0]


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def path_of(language: str) -> Path:
    """Return the catalogue's file."""
    return DIRECTORY / language / "LC_MESSAGES" / "messages.po"


@lru_cache
def translations_of(language: str) -> NullTranslations:
    """Return the compiled catalogue; English needs none."""
    if language == DEFAULT:
        return NullTranslations()
    compiled = BytesIO()
    with path_of(language).open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


@lru_cache
def locale_of(language: str) -> Locale:
    """Return how numbers and times are written."""
    return Locale.parse(language)
