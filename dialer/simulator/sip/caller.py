"""The calling side: stands in for Asterisk where the simulator is tested or measured alone."""

import random
from collections.abc import Callable

from dialer.simulator.sip.call import Call, CallEvent, CallState
from dialer.simulator.sip.dialog import Dialog, Retransmission
from dialer.simulator.sip.endpoint import Address, SipEndpoint
from dialer.simulator.sip.media import MediaEngine
from dialer.simulator.sip.messages import Headers, Request, Response, cseq


class ClientCall(Call):
    """The calling side of a call; ``place`` starts it."""

    def __init__(
        self,
        endpoint: SipEndpoint,
        number: str,
        peer: Address,
        observe: Callable[[Call, CallEvent], None],
    ) -> None:
        super().__init__(endpoint, endpoint.token(), peer, observe)
        self.user = number
        self.codes: list[int] = []  #: every response to the INVITE, in order, repeats included
        self._invite: Request | None = None

    def place(self, caller_id: str) -> None:
        """Send the INVITE, with ``caller_id`` as the number shown."""
        host, port = self.peer
        headers: Headers = {
            "via": [self.endpoint.via()],
            "max-forwards": ["70"],
            "from": [f'"{caller_id}" <sip:{caller_id}@127.0.0.1>;tag={self.endpoint.token()}'],
            "to": [f"<sip:{self.user}@{host}:{port}>"],
            "call-id": [self.call_id],
            "cseq": ["1 INVITE"],
            "contact": [f"<{self.endpoint.contact(caller_id)}>"],
            "content-type": ["application/sdp"],
        }
        self._invite = Request(
            "INVITE", f"sip:{self.user}@{host}:{port}", headers, self._describe_media()
        )
        datagram = self._invite.encode()
        self._pending = Retransmission(lambda: self._send(datagram), self._give_up)

    def cancel(self) -> None:
        """Give up a call that is not answered yet."""
        if self._invite is not None and self.state is CallState.STARTING:
            self._send(self._beside_invite("CANCEL", self._invite.headers["to"][0]))

    def reinvite(self) -> None:
        """Describe our media anew, within the call."""
        if self._dialog is not None:
            contact = self.endpoint.contact(self.user)
            sdp = self._describe_media()
            request = self._dialog.request("INVITE", self.endpoint.via(), contact=contact, sdp=sdp)
            self._send(request.encode())

    def _beside_invite(self, method: str, to: str) -> bytes:
        """Build a CANCEL or the ACK of a refusal: same branch as the INVITE (RFC 3261, 9.1)."""
        if self._invite is None:
            return b""
        names = ("via", "max-forwards", "from", "call-id")
        headers = {name: self._invite.headers[name] for name in names}
        headers |= {"to": [to], "cseq": [f"1 {method}"]}
        return Request(method, self._invite.uri, headers).encode()

    def _give_up(self) -> None:
        self._end(408)

    def _end(self, code: int) -> None:
        self._stop_pending()
        if self.state is CallState.STARTING:
            self.state = CallState.ENDED
            self.final_code = code
            self._observe(self, CallEvent.REFUSED)
            self._finish()

    def _on_response(self, response: Response) -> None:
        if cseq(response)[1] != "INVITE":
            super()._on_response(response)
            return
        self.codes.append(response.code)
        if response.code >= 300:
            self._send(self._beside_invite("ACK", response.headers["to"][0]))
            self._end(response.code)
        elif response.code >= 200:
            self._on_ok(response)
        else:
            self._on_provisional(response)

    def _on_provisional(self, response: Response) -> None:
        if self.state is not CallState.STARTING:
            return
        self._stop_pending()
        if response.body:
            self._aim(response.body)
        if response.code == 180:
            self._observe(self, CallEvent.RINGING)

    def _on_ok(self, response: Response) -> None:
        if self._invite is None:
            return
        if self.state is CallState.STARTING:
            self._stop_pending()
            self._dialog = Dialog.of_client(self._invite, response)
            self.state = CallState.UP
            self.final_code = 200
            self._aim(response.body)
            self._observe(self, CallEvent.ANSWERED)
        if self._dialog is not None:
            self._send(self._dialog.request("ACK", self.endpoint.via()).encode())


class Caller:
    """A SIP socket that places calls to one destination."""

    def __init__(self, *, now: Callable[[], float], rng: random.Random) -> None:
        self.endpoint = SipEndpoint(MediaEngine(now=now, rng=rng), rng)

    async def start(self) -> None:
        """Bind to a free port of 127.0.0.1."""
        await self.endpoint.start()

    def stop(self) -> None:
        """Close the socket and every stream."""
        self.endpoint.stop()

    def call(
        self,
        number: str,
        port: int,
        *,
        caller_id: str = "anonymous",
        observe: Callable[[Call, CallEvent], None] = lambda call, event: None,
    ) -> ClientCall:
        """Call ``number`` at a SIP port of this machine."""
        call = ClientCall(self.endpoint, number, ("127.0.0.1", port), observe)
        call.place(caller_id)
        return call
