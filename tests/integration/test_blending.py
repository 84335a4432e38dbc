"""Campaigns that share agents: who works where, with the leg that stays up."""

from campaigns import commands
from campaigns.commands import CommandName
from dialer.ari import names
from tests.factories import MadeCampaign, numbers
from tests.hall import Manners, Place, agents, asterisk, see_talks
from tests.sharing import check_log, places, see_places, share
from tests.world import until

SETTINGS = {"wrap_up_s": 0, "retry": {}}


async def _two(
    place: Place, leads: int, others: int | None = None
) -> tuple[MadeCampaign, MadeCampaign]:
    """Return two running campaigns of one client."""
    first = await place.campaign(leads, 0, settings=SETTINGS)
    e164s = numbers(others if others is not None else leads, first=50_000)
    second = await place.campaign(0, 0, e164s=e164s, settings=SETTINGS, client_id=first.client_id)
    return first, second


async def _finish(place: Place, *made: MadeCampaign) -> None:
    for one in made:
        await until(place.books(one).is_finished, "the campaign is finished", within_s=60)


async def test_two_campaigns_share_agents_by_weight(place: Place) -> None:
    """Both end, each leg was dialled once, and the state log has no gap."""
    made = await _two(place, 20, 10)
    # Whoever answers waits a while: on a busy machine the agent's side may come a second later.
    async with asterisk(Manners("t-answer-r50-t1500")) as (sim, book), place.worker(sim):
        await share(place, {made[0]: 2, made[1]: 1}, 6)
        await see_places(place, made, 4, 2)

        async def six() -> bool:
            return len(agents(sim)) == 6

        await until(six, "each telephone is connected")  # two may go before the sixth is dialled
        legs = {leg.id for leg in agents(sim)}

        async def some() -> bool:
            assert {leg.id for leg in agents(sim)} <= legs, "a telephone was rung again"
            return await place.books(made[1]).is_finished()

        await until(some, "the second campaign is finished", within_s=60)
        await _finish(place, *made)

        async def silent() -> bool:
            return len(sim.channels) == 0

        await until(silent, "no channel is left")
    for one in made:
        assert set(await place.books(one).outcomes()) == {"connected"}
    assert not book.doubled
    await check_log(place)


async def test_agents_leave_a_paused_campaign_and_return(place: Place) -> None:
    """At once when it pauses; by weight when it goes on."""
    made = await _two(place, 400)
    async with asterisk(Manners("t-answer-r50-t300")) as (sim, _book), place.worker(sim):
        await share(place, {made[0]: 1, made[1]: 1}, 4)
        await see_places(place, made, 2, 2)
        legs = {leg.id for leg in agents(sim)}
        await place.set_state(made[0], "paused")
        await see_places(place, made, 0, 4)

        async def told() -> bool:
            why = await place.books(made[0]).why(place.redis)
            return "the shared agents work for other campaigns" in why

        await until(told, "the board says where the agents are")
        await place.set_state(made[0], "running")
        await see_places(place, made, 2, 2)
        await place.set_state(made[0], "stopped")
        await see_places(place, made, 0, 4)
        assert {leg.id for leg in agents(sim)} == legs
        await place.set_state(made[1], "stopped")
        await see_places(place, made, 0, 0)

        async def silent() -> bool:
            return len(sim.channels) == 0

        await until(silent, "no channel is left")
    await check_log(place)


async def test_a_campaign_that_ends_signs_nobody_out_who_has_another(place: Place) -> None:
    """Not even those who are in a pause; the last campaign signs everybody out."""
    made = await _two(place, 2, 0)
    resting, working = await share(place, {made[0]: 1, made[1]: 1}, 2)
    sql = "UPDATE agent_session SET wants = 'paused', pause_code = 'lunch' WHERE id = :s"
    await place.execute("UPDATE campaign SET state = 'paused' WHERE id = :c", made[1])
    await place.execute(sql, made[0], s=resting)
    async with asterisk(Manners("t-answer-r50-t100")) as (sim, _book), place.worker(sim):

        async def all_there() -> bool:
            return len(agents(sim)) == 2

        await until(all_there, "both telephones are connected")
        legs = {leg.id for leg in agents(sim)}
        await _finish(place, made[0])
        await see_places(place, made, 0, 2)
        books = place.books(made[1])

        async def as_before() -> bool:
            return await books.agent_states() == ["paused", "ready"]

        await until(as_before, "one rests and one is ready, in the other campaign")
        assert {leg.id for leg in agents(sim)} == legs
        code = "SELECT pause_code FROM agent_state_entry WHERE session_id = :s AND ended_at IS NULL"
        assert await books.scalar(code, s=resting) == "lunch"
        await place.set_state(made[1], "stopped")
        await see_places(place, made, 0, 0)
    open_entries = "SELECT count(*) FROM agent_state_entry WHERE ended_at IS NULL"
    assert await place.books(made[0]).scalar(open_entries) == 0
    assert working != resting
    await check_log(place)


