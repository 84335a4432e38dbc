"""The simulated Asterisk answers, and misbehaves, as the measured one did."""

from collections.abc import AsyncIterator

import pytest

from dialer.simulator.ari.dialplan import Return
from dialer.simulator.ari.server import AriSimulator
from tests.integration.ari_simulator_client import PASSWORD, Client, over_http, told


@pytest.fixture
async def simulator() -> AsyncIterator[AriSimulator]:
    async with AriSimulator(password=PASSWORD) as running:
        yield running


@pytest.fixture
async def client(simulator: AriSimulator) -> AsyncIterator[Client]:
    async with Client(simulator, "outdial-1") as connected:
        yield connected


async def test_a_call_from_create_to_the_callees_bye(
    simulator: AriSimulator, client: Client
) -> None:
    await client.call("c1", "t-answer-r20-t40")
    ended = await client.event("ChannelDestroyed", "c1")
    assert told(client, "c1") == [
        "StasisStart",
        "Dial",
        "ChannelStateChange",
        "Dial RINGING",
        "ChannelStateChange",
        "Dial ANSWER",
        "ChannelHangupRequest",
        "StasisEnd",
        "ChannelDestroyed",
    ]
    assert (ended["cause"], ended["cause_txt"], ended.get("tech_cause")) == (0, "Unknown", None)
    start = await client.event("StasisStart", "c1")
    assert start["args"] == ["customer"]
    assert start["application"] == "outdial-1"
    assert start["channel"]["state"] == "Down"
    assert start["channel"]["channelvars"] == {
        "OD_ROLE": "customer",
        "OD_ID": "c1",
        "OD_CAMPAIGN": "",
    }
    assert [invite.number for invite in simulator.invites] == ["t-answer-r20-t40"]
    assert len(simulator.channels) == 0


@pytest.mark.parametrize(
    ("number", "cause", "tech_cause", "results"),
    [
        ("t-busy-r10", 17, 486, ["", "BUSY"]),
        ("t-busy-r10-c600", 17, 600, ["", "BUSY"]),
        ("t-congestion-r10", 34, 503, ["", "CONGESTION"]),
        ("t-invalid-r10", 1, 404, ["", "NOANSWER"]),
        ("t-unavailable-r10", 19, 480, ["", "NOANSWER"]),
        ("t-reject-r10", 21, 603, ["", "RINGING", "NOANSWER"]),
        ("t-early_media_busy-r10", 17, 486, ["", "PROGRESS", "BUSY"]),
        ("t-invalid-r10-c488", 58, 488, ["", "NOANSWER"]),
        ("t-congestion-r10-c607", 127, 607, ["", "NOANSWER"]),
    ],
)
async def test_refusals_by_the_far_end(
    client: Client, number: str, cause: int, tech_cause: int, results: list[str]
) -> None:
    await client.call("c1", number)
    ended = await client.event("ChannelDestroyed", "c1")
    assert (ended["cause"], ended["tech_cause"]) == (cause, tech_cause)
    assert [e["dialstatus"] for e in client.of("c1") if e["type"] == "Dial"] == results
    request = await client.event("ChannelHangupRequest", "c1")
    assert request["tech_cause"] == tech_cause


@pytest.mark.parametrize(
    ("number", "results"), [("t-no_answer", ["", "RINGING"]), ("t-silent", [""])]
)
async def test_our_dial_timeout_is_not_announced(
    client: Client, number: str, results: list[str]
) -> None:
    await client.call("c1", number, timeout="0.1")
    ended = await client.event("ChannelDestroyed", "c1")
    assert (ended["cause"], ended["tech_cause"]) == (19, 480)
    assert "ChannelHangupRequest" not in told(client, "c1")
    assert [e["dialstatus"] for e in client.of("c1") if e["type"] == "Dial"] == results


@pytest.mark.parametrize(
    ("query", "cause", "tech_cause"),
    [({}, 16, None), ({"reason": "no_answer"}, 19, 480), ({"reason_code": "17"}, 17, None)],
)
async def test_hanging_up_ourselves(
    client: Client, query: dict[str, str], cause: int, tech_cause: int | None
) -> None:
    await client.up("c1")
    assert (await client.rest("DELETE", "channels/c1", **query))[0] == 204
    ended = await client.event("ChannelDestroyed", "c1")
    assert (ended["cause"], ended.get("tech_cause")) == (cause, tech_cause)
    assert (await client.rest("DELETE", "channels/c1"))[0] == 404


