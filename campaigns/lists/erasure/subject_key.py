"""The installation's key: without it nobody can tell from a hash whose data were erased."""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

_KEY_BYTES = 32
_SHOWN_DIGITS = 16
#: Stands where a number was. No number begins like this.
_MARK = "erased:"


def subject_key(path: Path) -> bytes:
    """Return the key that is kept in ``path``; made on first use, readable by its owner only.

    Losing it makes old receipts and marks unrecognisable; nothing else.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was first: then its key counts
                os.link(part, path)
        finally:
            part.unlink(missing_ok=True)
    return path.read_bytes()


def subject_hash(key: bytes, subject: str) -> str:
    """Return the keyed hash of what was asked for, hexadecimal.

    Source: RFC 2104 (HMAC) with SHA-256.
    """
    return hmac.digest(key, subject.encode(), "sha256").hex()


def mark_of(key: bytes, e164: str) -> str:
    """Return what takes a number's place, the same for the same number."""
    return f"{_MARK}{subject_hash(key, e164)[:_SHOWN_DIGITS]}"
