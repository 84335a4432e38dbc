"""Agents who miss a call, and agents whom a supervisor steers, with real SIP and real audio."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from campaigns import commands
from campaigns.agents import steering
from campaigns.agents.models import AgentSession
from campaigns.commands import CommandName
from dialer.agent.events import AgentEvent, PauseRequested
from dialer.agent.states import AgentState
from dialer.ari.gateway import Gateway
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.simulator.sip.phone import tone_of
from tests.exchange import ENDPOINT, Exchange, see_clear_talk, see_ended, see_finished
from tests.factories import MadeCampaign, numbers
from tests.hall import Place
from tests.hearing import AUDIBLE_DBFS
from tests.world import until
from workers.dialing.floor import Floor

CLOCK = SystemClock()
CUSTOMER_HZ = 440
TRUNK = {"endpoint": ENDPOINT}
SETTINGS: dict[str, Any] = {"wrap_up_s": 0, "retry": {}}


async def _shift(place: Place, made: MadeCampaign) -> AgentSession:
    async with place.sessions() as session:
        return await session.get_one(AgentSession, made.session_ids[0])


async def _see(place: Place, made: MadeCampaign, state: str) -> None:
    async def so() -> bool:
        return await place.books(made).agent_states() == [state]

    await until(so, f"the agent is {state}")


async def _see_phone(exchange: Exchange, *, on_call: bool) -> None:
    async def so() -> bool:
        phones = (await exchange.phones.order("stats"))["phones"]
        return phones[0]["on_call"] is on_call

    await until(so, f"the telephone is {'' if on_call else 'not '}on a call")


async def _force(place: Place, made: MadeCampaign, wants: AgentState) -> None:
    async with transaction(place.sessions) as session:
        shift = await session.get_one(AgentSession, made.session_ids[0])
        await steering.force(session, shift, wants, "Fire drill", user_id=None, clock=CLOCK)
    await commands.send(place.redis, made.id, CommandName.AGENTS_CHANGED)


async def test_who_misses_a_call_is_paused_and_the_customer_hears_the_message(
    exchange: Exchange, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The telephone goes between the answer and the bridge, while the recording is being begun."""
    first, second = numbers(2, first=800)
    await exchange.people(dict.fromkeys((first, second), "t-answer-r300-t20000"))
    # The second person keeps the campaign going; nobody calls them, for the agent is on a break.
    made = await place.campaign(0, 1, e164s=[first, second], settings=SETTINGS, trunk=TRUNK)
    begin = Gateway.start_recording

    async def begin_late(self: Gateway, attempt_id: UUID) -> None:
        await exchange.phones.order("away", user="agent-1")
        await exchange.phones.order("bye", user="agent-1")
        await _see_phone(exchange, on_call=False)
        await begin(self, attempt_id)

    monkeypatch.setattr(Gateway, "start_recording", begin_late)
    try:
        async with exchange.worker(place):

            async def hears_the_message() -> bool:
                found = await exchange.heard_by_customer(first, tone_of(0))
                loud = bool(found.get("level_dbfs", -100.0) > AUDIBLE_DBFS)
                return loud and found["tone_shares"][str(tone_of(0))] < 0.2

            await until(hears_the_message, "the customer hears the message, and no agent")

            async def paused() -> bool:
                shift = await _shift(place, made)
                return (shift.wants, shift.pause_code) == (AgentState.PAUSED, "missed_offer")

            await until(paused, "the agent is paused, and the reason is stored")
            await see_ended(exchange, [first])
            await exchange.phones.order("back", user="agent-1")
            await _see_phone(exchange, on_call=True)
            await _see(place, made, "paused")
            assert await place.books(made).outcomes() == {"abandoned": 1}
    finally:
        await exchange.phones.order("back", user="*")
    assert not exchange.book().of(second)


async def test_a_supervisor_pauses_an_agent_after_the_call_and_sends_the_agent_home(
    exchange: Exchange, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, feed = asyncio.Event(), Floor.feed_agent

    def listen(floor: Floor, key: UUID, event: AgentEvent) -> None:
        feed(floor, key, event)
        if isinstance(event, PauseRequested):
            heard.set()

    monkeypatch.setattr(Floor, "feed_agent", listen)
    first, second = numbers(2, first=810)
    await exchange.people({first: f"t-answer-r300-t60000-gtone_{CUSTOMER_HZ}"})
    made = await place.campaign(0, 1, e164s=[first, second], settings=SETTINGS, trunk=TRUNK)
    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, first, CUSTOMER_HZ)
        await _force(place, made, AgentState.PAUSED)
        # A call that ends before the worker has heard of it is followed by one more.
        await asyncio.wait_for(heard.wait(), 10)
        await see_clear_talk(exchange, place, made, first, CUSTOMER_HZ)  # nobody is cut off
        await exchange.carrier.order("bye", number=first)
        await _see(place, made, "paused")
        shift = await _shift(place, made)
        assert (shift.pause_code, shift.forced_reason) == (steering.FORCED, "Fire drill")
        await _see_phone(exchange, on_call=True)
        assert not exchange.book().of(second), "nobody is called for a paused agent"
        await _force(place, made, AgentState.READY)

        async def called() -> bool:
            return bool(exchange.book().of(second))

        await until(called, "the next customer is called")
        await _force(place, made, AgentState.OFFLINE)
        await see_finished(place, made)
        await _see_phone(exchange, on_call=False)
        ended = (await _shift(place, made)).ended_at
        assert ended is not None
