"""Phone numbers: parsed once, E.164 ever after, masked wherever they might be read by accident."""

import re

import phonenumbers
from phonenumbers import timezone as number_timezone

from dialer.errors import Invalid
from dialer.phone_fast import fast_parse, fast_zones
from dialer.phone_number import PhoneNumber, masked

__all__ = [
    "InvalidPhone",
    "PhoneNumber",
    "masked",
    "parse",
    "parse_slowly",
    "time_zones",
    "time_zones_slowly",
]

#: An extension makes a number that a dialer cannot reach by itself: dial the main number.
_EXTENSION = re.compile(r"\s*(?:доб\.?|дод\.?|ext\.?|x|#|вн\.?)\s*\d+\s*$", re.IGNORECASE)
#: What the library takes for the beginning of a number. Source: phonenumbers, ``_VALID_START_CHAR``.
_START = re.compile(r"[+\uff0b\d]")
#: Longer texts are not tried the quick way; the library refuses those above 250 characters.
_TEXT_MAX = 100
_SPREADSHEET_DAMAGE = re.compile(r"^\s*\d+(?:[.,]\d+)?e\+?\d+\s*$", re.IGNORECASE)


class InvalidPhone(Invalid):
    """The text is not a number that can be dialled."""

    code = "invalid_phone"
    message = "This is not a phone number that can be dialled."


def parse(text: str, region: str) -> PhoneNumber:
    """Parse what a person or a spreadsheet wrote; ``region`` (alpha-2) is assumed where no code is.

    Digits with the usual marks between them, and perhaps words before them or an extension, are read
    the quick way, see :mod:`dialer.phone_fast`; the answer is the library's either way.

    Raises:
        InvalidPhone: not a valid number, or spreadsheet damage such as ``7.9E+10``, which is
            reported and never guessed.
    """
    answer = fast_parse(text, region)
    if answer is None:
        answer = fast_parse(_without_words(text), region)
    if answer is None:
        return parse_slowly(text, region)
    if answer is False:
        raise InvalidPhone
    return answer


def _without_words(text: str) -> str:
    """Return ``text`` from where the library, too, begins to read, or "" where that is not so plain."""
    # A "tel:" address may keep its country behind the number.
    if ";" in text or len(text) > _TEXT_MAX:
        return ""
    cleaned = _EXTENSION.sub("", text)
    start = _START.search(cleaned)
    return cleaned[start.start() :] if start else ""


def parse_slowly(text: str, region: str) -> PhoneNumber:
    """Do what :func:`parse` does, with the library alone.

    Raises:
        InvalidPhone: as :func:`parse` does.
    """
    if _SPREADSHEET_DAMAGE.match(text):
        raise InvalidPhone("a spreadsheet turned this number into a rounded one", damage=True)
    cleaned = _EXTENSION.sub("", text)
    try:
        number = phonenumbers.parse(cleaned, region)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise InvalidPhone("This number needs its country code, such as +7 or +380.") from error
        raise InvalidPhone from error
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return PhoneNumber(e164, phonenumbers.region_code_for_number(number) or "")


def time_zones(e164: str) -> tuple[str, ...]:
    """Return every IANA zone the number may be in; empty when that is unknown.

    Uses the prefix answer only: the library's "geographical" answer gives one zone for a number that
    may be in sixteen.
    """
    zones = fast_zones(e164)
    return time_zones_slowly(e164) if zones is None else zones


def time_zones_slowly(e164: str) -> tuple[str, ...]:
    """Do what :func:`time_zones` does, with the library alone."""
    try:
        zones = number_timezone.time_zones_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in zones if zone != "Etc/Unknown")
