"""What a stream hears: packet counts, gaps, loudness and pitch."""

import cmath
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from dialer.simulator.sip.rtp import KEYS
from dialer.simulator.sip.ulaw import SAMPLE_RATE, decode, is_sound

_WINDOW = 2048  # samples looked at: 256 ms, so bins are 3.9 Hz apart
_KEPT_FRAMES = 16
_STALE_S = 0.3
_NEW_SOUND_AFTER_S = 0.3
_RTP_HEADER_BYTES = 12


@dataclass(frozen=True, slots=True)
class Heard:
    """The last quarter of a second of a stream."""

    level_dbfs: float  #: loudness relative to full scale; -100 when nothing arrives
    dominant_hz: float | None  #: the strongest frequency; None in silence


class Hearing:
    """The receiving side of one stream.

    Times kept for the books come from ``now`` (Unix seconds), intervals from a monotonic clock.
    ``on_sound`` is called when sound sets in: at first, and again after 0.3 s without any.
    """

    def __init__(self, now: Callable[[], float], on_sound: Callable[[], None]) -> None:
        self._now = now
        self._on_sound = on_sound
        self.packets = 0
        self.digits = ""  #: keys pressed at the other end (RFC 4733)
        self.first_packet_at: float | None = None  #: Unix seconds
        self.first_sound_at: float | None = None  #: Unix seconds
        self.sounds = 0  #: times sound set in
        self.dtmf_payload_type = 101
        self._frames: deque[bytes] = deque(maxlen=_KEPT_FRAMES)
        self._longest_gap_s = 0.0
        self._last_packet = 0.0
        self._last_sound = -math.inf
        self._event_timestamp = b""
        self._stopped: float | None = None

    def receive(self, packet: bytes) -> None:
        """Take in one RTP packet; anything else is ignored."""
        if len(packet) < _RTP_HEADER_BYTES or packet[0] >> 6 != 2:
            return
        at = time.perf_counter()
        if self.packets == 0:
            self.first_packet_at = self._now()
        elif self._last_packet and at - self._last_packet > self._longest_gap_s:
            self._longest_gap_s = at - self._last_packet
        self.packets += 1
        self._last_packet = at
        payload_type = packet[1] & 0x7F
        payload = packet[_RTP_HEADER_BYTES + 4 * (packet[0] & 0x0F) :]
        if payload_type == 0:
            self._hear(payload, at)
        elif payload_type == self.dtmf_payload_type and len(payload) >= 4:
            self._press(packet[4:8], payload)

    def _hear(self, frame: bytes, at: float) -> None:
        self._frames.append(frame)
        if not is_sound(frame):
            return
        sets_in = at - self._last_sound > _NEW_SOUND_AFTER_S
        self._last_sound = at
        if sets_in:
            if self.first_sound_at is None:
                self.first_sound_at = self._now()
            self.sounds += 1
            self._on_sound()

    def _press(self, timestamp: bytes, payload: bytes) -> None:
        # One key press is many packets with one timestamp; it counts once.
        if timestamp != self._event_timestamp and payload[0] < len(KEYS):
            self._event_timestamp = timestamp
            self.digits += KEYS[payload[0]]

    def stop(self) -> None:
        """End the record: gaps are counted up to this moment."""
        if self._stopped is None:
            self._stopped = time.perf_counter()

    def longest_gap_ms(self) -> float:
        """Return the longest time without a packet since the first one, in milliseconds.

        It includes the time since the last packet, so audio that died shows.
        """
        if not self._last_packet:
            return 0.0
        end = time.perf_counter() if self._stopped is None else self._stopped
        return 1000 * max(self._longest_gap_s, end - self._last_packet)

    def reset_gap(self) -> None:
        """Forget the gaps so far; the next packet starts a new record."""
        self._longest_gap_s = 0.0
        self._last_packet = 0.0

    def listen(self) -> Heard:
        """Measure the last quarter of a second (takes some milliseconds)."""
        samples = self._recent_samples()
        power = sum(s * s for s in samples) / max(len(samples), 1)
        level_dbfs = 10 * math.log10(power) - 90.3 if power else -100.0
        if level_dbfs < -45 or len(samples) < _WINDOW:
            return Heard(round(level_dbfs, 1), None)
        return Heard(round(level_dbfs, 1), round(_dominant_hz(samples[-_WINDOW:]), 1))

    def tone_share(self, hz: float) -> float:
        """Return how much of what is heard is a tone of ``hz``: 0 none, 1 nothing else."""
        samples = self._recent_samples()
        energy = sum(s * s for s in samples)
        if not energy:
            return 0.0
        turn = cmath.exp(-2j * math.pi * hz / SAMPLE_RATE)
        total, phase = 0j, 1 + 0j
        for sample in samples:
            total += sample * phase
            phase *= turn
        return min(1.0, 2 * abs(total) ** 2 / (len(samples) * energy))

    def _recent_samples(self) -> list[int]:
        end = time.perf_counter() if self._stopped is None else self._stopped
        if end - self._last_packet > _STALE_S:
            return []
        return decode(b"".join(self._frames))


def _dominant_hz(samples: list[int]) -> float:
    count = len(samples)
    windowed = [
        sample * (0.5 - 0.5 * math.cos(2 * math.pi * n / count)) + 0j
        for n, sample in enumerate(samples)
    ]
    spectrum = [abs(value) for value in _fourier(windowed)[: count // 2]]
    peak = max(range(1, len(spectrum) - 1), key=spectrum.__getitem__)
    before, at, after = spectrum[peak - 1 : peak + 2]
    curve = before - 2 * at + after
    shift = 0.5 * (before - after) / curve if curve else 0.0
    return (peak + shift) * SAMPLE_RATE / count


def _fourier(values: list[complex]) -> list[complex]:
    """Return the discrete Fourier transform; the length is a power of two."""
    count = len(values)
    if count == 1:
        return values
    even, odd = _fourier(values[::2]), _fourier(values[1::2])
    turned = [cmath.exp(-2j * math.pi * k / count) * value for k, value in enumerate(odd)]
    return [a + b for a, b in zip(even, turned, strict=True)] + [
        a - b for a, b in zip(even, turned, strict=True)
    ]
