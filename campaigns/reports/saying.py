"""A figure in words: its unit, in the way of a language. Pages, files and letters say it alike."""

from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency, format_decimal, format_percent

from campaigns.reports.measure import Measure, Unit

NOTHING = "–"
#: The sign of a second where it is Cyrillic. Source: GOST 8.417-2002, DSTU 3651.1-97.
_SECOND = {"ru": "с", "uk": "с"}


def say_figure(
    measure: Measure, value: float | Decimal | None, *, locale: Locale | str, currency: str
) -> str:
    """Return a figure with its unit; a dash for what is not known."""
    if value is None:
        return NOTHING
    match measure.unit:
        case Unit.COUNT:
            return str(format_decimal(value, "#,##0", locale=locale))
        case Unit.SHARE:
            return str(format_percent(value, "#,##0.0%", locale=locale))
        case Unit.MONEY:
            return str(format_currency(value, currency, locale=locale))
        case Unit.RATIO:
            return str(format_decimal(value, "#,##0.0#", locale=locale))
        case Unit.SECONDS:
            return _seconds(float(value), locale)


def _seconds(seconds: float, locale: Locale | str) -> str:
    if seconds < 60:
        said = format_decimal(seconds, "0.0", locale=locale)
        return f"{said} {_SECOND.get(str(locale)[:2], 's')}"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
