"""The messages of the ARI websocket, typed. Only fields we use are named; the rest is skipped.

Source: Asterisk 22 REST Interface, events.json and "ARI over WebSockets".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec


class Channel(msgspec.Struct, frozen=True):
    """A leg as Asterisk sees it."""

    id: str
    name: str = ""
    state: str = ""
    channelvars: dict[str, str] = {}

    def variable(self, name: str) -> str:
        """Return a channel variable that Asterisk puts into every event, "" when not set."""
        return self.channelvars.get(name, "")


class Bridge(msgspec.Struct, frozen=True):
    """A bridge and the channels in it."""

    id: str
    name: str = ""
    channels: list[str] = []


class Playback(msgspec.Struct, frozen=True):
    """A prompt being played."""

    id: str
    state: str = ""


class _Event(msgspec.Struct, frozen=True, tag_field="type"):
    timestamp: str = ""

    def sent_at(self) -> datetime | None:
        """Return the instant Asterisk stamped, e.g. 2026-01-02T03:04:05.678+0000."""
        return datetime.fromisoformat(self.timestamp) if self.timestamp else None


class StasisStart(_Event, frozen=True, tag="StasisStart"):
    """A channel came under our control; ``args`` say from where."""

    channel: Channel = msgspec.field(default_factory=lambda: Channel(""))
    args: list[str] = []


class StasisEnd(_Event, frozen=True, tag="StasisEnd"):
    """A channel left our control (it may be in the dialplan for a moment)."""

    channel: Channel = msgspec.field(default_factory=lambda: Channel(""))


class ChannelStateChange(_Event, frozen=True, tag="ChannelStateChange"):
    """A channel's state changed: Ringing, Up, …."""

    channel: Channel = msgspec.field(default_factory=lambda: Channel(""))


class Dial(_Event, frozen=True, tag="Dial"):
    """Progress of a dial: "", RINGING, PROGRESS, ANSWER, BUSY, CONGESTION, NOANSWER."""

    peer: Channel = msgspec.field(default_factory=lambda: Channel(""))
    dialstatus: str = ""


class ChannelHangupRequest(_Event, frozen=True, tag="ChannelHangupRequest"):
    """Somebody asked for the end: for an unanswered leg it is the far end's final response."""

    channel: Channel = msgspec.field(default_factory=lambda: Channel(""))
    cause: int = 0


class ChannelDestroyed(_Event, frozen=True, tag="ChannelDestroyed"):
    """A channel is gone; ``tech_cause`` is the SIP code where there was one."""

    channel: Channel = msgspec.field(default_factory=lambda: Channel(""))
    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None


class ChannelEnteredBridge(_Event, frozen=True, tag="ChannelEnteredBridge"):
    """A channel is in a bridge now."""

    bridge: Bridge = msgspec.field(default_factory=lambda: Bridge(""))
    channel: Channel | None = None


class ChannelLeftBridge(_Event, frozen=True, tag="ChannelLeftBridge"):
    """A channel left a bridge."""

    bridge: Bridge = msgspec.field(default_factory=lambda: Bridge(""))
    channel: Channel | None = None


class PlaybackFinished(_Event, frozen=True, tag="PlaybackFinished"):
    """A prompt ended, was stopped, or could not be played (state ``failed``)."""

    playback: Playback = msgspec.field(default_factory=lambda: Playback(""))


class ChannelDtmfReceived(_Event, frozen=True, tag="ChannelDtmfReceived"):
    """A key was pressed and released again."""

    channel: Channel = msgspec.field(default_factory=lambda: Channel(""))
    digit: str = ""


class ApplicationReplaced(_Event, frozen=True, tag="ApplicationReplaced"):
    """Another socket took our application name: ownership is lost."""

    application: str = ""


class RestResponse(msgspec.Struct, frozen=True, tag_field="type", tag="RESTResponse"):
    """The answer to one of our requests."""

    request_id: str = ""
    status_code: int = 0
    reason_phrase: str = ""
    message_body: str | None = None


AriEvent = (
    StasisStart
    | StasisEnd
    | ChannelStateChange
    | Dial
    | ChannelHangupRequest
    | ChannelDestroyed
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | PlaybackFinished
    | ChannelDtmfReceived
    | ApplicationReplaced
)


class QueryString(msgspec.Struct, frozen=True):
    """One query parameter."""

    name: str
    value: str


class RestRequest(
    msgspec.Struct, frozen=True, tag_field="type", tag="RESTRequest", omit_defaults=True
):
    """One of our requests."""

    request_id: str
    method: str
    uri: str
    query_strings: list[QueryString] = []
    content_type: str = ""
    message_body: str = ""


class _Anything(msgspec.Struct, frozen=True):
    type: str = ""


_decoder = msgspec.json.Decoder(AriEvent | RestResponse)
_any_decoder = msgspec.json.Decoder(_Anything)
_encoder = msgspec.json.Encoder()


def decode(raw: str | bytes) -> AriEvent | RestResponse | str:
    """Decode one websocket message; an event we have no type for gives its type's name."""
    try:
        message: AriEvent | RestResponse = _decoder.decode(raw)
    except msgspec.ValidationError:
        return _any_decoder.decode(raw).type
    return message


def encode(request: RestRequest) -> str:
    """Encode one request."""
    return _encoder.encode(request).decode()


def encode_body(body: Mapping[str, Any]) -> str:
    """Encode a request's body."""
    return _encoder.encode(body).decode()


def decode_body(body: str | None) -> Any:
    """Decode a response's body; None when it is empty."""
    return msgspec.json.decode(body) if body else None
