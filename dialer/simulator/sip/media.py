"""RTP streams on loopback, all sent from one 20 ms beat."""

import asyncio
import random
import socket
from collections.abc import Callable

from dialer.simulator.sip.audio import Clip
from dialer.simulator.sip.hearing import Hearing
from dialer.simulator.sip.rtp import Sender
from dialer.simulator.sip.sdp import MediaAddress

#: Seconds between two packets of a stream.
FRAME_S = 0.02

_RESYNCHRONISE_AFTER_S = 1.0
_LARGEST_PACKET = 2048
_LAST_PORT = 65_000


class RtpStream:
    """One call's audio: a socket of its own, what it sends and what it hears."""

    def __init__(
        self,
        engine: "MediaEngine",
        sock: socket.socket,
        sender: Sender,
        hearing: Hearing,
    ) -> None:
        self._engine = engine
        self._socket = sock
        self._peer: tuple[str, int] | None = None
        self.port: int = sock.getsockname()[1]
        self.sender = sender
        self.hearing = hearing
        self.closed = False

    def aim(self, address: MediaAddress) -> None:
        """Send to this address from now on."""
        self._peer = (address.host, address.port)
        self.sender.dtmf_payload_type = address.dtmf_payload_type

    def play(self, *clips: Clip) -> None:
        """Send these clips, then silence; the first call of this starts the stream."""
        self.sender.play(*clips)
        self._engine.start_sending(self)

    def fall_silent(self) -> None:
        """Send no packets any more, until something is to be sent."""
        self._engine.stop_sending(self)

    def press(self, keys: str) -> None:
        """Send key presses.

        Raises:
            ValueError: one is not a key.
        """
        self.sender.press(keys)
        self._engine.start_sending(self)

    def send_packet(self) -> None:
        """Send the packet of this beat."""
        if self._peer is None:
            return
        try:
            self._socket.sendto(self.sender.next_packet(), self._peer)
        except OSError:
            # A full buffer or a vanished listener loses a packet, as a network would.
            self._engine.packets_lost += 1

    def receive(self) -> None:
        """Take one packet from the socket."""
        try:
            packet = self._socket.recv(_LARGEST_PACKET)
        except OSError:
            return
        self.hearing.receive(packet)

    def close(self) -> None:
        """Stop sending and hearing; what was heard stays readable. May be repeated."""
        if self.closed:
            return
        self.closed = True
        self.hearing.stop()
        self._engine.forget(self, self._socket)
        self._socket.close()


class MediaEngine:
    """Opens streams and beats time for them.

    ``first_port`` is the lowest RTP port to use; 0 lets the operating system choose.
    """

    def __init__(
        self, *, now: Callable[[], float], rng: random.Random, first_port: int = 0
    ) -> None:
        self._now = now
        self._rng = rng
        self._first_port = first_port
        self._next_port = first_port
        self._open: dict[RtpStream, None] = {}
        self._sending: dict[RtpStream, None] = {}
        self._beat: asyncio.Handle | None = None
        self._due = 0.0
        self.packets_lost = 0

    def open(self, on_sound: Callable[[], None]) -> RtpStream:
        """Open a stream; ``on_sound`` is called when the other end is first heard.

        Raises:
            OSError: no port or file descriptor is free.
        """
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        try:
            self._bind(sock)
        except OSError:
            sock.close()
            raise
        stream = RtpStream(self, sock, Sender(self._rng), Hearing(self._now, on_sound))
        self._open[stream] = None
        asyncio.get_running_loop().add_reader(sock, stream.receive)
        return stream

    def _bind(self, sock: socket.socket) -> None:
        if not self._first_port:
            sock.bind(("127.0.0.1", 0))
            return
        for _ in range(self._first_port, _LAST_PORT, 2):
            port = self._next_port
            # RTP takes even ports (RFC 3550, section 11).
            self._next_port = port + 2 if port + 2 < _LAST_PORT else self._first_port
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return
        raise OSError("no RTP port is free")

    def start_sending(self, stream: RtpStream) -> None:
        """Put a stream on the beat."""
        if stream.closed:
            return
        self._sending[stream] = None
        if self._beat is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time()
            self._beat = loop.call_soon(self._tick)

    def stop_sending(self, stream: RtpStream) -> None:
        """Take a stream off the beat; it goes on hearing."""
        self._sending.pop(stream, None)

    def forget(self, stream: RtpStream, sock: socket.socket) -> None:
        """Take a stream off the beat and off the loop."""
        self._open.pop(stream, None)
        self._sending.pop(stream, None)
        asyncio.get_running_loop().remove_reader(sock)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        for stream in tuple(self._sending):
            stream.send_packet()
        if not self._sending:
            self._beat = None
            return
        self._due += FRAME_S
        if loop.time() - self._due > _RESYNCHRONISE_AFTER_S:
            self._due = loop.time()
        self._beat = loop.call_at(self._due, self._tick)

    def stop(self) -> None:
        """Close every stream and stop the beat."""
        for stream in tuple(self._open):
            stream.close()
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None
