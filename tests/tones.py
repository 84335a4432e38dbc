"""Find tones in recordings."""

from __future__ import annotations

import cmath
import math
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path


def tone_share(samples: Sequence[int], hz: float, rate_hz: int = 8000) -> float:
    """Return how much of what is heard is a tone of ``hz``: 0 none, 1 nothing else."""
    energy = sum(sample * sample for sample in samples)
    if not energy:
        return 0.0
    turn = -2j * math.pi * hz / rate_hz
    total = sum(sample * cmath.exp(turn * n) for n, sample in enumerate(samples))
    return min(1.0, 2 * abs(total) ** 2 / (len(samples) * energy))


def read_wav(path: Path) -> tuple[array[int], ...]:
    """Return the samples of each channel of a 16-bit WAV file."""
    with wave.open(str(path), "rb") as file:
        assert file.getsampwidth() == 2
        channels = file.getnchannels()
        samples = array("h", file.readframes(file.getnframes()))
    return tuple(samples[n::channels] for n in range(channels))


def middle(samples: Sequence[int], count: int) -> Sequence[int]:
    """Return ``count`` samples from the middle."""
    start = max(0, (len(samples) - count) // 2)
    return samples[start : start + count]
