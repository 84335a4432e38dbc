"""Jinja2, set up once for each language: autoescape, StrictUndefined, the catalogue, the formats."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api import labels
from api.browser_names import browser_name
from api.languages import COOKIE, DEFAULT, LANGUAGES, language_of, locale_of, translations_of
from api.zones import clock_in, utc_text, zone_of
from campaigns.accounts.permissions import Permission, may
from dialer.errors import OutdialError

_TEMPLATES = Path(__file__).parent / "templates"

#: A year: the choice of a language is a person's, not a session's.
_LANGUAGE_LIVES_S = 365 * 24 * 3600


@lru_cache
def environment_of(language: str) -> Environment:
    """Return the templates' environment in one language."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    say = _say_in(language)
    environment.globals.update(gettext=say, _=say)
    environment.filters.update(_formats(language))
    environment.globals.update(labels=labels, language=language, languages=LANGUAGES)
    environment.globals.update(may=may, Permission=Permission, browser_name=browser_name)
    return environment


def _say_in(language: str) -> Callable[..., str]:
    """Return ``_`` of the templates.

    Jinja's own takes every message for safe markup, and a message may be a sentence from elsewhere
    that quotes what people wrote: this one gives plain text, which is escaped like any other.
    """
    translations = translations_of(language)

    def say(message: str, **values: object) -> str:
        text = translations.gettext(message) if message else ""
        return text % values if values else text

    return say


def _formats(language: str) -> dict[str, Any]:
    locale = locale_of(language)
    none = "–"

    def number(value: float | None, digits: int = 0) -> str:
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return none if value is None else format_decimal(value, pattern, locale=locale)

    def percent(value: float | None, digits: int = 1) -> str:
        pattern = f"#,##0.{'0' * digits}%" if digits else "#,##0%"
        return none if value is None else format_percent(value, pattern, locale=locale)

    def duration(seconds: float | None) -> str:
        if seconds is None:
            return none
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def instant(value: datetime | None) -> str:
        return none if value is None else format_datetime(value, "d MMM, HH:mm", locale=locale)

    def clock(value: datetime | None, zone: str) -> str:
        return none if value is None else clock_in(value, zone, locale)

    def size(value: int) -> str:
        unit, name = (1024 * 1024, "megabyte") if value >= 1024 * 1024 else (1024, "kilobyte")
        shown = max(value / unit, 0.1)
        return format_unit(shown, f"digital-{name}", "short", format="#,##0.#", locale=locale)

    def until(value: datetime, now: datetime) -> str:
        return format_timedelta(
            max(value - now, now - now), granularity="minute", add_direction=True, locale=locale
        )

    return {
        "number": number,
        "percent": percent,
        "duration": duration,
        "instant": instant,
        "bytes": size,
        "clock": clock,
        "utc": utc_text,
        "until": until,
    }


def render_text(language: str, template: str, **context: Any) -> str:
    """Return a template filled in, in one language."""
    return environment_of(language).get_template(template).render(**context)


def translate(language: str, message: str) -> str:
    """Return a message in a language; one without a translation stays as it is."""
    return translations_of(language).gettext(message) if message else ""


def render(
    request: Request, template: str, *, http_code: HTTPStatus = HTTPStatus.OK, **context: Any
) -> HTMLResponse:
    """Return a page in the request's language, and remember a language chosen by ``?lang=``."""
    language = language_of(request)
    zone = zone_of(request, getattr(context.get("who"), "zone", ""))
    given = {"path": request.url.path, "zone": zone, **context}
    body = render_text(language, template, **given)
    response = HTMLResponse(body, http_code.value)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language, Cookie"
    if request.query_params.get("lang") == language:
        response.set_cookie(
            COOKIE, language, max_age=_LANGUAGE_LIVES_S, httponly=True, samesite="lax"
        )
    return response


def problem_words(language: str, problem: OutdialError) -> str:
    """Return an error's sentence in a language; one with details keeps them behind its kind's."""
    said = translate(language, problem.detail)
    if said != problem.detail or language == DEFAULT or problem.detail == problem.message:
        return said
    return f"{translate(language, problem.message)} ({problem.detail})"
