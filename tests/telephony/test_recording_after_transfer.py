"""What a recording has of a talk that went on without its agent, with real SIP and real audio."""

from pathlib import Path
from typing import Any

from campaigns.agents.controls import Control
from dialer.simulator.sip.phone import tone_of
from tests.exchange import CLEAR, ENDPOINT, Exchange, see_clear_talk, see_finished
from tests.factories import numbers
from tests.hall import Place
from tests.talks import TalkDesk
from tests.tones import read_wav, tone_share
from tests.world import until
from workers.jobs.recordings import join_raw, raw_files

CUSTOMER_HZ = 440
PARTY = 5
PARTY_HZ = tone_of(PARTY - 1)
TRUNK = {"endpoint": ENDPOINT}
TALKER = f"t-answer-r300-t60000-gtone_{CUSTOMER_HZ}"
SALES = {"code": "sales", "name": "Sales", "endpoint": f"PJSIP/agent-{PARTY}"}
WINDOW, STEP = 1024, 512


def _loudest_share(samples: Any, hz: int) -> float:
    """The largest share of a tone in any stretch of a recording."""
    starts = range(0, len(samples) - WINDOW, STEP)
    return max(tone_share(samples[start : start + WINDOW], hz) for start in starts)


async def test_the_recording_ends_when_the_agent_leaves(
    exchange: Exchange, place: Place, tmp_path: Path
) -> None:
    (number,) = numbers(1, first=820)
    await exchange.people({number: TALKER})
    settings: dict[str, Any] = {
        "wrap_up_s": 0,
        "retry": {},
        "transfer_targets": [SALES],
    }
    made = await place.campaign(0, 1, e164s=[number], settings=settings, trunk=TRUNK)
    desk = TalkDesk(place, made)

    async def see_both() -> None:
        async def so() -> bool:
            customer = await exchange.heard_by_customer(number, PARTY_HZ)
            party = await exchange.heard_by_agent(PARTY, CUSTOMER_HZ)
            shares = [
                customer.get("tone_shares", {}).get(str(PARTY_HZ), 0.0),
                party.get("tone_shares", {}).get(str(CUSTOMER_HZ), 0.0),
            ]
            return bool(min(shares) > CLEAR)

        await until(so, "customer and third party hear each other")

    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        call_id = await desk.call_of()
        await desk.wish(call_id, Control.TRANSFER, target="sales")
        away = [("transferring", "went_on"), ("away", None)]
        await desk.see_parts(call_id, *away, ("unrecorded", None))
        await see_both()
        await exchange.carrier.order("bye", number=number)
        row = await desk.see_ended(call_id)
        await see_finished(place, made)
    wav = tmp_path / "talk.wav"
    assert row.recording_raw == f"{call_id.hex}.raw"

    join_raw(raw_files(exchange.server.monitor_dir, call_id), wav)
    _, heard = read_wav(wav)
    assert _loudest_share(heard, tone_of(0)) > 0.9, "the agent's part is there"
    assert _loudest_share(heard, PARTY_HZ) < 0.2, "and nothing of the third party"
