"""The tone with which a call comes into an agent's leg: heard once, and by nobody else."""

import asyncio
from time import monotonic

import pytest

from dialer.simulator.sip.phone import tone_of
from tests.exchange import ENDPOINT, Exchange, see_clear_talk, see_finished
from tests.factories import numbers
from tests.hall import Place

CUSTOMER_HZ = 440
#: Of Asterisk's sound "beep".
TONE_HZ = 700
#: Of what is heard: the tone is mixed into the customer's voice.
HEARD, NOT_HEARD = 0.15, 0.05
#: From before the answer to long after the tone.
LISTEN_S = 5.0


@pytest.mark.parametrize("wanted", [True, False])
async def test_the_tone_is_whispered_to_the_agent_while_both_already_talk(
    exchange: Exchange, place: Place, wanted: bool
) -> None:
    (number,) = numbers(1, first=790 + wanted)
    await exchange.people({number: f"t-answer-r1500-t60000-gtone_{CUSTOMER_HZ}"})
    settings = {"wrap_up_s": 0, "retry": {}, "call_tone": wanted}
    trunk = {"endpoint": ENDPOINT}
    made = await place.campaign(0, 1, e164s=[number], settings=settings, trunk=trunk)
    times, during, for_customer, both = 0, False, 0.0, False
    async with exchange.worker(place):
        until_s = monotonic() + LISTEN_S
        while monotonic() < until_s:
            agent = await exchange.heard_by_agent(1, TONE_HZ, CUSTOMER_HZ)
            customer = await exchange.heard_by_customer(number, TONE_HZ, tone_of(0))
            heard = agent.get("tone_shares", {}).get(str(TONE_HZ), 0.0) > HEARD
            times += heard and not during
            during = heard
            shares = customer.get("tone_shares", {})
            for_customer = max(for_customer, shares.get(str(TONE_HZ), 0.0))
            with_tone = heard and agent["tone_shares"][str(CUSTOMER_HZ)] > HEARD
            both = both or (with_tone and shares.get(str(tone_of(0)), 0.0) > HEARD)
            await asyncio.sleep(0.02)
        await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        await exchange.carrier.order("bye", number=number)
        await see_finished(place, made)
    assert times == wanted
    assert both == wanted, "the tone waits for nobody: they hear each other meanwhile"
    assert for_customer < NOT_HEARD