async def test_ids_are_compared_as_prefixes_without_case(client: Client) -> None:
    await client.call("abc", "t-no_answer")
    create = "channels/create?endpoint=PJSIP/t-busy@carrier&app=outdial-1&channelId="
    taken = "Channel with given unique ID already exists"
    for same in ("abc", "ABC", "ab"):
        assert await client.rest("POST", create + same) == (409, {"message": taken})
    assert (await client.rest("POST", create + "abcd"))[0] == 200
    assert (await client.rest("GET", "channels/ABCD"))[1]["id"] == "abcd"


async def test_what_asterisk_refuses(simulator: AriSimulator, client: Client) -> None:
    await client.call("c1", "t-no_answer")
    await client.rest("POST", "bridges/b1", type="mixing,dtmf_events", name="room")
    simulator.world.unregistered.add("agent-2")
    failed = (500, {"error": "Allocation failed"})
    for endpoint in ("PJSIP/nobody", "SIP/1@carrier", "PJSIP/agent-2"):
        assert await client.rest("POST", "channels/create", endpoint=endpoint, app="x") == failed
    expected = {
        ("GET", "channels/nobody"): 404,
        ("POST", "channels/nobody/dial"): 404,
        ("POST", "channels/c1/dial"): 409,
        ("POST", "bridges/nowhere/addChannel?channel=c1"): 404,
        ("POST", "bridges/b1/addChannel?channel=nobody"): 400,
        ("POST", "bridges/b1/addChannel"): 400,
        ("POST", "bridges/b1/removeChannel?channel=c1"): 422,
        ("POST", "bridges/b1?type=mixing"): 409,
        ("DELETE", "playbacks/nothing"): 404,
        ("GET", "channels/c1/variable?variable=NONE"): 404,
        ("POST", "channels/create?endpoint=PJSIP/1@carrier"): 400,
        ("POST", "channels/c1/fly"): 404,
    }
    assert {key: (await client.rest(*key))[0] for key in expected} == expected


async def test_a_customer_and_an_agent_in_a_bridge(client: Client) -> None:
    await client.rest("POST", "bridges/b1?type=mixing,dtmf_events&name=home")
    agent = "channels/create?endpoint=PJSIP/agent-1&app=outdial-1&appArgs=agent&channelId=a1"
    await client.rest("POST", agent)
    await client.rest("POST", "channels/a1/dial?timeout=5")
    await client.event("Dial", "a1", dialstatus="ANSWER")
    await client.up("c1")
    assert (await client.rest("POST", "bridges/b1/addChannel", channel="c1,a1"))[0] == 204
    entered = await client.event("ChannelEnteredBridge", "a1")
    assert entered["bridge"]["channels"] == ["c1", "a1"]
    assert (await client.rest("GET", "bridges/b1"))[1]["name"] == "home"
    await client.rest("POST", "bridges/b2")
    await client.rest("POST", "bridges/b2/addChannel", channel="c1")
    left = await client.event("ChannelLeftBridge", "c1")
    assert (left["bridge"]["id"], left["bridge"]["channels"]) == ("b1", ["a1"])
    await client.rest("DELETE", "channels/c1")
    await client.event("ChannelDestroyed", "c1")
    assert told(client, "c1")[-4:] == [
        "ChannelHangupRequest",
        "ChannelLeftBridge",
        "StasisEnd",
        "ChannelDestroyed",
    ]
    assert (await client.rest("DELETE", "bridges/b1"))[0] == 204
    await client.until(lambda: [e for e in client.events if e["type"] == "BridgeDestroyed"])
    assert (await client.rest("POST", "bridges/b1"))[0] == 409  # not right after its end
    assert (await client.rest("GET", "bridges/b1"))[0] == 404


async def test_continue_starts_the_recording_and_comes_back(client: Client) -> None:
    await client.up("c1")
    await client.rest("POST", "channels/c1/continue", context="mixmon", extension="s")
    back = await client.event("StasisStart", "c1", args=["recording"])
    assert "StasisEnd" in told(client, "c1")
    assert back["channel"]["dialplan"]["app_data"] == "outdial-1,recording"


