"""One-time codes of an authenticator, pure. Source: RFC 6238 (TOTP) on RFC 4226 (HOTP)."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

#: A code's life. Source: RFC 6238, section 5.2: 30 s is recommended, and what every authenticator assumes.
STEP_S = 30
DIGITS = 6
#: Steps before and after the present one that are taken, for telephones whose clocks are wrong.
#: Source: RFC 6238, section 6.
DRIFT_STEPS = 1
#: Source: RFC 4226, section 4, R6: 160 bits are recommended.
SECRET_BYTES = 20


def step_at(instant_s: float) -> int:
    """Return the number of the step at seconds since 1970."""
    return int(instant_s // STEP_S)


def code_of(
    secret: bytes, step: int, *, digits: int = DIGITS, digest: Callable[..., Any] = hashlib.sha1
) -> str:
    """Return the code of one step. Source: RFC 4226, section 5.3."""
    mac = hmac.new(secret, step.to_bytes(8, "big"), digest).digest()
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, code: str, instant_s: float, *, after: int = 0) -> int | None:
    """Return the step whose code this is, near the instant and later than ``after``; None for a wrong one.

    Every step is compared in full, in constant time. Source: RFC 6238, section 5.2: a code is good once.
    """
    now = step_at(instant_s)
    found = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        same = hmac.compare_digest(code_of(secret, step).encode(), code.encode())
        if same and step > after:
            found = step
    return found


def as_base32(secret: bytes) -> str:
    """Return a key as people type it and authenticators read it. Source: RFC 4648, section 6."""
    return base64.b32encode(secret).decode().rstrip("=")


def from_base32(text: str) -> bytes:
    """Return the key of its text."""
    return base64.b32decode(text + "=" * (-len(text) % 8))


def uri_of(secret: str, *, login: str, issuer: str) -> str:
    """Return what the QR code holds. Source: Google Authenticator's wiki, "Key Uri Format"."""
    label = f"{quote(issuer, safe='')}:{quote(login, safe='')}"
    facts = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{facts}"
