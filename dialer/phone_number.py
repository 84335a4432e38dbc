"""The value every part passes on: one number that can be dialled, masked wherever it is printed."""

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


def masked(e164: str) -> str:
    """Return ``e164`` with its middle hidden: country code side and the last two digits stay."""
    return f"{e164[:3]}…{e164[-2:]}" if len(e164) > 6 else "…"
