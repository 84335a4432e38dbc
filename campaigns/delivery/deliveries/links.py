"""Links of letters and webhooks: they open one delivery without a sign-in, until an instant.

Nothing is stored: a link carries what it opens and until when, and a signature only we can make.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from campaigns.delivery.deliveries.errors import LinkEnded
from dialer.sealing import KeyRing, Unsealable


@dataclass(frozen=True, slots=True)
class LinkKind:
    """What a link opens, and where: a link of one kind opens nothing of another."""

    purpose: str  #: what its key is derived for
    path: str


DELIVERY = LinkKind("delivery links", "/take")
REPORT = LinkKind("report links", "/take-report")
#: 16 bytes of id, 8 of seconds since 1970, 4 of the key's name, 32 of signature.
_ID, _ENDS, _KEY, _SIGNATURE = 16, 8, 4, 32
PATH = DELIVERY.path


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens."""

    delivery_id: UUID  #: or the id of whatever else the kind of link opens
    ends_at: datetime


def link_of(ring: KeyRing, delivery_id: UUID, ends_at: datetime, kind: LinkKind = DELIVERY) -> str:
    """Return the path of a link that opens a delivery until ``ends_at``."""
    name, key = ring.derived(kind.purpose)
    said = delivery_id.bytes + int(ends_at.timestamp()).to_bytes(_ENDS) + bytes.fromhex(name)
    token = base64.urlsafe_b64encode(said + hmac.digest(key, said, hashlib.sha256)).decode()
    return f"{kind.path}/{token.rstrip('=')}"


def opened(ring: KeyRing, token: str, now: datetime, kind: LinkKind = DELIVERY) -> Opened:
    """Return what a link opens.

    Raises:
        LinkEnded: it is over, or was not made by us.
    """
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        if len(raw) != _ID + _ENDS + _KEY + _SIGNATURE:
            raise LinkEnded
        said, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
        _, key = ring.derived(kind.purpose, key_name=said[-_KEY:].hex())
    except (ValueError, Unsealable) as error:
        raise LinkEnded from error
    if not hmac.compare_digest(hmac.digest(key, said, hashlib.sha256), signature):
        raise LinkEnded
    ends_at = datetime.fromtimestamp(int.from_bytes(said[_ID : _ID + _ENDS]), UTC)
    if now >= ends_at:
        raise LinkEnded
    return Opened(UUID(bytes=said[:_ID]), ends_at)
