"""One connection: HTTP until a client asks for the events, a websocket from then on.

The websocket is spoken by the Sans-I/O layer of ``websockets``, without compression, so that a request
is answered in the callback that brought it and everything said in one turn of the loop is one write.
"""

from asyncio import AbstractEventLoop, BaseTransport, Protocol, Transport
from base64 import b64decode
from binascii import Error as BadBase64
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs

import msgspec
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import State
from websockets.server import ServerProtocol

from dialer.simulator.ari.line import Line
from dialer.simulator.ari.messages import RestRequest, RestResponse
from dialer.simulator.ari.rest import Answer, Request, refused

if TYPE_CHECKING:
    from dialer.simulator.ari.server import AriSimulator

_MAX_MESSAGE_BYTES = 1 << 20
_HEAD_END = b"\r\n\r\n"


_decode = msgspec.json.Decoder(RestRequest).decode
_encode = msgspec.json.Encoder().encode


class Wire(Protocol):
    """One TCP connection of a client."""

    def __init__(self, simulator: "AriSimulator", loop: AbstractEventLoop) -> None:
        self._simulator = simulator
        self._loop = loop
        self._line = Line(simulator, loop)
        self._transport: Transport | None = None
        self._http = bytearray()
        self._socket: ServerProtocol | None = None
        self._parts: list[bytes] = []
        self._app = ""
        self._flushing = False

    def connection_made(self, transport: BaseTransport) -> None:
        """Take the connection, or drop it while the simulated Asterisk is down."""
        self._transport = cast(Transport, transport)
        self._simulator.wires.add(self)
        if self._simulator.is_down:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the application go on without this socket."""
        self._line.is_closed = True
        self._simulator.wires.discard(self)
        if self._app:
            world = self._simulator.world
            keep = any(channel.app == self._app for channel in world.channels)
            world.events.disconnect(self._app, self.send, keep=keep)

    def drop(self) -> None:
        """Break the connection without a goodbye."""
        self._line.is_closed = True
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came, as HTTP or as frames."""
        if self._socket is not None:
            self._take_frames(data)
            return
        self._http += data
        while self._take_request():
            pass

    # --- HTTP ---------------------------------------------------------------------------------

    def _take_request(self) -> bool:
        end = self._http.find(_HEAD_END)
        if end < 0:
            return False
        head, *lines = bytes(self._http[:end]).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
        }
        size = int(headers.get("content-length", "0"))
        start = end + len(_HEAD_END)
        if "websocket" in headers.get("upgrade", "").lower():
            self._upgrade(bytes(self._http))
            return False
        if len(self._http) < start + size:
            return False
        body = bytes(self._http[start : start + size])
        del self._http[: start + size]
        method, target, *_ = head.split(" ")
        if self._may_enter(target, headers.get("authorization", "")):
            self._line.submit(Request(method, target, body=body), self._reply_http)
        else:
            self._reply_http(refused(401, "Authentication required"))
        return True

    def _may_enter(self, target: str, authorization: str) -> bool:
        keys = parse_qs(target.partition("?")[2]).get("api_key", [])
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() == "basic":
            try:
                keys.append(b64decode(encoded).decode())
            except (BadBase64, UnicodeDecodeError):
                return False
        return self._simulator.api_key in keys

    def _reply_http(self, answer: Answer) -> None:
        head = f"HTTP/1.1 {answer.status} {answer.phrase}\r\nServer: Asterisk/22.10.1\r\n"
        if answer.status != 204:
            head += f"Content-Type: application/json\r\nContent-Length: {len(answer.body)}\r\n"
        if answer.status == 401:
            head += 'WWW-Authenticate: Basic realm="Asterisk REST Interface"\r\n'
        if self._transport is not None and not self._line.is_closed:
            self._transport.write(head.encode() + b"\r\n" + answer.body)

    # --- the websocket ------------------------------------------------------------------------

    def _upgrade(self, data: bytes) -> None:
        self._socket = ServerProtocol(max_size=_MAX_MESSAGE_BYTES)
        self._http.clear()
        self._take_frames(data)

    def _take_frames(self, data: bytes) -> None:
        socket = self._socket
        if socket is None:
            return
        socket.receive_data(data)
        for event in socket.events_received():
            if isinstance(event, Handshake):
                self._shake_hands(socket, event)
            elif isinstance(event, Frame):
                self._take_frame(event)
        self._flush()

    def _shake_hands(self, socket: ServerProtocol, handshake: Handshake) -> None:
        path, _, query = handshake.path.partition("?")
        apps = parse_qs(query).get("app", [""])[0]
        if not self._may_enter(handshake.path, handshake.headers.get("Authorization", "")):
            socket.send_response(socket.reject(401, "Authentication required"))
        elif path != "/ari/events":
            socket.send_response(socket.reject(404, "Resource not found"))
        elif not apps:
            socket.send_response(socket.reject(400, "HTTP request is missing param: [app]"))
        else:
            socket.send_response(socket.accept(handshake))
            if socket.state is State.OPEN:
                self._app = apps.split(",")[0]
                self._simulator.world.events.connect(self._app, self.send)

    def _take_frame(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return
        message = b"".join(self._parts)
        self._parts.clear()
        try:
            asked = _decode(message)
        except msgspec.DecodeError:
            self._reply(RestRequest("", ""), refused(400, "Invalid request"))
            return
        query = [(pair.name, pair.value) for pair in asked.query_strings]
        request = Request(asked.method, asked.uri, self._app, query, asked.message_body)
        self._line.submit(request, lambda answer: self._reply(asked, answer))

    def _reply(self, asked: RestRequest, answer: Answer) -> None:
        self.send(
            _encode(
                RestResponse(
                    type="RESTResponse",
                    request_id=asked.request_id,
                    transaction_id=asked.transaction_id,
                    status_code=answer.status,
                    reason_phrase=answer.phrase,
                    uri=asked.uri,
                    content_type="application/json" if answer.body else "",
                    message_body=answer.body.decode(),
                )
            )
        )

    def send(self, message: bytes) -> None:
        """Send one text message, together with the others of this turn of the loop."""
        socket = self._socket
        if socket is None or socket.state is not State.OPEN:
            return
        socket.send_text(message)
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if self._socket is None or self._transport is None:
            return
        chunks = self._socket.data_to_send()
        if not chunks or self._transport.is_closing():
            return
        is_end = not chunks[-1]
        self._transport.write(b"".join(chunks))
        if is_end:
            self._transport.close()
