"""SPSS system files: the cases, packed some thousand elements at a time.

Source: PSPP developers' guide, "Data Record" and "ZLIB Data Header/Trailer".
"""

import struct
import zlib
from typing import IO

import numpy as np

from campaigns.delivery.files.sav_dictionary import SYSTEM_MISSING

_BIAS = 100.0
_SPACES = np.frombuffer(b" " * 8, dtype=np.uint64)[0]
_LITERAL, _BLANKS, _NOTHING = 253, 254, 255
#: SPSS's own size of a block before compression. Source: PSPP, "ZLIB Data Trailer".
_BLOCK_BYTES = 0x3FF000
_ZLIB_LEVEL = 3


class PackedCases:
    """Elements of 8 bytes become one byte each where they are small numbers, blanks or missing."""

    def __init__(self, out: "IO[bytes] | ZlibBlocks") -> None:
        """Write to ``out``."""
        self._out = out
        self._rest = np.empty(0, dtype=np.uint64)
        self._rest_codes = np.empty(0, dtype=np.uint8)

    def write(self, elements: np.ndarray, is_number: np.ndarray) -> None:
        """Write cases: a row of 64-bit elements for each, and which columns are numbers."""
        flat = np.ascontiguousarray(elements).reshape(-1)
        codes = _codes(flat, np.tile(is_number, len(elements)))
        flat = np.concatenate((self._rest, flat))
        codes = np.concatenate((self._rest_codes, codes))
        whole = len(flat) // 8 * 8
        self._rest, self._rest_codes = flat[whole:], codes[whole:]
        self._out.write(_packed(flat[:whole], codes[:whole]))

    def close(self) -> None:
        """Write what does not fill an octet of codes; zeros after it mean nothing."""
        if len(self._rest):
            lacking = 8 - len(self._rest)
            flat = np.concatenate((self._rest, np.zeros(lacking, dtype=np.uint64)))
            codes = np.concatenate((self._rest_codes, np.zeros(lacking, dtype=np.uint8)))
            self._out.write(_packed(flat, codes))


def _codes(flat: np.ndarray, is_number: np.ndarray) -> np.ndarray:
    """Return the byte that stands for each element, 253 where the element itself must follow."""
    codes = np.full(len(flat), _LITERAL, dtype=np.uint8)
    numbers = flat.view(np.float64)
    with np.errstate(invalid="ignore"):
        small = is_number & (numbers >= 1 - _BIAS) & (numbers <= 251 - _BIAS)
        small &= numbers == np.floor(numbers)
    codes[small] = (numbers[small] + _BIAS).astype(np.uint8)
    codes[is_number & (numbers == SYSTEM_MISSING)] = _NOTHING
    codes[~is_number & (flat == _SPACES)] = _BLANKS
    return codes


def _packed(flat: np.ndarray, codes: np.ndarray) -> bytes:
    """Return octets of codes, each followed by the elements that none stands for."""
    literals = np.flatnonzero(codes == _LITERAL)
    octets = codes.view(np.uint64)
    groups = np.arange(len(octets))
    before = np.searchsorted(literals, groups * 8)
    out = np.empty(len(octets) + len(literals), dtype=np.uint64)
    out[groups + before] = octets
    out[literals // 8 + 1 + np.arange(len(literals))] = flat[literals]
    return out.tobytes()


class ZlibBlocks:
    """Takes packed cases and writes them in zlib's blocks, with the trailer that names them."""

    def __init__(self, out: IO[bytes]) -> None:
        """Begin at the end of the dictionary."""
        self._out = out
        self._start = out.tell()
        self._held = bytearray()
        self._blocks: list[tuple[int, int, int, int]] = []
        self._before = self._start  # where the block would begin if nothing were compressed
        out.write(b"\0" * 24)  # not known yet

    def write(self, data: bytes) -> int:
        """Take some bytes; full blocks go out."""
        self._held += data
        while len(self._held) >= _BLOCK_BYTES:
            self._put(bytes(self._held[:_BLOCK_BYTES]))
            del self._held[:_BLOCK_BYTES]
        return len(data)

    def close(self) -> None:
        """Write the last block, the trailer, and where it is."""
        if self._held:
            self._put(bytes(self._held))
        at = self._out.tell()
        trailer = struct.pack("<qqii", -int(_BIAS), 0, _BLOCK_BYTES, len(self._blocks))
        trailer += b"".join(struct.pack("<qqii", *one) for one in self._blocks)
        self._out.write(trailer)
        self._out.seek(self._start)
        self._out.write(struct.pack("<3q", self._start, at, len(trailer)))
        self._out.seek(0, 2)

    def _put(self, data: bytes) -> None:
        packed = zlib.compress(data, _ZLIB_LEVEL)
        self._blocks.append((self._before, self._out.tell(), len(data), len(packed)))
        self._before += len(data)
        self._out.write(packed)
