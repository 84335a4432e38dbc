"""Dialogs (who talks to whom, under which numbers) and retransmission over UDP."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from dialer.simulator.sip.messages import (
    Headers,
    Request,
    Response,
    call_id,
    cseq,
    header,
    split_list,
    uri,
)

#: Round-trip estimate, seconds. Source: RFC 3261, section 17.1.1.1.
T1_S = 0.5
#: Longest time between two retransmissions, seconds. Source: RFC 3261, section 17.1.2.1.
T2_S = 4.0
#: Seconds after which an unanswered message is given up. Source: RFC 3261, timers B, F and H.
GIVE_UP_S = 64 * T1_S


class Retransmission:
    """Sends a datagram at once and again, ever more slowly, until stopped or given up."""

    def __init__(self, send: Callable[[], None], on_give_up: Callable[[], None]) -> None:
        self._send = send
        self._on_give_up = on_give_up
        self._wait_s = T1_S
        self._waited_s = 0.0
        self._loop = asyncio.get_running_loop()
        send()
        self._timer = self._loop.call_later(self._wait_s, self._again)

    def _again(self) -> None:
        self._waited_s += self._wait_s
        if self._waited_s >= GIVE_UP_S:
            self._on_give_up()
            return
        self._send()
        self._wait_s = min(2 * self._wait_s, T2_S)
        self._timer = self._loop.call_later(self._wait_s, self._again)

    def stop(self) -> None:
        """Send no more."""
        self._timer.cancel()


@dataclass(slots=True)
class Dialog:
    """One side's view of a dialog. Source: RFC 3261, section 12."""

    call_id: str
    local: str  #: our From value, with tag
    remote: str  #: our To value, with tag
    target: str  #: the peer's Contact URI
    routes: list[str] = field(default_factory=list)
    cseq: int = 0  #: number of our last request

    @classmethod
    def of_server(cls, invite: Request, answer: Response) -> "Dialog":
        """Return the dialog of the one who answers."""
        return cls(
            call_id=call_id(invite),
            local=header(answer, "to"),
            remote=header(invite, "from"),
            target=uri(header(invite, "contact") or header(invite, "from")),
            routes=split_list(invite.headers.get("record-route", [])),
        )

    @classmethod
    def of_client(cls, invite: Request, answer: Response) -> "Dialog":
        """Return the dialog of the one who calls."""
        return cls(
            call_id=call_id(invite),
            local=header(invite, "from"),
            remote=header(answer, "to"),
            target=uri(header(answer, "contact") or invite.uri),
            routes=split_list(answer.headers.get("record-route", []))[::-1],
            cseq=cseq(invite)[0],
        )

    def request(self, method: str, via: str, *, contact: str = "", sdp: str = "") -> Request:
        """Build the next request of the dialog (an ACK keeps the number of its INVITE)."""
        if method != "ACK":
            self.cseq += 1
        headers: Headers = {"via": [via], "max-forwards": ["70"]}
        if self.routes:
            headers["route"] = self.routes
        headers |= {"from": [self.local], "to": [self.remote], "call-id": [self.call_id]}
        headers["cseq"] = [f"{self.cseq} {method}"]
        if contact:
            headers["contact"] = [f"<{contact}>"]
        if sdp:
            headers["content-type"] = ["application/sdp"]
        return Request(method, self.target, headers, sdp)
