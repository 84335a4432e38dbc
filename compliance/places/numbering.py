"""What kind of number it is, and whether a campaign may dial it: premium and satellite numbers cost dearly.

Fraud by call-back and by planted leads lives on numbers that earn their holder money: the default
refuses every kind that can.
"""

from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

from compliance.places.calling_codes import built_number, calling_code, number_country
from compliance.places.deciding_digits import type_key


class NumberType(StrEnum):
    """What a number is for."""

    FIXED = "fixed"
    MOBILE = "mobile"
    FIXED_OR_MOBILE = "fixed_or_mobile"  #: North America: the plan does not tell
    TOLL_FREE = "toll_free"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL = "personal"  #: follows its owner; often billed like premium
    PAGER = "pager"
    UAN = "uan"  #: one number of a company with many offices
    VOICEMAIL = "voicemail"
    SATELLITE = "satellite"
    INTERNATIONAL_PREMIUM = "international_premium"
    INTERNATIONAL_FREEPHONE = "international_freephone"
    INTERNATIONAL_SHARED = "international_shared"
    UNKNOWN = "unknown"


class NumberRefusal(StrEnum):
    """Why a number is not dialled."""

    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    PREMIUM_NUMBER = "premium_number"
    SATELLITE_NUMBER = "satellite_number"
    SHARED_COST_NUMBER = "shared_cost_number"
    SHORT_OR_SPECIAL = "short_or_special"


#: Dialled unless the operator says otherwise. Personal numbers (+44 70) are left out: callers pay up to
#: premium rates and the fraud is old. So are company-wide numbers (UAN), which are often paid too.
ALLOWED_TYPES_DEFAULT = frozenset(
    {NumberType.FIXED, NumberType.MOBILE, NumberType.FIXED_OR_MOBILE, NumberType.VOIP}
)

#: Prefixes that decide before any plan. Source: ITU-T E.164, list of assigned country codes: 870 Inmarsat;
#: 881 satellite mobile; 882 and 883 international networks, most of them satellite or fraud.
_GLOBAL = {
    "+800": NumberType.INTERNATIONAL_FREEPHONE,
    "+808": NumberType.INTERNATIONAL_SHARED,
    "+870": NumberType.SATELLITE,
    "+878": NumberType.PERSONAL,
    "+881": NumberType.SATELLITE,
    "+882": NumberType.SATELLITE,
    "+883": NumberType.SATELLITE,
    "+888": NumberType.UNKNOWN,
    "+979": NumberType.INTERNATIONAL_PREMIUM,
}

_FROM_LIBRARY = {
    PhoneNumberType.FIXED_LINE: NumberType.FIXED,
    PhoneNumberType.MOBILE: NumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberType.FIXED_OR_MOBILE,
    PhoneNumberType.TOLL_FREE: NumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: NumberType.PREMIUM,
    PhoneNumberType.SHARED_COST: NumberType.SHARED_COST,
    PhoneNumberType.VOIP: NumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberType.PERSONAL,
    PhoneNumberType.PAGER: NumberType.PAGER,
    PhoneNumberType.UAN: NumberType.UAN,
    PhoneNumberType.VOICEMAIL: NumberType.VOICEMAIL,
}

_REFUSALS = {
    NumberType.PREMIUM: NumberRefusal.PREMIUM_NUMBER,
    NumberType.PERSONAL: NumberRefusal.PREMIUM_NUMBER,
    NumberType.INTERNATIONAL_PREMIUM: NumberRefusal.PREMIUM_NUMBER,
    NumberType.SATELLITE: NumberRefusal.SATELLITE_NUMBER,
    NumberType.SHARED_COST: NumberRefusal.SHARED_COST_NUMBER,
    NumberType.INTERNATIONAL_SHARED: NumberRefusal.SHARED_COST_NUMBER,
    NumberType.UAN: NumberRefusal.SHARED_COST_NUMBER,
}

#: Keys remembered at most, some 300 bytes each; a full memory starts afresh.
_REMEMBERED = 200_000

_Kind = tuple[NumberType, str]
_kinds: dict[str, _Kind] = {}


def number_type(e164: str) -> NumberType:
    """Return what ``e164`` is for; ``unknown`` for anything the numbering plan does not list."""
    return _kind(e164)[0]


def is_dialable(
    e164: str,
    allowed_countries: frozenset[str] | None = None,
    allowed_types: frozenset[NumberType] = ALLOWED_TYPES_DEFAULT,
) -> NumberRefusal | None:
    """Return why ``e164`` may not be dialled, or None when it may.

    ``allowed_countries`` holds alpha-2 codes; None allows every country. The Caribbean behind ``+1`` and
    the US territories are countries of their own here: ``US`` does not allow ``JM`` or ``PR``.
    """
    kind, country = _kind(e164)
    if kind not in allowed_types:
        return _REFUSALS.get(kind, NumberRefusal.SHORT_OR_SPECIAL)
    if allowed_countries is not None and country not in allowed_countries:
        return NumberRefusal.COUNTRY_NOT_ALLOWED
    return None


def _kind(e164: str) -> _Kind:
    """Return type and country, remembered by the digits that decide them."""
    key = type_key(e164)
    known = _kinds.get(key)
    if known is None:
        if len(_kinds) >= _REMEMBERED:
            _kinds.clear()
        known = _kinds[key] = _find(e164)
    return known


def _find(e164: str) -> _Kind:
    overall = _GLOBAL.get(e164[:4])
    if overall is not None:
        return overall, ""
    if not calling_code(e164[1:4]):
        return NumberType.UNKNOWN, ""
    kind = _FROM_LIBRARY.get(phonenumbers.number_type(built_number(e164)), NumberType.UNKNOWN)
    return kind, number_country(e164)
