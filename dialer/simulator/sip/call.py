"""One call's signalling, as far as caller and called share it."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from dialer.simulator.sip.dialog import GIVE_UP_S, Dialog, Retransmission
from dialer.simulator.sip.endpoint import Address, SipEndpoint
from dialer.simulator.sip.media import RtpStream
from dialer.simulator.sip.messages import (
    Message,
    Request,
    Response,
    cseq,
    response_to,
)
from dialer.simulator.sip.sdp import read_sdp, write_sdp


class CallState(StrEnum):
    """Where a call is in its life."""

    STARTING = "starting"  #: not answered yet
    ANSWERED = "answered"  #: 200 OK sent, not acknowledged
    UP = "up"
    ENDED = "ended"


class CallEvent(StrEnum):
    """What a call tells its owner, as it happens."""

    RINGING = "ringing"
    ANSWERED = "answered"
    SOUND_STARTED = "sound_started"  #: sound set in from the other end
    REFUSED = "refused"
    CANCELLED = "cancelled"
    BYE_SENT = "bye_sent"
    BYE_RECEIVED = "bye_received"
    REINVITED = "reinvited"
    ENDED = "ended"  #: always the last, exactly once


class Call:
    """What caller and called share: media, BYE both ways, re-INVITE."""

    def __init__(
        self,
        endpoint: SipEndpoint,
        id_: str,
        peer: Address,
        observe: Callable[["Call", CallEvent], None],
    ) -> None:
        self.endpoint = endpoint
        self.call_id = id_
        self.peer = peer
        self.state = CallState.STARTING
        self.final_code: int | None = None  #: code of the final response to the INVITE
        self.stream: RtpStream | None = None
        self.user = ""  #: the called user part
        self._observe = observe
        self._dialog: Dialog | None = None
        self._pending: Retransmission | None = None  #: what we repeat until it is answered
        self._timers: list[asyncio.TimerHandle] = []
        self._sdp_version = 0
        endpoint.join(id_, self)

    def after(self, delay_s: float, do: Callable[[], None]) -> None:
        """Do something later, unless the call ends before."""
        self._timers.append(asyncio.get_running_loop().call_later(delay_s, do))

    def hang_up(self) -> None:
        """Send BYE if the call is answered; otherwise do nothing."""
        if self.state not in (CallState.ANSWERED, CallState.UP) or self._dialog is None:
            return
        bye = self._dialog.request("BYE", self.endpoint.via()).encode()
        self._stop_pending()
        self.state = CallState.ENDED
        self._observe(self, CallEvent.BYE_SENT)
        self._finish()
        self._pending = Retransmission(lambda: self._send(bye), self._stop_pending)

    def receive(self, message: Message) -> None:
        """Take one message of this call."""
        if isinstance(message, Response):
            self._on_response(message)
        else:
            self._on_request(message)

    def _on_request(self, request: Request) -> None:
        match request.method:
            case "BYE":
                self._on_bye(request)
            case "INVITE":
                self._on_reinvite(request)
            case "ACK":
                self._on_ack()
            case _:
                self._send(response_to(request, 200).encode())

    def _on_response(self, response: Response) -> None:
        if response.code >= 200 and cseq(response)[1] == "BYE":
            self._stop_pending()

    def _on_ack(self) -> None:
        """Stop repeating what was just acknowledged."""
        if self.state is not CallState.ENDED:
            self._stop_pending()

    def _on_bye(self, request: Request) -> None:
        self._send(response_to(request, 200).encode())
        if self.state is CallState.ENDED:
            return
        self._stop_pending()
        self.state = CallState.ENDED
        self._observe(self, CallEvent.BYE_RECEIVED)
        self._finish()

    def _on_reinvite(self, request: Request) -> None:
        """Accept a change of media and send audio where it says."""
        if self.state is CallState.ENDED:
            self._send(response_to(request, 481).encode())
            return
        self._aim(request.body)
        answer = response_to(
            request, 200, contact=self.endpoint.contact(self.user), sdp=self._describe_media()
        )
        self._send(answer.encode())
        self._observe(self, CallEvent.REINVITED)

    def _send(self, datagram: bytes) -> None:
        self.endpoint.send(datagram, self.peer)

    def _stop_pending(self) -> None:
        if self._pending is not None:
            self._pending.stop()
            self._pending = None

    def _open_media(self) -> RtpStream:
        if self.stream is None:
            self.stream = self.endpoint.media.open(
                lambda: self._observe(self, CallEvent.SOUND_STARTED)
            )
        return self.stream

    def _aim(self, sdp: str) -> None:
        address = read_sdp(sdp)
        if address is not None:
            stream = self._open_media()
            stream.aim(address)
            stream.hearing.dtmf_payload_type = address.dtmf_payload_type

    def _describe_media(self) -> str:
        stream = self._open_media()
        self._sdp_version += 1
        return write_sdp(
            stream.port,
            version=self._sdp_version,
            dtmf_payload_type=stream.sender.dtmf_payload_type,
        )

    def _finish(self) -> None:
        """Let go of media and timers, and stay reachable for late retransmissions."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self.stream is not None:
            self.stream.close()
        self.endpoint.leave_later(self.call_id, GIVE_UP_S)
        self._observe(self, CallEvent.ENDED)
