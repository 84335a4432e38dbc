"""Keeping one user registered, through restarts of the registrar. Source: RFC 3261, 10 and 22."""

import asyncio
import hashlib
import re
from dataclasses import dataclass

from dialer.simulator.sip.dialog import Retransmission
from dialer.simulator.sip.endpoint import Address, SipEndpoint
from dialer.simulator.sip.messages import (
    Headers,
    Message,
    Request,
    Response,
    cseq,
    header,
)

#: Seconds before a refused or unanswered registration is tried again.
RETRY_S = 1.0
#: Seconds after which a REGISTER without an answer counts as lost: the registrar is restarting.
ANSWER_TIMEOUT_S = 4.0

_RENEW_AT = 0.8  # share of the granted time after which it is renewed


@dataclass(frozen=True, slots=True)
class Account:
    """What it takes to register."""

    registrar: Address
    user: str
    password: str
    expires_s: int = 120


def digest_response(
    challenge: str, *, user: str, password: str, method: str, uri: str, cnonce: str
) -> str:
    """Return the Authorization value that answers a WWW-Authenticate value.

    Source: RFC 2617, section 3.2.2 (MD5, with or without ``qop=auth``).
    """
    asked = {k: q or v for k, q, v in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', challenge)}
    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    secret = _md5(f"{user}:{realm}:{password}")
    what = _md5(f"{method}:{uri}")
    parts = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
    bare = "algorithm=MD5"
    if "auth" in asked.get("qop", "").split(","):
        parts["response"] = _md5(f"{secret}:{nonce}:00000001:{cnonce}:auth:{what}")
        parts["cnonce"] = cnonce
        bare += ", qop=auth, nc=00000001"
    else:
        parts["response"] = _md5(f"{secret}:{nonce}:{what}")
    if "opaque" in asked:
        parts["opaque"] = asked["opaque"]
    quoted = ", ".join(f'{name}="{value}"' for name, value in parts.items())
    return f"Digest {quoted}, {bare}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Registration:
    """Registers a user's contact, renews it, and tries again for ever when it fails."""

    def __init__(self, endpoint: SipEndpoint, account: Account) -> None:
        self.registered = False
        self.last_code: int | None = None  #: code of the last answer; None: there was none
        self._endpoint = endpoint
        self._account = account
        self._call_id = endpoint.token()
        self._cseq = 0
        self._challenged = False
        self._pending: Retransmission | None = None
        self._timer: asyncio.TimerHandle | None = None
        endpoint.join(self._call_id, self)

    def start(self) -> None:
        """Register now."""
        self._challenged = False
        self._register("")

    def stop(self) -> None:
        """Try no more; the registrar is left to forget."""
        self._quiet()
        self.registered = False

    def receive(self, message: Message) -> None:
        """Take an answer of the registrar."""
        if not isinstance(message, Response) or cseq(message)[0] != self._cseq:
            return
        if message.code < 200:
            return
        self._quiet()
        self.last_code = message.code
        if message.code in (401, 407) and not self._challenged:
            self._challenged = True
            self._register(self._answer_to(message))
        elif message.code == 200:
            self.registered = True
            self._again_in(self._granted_s(message) * _RENEW_AT)
        else:
            self.registered = False
            self._again_in(RETRY_S)

    def _answer_to(self, challenge: Response) -> str:
        asked = header(challenge, "www-authenticate") or header(challenge, "proxy-authenticate")
        return digest_response(
            asked,
            user=self._account.user,
            password=self._account.password,
            method="REGISTER",
            uri=self._registrar_uri(),
            cnonce=self._endpoint.token(),
        )

    def _granted_s(self, ok: Response) -> int:
        granted = re.search(r"expires=(\d+)", header(ok, "contact")) or re.match(
            r"(\d+)", header(ok, "expires")
        )
        return max(1, int(granted[1])) if granted else self._account.expires_s

    def _registrar_uri(self) -> str:
        host, port = self._account.registrar
        return f"sip:{host}:{port}"

    def _register(self, authorization: str) -> None:
        self._cseq += 1
        host, port = self._account.registrar
        name = f"<sip:{self._account.user}@{host}:{port}>"
        headers: Headers = {
            "via": [self._endpoint.via()],
            "max-forwards": ["70"],
            "from": [f"{name};tag={self._endpoint.token()}"],
            "to": [name],
            "call-id": [self._call_id],
            "cseq": [f"{self._cseq} REGISTER"],
            "contact": [f"<{self._endpoint.contact(self._account.user)}>"],
            "expires": [str(self._account.expires_s)],
        }
        if authorization:
            headers["authorization"] = [authorization]
        datagram = Request("REGISTER", self._registrar_uri(), headers).encode()
        self._pending = Retransmission(
            lambda: self._endpoint.send(datagram, self._account.registrar), self._lost
        )
        self._timer = asyncio.get_running_loop().call_later(ANSWER_TIMEOUT_S, self._lost)

    def _lost(self) -> None:
        self._quiet()
        self.registered = False
        self.last_code = None
        self._again_in(RETRY_S)

    def _again_in(self, delay_s: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay_s, self.start)

    def _quiet(self) -> None:
        if self._pending is not None:
            self._pending.stop()
            self._pending = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
