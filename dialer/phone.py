"""Phone numbers: parsed once, E.164 ever after, masked wherever they might be read by accident."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import timezone as number_timezone

from dialer.errors import Invalid

#: An extension makes a number that a dialer cannot reach by itself: dial the main number.
_EXTENSION = re.compile(r"\s*(?:доб\.?|дод\.?|ext\.?|x|#|вн\.?)\s*\d+\s*$", re.IGNORECASE)
_SPREADSHEET_DAMAGE = re.compile(r"^\s*\d+(?:[.,]\d+)?e\+?\d+\s*$", re.IGNORECASE)


class InvalidPhone(Invalid):
    """The text is not a number that can be dialled."""

    code = "invalid_phone"
    message = "This is not a phone number that can be dialled."


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One dialable number."""

    e164: str  #: "+" and 8 to 15 digits
    region: str  #: ISO 3166-1 alpha-2 of the numbering plan, "" for a non-geographic code

    def __str__(self) -> str:
        """Return the masked form: a number must not leak by being printed."""
        return masked(self.e164)

    __repr__ = __str__


def masked(e164: str) -> str:
    """Return ``e164`` with its middle hidden: country code side and the last two digits stay."""
    return f"{e164[:3]}…{e164[-2:]}" if len(e164) > 6 else "…"


def parse(text: str, region: str) -> PhoneNumber:
    """Parse what a person or a spreadsheet wrote; ``region`` (alpha-2) is assumed where no code is.

    Raises:
        InvalidPhone: not a valid number, or spreadsheet damage such as ``7.9E+10``, which is
            reported and never guessed.
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


@lru_cache(maxsize=65_536)
def time_zones(e164: str) -> tuple[str, ...]:
    """Return every IANA zone the number may be in; empty when that is unknown.

    Uses the prefix answer only: the library's "geographical" answer gives one zone for a number that
    may be in sixteen.
    """
    try:
        zones = number_timezone.time_zones_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in zones if zone != "Etc/Unknown")
