"""Owners come and go, requests are refused, Asterisk crashes: the simulator plays along."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import websockets

from dialer.simulator.ari.people import AGENT_PHONE, Everybody
from dialer.simulator.ari.server import AriSimulator
from dialer.simulator.behaviour import Behaviour, BehaviourKind
from tests.integration.ari_simulator_client import PASSWORD, Client, over_http, told


@pytest.fixture
async def simulator() -> AsyncIterator[AriSimulator]:
    async with AriSimulator(password=PASSWORD) as running:
        yield running


@pytest.fixture
async def client(simulator: AriSimulator) -> AsyncIterator[Client]:
    async with Client(simulator, "outdial-1") as connected:
        yield connected


async def test_a_second_connection_takes_the_events_and_leaves_the_requests(
    simulator: AriSimulator, client: Client
) -> None:
    async with Client(simulator, "outdial-1") as newer:
        await client.until(lambda: client.events)
        assert [e["type"] for e in client.events] == ["ApplicationReplaced"]
        await client.call("c1", "t-busy-r10")
        await newer.event("ChannelDestroyed", "c1")
        assert len(client.events) == 1
        await client.socket.close()
        await newer.up("c2")  # the old socket's end takes nothing from the new one


async def test_events_go_to_their_own_application_only(
    simulator: AriSimulator, client: Client
) -> None:
    async with Client(simulator, "outdial-2") as other:
        await client.call("c1", "t-busy-r10")
        await client.event("ChannelDestroyed", "c1")
        assert (await other.rest("GET", "asterisk/info"))[0] == 200
        assert other.events == []


async def test_the_event_filter(client: Client) -> None:
    wanted = {"disallowed": [{"type": "Dial"}, {"type": "StasisStart"}]}
    status, app = await client.rest("PUT", "applications/outdial-1/eventFilter", wanted)
    assert (status, app["events_disallowed"]) == (200, wanted["disallowed"])
    await client.call("c1", "t-busy-r10")
    await client.event("ChannelDestroyed", "c1")
    assert told(client, "c1") == ["ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"]


async def test_the_world_goes_on_without_its_owner(simulator: AriSimulator) -> None:
    async with Client(simulator, "outdial-1") as first:
        await first.rest("POST", "bridges/b1")
        await first.call("c1", "t-answer-r60")
        await first.call("c2", "t-no_answer")
    async with Client(simulator, "outdial-1") as successor:
        await successor.event("Dial", "c1", dialstatus="ANSWER")
        _, channels = await successor.rest("GET", "channels")
        assert {c["id"]: (c["state"], c["dialplan"]["app_name"]) for c in channels} == {
            "c1": ("Up", "Stasis"),
            "c2": ("Ringing", "AppDial2"),
        }
        assert [c["channelvars"]["OD_ID"] for c in channels] == ["c1", "c2"]
        _, app = await successor.rest("GET", "applications/outdial-1")
        assert (app["channel_ids"], app["bridge_ids"]) == (["c1", "c2"], ["b1"])


async def test_an_originated_call_is_lost_without_its_owner(simulator: AriSimulator) -> None:
    async with over_http(simulator) as http:
        made = await http.post("/channels?endpoint=PJSIP/t-answer-r10@c&app=gone&channelId=c1")
        assert made.json()["state"] == "Down"
        async with asyncio.timeout(10):
            while (await http.get("/channels/c1")).status_code == 200:
                continue
        assert [invite.channel_id for invite in simulator.invites] == ["c1"]


async def test_variables_and_keys(simulator: AriSimulator, client: Client) -> None:
    await client.up("c1")
    await client.rest("POST", "channels/c1/variable", variable="OD_CAMPAIGN", value="7")
    assert (await client.rest("GET", "channels/c1/variable?variable=OD_CAMPAIGN")) == (
        200,
        {"value": "7"},
    )
    simulator.press("c1", "15")
    await client.event("ChannelDtmfReceived", "c1", digit="5")
    pressed = [e for e in client.of("c1") if e["type"] == "ChannelDtmfReceived"]
    assert [e["digit"] for e in pressed] == ["1", "5"]
    assert pressed[0]["channel"]["channelvars"]["OD_CAMPAIGN"] == "7"


async def test_phones_and_people_as_told() -> None:
    silent = Everybody(Behaviour(BehaviourKind.NO_ANSWER))
    async with (
        AriSimulator(password=PASSWORD, population=silent) as simulator,
        Client(simulator, "outdial-1") as client,
    ):
        drops = Behaviour(BehaviourKind.ANSWER, ring_s=0.001, talk_s=0.01)
        simulator.world.agent_phone = lambda name: drops if name == "agent-1" else AGENT_PHONE
        for name in ("agent-1", "agent-2"):
            create = f"channels/create?endpoint=PJSIP/{name}&app=outdial-1&channelId={name}"
            await client.rest("POST", create)
            await client.rest("POST", f"channels/{name}/dial")
            await client.event("Dial", name, dialstatus="ANSWER")
        assert (await client.event("ChannelDestroyed", "agent-1"))["cause"] == 0
        await client.call("c1", "12025550101")
        await client.event("Dial", "c1", dialstatus="RINGING")
        simulator.answer("c1")
        await client.event("Dial", "c1", dialstatus="ANSWER")
        simulator.hang_up("c1")
        assert (await client.event("ChannelDestroyed", "c1"))["cause"] == 0
        assert [c.id for c in simulator.channels] == ["agent-2"]
        assert (await client.rest("GET", "endpoints/PJSIP/agent-2"))[1] == {
            "technology": "PJSIP",
            "resource": "agent-2",
            "state": "online",
            "channel_ids": ["agent-2"],
        }


async def test_disturbances(simulator: AriSimulator, client: Client) -> None:
    simulator.refuse_rest(503, "channels/create")
    assert (await client.rest("POST", "channels/create"))[0] == 503
    assert (await client.rest("GET", "asterisk/ping"))[0] == 200
    simulator.refuse_rest(None)
    await client.up("c1")
    simulator.stall_s = 0.8
    held = await client.ask("DELETE", "channels/c1")
    await client.event("ChannelDestroyed", "c1")  # it is done, only the answer is held back
    assert held not in client.answers
    simulator.stall_s = 0.0
    assert (await client.rest("GET", "asterisk/ping"))[0] == 200
    assert held in client.answers  # answers keep their order
    await client.up("c2")
    simulator.lose("c2")
    assert (await client.event("ChannelDestroyed", "c2"))["cause"] == 44


async def test_a_crash_loses_all_and_tells_nobody(simulator: AriSimulator, client: Client) -> None:
    await client.up("c1")
    await client.rest("POST", "bridges/b1")
    told_before = len(client.events)
    simulator.crash()
    await client.socket.wait_closed()
    assert len(client.events) == told_before
    assert len(simulator.channels) == 0
    assert not simulator.bridges
    async with Client(simulator, "outdial-1") as again:
        assert await again.rest("GET", "channels") == (200, [])
        simulator.is_down = True
        with pytest.raises((OSError, websockets.InvalidMessage)):
            await Client(simulator, "outdial-1").__aenter__()


async def test_who_may_enter(simulator: AriSimulator) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await Client(simulator, "outdial-1", password="wrong").__aenter__()
    assert refused.value.response.status_code == 401
    async with over_http(simulator) as http:
        assert (await http.get("/asterisk/ping", auth=("outdial", "wrong"))).status_code == 401
        with_key = f"/channels?api_key=outdial:{PASSWORD}"
        assert (await http.get(with_key, auth=None)).json() == []
        created = await http.post("/bridges", json={"type": "holding", "name": "queue"})
        assert (created.status_code, created.json()["bridge_type"]) == (200, "holding")


async def test_as_a_process_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "invites.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "dialer.simulator.ari", "--password", PASSWORD, "--profile", "rings_all"),
        *("--invite-log", str(log)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        ready = json.loads(await process.stdout.readline())
        base = f"http://127.0.0.1:{ready['port']}/ari"
        async with httpx.AsyncClient(auth=("outdial", PASSWORD), trust_env=False) as http:
            await http.post(f"{base}/channels?endpoint=PJSIP/12025550101@carrier&app=a")
    finally:
        process.terminate()
        assert await process.wait() == 0
    logged = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [(entry["number"], entry["nth_call"]) for entry in logged] == [("12025550101", 1)]
