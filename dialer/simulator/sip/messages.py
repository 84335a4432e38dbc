"""SIP messages as values: read from a datagram, written to one.

Only what a loopback peer needs of RFC 3261: no multipart bodies, no escapes in header parameters.
"""

import re
from dataclasses import dataclass, field

#: Header values by lower-case name, in the order received.
Headers = dict[str, list[str]]

#: Source: RFC 3261, section 7.3.3, compact header forms.
_COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
    "k": "supported",
}
_WRITTEN = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}

#: Reason phrases of the codes the simulator sends. Source: RFC 3261, section 21.
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    410: "Gone",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    484: "Address Incomplete",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
}


class MalformedMessageError(ValueError):
    """A datagram that does not read as SIP."""


@dataclass(slots=True)
class Request:
    """A SIP request."""

    method: str
    uri: str
    headers: Headers
    body: str = ""

    def encode(self) -> bytes:
        """Return the datagram."""
        return _encode(f"{self.method} {self.uri} SIP/2.0", self.headers, self.body)


@dataclass(slots=True)
class Response:
    """A SIP response."""

    code: int
    headers: Headers
    body: str = ""
    reason: str = field(default="")

    def encode(self) -> bytes:
        """Return the datagram."""
        reason = self.reason or REASONS.get(self.code, "Refused")
        return _encode(f"SIP/2.0 {self.code} {reason}", self.headers, self.body)


Message = Request | Response


def parse(datagram: bytes) -> Message:
    """Read one datagram.

    Raises:
        MalformedMessageError: it is not SIP, or lacks Call-ID, CSeq, From, To or Via.
    """
    try:
        head, _, body = datagram.decode().partition("\r\n\r\n")
    except UnicodeDecodeError as error:
        raise MalformedMessageError("not UTF-8") from error
    first, *lines = head.split("\r\n")
    headers = _read_headers(lines)
    if not headers.keys() >= {"call-id", "cseq", "from", "to", "via"}:
        raise MalformedMessageError("a mandatory header is missing")
    if not re.match(r"\d+ +[A-Z]+", headers["cseq"][0]):
        raise MalformedMessageError("CSeq does not read")
    match first.split(" ", 2):
        case ["SIP/2.0", code, reason] if code.isdigit():
            return Response(int(code), headers, body, reason)
        case [method, uri, "SIP/2.0"]:
            return Request(method, uri, headers, body)
        case _:
            raise MalformedMessageError("the first line does not read")


def _read_headers(lines: list[str]) -> Headers:
    headers: Headers = {}
    values: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and values:
            values[-1] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedMessageError("a header has no colon")
        name = name.strip().lower()
        values = headers.setdefault(_COMPACT.get(name, name), [])
        values.append(value.strip())
    return headers


def _encode(first: str, headers: Headers, body: str) -> bytes:
    lines = [first]
    for name, values in headers.items():
        written = _WRITTEN.get(name) or name.title()
        lines += [f"{written}: {value}" for value in values]
    lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def header(message: Message, name: str) -> str:
    """Return the first value of a header given in lower case, or an empty string."""
    values = message.headers.get(name)
    return values[0] if values else ""


def call_id(message: Message) -> str:
    """Return the Call-ID."""
    return message.headers["call-id"][0]


def cseq(message: Message) -> tuple[int, str]:
    """Return the CSeq number and method."""
    number, method = message.headers["cseq"][0].split(None, 1)
    return int(number), method


def tag(value: str) -> str:
    """Return the tag parameter of a From or To value, or an empty string."""
    match = re.search(r";\s*tag=([^;\s>]+)", value)
    return match[1] if match else ""


def uri(value: str) -> str:
    """Return the URI of a name-addr or addr-spec value."""
    match = re.search(r"<([^>]+)>", value)
    return match[1] if match else value.split(";", 1)[0].strip()


def user(value: str) -> str:
    """Return the user part of a SIP URI or of a value that holds one; empty if it has none."""
    match = re.match(r"sips?:([^@;>]+)@", uri(value))
    return match[1] if match else ""


def split_list(values: list[str]) -> list[str]:
    """Return one entry a route, where a peer may have put several on a line."""
    return [part.strip() for value in values for part in re.split(r",(?=\s*<)", value)]


def response_to(
    request: Request, code: int, *, to_tag: str = "", contact: str = "", sdp: str = ""
) -> Response:
    """Build the response to a request.

    A ``to_tag`` is added unless the request already has one. With ``sdp`` the body is that.
    Source: RFC 3261, section 8.2.6.2.
    """
    given = request.headers
    to = given["to"][0]
    if to_tag and code > 100 and not tag(to):
        to += f";tag={to_tag}"
    headers: Headers = {"via": given["via"]}
    if request.method == "INVITE" and "record-route" in given:
        headers["record-route"] = given["record-route"]
    headers |= {"from": given["from"], "to": [to]}
    headers |= {"call-id": given["call-id"], "cseq": given["cseq"]}
    if contact:
        headers["contact"] = [f"<{contact}>"]
        headers["allow"] = ["INVITE, ACK, CANCEL, BYE, OPTIONS"]
    if sdp:
        headers["content-type"] = ["application/sdp"]
    return Response(code, headers, sdp)
