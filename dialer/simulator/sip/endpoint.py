"""One SIP socket: reads datagrams and hands each to the call it belongs to."""

import asyncio
import random
import socket
from collections.abc import Callable
from typing import Protocol, cast

from dialer.simulator.sip.media import MediaEngine
from dialer.simulator.sip.messages import (
    MalformedMessageError,
    Message,
    Request,
    call_id,
    parse,
    response_to,
)

Address = tuple[str, int]

_RECEIVE_BUFFER_BYTES = 4 << 20


class Party(Protocol):
    """Somebody who wants the messages of one Call-ID."""

    def receive(self, message: Message) -> None:
        """Take one message."""


class SipEndpoint(asyncio.DatagramProtocol):
    """A UDP socket on 127.0.0.1 and the parties that share it.

    ``on_invite`` is called for an INVITE of a new call, with the address it came from. ``rng``
    makes tags and branches, never behaviour.
    """

    def __init__(
        self,
        media: MediaEngine,
        rng: random.Random,
        on_invite: Callable[[Request, Address], None] | None = None,
    ) -> None:
        self.media = media
        self._rng = rng
        self._on_invite = on_invite
        self._parties: dict[str, Party] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self.port = 0
        self.malformed = 0  #: datagrams that did not read as SIP

    async def start(self, port: int = 0) -> None:
        """Bind to 127.0.0.1; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", port))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, with room for a burst of calls in its buffer."""
        # uvloop's transport is one in all but its ancestry.
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)

    def stop(self) -> None:
        """Close the socket and every stream."""
        self.media.stop()
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def send(self, datagram: bytes, address: Address) -> None:
        """Send one datagram; after ``stop`` it goes nowhere."""
        if self._transport is not None:
            self._transport.sendto(datagram, address)

    def token(self) -> str:
        """Return a fresh tag, branch suffix or Call-ID."""
        return f"{self._rng.getrandbits(64):016x}"

    def via(self) -> str:
        """Return a Via value with a fresh branch."""
        return f"SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{self.token()}"

    def contact(self, user: str) -> str:
        """Return the URI under which a user of this socket is reached."""
        return f"sip:{user}@127.0.0.1:{self.port}"

    def join(self, id_: str, party: Party) -> None:
        """Give the messages of one Call-ID to a party."""
        self._parties[id_] = party

    def leave_later(self, id_: str, after_s: float) -> None:
        """Drop a party once no late retransmission can come for it."""
        asyncio.get_running_loop().call_later(after_s, self._parties.pop, id_, None)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Hand a message to its party; answer what belongs to none."""
        try:
            message = parse(data)
        except MalformedMessageError:
            # Keep-alives of CR LF come here too (RFC 5626); they need no answer over UDP.
            self.malformed += 1
            return
        party = self._parties.get(call_id(message))
        if party is not None:
            party.receive(message)
        elif isinstance(message, Request):
            self._stranger(message, addr)

    def error_received(self, exc: Exception) -> None:
        """Ignore a refused datagram: retransmission or giving up deals with it."""

    def _stranger(self, request: Request, source: Address) -> None:
        match request.method:
            case "INVITE" if self._on_invite is not None:
                self._on_invite(request, source)
            case "ACK":
                return
            case "OPTIONS":
                self.send(response_to(request, 200, to_tag=self.token()).encode(), source)
            case _:
                self.send(response_to(request, 481, to_tag=self.token()).encode(), source)
