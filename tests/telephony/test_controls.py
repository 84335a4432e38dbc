"""Hold, keys, gaps, transfers, three-way with real SIP and real audio: who hears whom, what is kept."""

from pathlib import Path
from typing import Any

from campaigns.agents.controls import Control
from dialer.simulator.sip.phone import tone_of
from tests.exchange import (
    CLEAR,
    ENDPOINT,
    Exchange,
    check_balance,
    see_clear_talk,
    see_finished,
)
from tests.factories import numbers
from tests.hall import Place
from tests.talks import TalkDesk
from tests.tones import read_wav, tone_share
from tests.world import until
from workers.jobs.recordings import join_raw, raw_files

CUSTOMER_HZ, EARLY_HZ, SECRET_HZ, LATER_HZ = 440, 610, 950, 1210
#: The third party is the fifth telephone.
PARTY = 5
PARTY_HZ = tone_of(PARTY - 1)
TRUNK = {"endpoint": ENDPOINT}
BUSY = "+74952009999"
SETTINGS: dict[str, Any] = {
    "wrap_up_s": 0,
    "retry": {},
    "record_pausable": True,
    "transfer_targets": [
        {"code": "sales", "name": "Sales", "endpoint": f"PJSIP/agent-{PARTY}"},
        {"code": "shop", "name": "Shop", "number": BUSY},
    ],
}
TALKER = f"t-answer-r300-gtone_{CUSTOMER_HZ}"
#: Louder than any line without sound.
AUDIBLE_DBFS = -45
WINDOW, STEP = 1024, 512


async def _see_customer(exchange: Exchange, number: str, *tones_hz: int, what: str) -> None:
    """Wait until a customer hears these tones, each clearly among what is heard, and no other of ours."""

    async def so() -> bool:
        asked = {tone_of(0), PARTY_HZ, *tones_hz}
        heard = await exchange.heard_by_customer(number, *asked)
        return _is_heard(heard, set(tones_hz), asked)

    await until(so, what)


async def _see_phone(exchange: Exchange, phone: int, *tones_hz: int, what: str) -> None:
    """The same of a telephone."""

    async def so() -> bool:
        asked = {tone_of(0), PARTY_HZ, CUSTOMER_HZ, *tones_hz} - {tone_of(phone - 1)}
        heard = await exchange.heard_by_agent(phone, *asked)
        return _is_heard(heard, set(tones_hz), asked)

    await until(so, what)


def _is_heard(heard: dict[str, Any], wanted: set[int], asked: set[int]) -> bool:
    shares = {hz: heard.get("tone_shares", {}).get(str(hz), 0.0) for hz in asked}
    there = [shares[hz] for hz in wanted]
    others = [shares[hz] for hz in asked - wanted]
    together = sum(there) > CLEAR and min(there) > 0.15 if there else True
    return bool(heard) and together and max(others, default=0.0) < 0.1


async def _see_music(exchange: Exchange, number: str) -> None:
    async def so() -> bool:
        heard = await exchange.heard_by_customer(number, tone_of(0), PARTY_HZ)
        shares = heard.get("tone_shares", {})
        return bool(heard.get("level_dbfs", -100) > AUDIBLE_DBFS and max(shares.values()) < 0.2)

    await until(so, "the customer hears music and nobody else")


async def test_a_customer_on_hold_hears_music_and_keys_reach_the_customer(
    exchange: Exchange, place: Place
) -> None:
    (number,) = numbers(1, first=700)
    await exchange.people({number: TALKER})
    made = await place.campaign(0, 1, e164s=[number], settings=SETTINGS, trunk=TRUNK)
    desk = TalkDesk(place, made)
    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        call_id = await desk.call_of()
        await desk.wish(call_id, Control.KEYS, keys="12#4")

        async def pressed() -> bool:
            return (await exchange.heard_by_customer(number)).get("digits") == "12#4"

        await until(pressed, "the customer's telephone got the keys")
        await desk.wish(call_id, Control.HOLD)
        await _see_music(exchange, number)
        await _see_phone(exchange, 1, what="the agent hears nobody")
        await desk.wish(call_id, Control.UNHOLD)
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        await exchange.carrier.order("bye", number=number)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await desk.parts(call_id) == [("held", "resumed")]


