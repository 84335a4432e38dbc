"""A file sealed in pieces, so that any stretch of it can be opened alone. Pure.

Each piece is AES-256-GCM under the file's own key. The key seals one file once, so a piece's number is a
nonce that never comes again; which file, which piece and whether it is the last one are authenticated:
pieces can be neither exchanged, moved nor cut off at the end. Decision: docs/decisions.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dialer.errors import OutdialError

#: Of what is sealed, bytes in a piece; the last piece has fewer.
PIECE_BYTES = 64 * 1024
#: GCM's tag, bytes a piece. Source: NIST SP 800-38D, 5.2.1.2.
TAG_BYTES = 16
KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"outdial-recording-1"


class SealBroken(OutdialError):
    """A sealed recording was changed, cut off, or is another one."""

    code = "seal_broken"
    message = "The recording's file was changed or belongs to another recording."


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which sealed bytes hold a stretch of the plain ones."""

    first_piece: int
    start: int  #: of the sealed bytes, inclusive
    end: int  #: exclusive
    skip: int  #: plain bytes before the stretch in its first piece
    length: int  #: plain bytes


def new_key() -> bytes:
    """Return a key for one file."""
    return secrets.token_bytes(KEY_BYTES)


def pieces_of(size: int) -> int:
    """Return in how many pieces so many plain bytes lie; an empty file has one."""
    return max(1, -(-size // PIECE_BYTES))


def sealed_size(size: int) -> int:
    """Return how long the sealed file of so many plain bytes is."""
    return size + pieces_of(size) * TAG_BYTES


def seal(data: bytes, key: bytes, file_id: UUID) -> bytes:
    """Return a whole file sealed; ``key`` must never seal another one."""
    cipher, count = AESGCM(key), pieces_of(len(data))
    return b"".join(
        cipher.encrypt(
            _nonce(number),
            data[number * PIECE_BYTES : (number + 1) * PIECE_BYTES],
            _facts(file_id, number, count),
        )
        for number in range(count)
    )


def stretch(size: int, first: int, last: int) -> Stretch:
    """Return where the plain bytes ``first`` to ``last`` (inclusive) of a file of ``size`` lie."""
    begin, end = first // PIECE_BYTES, last // PIECE_BYTES + 1
    whole = PIECE_BYTES + TAG_BYTES
    return Stretch(
        first_piece=begin,
        start=begin * whole,
        end=min(end * whole, sealed_size(size)),
        skip=first - begin * PIECE_BYTES,
        length=last - first + 1,
    )


def unseal(sealed: bytes, key: bytes, file_id: UUID, *, size: int, first_piece: int = 0) -> bytes:
    """Return the plain bytes of pieces that follow each other, of a file of ``size`` plain bytes.

    Raises:
        SealBroken: they are not what was sealed.
    """
    cipher, count, whole = AESGCM(key), pieces_of(size), PIECE_BYTES + TAG_BYTES
    try:
        return b"".join(
            cipher.decrypt(
                _nonce(first_piece + place),
                sealed[place * whole : (place + 1) * whole],
                _facts(file_id, first_piece + place, count),
            )
            for place in range(max(1, -(-len(sealed) // whole)))
        )
    except InvalidTag as error:
        raise SealBroken(recording=str(file_id)) from error


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES, "big")


def _facts(file_id: UUID, number: int, count: int) -> bytes:
    return b"%s|%s|%d|%d" % (_FORMAT, file_id.bytes, number, number == count - 1)
