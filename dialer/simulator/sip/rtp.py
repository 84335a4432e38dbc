"""RTP packets of a PCMU sender, and key presses among them. Source: RFC 3550, RFC 4733."""

import random
import struct
from collections import deque

from dialer.simulator.sip.audio import Clip
from dialer.simulator.sip.ulaw import FRAME_SAMPLES, SILENT_FRAME

#: Key by event code. Source: RFC 4733, section 3.2.
KEYS = "0123456789*#ABCD"

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_VERSION = 0x80
_MARKER = 0x80
_VOLUME = 10  # -10 dBm0
_END = 0x80
_HELD_PACKETS = 8  # 160 ms, over the 40 ms minimum of most detectors
_END_PACKETS = 3  # RFC 4733, section 2.5.1.4: the last packet is sent three times
_PAUSE_PACKETS = 4  # 80 ms of silence between two keys


class Sender:
    """Makes one stream's packets, one each 20 ms: a playlist of clips, then silence."""

    def __init__(self, rng: random.Random) -> None:
        self.dtmf_payload_type = 101
        self._ssrc = rng.getrandbits(32)
        self._sequence = rng.getrandbits(15)
        self._timestamp = rng.getrandbits(31)
        self._marker = _MARKER
        self._playlist: deque[Clip] = deque()
        self._position = 0
        self._keys: deque[int] = deque()
        self._key_step = 0

    def play(self, *clips: Clip) -> None:
        """Replace what is played. A clip that loops is played for ever; after the last, silence."""
        self._playlist = deque(clips)
        self._position = 0

    def press(self, keys: str) -> None:
        """Queue key presses (``0-9*#A-D``).

        Raises:
            ValueError: one is not a key.
        """
        self._keys.extend([KEYS.index(key) for key in keys])

    def next_packet(self) -> bytes:
        """Return the packet of this 20 ms."""
        if self._keys:
            return self._key_packet()
        return self._packet(0, self._next_frame())

    def _packet(self, payload_type: int, payload: bytes, timestamp: int | None = None) -> bytes:
        at = self._timestamp if timestamp is None else timestamp
        head = _HEADER.pack(
            _VERSION, self._marker | payload_type, self._sequence, at & 0xFFFFFFFF, self._ssrc
        )
        self._marker = 0
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp += FRAME_SAMPLES
        return head + payload

    def _next_frame(self) -> bytes:
        while self._playlist:
            clip = self._playlist[0]
            if self._position < len(clip.frames):
                self._position += 1
                return clip.frames[self._position - 1]
            self._position = 0
            if not clip.loops:
                self._playlist.popleft()
        return SILENT_FRAME

    def _key_packet(self) -> bytes:
        step = self._key_step
        self._key_step += 1
        if step >= _HELD_PACKETS + _END_PACKETS:
            if step + 1 == _HELD_PACKETS + _END_PACKETS + _PAUSE_PACKETS:
                self._keys.popleft()
                self._key_step = 0
            return self._packet(0, SILENT_FRAME)
        if step == 0:
            self._marker = _MARKER
        held = min(step + 1, _HELD_PACKETS)
        end = _END if step >= _HELD_PACKETS else 0
        payload = _EVENT.pack(self._keys[0], end | _VOLUME, held * FRAME_SAMPLES)
        # Every packet of one key carries the time it was pressed (RFC 4733, section 2.2).
        pressed_at = self._timestamp - step * FRAME_SAMPLES
        return self._packet(self.dtmf_payload_type, payload, pressed_at)