async def test_what_is_said_in_a_gap_is_in_no_recording(
    exchange: Exchange, place: Place, tmp_path: Path
) -> None:
    (number,) = numbers(1, first=710)
    await exchange.people({number: TALKER})
    made = await place.campaign(0, 1, e164s=[number], settings=SETTINGS, trunk=TRUNK)
    desk = TalkDesk(place, made)

    async def says(hz: int) -> None:
        await exchange.carrier.order("play", number=number, clip=f"tone_{hz}")
        await _see_phone(exchange, 1, hz, what=f"the agent hears {hz} Hz")

    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        call_id = await desk.call_of()
        await says(EARLY_HZ)
        await says(CUSTOMER_HZ)  # what is heard by now was said long enough to be found in the file
        await desk.wish(call_id, Control.PAUSE_RECORDING)

        async def paused() -> bool:
            monitors = exchange.server.cli("core show channels verbose")
            found = await desk.see_state(call_id, "talking")
            return found.unrecorded and "unmixmon" in monitors

        await until(paused, "the recording is paused")
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        await says(SECRET_HZ)
        await says(CUSTOMER_HZ)
        await desk.wish(call_id, Control.RESUME_RECORDING)

        async def on_again() -> bool:
            return await desk.parts(call_id) == [("unrecorded", "resumed")]

        await until(on_again, "the gap is over")
        await says(LATER_HZ)
        await exchange.carrier.order("bye", number=number)
        row = await desk.see_ended(call_id)
        await see_finished(place, made)
    wav = tmp_path / "talk.wav"
    assert row.recording_raw == f"{call_id.hex}.raw"

    async def written() -> bool:
        join_raw(raw_files(exchange.server.monitor_dir, call_id), wav)
        return _loudest_share(read_wav(wav)[0], LATER_HZ) > 0.9

    await until(written, "what was said after the gap is in the file")
    customer, agent = read_wav(wav)
    heard = {hz: _loudest_share(customer, hz) for hz in (EARLY_HZ, SECRET_HZ, LATER_HZ)}
    assert heard[EARLY_HZ] > 0.9
    assert heard[LATER_HZ] > 0.9
    assert heard[SECRET_HZ] < 0.2, "what was said in the gap is in the file"
    assert _loudest_share(agent, tone_of(0)) > 0.9


def _loudest_share(samples: Any, hz: int) -> float:
    """The largest share of a tone in any stretch of a recording."""
    starts = range(0, len(samples) - WINDOW, STEP)
    return max(tone_share(samples[start : start + WINDOW], hz) for start in starts)


async def test_an_attended_transfer_by_way_of_three(exchange: Exchange, place: Place) -> None:
    """Music while the agent asks; then all three; then two, and the agent has the next customer."""
    first, second = numbers(2, first=720)
    await exchange.people({first: TALKER, second: f"t-answer-r300-gtone_{LATER_HZ}"})
    made = await place.campaign(0, 1, e164s=[first, second], settings=SETTINGS, trunk=TRUNK)
    desk = TalkDesk(place, made)
    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, first, CUSTOMER_HZ)
        call_id = await desk.call_of()
        await desk.wish(call_id, Control.CONSULT, target="sales")
        await desk.see_state(call_id, "consulting")
        await _see_phone(exchange, 1, PARTY_HZ, what="the agent hears the third party")
        await _see_phone(exchange, PARTY, tone_of(0), what="the third party hears the agent")
        await _see_music(exchange, first)
        await desk.wish(call_id, Control.JOIN)
        await _see_customer(exchange, first, tone_of(0), PARTY_HZ, what="the customer hears both")
        await _see_phone(exchange, 1, PARTY_HZ, CUSTOMER_HZ, what="the agent hears both")
        await desk.wish(call_id, Control.COMPLETE)
        await _see_customer(exchange, first, PARTY_HZ, what="the customer hears the third party")
        await _see_phone(exchange, PARTY, CUSTOMER_HZ, what="the third party hears the customer")
        await see_clear_talk(exchange, place, made, second, LATER_HZ)
        await _see_customer(exchange, first, PARTY_HZ, what="the first customer hears only them")
        await exchange.phones.order("bye", user=f"agent-{PARTY}")
        ended = await desk.see_ended(call_id)
        assert (ended.outcome, ended.ended_by) == ("connected", "third_party")
        assert exchange.call_to(first).ended_by == "bye_received"
        await exchange.carrier.order("bye", number=second)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert ended.connected_at < ended.left_at < ended.ended_at


async def test_a_blind_transfer_and_one_that_nobody_takes(exchange: Exchange, place: Place) -> None:
    (number,) = numbers(1, first=730)
    await exchange.people({number: TALKER, BUSY: "t-busy"})
    made = await place.campaign(0, 1, e164s=[number], settings=SETTINGS, trunk=TRUNK)
    desk = TalkDesk(place, made)
    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        call_id = await desk.call_of()
        await desk.wish(call_id, Control.TRANSFER, target="shop")

        async def missed() -> bool:
            return await desk.parts(call_id) == [("transferring", "not_reached")]

        await until(missed, "the shop is busy")
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        assert exchange.call_to(BUSY).caller == "+74951234567"
        await desk.wish(call_id, Control.TRANSFER, target="sales")
        await _see_customer(exchange, number, PARTY_HZ, what="the customer hears the third party")
        await _see_phone(exchange, 1, what="the agent hears nobody")
        await exchange.carrier.order("bye", number=number)
        assert (await desk.see_ended(call_id)).ended_by == "customer"
        await see_finished(place, made)

        async def silent() -> bool:
            return exchange.live_channels() == 0

        await until(silent, "the third party's leg has ended, too")
