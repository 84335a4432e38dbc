"""Supervising on the ARI simulator: a worker that goes while somebody listens, a list that rests."""

from typing import Any

from campaigns import commands
from campaigns.commands import CommandName
from campaigns.supervising import list_pauses
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.hall import Manners, Place, asterisk, see_talks
from tests.supervising import hire
from tests.talks import TalkDesk
from tests.world import until

CLOCK = SystemClock()


async def test_a_next_owner_goes_on_with_who_listens_and_the_call_notices_nothing(
    place: Place,
) -> None:
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0, "retry": {}})
    boss = await hire(place, made, "PJSIP/agent-6")
    desk = TalkDesk(place, made)
    async with asterisk(Manners("t-answer-r50")) as (sim, _book):
        async with place.worker(sim):
            await see_talks(sim, 1)
            call_id = await desk.call_of()
            await boss.listen()
            await boss.see("hearing")
            before = [one.id for one in sim.world.channels if one.id.startswith("t")]
        assert await desk.call_of() == call_id
        async with place.worker(sim):

            async def again() -> bool:
                legs = [one.id for one in sim.world.channels if one.id.startswith("t")]
                ears = [one.id for one in sim.world.channels if one.id.startswith("l")]
                row = await boss.newest()
                return legs == before and len(ears) == 1 and row.state == "hearing"

            await until(again, "the same leg hears the talk by one new snoop")
            assert await desk.call_of() == call_id
            await boss.leave()

            async def gone() -> bool:
                return not [one.id for one in sim.world.channels if one.id[0] in "tl"]

            await until(gone, "nothing of the listening is left")
            await see_talks(sim, 1)


async def test_a_list_that_rests_is_not_dialled_until_it_is_resumed(place: Place) -> None:
    made = await place.campaign(6, 1, settings={"wrap_up_s": 0, "retry": {}})
    facts: dict[str, Any] = {"client_id": made.client_id, "user_id": None, "clock": CLOCK}
    async with transaction(place.sessions) as session:
        await list_pauses.pause(session, made.id, made.list_id, "Wrong names", **facts)
    books = place.books(made)
    async with asterisk(Manners("t-answer-r50-t100")) as (sim, book), place.worker(sim):

        async def idle() -> bool:
            return await books.agent_states() == ["ready"]

        await until(idle, "the agent waits")
        assert not book.dialled
        async with transaction(place.sessions) as session:
            await list_pauses.resume(session, made.id, made.list_id, **facts)
        await commands.send(place.redis, made.id, CommandName.REFRESH)
        await until(books.is_finished, "the list was dialled")
        assert sum(book.dialled.values()) == 6
