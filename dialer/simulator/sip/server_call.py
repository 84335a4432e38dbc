"""The called side of a call."""

from collections.abc import Callable

from dialer.simulator.sip.call import Call, CallEvent, CallState
from dialer.simulator.sip.dialog import Dialog, Retransmission
from dialer.simulator.sip.endpoint import Address, SipEndpoint
from dialer.simulator.sip.media import RtpStream
from dialer.simulator.sip.messages import Request, Response, call_id, response_to, tag, user


class ServerCall(Call):
    """The called side of a call."""

    def __init__(
        self,
        endpoint: SipEndpoint,
        invite: Request,
        source: Address,
        observe: Callable[[Call, CallEvent], None],
    ) -> None:
        super().__init__(endpoint, call_id(invite), source, observe)
        self.user = user(invite.uri)
        self.caller = user(invite.headers["from"][0])  #: the number the caller shows
        self._invite = invite
        self._tag = endpoint.token()
        self._last = b""
        self._respond(100)

    def ring(self) -> None:
        """Send 180 Ringing."""
        self._respond(180)
        self._observe(self, CallEvent.RINGING)

    def early_media(self) -> RtpStream:
        """Send 183 with media and return the stream to play on."""
        self._aim(self._invite.body)
        self._respond(183, self._describe_media())
        return self._open_media()

    def answer(self) -> RtpStream:
        """Send 200 OK until it is acknowledged, and return the stream to play on."""
        self._aim(self._invite.body)
        ok = self._response(200, self._describe_media())
        self._dialog = Dialog.of_server(self._invite, ok)
        self._last = ok.encode()
        self.state = CallState.ANSWERED
        self.final_code = 200
        self._pending = Retransmission(lambda: self._send(self._last), self.hang_up)
        self._observe(self, CallEvent.ANSWERED)
        return self._open_media()

    def refuse(self, code: int) -> None:
        """Send a final response of 300 or more until it is acknowledged."""
        self._end_unanswered(code, CallEvent.REFUSED)

    def _response(self, code: int, sdp: str = "") -> Response:
        contact = self.endpoint.contact(self.user) if code < 300 else ""
        return response_to(self._invite, code, to_tag=self._tag, contact=contact, sdp=sdp)

    def _respond(self, code: int, sdp: str = "") -> None:
        self._last = self._response(code, sdp).encode()
        self._send(self._last)

    def _end_unanswered(self, code: int, why: CallEvent) -> None:
        if self.state is not CallState.STARTING:
            return
        self.state = CallState.ENDED
        self.final_code = code
        self._last = self._response(code).encode()
        self._pending = Retransmission(lambda: self._send(self._last), self._stop_pending)
        self._observe(self, why)
        self._finish()

    def _on_request(self, request: Request) -> None:
        match request.method:
            case "CANCEL":
                self._send(response_to(request, 200, to_tag=self._tag).encode())
                self._end_unanswered(487, CallEvent.CANCELLED)
            case "INVITE" if not tag(request.headers["to"][0]):
                # The same INVITE again: our last response was lost, or it crossed with it.
                self._send(self._last)
            case _:
                super()._on_request(request)

    def _on_ack(self) -> None:
        if self.state is CallState.ANSWERED:
            self.state = CallState.UP
            self._stop_pending()
        elif self.final_code != 200:
            self._stop_pending()
