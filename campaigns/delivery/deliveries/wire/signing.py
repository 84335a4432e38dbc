"""Signatures of webhooks by the Standard Webhooks specification.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"Symmetric": HMAC-SHA256 over ``id.timestamp.body``, base64, after ``v1,``; several signatures stand side by
side while a secret is replaced.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

from dialer.errors import Invalid

PREFIX = "whsec_"
#: Source: the specification, "Signature scheme": between 24 and 64 bytes.
_SECRET_BYTES = 32
_SHORTEST_BYTES, _LONGEST_BYTES = 24, 64


class BadSigningSecret(Invalid):
    """A signing secret is none."""

    code = "bad_signing_secret"
    message = "A signing secret is whsec_ and then 24 to 64 bytes in base64."


def new_signing_secret() -> str:
    """Return a new secret, as the receiver needs it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """Return the bytes of a secret.

    Raises:
        BadSigningSecret: it is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise BadSigningSecret from error
    if not secret.startswith(PREFIX) or not _SHORTEST_BYTES <= len(key) <= _LONGEST_BYTES:
        raise BadSigningSecret
    return key


def signed_headers(
    signing: Sequence[str], *, message_id: str, at: datetime, body: bytes
) -> dict[str, str]:
    """Return the headers of a message.

    Args:
        signing: the secrets, the newest first; while one is replaced, both.
        message_id: the same whenever the message is sent again: receivers drop what they have already.
        at: when it is sent.
        body: exactly what is sent.

    Raises:
        BadSigningSecret: one of the secrets is none.
    """
    timestamp = str(int(at.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = (hmac.digest(key_of(one), content, hashlib.sha256) for one in signing)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }
