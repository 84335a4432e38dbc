"""Masked listening: what was personal is silent or beeps in what a client's users hear. Pure.

It hides what the markers know of: from the answer before a personal one (or the correction of a field) to
a moment after it was saved. A name that is said in between is heard: docs/recordings.md says so, too.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from campaigns.recordings.markers import Marker, MarkerKind
from campaigns.recordings.models import MaskStyle
from campaigns.recordings.opus import CHANNELS, RATE_HZ, Frames, decode, encode

#: An answer is saved after it was said: nobody talks longer than this about one field, seconds.
LONGEST_S = 60.0
#: A correction has no question that says when it began, seconds.
BEFORE_FIELD_S = 30.0
#: What is said while the agent types on, seconds.
AFTER_S = 2.0
_BEEP_HZ, _BEEP_LEVEL = 1_000.0, 3_000.0

Span = tuple[float, float]


def spans_of(markers: Sequence[Marker]) -> list[Span]:
    """Return the stretches to be masked, seconds, in order, none touching another."""
    found: list[Span] = []
    before_s = 0.0
    for one in sorted(markers, key=lambda marker: marker.at_s):
        if one.personal:
            longest = LONGEST_S if one.kind is MarkerKind.ANSWER else BEFORE_FIELD_S
            begin = before_s if one.kind is MarkerKind.ANSWER else 0.0
            found.append((max(begin, one.at_s - longest, 0.0), one.at_s + AFTER_S))
        if one.kind is MarkerKind.ANSWER:
            before_s = one.at_s
    return _joined(found)


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def masked(data: bytes, spans: Sequence[Span], style: MaskStyle) -> bytes:
    """Return Opus in which both sides are silent, or beep, over the spans.

    Raises:
        NotFaithful: ``data`` cannot be decoded.
    """
    return encode(_masked_blocks(decode(data), spans, style))


def _masked_blocks(
    blocks: Iterator[Frames], spans: Sequence[Span], style: MaskStyle
) -> Iterator[Frames]:
    place = 0
    for block in blocks:
        heard = block.copy()
        for begin_s, end_s in spans:
            first = max(0, round(begin_s * RATE_HZ) - place)
            last = min(len(heard), round(end_s * RATE_HZ) - place)
            if first < last:
                heard[first:last] = _cover(place + first, last - first, style)
        place += len(block)
        yield heard


def _cover(place: int, frames: int, style: MaskStyle) -> Frames:
    if style is not MaskStyle.BEEP:
        return np.zeros((frames, CHANNELS), np.int16)
    time_s = (place + np.arange(frames)) / RATE_HZ
    tone = np.sin(2 * np.pi * _BEEP_HZ * time_s) * _BEEP_LEVEL
    return np.repeat(tone.astype(np.int16)[:, None], CHANNELS, axis=1)
