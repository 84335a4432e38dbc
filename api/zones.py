"""The viewer's time zone: the browser says it in a cookie; without one, times are shown in UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from fastapi import Request

from compliance.places.zone_names import canonical_zone

#: Set by ``app.js``: an IANA name.
ZONE_COOKIE = "outdial_zone"
_UTC = "UTC"
#: IANA's longest name is half of this.
_MOST_CHARACTERS = 64


def zone_of(request: Request, of_client: str = "") -> str:
    """Return the zone of whoever looks: the browser's, else the client's; a strange one is UTC."""
    return known_zone_or_utc(request.cookies.get(ZONE_COOKIE, "") or of_client)


def known_zone_or_utc(name: str) -> str:
    """Return ``name`` if IANA knows it, else UTC."""
    return canonical_zone(name) or _UTC if len(name) <= _MOST_CHARACTERS else _UTC


def clock_in(at: datetime, zone: str, locale: Locale) -> str:
    """Return an instant as a clock in ``zone`` shows it, with the weekday."""
    return str(format_datetime(at.astimezone(ZoneInfo(zone)), "EEE d MMM, HH:mm", locale=locale))


def utc_text(at: datetime) -> str:
    """Return an instant in UTC, for whoever compares with a log."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
