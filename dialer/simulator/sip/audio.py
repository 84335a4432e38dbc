"""The clips the simulated world plays, all made in code.

Speech is noise and a hum under a syllable-like envelope: answering machine detection sees words,
pauses and lengths, a listener hears murmuring. Nothing here is a recording of anyone.
"""

import functools
import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dialer.simulator.sip.ulaw import FRAME_SAMPLES, SAMPLE_RATE, encode

#: Frequency of the answering machine's beep, Hz.
BEEP_HZ = 1000
#: Busy tone of the European networks: 425 Hz, half a second on, half off.
#: Source: ITU-T Recommendation E.180, supplement 2.
BUSY_TONE_HZ = 425

_LOUDNESS = 8000.0
_VOICE_HZ = 140
_FADE_SAMPLES = 80

# Words of each voice: (milliseconds of sound, milliseconds of pause after it).
_HELLO = ((600, 2600),)
_HELLO_LONG = ((350, 120), (450, 150), (700, 2600))
_COMPANY = ((400, 90), (500, 100), (350, 90), (600, 110), (450, 90), (500, 100), (700, 2600))
_MACHINE = ((380, 90), (460, 110), (300, 80), (520, 120), (410, 90), (600, 100)) * 3
_MACHINE_SHORT = ((400, 90), (500, 100), (450, 90), (600, 200))
_SPEECH = ((350, 100), (500, 90), (300, 110), (650, 300), (420, 90), (560, 1500))


@dataclass(frozen=True, slots=True)
class Clip:
    """Audio cut into 20 ms mu-law frames."""

    frames: tuple[bytes, ...]
    loops: bool = False


def _tone(hz: float, duration_ms: int, loudness: float = _LOUDNESS) -> list[float]:
    step = 2 * math.pi * hz / SAMPLE_RATE
    return [loudness * math.sin(step * n) for n in range(duration_ms * SAMPLE_RATE // 1000)]


def _silence(duration_ms: int) -> list[float]:
    return [0.0] * (duration_ms * SAMPLE_RATE // 1000)


def _word(duration_ms: int, rng: random.Random) -> Iterator[float]:
    count = duration_ms * SAMPLE_RATE // 1000
    breath = 0.0
    for n in range(count):
        breath += 0.4 * (rng.uniform(-1.0, 1.0) - breath)
        hum = (_VOICE_HZ * n / SAMPLE_RATE) % 1.0 - 0.5
        syllable = 0.75 + 0.25 * math.sin(2 * math.pi * 5 * n / SAMPLE_RATE)
        fade = min(1.0, n / _FADE_SAMPLES, (count - n) / _FADE_SAMPLES)
        yield _LOUDNESS * fade * syllable * (1.2 * breath + 0.8 * hum)


def _voice(words: tuple[tuple[int, int], ...], seed: int, lead_ms: int = 500) -> list[float]:
    rng = random.Random(seed)
    samples = _silence(lead_ms)
    for sound_ms, pause_ms in words:
        samples += _word(sound_ms, rng)
        samples += _silence(pause_ms)
    return samples


def _beep() -> list[float]:
    return _silence(300) + _tone(BEEP_HZ, 500) + _silence(100)


def _cut(samples: list[float], *, loops: bool = False) -> Clip:
    samples += [0.0] * (-len(samples) % FRAME_SAMPLES)
    data = encode(samples)
    starts = range(0, len(data), FRAME_SAMPLES)
    return Clip(tuple(data[at : at + FRAME_SAMPLES] for at in starts), loops)


_MAKERS = {
    "silence": lambda: _cut(_silence(1000), loops=True),
    "hello": lambda: _cut(_voice(_HELLO, 1)),
    "hello_long": lambda: _cut(_voice(_HELLO_LONG, 2)),
    "company": lambda: _cut(_voice(_COMPANY, 3)),
    "machine": lambda: _cut(_voice(_MACHINE, 4) + _beep()),
    "machine_short": lambda: _cut(_voice(_MACHINE_SHORT, 5) + _beep()),
    "beep": lambda: _cut(_silence(500) + _beep()),
    "speech": lambda: _cut(_voice(_SPEECH, 6, 0), loops=True),
    "busy_tone": lambda: _cut(_tone(BUSY_TONE_HZ, 500) + _silence(500), loops=True),
}

#: Names of all clips but the tones, which are called ``tone_<hz>``.
CLIP_NAMES = tuple(_MAKERS)


@functools.lru_cache(maxsize=256)
def clip(name: str) -> Clip:
    """Return a clip: one of ``CLIP_NAMES``, or ``tone_<hz>`` (100..3900), which loops.

    Raises:
        ValueError: there is no such clip.
    """
    if name in _MAKERS:
        return _MAKERS[name]()
    tone = re.fullmatch(r"tone_(\d{3,4})", name)
    if tone is None or not 100 <= int(tone[1]) <= 3900:
        raise ValueError(f"no such clip: {name}")
    return _cut(_tone(int(tone[1]), 1000), loops=True)


def prepare() -> None:
    """Make every clip now (about a second of work), so that none is made in the middle of a call."""
    for name in CLIP_NAMES:
        clip(name)
