"""G.711 mu-law: 16-bit samples to bytes and back. Source: ITU-T Recommendation G.711."""

from collections.abc import Iterable

#: Samples a second of all audio here.
SAMPLE_RATE = 8000
#: Samples, and bytes, of one 20 ms packet.
FRAME_SAMPLES = 160
#: One packet of digital silence.
SILENT_FRAME = b"\xff" * FRAME_SAMPLES

_BIAS = 132
_CLIP = 32635


def _encode_sample(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _CLIP) + _BIAS
    exponent = magnitude.bit_length() - 8
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


def _decode_byte(byte: int) -> int:
    byte = ~byte & 0xFF
    magnitude = (((byte & 0x0F) << 3) + _BIAS << (byte >> 4 & 0x07)) - _BIAS
    return -magnitude if byte & 0x80 else magnitude


_DECODED = tuple(_decode_byte(byte) for byte in range(256))

#: Bytes that decode to less than about -36 dBFS: line noise, not sound somebody made.
QUIET_BYTES = bytes(byte for byte, sample in enumerate(_DECODED) if abs(sample) < 500)


def encode(samples: Iterable[float]) -> bytes:
    """Return mu-law bytes of samples in -32768..32767 (louder ones are clipped)."""
    return bytes(_encode_sample(int(sample)) for sample in samples)


def decode(data: bytes) -> list[int]:
    """Return 16-bit samples of mu-law bytes."""
    return [_DECODED[byte] for byte in data]


def is_sound(frame: bytes) -> bool:
    """Say whether a frame holds more than line noise: a tenth of its samples above -36 dBFS."""
    return len(frame.translate(None, QUIET_BYTES)) * 10 > len(frame)
