"""Words of the pages of clients: kinds of numbers that cost more than a call."""

from collections.abc import Iterable

from api.labels import mark
from compliance.places.numbering import ALLOWED_TYPES_DEFAULT, NumberType

#: Kinds a client has to be allowed expressly.
KINDS = {
    NumberType.TOLL_FREE: mark("free for the caller"),
    NumberType.PREMIUM: mark("premium rate"),
    NumberType.SHARED_COST: mark("shared cost"),
    NumberType.PERSONAL: mark("personal numbers"),
    NumberType.PAGER: mark("pagers"),
    NumberType.UAN: mark("company numbers"),
    NumberType.VOICEMAIL: mark("voice mail"),
    NumberType.SATELLITE: mark("satellite"),
    NumberType.INTERNATIONAL_PREMIUM: mark("international premium"),
    NumberType.INTERNATIONAL_FREEPHONE: mark("international freephone"),
    NumberType.INTERNATIONAL_SHARED: mark("international shared cost"),
    NumberType.UNKNOWN: mark("of an unknown kind"),
}


def shown_kinds(kinds: Iterable[NumberType]) -> list[tuple[str, str]]:
    """Return the kinds that must be allowed, each with its words."""
    return [
        (kind.value, KINDS[kind])
        for kind in kinds
        if kind not in ALLOWED_TYPES_DEFAULT and kind in KINDS
    ]