async def test_outside_stasis_a_channel_cannot_be_bridged(
    simulator: AriSimulator, client: Client
) -> None:
    simulator.world.dialplan["away"] = lambda _channel: Return(("back",), 3600.0)
    await client.up("c1")
    await client.rest("POST", "bridges/b1")
    await client.rest("POST", "channels/c1/continue", context="away")
    await client.event("StasisEnd", "c1")
    assert (await client.rest("POST", "bridges/b1/addChannel", channel="c1"))[0] == 422
    assert (await client.rest("POST", "channels/c1/play", media="sound:x"))[0] == 409


async def test_an_unknown_context_hangs_up(client: Client) -> None:
    await client.up("c1")
    await client.rest("POST", "channels/c1/continue", context="nowhere")
    assert (await client.event("ChannelDestroyed", "c1"))["cause"] == 16


async def test_amd_on_a_snoop_tells_a_machine() -> None:
    async with AriSimulator(password=PASSWORD, speed=100) as fast, Client(fast, "outdial-1") as own:
        await own.up("c1", "t-machine-r10")
        await own.rest("POST", "channels/c1/snoop?spy=in&app=outdial-1&appArgs=s&snoopId=s1")
        await own.rest("POST", "channels/s1/continue", context="amd")
        await own.event("StasisStart", "s1", args=["amd", "MACHINE", "MAXWORDS-5-4"])
        assert "StasisEnd" not in told(own, "c1")


async def test_a_snoop_ends_with_the_leg_it_listens_to(
    simulator: AriSimulator, client: Client
) -> None:
    await client.up("c1")
    await client.rest("POST", "channels/c1/snoop?spy=in&app=outdial-1&snoopId=s1")
    await client.event("StasisStart", "s1")
    await client.rest("DELETE", "channels/c1")
    await client.event("ChannelDestroyed", "s1")
    assert "s1" not in simulator.world.channels


async def test_a_leg_that_waits_for_silence_leaves_its_bridge() -> None:
    async with AriSimulator(password=PASSWORD, speed=100) as fast, Client(fast, "outdial-1") as own:
        await own.up("c1", "t-machine-r10")
        await own.rest("POST", "bridges/b1")
        await own.rest("POST", "bridges/b1/addChannel", channel="c1")
        await own.rest("POST", "channels/c1/continue", context="greeting")
        await own.event("StasisStart", "c1", args=["greeting", "SILENCE"])
        assert "ChannelLeftBridge" in told(own, "c1")


async def test_a_prompt_holds_up_the_socket_until_it_is_stopped(
    simulator: AriSimulator, client: Client
) -> None:
    simulator.world.media_s = lambda _media: 3600.0
    await client.up("c1")
    await client.rest("POST", "bridges/b1")
    status, _ = await client.rest("POST", "channels/c1/play", media="sound:x", playbackId="p1")
    assert status == 201
    blocked = await client.ask("POST", "bridges/b1/addChannel", channel="c1")
    behind = await client.ask("GET", "asterisk/ping")
    async with over_http(simulator) as http:
        assert (await http.get("/asterisk/ping")).json()["ping"] == "pong"
        assert not {blocked, behind} & client.answers.keys()
        assert (await http.delete("/playbacks/p1")).status_code == 204
    assert (await client.answer(blocked))["status_code"] == 204
    assert (await client.answer(behind))["status_code"] == 200
    finished = [e for e in client.events if e["type"] == "PlaybackFinished"]
    assert [e["playback"]["state"] for e in finished] == ["done"]


async def test_prompts_play_one_after_the_other(simulator: AriSimulator, client: Client) -> None:
    simulator.world.media_s = {"sound:a": 0.01, "sound:b": None}.get
    await client.up("c1")
    for name in ("a", "b"):
        await client.rest("POST", f"channels/c1/play?media=sound:{name}&playbackId={name}")
    await client.until(lambda: [e for e in client.events if e["type"] == "PlaybackFinished"][1:])
    played = [
        (e["type"], e["playback"]["id"], e["playback"]["state"])
        for e in client.events
        if "playback" in e
    ]
    assert played == [
        ("PlaybackStarted", "a", "playing"),
        ("PlaybackFinished", "a", "done"),
        ("PlaybackStarted", "b", "playing"),
        ("PlaybackFinished", "b", "failed"),
    ]
