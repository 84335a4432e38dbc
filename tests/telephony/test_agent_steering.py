"""Agents' own choice and their missed calls, with real SIP and real audio."""

from pathlib import Path
from typing import Any

from campaigns import commands
from campaigns.agents.models import AgentSession
from campaigns.commands import CommandName
from campaigns.leads import manual
from campaigns.leads.keeping import keeper_for
from campaigns.leads.manual import Wanted
from campaigns.models import Campaign
from compliance.dnc.shelf import DncShelf
from dialer.agent.states import AgentState
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.exchange import ENDPOINT, Exchange, check_balance, see_clear_talk, see_finished
from tests.factories import numbers
from tests.hall import Place
from tests.integration.preview_world import PreviewHall
from tests.world import LAW, until

CLOCK = SystemClock()
CUSTOMER_HZ = 440
TYPED = "+74952008881"
TRUNK = {"endpoint": ENDPOINT}


async def test_a_typed_number_is_called_from_a_break(exchange: Exchange, place: Place) -> None:
    (other,) = numbers(1, first=750)
    await exchange.people({TYPED: f"t-answer-r300-gtone_{CUSTOMER_HZ}"})
    settings: dict[str, Any] = {"mode": "preview", "manual_dial": True, "wrap_up_s": 0, "retry": {}}
    made = await place.campaign(0, 1, e164s=[other], settings=settings, trunk=TRUNK)
    nobody: Any = None
    hall = PreviewHall(place, made, nobody, nobody)
    async with exchange.worker(place):
        await hall.wish(0, AgentState.PAUSED)
        await hall.see_states("paused")

        async def let_go() -> bool:
            return await hall.books.leads() == {"waiting": 1}

        await until(let_go, "nothing is shown any more")
        async with transaction(place.sessions) as session:
            shift = await session.get_one(AgentSession, made.session_ids[0])
            campaign = await session.get_one(Campaign, made.id)
            keeper = await keeper_for(session, campaign, LAW, DncShelf(Path("/nonexistent")), CLOCK)
            wanted = Wanted(number="8 (495) 200-88-81")
            how: dict[str, Any] = {"keeper": keeper, "clock": CLOCK, "user_id": None}
            await manual.dial(session, shift, wanted, **how)
        await commands.send(place.redis, made.id, CommandName.PREVIEW_DECIDED)
        await see_clear_talk(exchange, place, made, TYPED, CUSTOMER_HZ)
        await exchange.carrier.order("bye", number=TYPED)
        await hall.see_states("paused")
        assert [call.number for call in exchange.book().calls] == [TYPED]
        await hall.wish(0, AgentState.READY)
        shown = await hall.shown()
        await hall.dial(shown)

        async def called() -> bool:
            return bool(exchange.book().of(other))

        await until(called, "the campaign goes on")
        await exchange.carrier.order("bye", number="*")
        await see_finished(place, made)
        await check_balance(exchange, place, made)
