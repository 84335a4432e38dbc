"""Running simulators take orders, and run and stop as processes."""

import asyncio
import json
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialer.simulator.behaviour import Behaviour, BehaviourKind
from dialer.simulator.population import PopulationProfile
from dialer.simulator.sip import audio
from dialer.simulator.sip.call import CallState
from dialer.simulator.sip.caller import Caller
from dialer.simulator.sip.control import ControlPort, give_order
from dialer.simulator.sip.orders import obey_as_carrier
from tests.integration.sip_world import World, now, running_world, until


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path / "carrier.jsonl") as made:
        yield made


@pytest.fixture
async def control(world: World) -> AsyncIterator[int]:
    port = ControlPort(lambda order: obey_as_carrier(world.carrier, order))
    await port.start()
    yield port.port
    port.stop()


async def test_orders_reach_a_running_carrier(world: World, control: int) -> None:
    call = await world.up("t-answer-r10")
    number = "t-answer-r10"
    assert call.stream is not None
    call.stream.play(audio.clip("tone_900"))
    await give_order(control, {"do": "play", "number": number, "clip": "tone_500"})
    hearing = call.stream.hearing
    await until(lambda: hearing.tone_share(500) > 0.9)
    answer = await give_order(control, {"do": "hear", "number": number, "hz": [900], "id": 3})
    assert (answer["id"], answer["calls"]) == (3, 1)
    assert answer["heard"][0]["tone_shares"]["900"] > 0.9
    await give_order(control, {"do": "dtmf", "number": number, "digits": "7"})
    await until(lambda: hearing.digits == "7")
    stats = await give_order(control, {"do": "stats"})
    assert (stats["invites"], stats["answered"], stats["live"], stats["talking"]) == (1, 1, 1, 1)
    assert (await give_order(control, {"do": "bye", "number": "*"}))["calls"] == 1
    await until(lambda: call.state is CallState.ENDED)


async def test_the_profile_can_be_replaced_live(world: World, control: int) -> None:
    answer = await give_order(control, {"do": "profile", "profile": "rejects_all"})
    assert answer == {"ok": True, "profile": "rejects_all"}
    call = world.call("+74951112233")
    await until(lambda: call.state is CallState.ENDED)
    assert call.final_code == 503
    overrides = {"74951112233": Behaviour(BehaviourKind.BUSY, 0.01)}
    profile = PopulationProfile("mine", {BehaviourKind.ANSWER: 1}, overrides=overrides)
    await give_order(control, {"do": "profile", "profile": profile.to_dict()})
    call = world.call("+74951112233")
    await until(lambda: call.state is CallState.ENDED)
    assert call.final_code == 486


@pytest.mark.parametrize(
    "order",
    [{}, {"do": "bye"}, {"do": "dance", "number": "*"}, {"do": "profile", "profile": "nobody"}, 7],
)
async def test_a_bad_order_is_refused_and_harms_nothing(control: int, order: Any) -> None:
    assert (await give_order(control, order))["ok"] is False
    assert (await give_order(control, {"do": "stats"}))["ok"] is True


@pytest.mark.parametrize("part", ["carrier", "phones"])
async def test_each_part_runs_as_a_process_and_stops_cleanly(part: str, tmp_path: Path) -> None:
    arguments = {
        "carrier": ["--profile", "answers_all", "--seed", "4", "--speed", "10"],
        "phones": ["--count", "2", "--user-prefix", "t-answer-"],
    }
    log = tmp_path / "log.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dialer.simulator.sip", part, "--log", str(log)),
        *arguments[part],
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    assert ready["ready"] is True
    caller = Caller(now=now, rng=random.Random(2))
    await caller.start()
    call = caller.call("t-answer-2" if part == "phones" else "+74951112233", ready["port"])
    await until(lambda: 200 in call.codes)
    assert (await give_order(ready["control_port"], {"do": "stats"}))["ok"] is True
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    assert '"event": "answered"' in log.read_text()
    caller.stop()
    await asyncio.sleep(0)
