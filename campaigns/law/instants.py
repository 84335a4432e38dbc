"""Instants as people and programs write them: ISO 8601, never without a zone."""

from datetime import UTC, date, datetime, time

from dialer.errors import Invalid


class BadInstant(Invalid):
    """The text is no instant, or nobody knows in which zone it was meant."""

    code = "bad_instant"
    message = "Write the instant as 2026-11-23T13:00:00Z."


def parse_instant(text: str) -> datetime:
    """Return the instant in UTC; a bare date is its first moment in UTC.

    Raises:
        BadInstant: neither ISO 8601 nor complete: a time of day needs its offset or ``Z``.
    """
    written = text.strip()
    try:
        if len(written) == len("2026-11-23"):
            return datetime.combine(date.fromisoformat(written), time(), UTC)
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadInstant(f"{written!r} is no instant: write it as 2026-11-23T13:00:00Z.") from error
    if at.tzinfo is None:
        raise BadInstant(f"{written!r} lacks its zone: add Z for UTC, or an offset such as +03:00.")
    return at.astimezone(UTC)


def instant_text(at: datetime) -> str:
    """Return an aware instant as ISO 8601 in UTC, with ``Z``."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
