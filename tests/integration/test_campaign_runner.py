"""A whole campaign on the simulated Asterisk: the same runner as in production."""

from dialer.clock import SystemClock
from dialer.simulator.population import PROFILES, Population
from tests.factories import ALL_WEEK, MadeCampaign
from tests.hall import Manners, Place, agents, asterisk, customers, see_silence, see_talks
from tests.world import until


async def test_a_campaign_runs_to_its_end_and_the_books_balance(place: Place) -> None:
    """Every lead ends with a result, every attempt with one outcome, every dial is an attempt."""
    retry = {
        "no_answer": {"after_s": 0, "max_attempts": 2},
        "busy": {"after_s": 0, "max_attempts": 2},
    }
    settings = {"retry": retry, "wrap_up_s": 0, "ring_timeout_s": 15}
    made = await place.campaign(40, 5, settings=settings)
    books = place.books(made)
    people = Population(PROFILES["survey"], seed=3)
    async with asterisk(people, speed=60, dial_speed=30) as (sim, book), place.worker(sim):
        await until(books.is_finished, "the campaign is finished", within_s=60)
        outcomes = await books.outcomes()
        assert "live" not in outcomes
        assert sum(outcomes.values()) == sum(book.dialled.values())
        assert not book.doubled
        await see_silence(sim)
    leads = await books.leads()
    assert sum(leads.values()) == 40
    assert all(state.startswith("done:") for state in leads), leads
    assert outcomes["connected"] > 0
    assert outcomes.get("abandoned", 0) == 0


async def test_power_mode_keeps_its_ratio(place: Place) -> None:
    """Two agents at a ratio of three have six calls in flight and never a seventh."""
    settings = {"mode": "power", "dial_ratio": 3, "ring_timeout_s": 15, "retry": {}}
    made = await place.campaign(18, 2, settings=settings)
    books = place.books(made)
    async with (
        asterisk(Manners("t-no_answer"), dial_speed=30) as (sim, book),
        place.worker(sim),
    ):
        await until(books.is_finished, "the campaign is finished")
    assert book.peak == 6
    assert await books.outcomes() == {"no_answer": 18}
    assert await books.scalar("SELECT count(*) FROM attempt WHERE rang_at IS NULL") == 0


async def test_a_paused_campaign_ends_its_calls_places_none_and_goes_on(place: Place) -> None:
    """Pausing cuts nobody off."""
    made = await place.campaign(12, 2, settings={"wrap_up_s": 0})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r50-t500")) as (sim, book), place.worker(sim):
        await see_talks(sim, 2)
        await place.set_state(made, "paused")

        async def told() -> bool:
            return "the campaign is paused" in await books.why(place.redis)

        await until(told, "the board says that the campaign is paused")
        await see_silence(sim)
        before = sum(book.dialled.values())
        assert before < 12
        settled = await until(lambda: _without_live(place, made), "the calls' ends are stored")
        assert settled.keys() == {"connected"}
        assert sum(book.dialled.values()) == before
        await place.set_state(made, "running")
        await until(books.is_finished, "the campaign is finished")
    assert await books.outcomes() == {"connected": 12}


async def _without_live(place: Place, made: MadeCampaign) -> dict[str, int]:
    outcomes = await place.books(made).outcomes()
    return {} if "live" in outcomes else outcomes


async def test_a_stopped_campaign_lets_its_calls_end_and_its_agents_go(place: Place) -> None:
    """Nothing is cut off and nobody is left signed in."""
    made = await place.campaign(12, 2, settings={"wrap_up_s": 0})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r50-t700")) as (sim, book), place.worker(sim):
        await see_talks(sim, 2)
        await place.set_state(made, "stopped")

        async def gone() -> bool:
            signed_in = "SELECT count(*) FROM agent_session WHERE ended_at IS NULL"
            return await books.scalar(signed_in) == 0 and not list(sim.channels)

        await until(gone, "the agents are signed out and every leg is gone")
        assert 2 <= sum(book.dialled.values()) < 12
    assert await books.outcomes() == {"connected": sum(book.dialled.values())}
    assert (await books.leads())["waiting"] == 12 - sum(book.dialled.values())


async def test_without_agents_nobody_is_called(place: Place) -> None:
    """Invariant 5, and the board says why."""
    made = await place.campaign(5, 0, settings={"mode": "power", "dial_ratio": 5})
    books = place.books(made)
    async with asterisk(Manners("t-answer")) as (sim, _book), place.worker(sim):

        async def told() -> bool:
            return "no agents are signed in" in await books.why(place.redis)

        await until(told, "the board says that there are no agents")
        assert await books.outcomes() == {}
        assert not sim.invites


async def test_an_agent_whose_phone_is_off_gets_no_calls_until_it_is_on(place: Place) -> None:
    """A signed-in agent without a leg is not ready."""
    made = await place.campaign(2, 1, settings={"wrap_up_s": 0})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20-t100")) as (sim, _book):
        sim.world.unregistered.add("agent-1")
        async with place.worker(sim):

            async def told() -> bool:
                return "no agent is ready" in await books.why(place.redis)

            await until(told, "the board says that no agent is ready")
            assert not sim.invites
            sim.world.unregistered.clear()
            await until(books.is_finished, "the campaign is finished")
    assert await books.outcomes() == {"connected": 2}


async def test_leads_wait_for_their_hours(place: Place) -> None:
    """Outside the calling window nothing is drawn, and the board says when the next lead is due."""
    today = SystemClock().now().weekday()
    far_day = list(ALL_WEEK)[(today + 3) % 7]
    made = await place.campaign(
        25, 1, settings={"hours": {far_day: [["10:00", "18:00"]]}}, trunk={"simulated": False}
    )
    books = place.books(made)
    async with asterisk(Manners("t-answer")) as (sim, _book), place.worker(sim):

        async def told() -> bool:
            return any("the next lead is due at" in why for why in await books.why(place.redis))

        await until(told, "the board says when the next lead is due")
        assert not sim.invites
        assert await books.leads() == {"waiting": 25}  # none was touched only to be refused


async def test_an_agent_who_loses_the_leg_keeps_the_customer(place: Place) -> None:
    """A closed browser costs the customer a pause, not the call."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20")) as (sim, _book), place.worker(sim):
        (customer,) = await see_talks(sim, 1)
        sim.lose(agents(sim)[0].id)
        assert [c.id for c in customers(sim, "Up")] == [customer.id]
        (again,) = await see_talks(sim, 1)
        assert again.id == customer.id
        sim.hang_up(customer.id)
        await until(books.is_finished, "the campaign is finished")
    assert await books.outcomes() == {"connected": 1}
