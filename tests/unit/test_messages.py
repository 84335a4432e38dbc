"""ARI messages in and out, as Asterisk 22 writes them."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from dialer.ari import messages as msg

CHANNEL = {
    "id": "c1",
    "name": "PJSIP/carrier-00000001",
    "state": "Up",
    "caller": {"name": "", "number": ""},
    "channelvars": {"OD_ROLE": "customer"},
}


def message(kind: str, **fields: Any) -> str:
    common = {"application": "outdial-1", "asterisk_id": "00:00", "timestamp": ""}
    return json.dumps({"type": kind, **common, **fields})


def test_a_message_is_decoded_by_its_type_and_unknown_fields_are_skipped() -> None:
    raw = message("StasisStart", args=["recording", "x"], channel=CHANNEL, replace_channel=None)
    event = msg.decode(raw)
    assert isinstance(event, msg.StasisStart)
    assert event.args == ["recording", "x"]
    assert event.channel.id == "c1"
    assert event.channel.variable("OD_ROLE") == "customer"
    assert event.channel.variable("OD_ID") == ""


def test_a_destroyed_channel_tells_its_causes() -> None:
    event = msg.decode(
        message(
            "ChannelDestroyed", channel=CHANNEL, cause=17, cause_txt="User busy", tech_cause=486
        )
    )
    assert isinstance(event, msg.ChannelDestroyed)
    assert (event.cause, event.cause_txt, event.tech_cause) == (17, "User busy", 486)


def test_a_destroyed_channel_may_have_no_sip_code() -> None:
    event = msg.decode(message("ChannelDestroyed", channel=CHANNEL, cause=16))
    assert isinstance(event, msg.ChannelDestroyed)
    assert event.tech_cause is None


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("StasisEnd", {"channel": CHANNEL}, msg.StasisEnd),
        ("ChannelStateChange", {"channel": CHANNEL}, msg.ChannelStateChange),
        ("Dial", {"peer": CHANNEL, "dialstatus": "RINGING"}, msg.Dial),
        ("ChannelHangupRequest", {"channel": CHANNEL}, msg.ChannelHangupRequest),
        ("ChannelEnteredBridge", {"bridge": {"id": "b"}}, msg.ChannelEnteredBridge),
        ("ChannelLeftBridge", {"bridge": {"id": "b"}}, msg.ChannelLeftBridge),
        ("PlaybackFinished", {"playback": {"id": "p"}}, msg.PlaybackFinished),
        ("ApplicationReplaced", {}, msg.ApplicationReplaced),
    ],
)
def test_every_event_we_use(kind: str, fields: dict[str, Any], expected: type[object]) -> None:
    assert isinstance(msg.decode(message(kind, **fields)), expected)


@pytest.mark.parametrize("kind", ["ChannelVarset", "DeviceStateChanged", "NewInAsterisk23"])
def test_an_event_without_a_type_of_ours_gives_its_name(kind: str) -> None:
    assert msg.decode(message(kind, channel=CHANNEL)) == kind


@pytest.mark.parametrize("raw", ["", "{", "not json", "[]"])
def test_what_is_no_message_is_an_error(raw: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        msg.decode(raw)


def test_an_answer_to_a_request() -> None:
    raw = message("RESTResponse", request_id="7", status_code=404, reason_phrase="Not Found")
    answer = msg.decode(raw)
    assert isinstance(answer, msg.RestResponse)
    assert (answer.request_id, answer.status_code, answer.message_body) == ("7", 404, None)


def test_bytes_are_decoded_too() -> None:
    assert msg.decode(message("ApplicationReplaced").encode()) == msg.ApplicationReplaced(
        application="outdial-1"
    )


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("2026-01-02T03:04:05.678+0000", datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)),
        ("2026-01-02T03:04:05.678+0300", datetime(2026, 1, 2, 0, 4, 5, 678000, UTC)),
    ],
)
def test_asterisks_time_stamp(stamp: str, instant: datetime) -> None:
    event = msg.Dial(timestamp=stamp)
    assert event.sent_at() == instant


def test_an_event_without_a_stamp() -> None:
    assert msg.Dial().sent_at() is None


def test_a_request_as_asterisk_expects_it() -> None:
    request = msg.RestRequest(
        "7",
        "POST",
        "channels/create",
        [msg.QueryString("app", "outdial-1")],
        "application/json",
        msg.encode_body({"variables": {"OD_ROLE": "customer"}}),
    )
    assert json.loads(msg.encode(request)) == {
        "type": "RESTRequest",
        "request_id": "7",
        "method": "POST",
        "uri": "channels/create",
        "query_strings": [{"name": "app", "value": "outdial-1"}],
        "content_type": "application/json",
        "message_body": '{"variables":{"OD_ROLE":"customer"}}',
    }


def test_an_empty_part_of_a_request_is_left_out() -> None:
    sent = json.loads(msg.encode(msg.RestRequest("7", "GET", "channels")))
    assert set(sent) == {"type", "request_id", "method", "uri"}


def test_bodies_there_and_back() -> None:
    assert msg.decode_body(msg.encode_body({"имя": [1, None]})) == {"имя": [1, None]}
    assert msg.decode_body(None) is None
    assert msg.decode_body("") is None
