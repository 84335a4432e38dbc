"""Forced states, longer wrap-ups, missed calls and pauses nobody wished, on the ARI simulator."""

from typing import Any
from uuid import UUID

import pytest

from campaigns import commands
from campaigns.agents import steering
from campaigns.agents.models import AgentSession
from campaigns.commands import CommandName
from dialer.agent.states import AgentState
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import MadeCampaign
from tests.hall import Manners, Place, agents, asterisk, see_silence, see_talks
from tests.talks import TalkDesk
from tests.world import until

CLOCK = SystemClock()


async def _shift(place: Place, session_id: UUID) -> AgentSession:
    async with place.sessions() as session:
        return await session.get_one(AgentSession, session_id)


async def _force(place: Place, made: MadeCampaign, wants: AgentState) -> None:
    async with transaction(place.sessions) as session:
        shift = await session.get_one(AgentSession, made.session_ids[0])
        await steering.force(session, shift, wants, "Fire drill", user_id=None, clock=CLOCK)
    await commands.send(place.redis, made.id, CommandName.AGENTS_CHANGED)


async def _see(place: Place, made: MadeCampaign, *states: str) -> None:
    async def reached() -> bool:
        return await place.books(made).agent_states() == sorted(states)

    await until(reached, f"the agents are {', '.join(states)}")


async def test_a_forced_pause_follows_the_call_and_the_reason_stays_until_the_next_wish(
    place: Place,
) -> None:
    made = await place.campaign(2, 1, settings={"wrap_up_s": 0})
    async with asterisk(Manners("t-answer-r50")) as (sim, _book), place.worker(sim):
        (talker,) = await see_talks(sim, 1)
        await _see(place, made, "on_call")
        await _force(place, made, AgentState.PAUSED)
        sim.hang_up(talker.id)
        await _see(place, made, "paused")
        shift = await _shift(place, made.session_ids[0])
        assert (shift.pause_code, shift.forced_reason) == (steering.FORCED, "Fire drill")
        await _force(place, made, AgentState.OFFLINE)

        async def left() -> bool:
            return (await _shift(place, made.session_ids[0])).ended_at is not None

        await until(left, "the agent was signed out")
        assert (await _shift(place, made.session_ids[0])).forced_reason == "Fire drill"


async def test_a_wrap_up_lasts_as_long_as_the_agent_was_given(place: Place) -> None:
    settings: dict[str, Any] = {
        "wrap_up_s": 1.5,
        "wrap_up_extensions": 1,
        "wrap_up_extension_s": 600,
    }
    made = await place.campaign(1, 1, settings=settings)
    manners = Manners("t-answer-r50-t100")
    async with asterisk(manners) as (sim, _book), place.worker(sim):
        await _see(place, made, "wrap_up")
        async with transaction(place.sessions) as session:
            shift = await session.get_one(AgentSession, made.session_ids[0])
            await steering.extend_wrap_up(session, shift, user_id=None, clock=CLOCK)
            with pytest.raises(steering.NoMoreTime):
                await steering.extend_wrap_up(session, shift, user_id=None, clock=CLOCK)
        # Also when the message is lost: the runner reads the rows.
        since = "SELECT now() - started_at > interval '3 seconds' FROM agent_state_entry"

        async def long_after() -> bool:
            still = " WHERE state = 'wrap_up' AND ended_at IS NULL"
            return bool(await place.books(made).scalar(since + still))

        await until(long_after, "the wrap-up goes on after its usual time")
    assert await place.books(made).leads() != {"done:no_disposition": 1}


async def test_who_lets_a_wrap_up_run_out_is_paused_and_stays_so(place: Place) -> None:
    made = await place.campaign(3, 1, settings={"wrap_up_s": 0.3, "pause_undisposed": True})
    manners = Manners("t-answer-r50-t100")
    async with asterisk(manners) as (sim, book), place.worker(sim):
        await _see(place, made, "paused")
        await see_silence(sim)

        async def stored() -> bool:
            shift = await _shift(place, made.session_ids[0])
            return (shift.wants, shift.pause_code) == (AgentState.PAUSED, "no_reaction")

        await until(stored, "the pause is the agent's wish now")
        await commands.send(place.redis, made.id, CommandName.AGENTS_CHANGED)
        await _see(place, made, "paused")
        assert sum(book.dialled.values()) == 1


async def test_who_misses_a_call_is_paused_and_the_customer_hears_the_message(
    place: Place,
) -> None:
    """The leg breaks while the customer's recording is being started: the offer finds nobody."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0, "retry": {}})
    desk = TalkDesk(place, made)
    async with asterisk(Manners("t-answer-r500")) as (sim, _book):
        slow = sim.world.dialplan["mixmon"]

        def breaks(channel: Any) -> Any:
            for leg in agents(sim):
                sim.world.unregistered.add(leg.number)
                sim.lose(leg.id)
            return slow(channel)

        sim.world.dialplan["mixmon"] = breaks
        async with place.worker(sim):

            async def abandoned() -> bool:
                return await place.books(made).outcomes() == {"abandoned": 1}

            await until(abandoned, "the customer was left without an agent")

            async def paused() -> bool:
                shift = await _shift(desk.place, made.session_ids[0])
                return (shift.wants, shift.pause_code) == (AgentState.PAUSED, "missed_offer")

            await until(paused, "the agent is paused")
            sim.world.unregistered.clear()
            await _see(place, made, "paused")
