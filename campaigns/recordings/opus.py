"""A talk's WAV as stereo Opus, checked against what it was made of. Pure but for the file it reads.

Agent left, customer right: both stay apart, so that each can be heard, measured and masked alone.
"""

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from dialer.errors import OutdialError

#: The line's rate, Hz; what is above 4 kHz was never there.
RATE_HZ = 8_000
CHANNELS, SAMPLE_BYTES = 2, 2
#: Of both channels together, bit/s: 24 kbit/s a channel.
BIT_RATE = 48_000
#: Loudness is compared, and drawn, in windows of this length, frames: a tenth of a second.
WINDOW_FRAMES = RATE_HZ // 10
#: A waveform has at most so many peaks a channel.
MOST_PEAKS = 1_200
#: What decoding may add or lose at the end, frames: two of Opus' frames of 20 ms.
_SLACK_FRAMES = 2 * RATE_HZ // 50
#: Below this loudness (of 32,768) a window is silence.
_SILENCE = 16.0
#: So much of a channel's loudness may be elsewhere after coding; a swapped or lost channel has more.
_MOST_STRAYED = 0.5
_BLOCK_FRAMES = 10 * RATE_HZ

Frames = NDArray[np.int16]


class NotFaithful(OutdialError):
    """What was made of a recording is not what it was made of."""

    code = "not_faithful"
    message = "The compressed recording differs from its original, which is kept."


class NoTalk(OutdialError):
    """A WAV file is not one of ours, or is broken."""

    code = "not_readable"
    message = "The recording's file cannot be read."


@dataclass(frozen=True, slots=True)
class Encoded:
    """A talk as it is kept."""

    data: bytes  #: Ogg with one Opus stream
    duration_s: float
    peaks: bytes  #: agent's, then customer's: 0..255 each, the square root of the amplitude


def encode_wav(path: Path) -> Encoded:
    """Make Opus of a WAV whose left is the customer and whose right is the agent, and check it.

    Raises:
        NoTalk: the file is no such WAV.
        NotFaithful: what was made of it has another length, or a channel lost its sound.
        OSError: it cannot be read.
    """
    before = _Loudness()
    data = encode(_heard(_wav_blocks(path), before))
    check(before, data)
    return Encoded(data, before.frames / RATE_HZ, before.peaks())


def encode(blocks: Iterator[Frames]) -> bytes:
    """Return blocks of frames (agent, customer) as Ogg Opus."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as container:
        stream: Any = container.add_stream("libopus", rate=RATE_HZ, layout="stereo")
        stream.bit_rate = BIT_RATE
        stream.options = {"application": "audio", "vbr": "on"}
        place = 0
        for block in blocks:
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts = RATE_HZ, place
            place += len(block)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def decode(data: bytes) -> Iterator[Frames]:
    """Return the frames (agent, customer) of what ``encode`` made, block by block.

    Raises:
        NotFaithful: it cannot be decoded.
    """
    resampler = AudioResampler(format="s16", layout="stereo", rate=RATE_HZ)
    try:
        with av.open(io.BytesIO(data), "r") as container:
            for decoded in container.decode(audio=0):
                yield from (_frames(one) for one in resampler.resample(decoded))
            yield from (_frames(one) for one in resampler.resample(None))
    except av.FFmpegError as error:
        raise NotFaithful(why="not_decodable") from error


def check(before: "_Loudness", data: bytes) -> None:
    """Compare what decoding gives with what was encoded.

    Raises:
        NotFaithful: another length, or a channel whose sound is gone or elsewhere.
    """
    after = _Loudness()
    for block in decode(data):
        after.add(block)
    if abs(after.frames - before.frames) > _SLACK_FRAMES:
        raise NotFaithful(why="duration", frames=before.frames, decoded=after.frames)
    was, now = before.levels(), after.levels()
    windows = min(len(was), len(now))
    for channel in range(CHANNELS):
        one, other = was[:windows, channel], now[:windows, channel]
        strayed = float(np.abs(one - other).sum())
        if strayed > _MOST_STRAYED * float(one.sum()) + _SILENCE * windows:
            raise NotFaithful(why="sound", channel=channel)


class _Loudness:
    """Loudness and peaks of both channels, window by window."""

    def __init__(self) -> None:
        self.frames = 0
        self._rest: Frames = np.empty((0, CHANNELS), np.int16)
        self._levels: list[NDArray[np.float64]] = []
        self._peaks: list[NDArray[np.float64]] = []

    def add(self, block: Frames) -> None:
        self.frames += len(block)
        joined = np.concatenate((self._rest, block))
        whole = len(joined) - len(joined) % WINDOW_FRAMES
        if whole:
            self._measure(joined[:whole].reshape(-1, WINDOW_FRAMES, CHANNELS))
        self._rest = joined[whole:]

    def _measure(self, windows: Frames) -> None:
        loud = np.abs(windows.astype(np.float64))
        self._levels.append(np.sqrt((loud**2).mean(axis=1)))
        self._peaks.append(loud.max(axis=1))

    def _of(self, parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.concatenate(parts) if parts else np.zeros((0, CHANNELS))

    def levels(self) -> NDArray[np.float64]:
        return self._of(self._levels)

    def peaks(self) -> bytes:
        found = self._of(self._peaks)
        if not len(found):
            return b""
        groups = np.array_split(found, min(MOST_PEAKS, len(found)))
        tops = np.stack([group.max(axis=0) for group in groups])
        drawn = np.sqrt(np.minimum(tops / 32_767, 1.0)) * 255
        return drawn.astype(np.uint8).T.tobytes()


def _heard(blocks: Iterator[Frames], loudness: _Loudness) -> Iterator[Frames]:
    for block in blocks:
        loudness.add(block)
        yield block


def _wav_blocks(path: Path) -> Iterator[Frames]:
    try:
        with wave.open(str(path), "rb") as source:
            shape = (source.getnchannels(), source.getsampwidth(), source.getframerate())
            if shape != (CHANNELS, SAMPLE_BYTES, RATE_HZ):
                raise NoTalk(shape=list(shape))
            while chunk := source.readframes(_BLOCK_FRAMES):
                both = np.frombuffer(chunk, "<i2").reshape(-1, CHANNELS)
                yield np.ascontiguousarray(both[:, ::-1])  # the agent left, the customer right
    except (wave.Error, EOFError) as error:
        raise NoTalk from error


def _frames(frame: av.AudioFrame) -> Frames:
    return frame.to_ndarray().reshape(-1, CHANNELS).astype(np.int16, copy=False)
