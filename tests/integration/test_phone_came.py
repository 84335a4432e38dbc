"""A page that registered is dialled at once, whatever is left of its former leg."""

from campaigns import commands
from campaigns.commands import CommandName
from dialer.simulator.ari.server import AriSimulator
from tests.factories import MadeCampaign
from tests.hall import Manners, Place, agents, asterisk, customers, see_talks
from tests.world import until


async def _came(place: Place, made: MadeCampaign, session_id: str) -> None:
    facts = {"session_id": session_id}
    await commands.send(place.redis, made.id, CommandName.PHONE_CAME, facts)


async def _see_another_leg(sim: AriSimulator, former: str) -> None:
    async def replaced() -> bool:
        legs = agents(sim)
        return len(legs) == 1 and legs[0].id != former

    await until(replaced, "another leg is in the place of the former one")


async def test_a_page_that_comes_into_a_call_gets_a_leg_and_the_customer_stays(
    place: Place,
) -> None:
    """The former leg still seems to be up: Asterisk waits for a killed tab's sound."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20")) as (sim, _), place.worker(sim):
        (customer,) = await see_talks(sim, 1)
        (former,) = agents(sim)
        await _came(place, made, "nobody")
        await _came(place, made, str(made.id))
        await _came(place, made, str(made.session_ids[0]))
        await _see_another_leg(sim, former.id)
        (again,) = await see_talks(sim, 1)
        assert again.id == customer.id
        sim.hang_up(customer.id)
        await until(books.is_finished, "the campaign is finished")
    assert await books.outcomes() == {"connected": 1}


async def test_a_page_that_comes_while_its_agent_waits_for_calls(place: Place) -> None:
    made = await place.campaign(0, 1)
    books = place.books(made)
    await place.set_state(made, "paused")

    async def ready() -> bool:
        return await books.agent_states() == ["ready"]

    async with asterisk(Manners("t-answer")) as (sim, _), place.worker(sim):
        await until(ready, "the agent is ready")
        (former,) = agents(sim)
        await _came(place, made, str(made.session_ids[0]))
        await _see_another_leg(sim, former.id)
        await until(ready, "the agent is ready again")
        assert not customers(sim)
