"""Calling codes, and the countries behind them, of numbers that are valid E.164 already."""

from functools import cache

import phonenumbers

#: What ``phonenumbers`` calls the region of a code that belongs to no country.
_NO_COUNTRY = "001"


@cache
def calling_code(digits: str) -> str:
    """Return the calling code that ``digits`` begin with, "" when there is none."""
    if not digits.isdecimal() or digits.startswith("0"):
        return ""
    for length in (1, 2, 3):
        code = digits[:length]
        if int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code
    return ""


@cache
def regions_of(code: str) -> tuple[str, ...]:
    """Return the countries (alpha-2) that share a calling code, the main one first."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0), ())
    return tuple(region for region in regions if region != _NO_COUNTRY)


def built_number(e164: str) -> phonenumbers.PhoneNumber:
    """Build the library's number from E.164 without the cost of parsing it again.

    Raises:
        ValueError: ``e164`` has no known calling code, or is not digits after its "+".
    """
    code = calling_code(e164[1:4])
    national = e164[1 + len(code) :]
    zeros = len(national) - len(national.lstrip("0"))
    return phonenumbers.PhoneNumber(
        country_code=int(code),
        national_number=int(national or 0),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def number_country(e164: str) -> str:
    """Return the country (alpha-2) of a number; its code's main one in doubt; "" for a global code."""
    regions = regions_of(calling_code(e164[1:4]))
    if len(regions) < 2:
        return "".join(regions)
    return phonenumbers.region_code_for_number(built_number(e164)) or regions[0]
