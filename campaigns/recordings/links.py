"""Signed links to recordings: good for one person, one recording, one purpose, and for a while. Pure.

Whoever finds a link in a log or a history can do nothing with it: it opens for the person it was made for
only, who must be signed in.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from dialer.errors import Forbidden
from dialer.sealing import KeyRing, Unsealable

PURPOSE = "recording links"
#: A long talk is listened to, stopped, and gone on with: its pieces are asked for by the same link.
LISTEN_FOR, DOWNLOAD_FOR = timedelta(hours=2), timedelta(minutes=15)


class LinkNotGood(Forbidden):
    """The link was made for somebody or something else, or its time is over."""

    code = "link_not_good"
    message = "This link is not good any more: open the recording anew."


class Use(StrEnum):
    """What a link is for."""

    LISTEN = "listen"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom a link is made."""

    client_id: UUID
    user_id: UUID


def sign(ring: KeyRing, attempt_id: UUID, holder: Holder, use: Use, *, now: datetime) -> str:
    """Return the query of a link: ``use``, ``until`` and ``sig``."""
    until = int((now + (LISTEN_FOR if use is Use.LISTEN else DOWNLOAD_FOR)).timestamp())
    name, key = ring.derived(PURPOSE)
    sig = f"{name}.{_mac(key, attempt_id, holder, use, until)}"
    return urlencode({"use": use.value, "until": until, "sig": sig})


def require(
    ring: KeyRing,
    attempt_id: UUID,
    holder: Holder,
    use: Use,
    until: int,
    sig: str,
    *,
    now: datetime,
) -> None:
    """Refuse a link that was not made for this.

    Raises:
        LinkNotGood: another person, recording or purpose, or it is too late.
    """
    name, _, given = sig.partition(".")
    try:
        _, key = ring.derived(PURPOSE, key_name=name)
    except Unsealable as error:
        raise LinkNotGood from error
    wanted = _mac(key, attempt_id, holder, use, until)
    if not hmac.compare_digest(wanted.encode(), given.encode()) or until <= now.timestamp():
        raise LinkNotGood


def _mac(key: bytes, attempt_id: UUID, holder: Holder, use: Use, until: int) -> str:
    said = "\n".join(
        (attempt_id.hex, holder.client_id.hex, holder.user_id.hex, use.value, str(until))
    )
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()
