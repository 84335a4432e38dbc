"""A talk on the real Asterisk as it is kept: announced, with a gap, sealed; agent left, customer right."""

import math
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from campaigns.agents.controls import Control
from campaigns.leads.models import Attempt
from campaigns.recordings.listening import open_recording
from campaigns.recordings.markers import MarkerKind, markers_of
from campaigns.recordings.models import Recording, RecordingState
from campaigns.recordings.opus import RATE_HZ, decode
from campaigns.recordings.store import open_store
from dialer.clock import SystemClock
from dialer.sealing import ring_from
from dialer.simulator.sip.phone import tone_of
from tests.exchange import ENDPOINT, Exchange, see_clear_talk, see_finished
from tests.factories import numbers
from tests.hall import Place
from tests.recordings_world import share
from tests.talks import TalkDesk
from tests.world import SECRET_KEY, until
from workers.deps import BackgroundDeps
from workers.jobs.recordings import finish

CUSTOMER_HZ, EARLY_HZ, SECRET_HZ, LATER_HZ, NOTICE_HZ = 440, 710, 950, 1_210, 2_100
AGENT_HZ = tone_of(0)
NOTICE_S = 1.5
TALKER = f"t-answer-r300-t60000-gtone_{CUSTOMER_HZ}"


@pytest.fixture
def notice(exchange: Exchange) -> Iterator[str]:
    """An announcement that can be told from everything else."""
    file = exchange.server.sounds_dir / "recorded.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    frames = range(round(NOTICE_S * RATE_HZ))
    turn = 2 * math.pi * NOTICE_HZ / RATE_HZ
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(array("h", (round(9000 * math.sin(turn * n)) for n in frames)).tobytes())
    yield f"sound:{exchange.server.sounds_path}/recorded"
    file.unlink()


def _loudest(samples: np.ndarray, hz: int) -> float:
    """Return the largest share of a tone in any eighth of a second."""
    step = RATE_HZ // 8
    starts = range(0, len(samples) - step, step // 2)
    return max((share(samples[at : at + step], hz) for at in starts), default=0.0)


async def test_an_announced_talk_with_a_gap_is_kept_as_it_was(
    exchange: Exchange, place: Place, notice: str, tmp_path: Path
) -> None:
    (number,) = numbers(1, first=860)
    await exchange.people({number: TALKER})
    settings: dict[str, Any] = {
        "wrap_up_s": 0,
        "retry": {},
        "record_pausable": True,
        "announce_recording": True,
        "recording_announcements": {"": [notice]},
    }
    made = await place.campaign(
        0, 1, e164s=[number], settings=settings, trunk={"endpoint": ENDPOINT}
    )
    desk = TalkDesk(place, made)

    async def hears_notice(*, agent: bool) -> bool:
        asked = (NOTICE_HZ, CUSTOMER_HZ if agent else AGENT_HZ)
        heard = (
            await exchange.heard_by_agent(1, *asked)
            if agent
            else await exchange.heard_by_customer(number, *asked)
        )
        return bool(heard.get("tone_shares", {}).get(str(NOTICE_HZ), 0.0) > 0.3)

    async def says(hz: int) -> None:
        async def heard() -> bool:
            found = await exchange.heard_by_agent(1, hz)
            return bool(found.get("tone_shares", {}).get(str(hz), 0.0) > 0.8)

        await exchange.carrier.order("play", number=number, clip=f"tone_{hz}")
        await until(heard, f"the agent hears {hz} Hz")

    async with exchange.worker(place):
        await until(lambda: hears_notice(agent=False), "the customer hears the announcement")
        await until(lambda: hears_notice(agent=True), "the agent hears it, too")
        call_id = await desk.call_of()
        await desk.wish(call_id, Control.PAUSE_RECORDING)  # nobody leaves meanwhile: ignored
        await desk.see_parts(call_id, ("announced", "heard"))
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        await says(EARLY_HZ)
        await says(CUSTOMER_HZ)  # what is heard by now was said long enough to be found in the file
        await desk.wish(call_id, Control.PAUSE_RECORDING)
        await desk.see_parts(call_id, ("announced", "heard"), ("unrecorded", None))
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        for _ in range(3):
            await says(SECRET_HZ)
            await says(CUSTOMER_HZ)
        await desk.wish(call_id, Control.RESUME_RECORDING)
        await desk.see_parts(call_id, ("announced", "heard"), ("unrecorded", "resumed"))
        for _ in range(2):
            await says(LATER_HZ)
            await says(CUSTOMER_HZ)
        await exchange.carrier.order("bye", number=number)
        await desk.see_ended(call_id)
        await see_finished(place, made)

    changes: dict[str, Any] = {
        "recordings_dir": tmp_path / "done",
        "recording_store": str(tmp_path / "store"),
        "secret_keys": SecretStr(SECRET_KEY),
    }
    deps = BackgroundDeps(exchange.settings(place, **changes), place.sessions, SystemClock())

    async def kept() -> Recording | None:
        await finish(deps, call_id)
        async with place.sessions() as session:
            row = await session.get(Recording, call_id)
        return row if row is not None and row.state is RecordingState.KEPT else None

    row: Recording = await until(kept, "the recording is kept")
    store = open_store(deps.settings)
    stored = await store.get(row.object or "")
    assert b"Opus" not in stored
    opened = open_recording(row, store, ring_from(SECRET_KEY))
    heard = np.concatenate(list(decode(await opened.whole())))
    async with place.sessions() as session:
        attempt = await session.get_one(Attempt, call_id)
        marks = {one.kind: one for one in await markers_of(session, attempt, language="en")}
    assert attempt.decision["recording_announcement"] == {"rules": [], "campaign": True}
    said, gap = marks[MarkerKind.ANNOUNCED], marks[MarkerKind.UNRECORDED]
    assert gap.until_s is not None
    assert said.until_s is not None
    agent, customer = heard.T
    first = slice(round(said.at_s * RATE_HZ), round((said.until_s + 0.3) * RATE_HZ))
    assert _loudest(agent[first], NOTICE_HZ) > 0.3, "the announcement is in the recording"
    after = slice(round((said.until_s + 0.3) * RATE_HZ), round((gap.at_s - 0.3) * RATE_HZ))
    assert _loudest(agent[after], AGENT_HZ) > 0.9
    assert _loudest(agent[after], EARLY_HZ) < 0.2
    assert _loudest(customer[after], EARLY_HZ) > 0.9
    assert _loudest(customer[after], AGENT_HZ) < 0.2
    silent = heard[round((gap.at_s + 0.2) * RATE_HZ) : round((gap.until_s - 0.2) * RATE_HZ)]
    assert len(silent) > RATE_HZ // 4
    assert np.abs(silent).max() < 40, "the gap is silent"
    assert _loudest(customer, SECRET_HZ) < 0.2, "what was said in the gap is nowhere"
    rest = slice(round(gap.until_s * RATE_HZ), None)  # wherever exactly the gap ends
    assert _loudest(customer[rest], LATER_HZ) > 0.9, "the talk goes on after the gap"
