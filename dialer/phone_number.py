"""The value every part passes on: one number that can be dialled, masked wherever it is printed."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One dialable number."""

    e164: str  #: "+" and 8 to 15 digits
    region: str  #: ISO 3166-1 alpha-2 of the numbering plan, "" for a non-geographic code

    def __str__(self) -> str:
        """Return the masked form: a number must not leak by being printed."""
        return masked(self.e164)

    __repr__ = __str__


#: Digits with what people write between them.
_RUN = re.compile(r"\+?\d(?:[\s().\-\u2010-\u2015/]*\d){6,}")
#: A number is known by so many of its last digits, however its beginning is written.
_TELLING_DIGITS = 7


def masked_in(text: str, e164s: Iterable[str]) -> str:
    """Return a text with these numbers hidden, in whatever way and digits they are written."""
    tails = {e164[-_TELLING_DIGITS:]: masked(e164) for e164 in e164s}

    def told(found: re.Match[str]) -> str:
        digits = "".join(str(unicodedata.digit(one)) for one in found[0] if one.isdecimal())
        return next((mask for tail, mask in tails.items() if tail in digits), found[0])

    return _RUN.sub(told, text)


def masked(e164: str) -> str:
    """Return ``e164`` with its middle hidden: country code side and the last two digits stay."""
    return f"{e164[:3]}…{e164[-2:]}" if len(e164) > 6 else "…"
