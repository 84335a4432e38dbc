"""The little SDP two PCMU talkers need. Source: RFC 8866 and RFC 3264."""

import re
from dataclasses import dataclass

#: Usual dynamic payload type of telephone-event (RFC 4733) where we make the offer.
DTMF_PAYLOAD_TYPE = 101

_CONNECTION = re.compile(r"^c=IN IP4 (\S+)", re.MULTILINE)
_AUDIO = re.compile(r"^m=audio (\d+)", re.MULTILINE)
_EVENTS = re.compile(r"^a=rtpmap:(\d+) telephone-event/8000", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MediaAddress:
    """Where a peer wants its audio, and the payload type it knows key presses by."""

    host: str
    port: int
    dtmf_payload_type: int = DTMF_PAYLOAD_TYPE


def read_sdp(body: str) -> MediaAddress | None:
    """Return where to send audio; None if the body offers no audio."""
    connection, audio = _CONNECTION.search(body), _AUDIO.search(body)
    if connection is None or audio is None or audio[1] == "0":
        return None
    events = _EVENTS.search(body)
    dtmf = int(events[1]) if events else DTMF_PAYLOAD_TYPE
    return MediaAddress(connection[1], int(audio[1]), dtmf)


def write_sdp(port: int, *, version: int, dtmf_payload_type: int = DTMF_PAYLOAD_TYPE) -> str:
    """Return a PCMU session description for a receiver at 127.0.0.1 and ``port``."""
    lines = [
        "v=0",
        f"o=- {port} {version} IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0 {dtmf_payload_type}",
        "a=rtpmap:0 PCMU/8000",
        f"a=rtpmap:{dtmf_payload_type} telephone-event/8000",
        f"a=fmtp:{dtmf_payload_type} 0-16",
        "a=ptime:20",
        "a=sendrecv",
    ]
    return "\r\n".join(lines) + "\r\n"