async def test_an_agent_goes_to_a_campaign_that_has_leads_again(place: Place) -> None:
    """One runs dry without being over: its agents work for the other, and return for a due lead."""
    made = await _two(place, 2, 500)
    later = "UPDATE lead SET next_attempt_at = now() + interval '1 hour' WHERE campaign_id = :c"
    await place.execute(later, made[0])
    async with asterisk(Manners("t-answer-r50-t300")) as (sim, _book), place.worker(sim):
        await share(place, {made[0]: 5, made[1]: 1}, 3)
        await see_places(place, made, 0, 3)
        await place.execute(
            "UPDATE lead SET next_attempt_at = now() WHERE campaign_id = :c", made[0]
        )
        await _finish(place, made[0])
        await see_places(place, made, 0, 3)
    assert await place.books(made[0]).outcomes() == {"connected": 2}


async def test_a_leg_that_was_handed_over_is_missed_when_it_ends(place: Place) -> None:
    """Its new campaign hears the end, and dials the telephone again."""
    made = await _two(place, 0, 300)
    async with asterisk(Manners("t-answer-r50-t200")) as (sim, _book), place.worker(sim):
        await share(place, {made[0]: 1, made[1]: 1}, 1)
        await see_places(place, made, 0, 1)
        await see_talks(sim, 1)
        (leg,) = agents(sim)

        async def heard() -> bool:
            return leg.listeners == {names.application(made[1].id)}

        await until(heard, "its new campaign alone is told of its end")
        sim.lose(leg.id)

        async def back() -> bool:
            return [one.id != leg.id and one.is_up for one in agents(sim)] == [True]

        await until(back, "the agent's telephone is connected again")
        await see_talks(sim, 1)


async def test_whom_a_campaign_loses_leaves_after_the_call(place: Place) -> None:
    """The campaigns of a shift are changed while it lasts; a started one fetches who waits for it."""
    made = await _two(place, 300)
    async with asterisk(Manners("t-answer-r50-t1500")) as (sim, _book), place.worker(sim):
        await place.execute("UPDATE campaign SET state = 'draft' WHERE id = :c", made[1])
        (shift,) = await share(place, {made[0]: 1}, 1)
        await see_talks(sim, 1)
        await place.execute("UPDATE campaign SET state = 'running' WHERE id = :c", made[1])
        sql = "UPDATE agent_session_campaign SET campaign_id = :c WHERE session_id = :s"
        await place.execute(sql, made[1], s=shift)
        await commands.send(place.redis, made[0].id, CommandName.AGENTS_CHANGED)
        await see_places(place, made, 0, 1)
        await see_talks(sim, 1)
        assert len(agents(sim)) == 1
    assert set(await place.books(made[0]).outcomes()) == {"connected"}


async def test_a_shift_in_a_draft_is_fetched_by_a_campaign_that_runs(place: Place) -> None:
    made = await _two(place, 100)
    await place.execute("UPDATE campaign SET state = 'draft' WHERE id = :c", made[0])
    async with asterisk(Manners("t-answer-r50-t1500")) as (sim, _book), place.worker(sim):
        await share(place, {made[0]: 1, made[1]: 1}, 1)
        await see_places(place, made, 0, 1)
        await see_talks(sim, 1)


async def test_a_sign_out_reaches_the_campaign_that_has_the_agent(place: Place) -> None:
    made = await _two(place, 0, 300)
    async with asterisk(Manners("t-answer-r50-t200")) as (sim, _book), place.worker(sim):
        (shift,) = await share(place, {made[0]: 1, made[1]: 1}, 1)
        await see_places(place, made, 0, 1)
        await see_talks(sim, 1)
        sql = "UPDATE agent_session SET wants = 'offline' WHERE id = :s"
        await place.execute(sql, made[1], s=shift)
        await commands.send(place.redis, made[1].id, CommandName.AGENTS_CHANGED)

        async def gone() -> bool:
            return await places(place, made) == [0, 0] and not agents(sim)

        await until(gone, "the agent is signed out, and the telephone is free")
    await check_log(place)
