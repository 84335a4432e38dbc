"""Calls and agents of a running campaign: how calls end, and what becomes of their leads."""

from uuid import UUID

from sqlalchemy import text

from campaigns import commands
from campaigns.agents import sessions as shifts
from campaigns.commands import CommandName
from campaigns.leads import dispositions
from compliance.models import Suppression
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import MadeCampaign, numbers
from tests.hall import Manners, Place, agents, asterisk, see_silence, see_talks
from tests.world import until

CLOCK = SystemClock()


async def _call_in_hand(place: Place, made: MadeCampaign) -> UUID:
    """Wait until an agent's conversation is stored and return its attempt."""

    async def stored() -> UUID | None:
        sql = (
            "SELECT a.id FROM attempt a JOIN agent_state_entry e ON e.call_id = a.id"
            " WHERE a.campaign_id = :c AND e.state = 'on_call' AND e.ended_at IS NULL"
        )
        found: UUID | None = await place.books(made).scalar(sql)
        return found

    call_id: UUID = await until(stored, "a conversation is stored")
    return call_id


async def _save(place: Place, made: MadeCampaign, call_id: UUID, code: str) -> None:
    async with transaction(place.sessions) as session:
        await dispositions.record(session, call_id, code, client_id=made.client_id, clock=CLOCK)


async def _dispose(place: Place, made: MadeCampaign, call_id: UUID, code: str) -> None:
    await _save(place, made, call_id, code)
    facts = {"call_id": str(call_id), "code": code}
    await commands.send(place.redis, made.id, CommandName.DISPOSED, facts)


async def test_a_disposition_frees_the_agent_and_closes_the_lead(place: Place) -> None:
    """The next call does not wait for the rest of the wrap-up time."""
    made = await place.campaign(2, 1, settings={"wrap_up_s": 600})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20-t300")) as (sim, _book), place.worker(sim):
        first = await _call_in_hand(place, made)
        await see_silence(sim)

        async def wraps_up() -> bool:
            return await books.agent_states() == ["wrap_up"]

        await until(wraps_up, "the agent wraps the call up")
        await _dispose(place, made, first, "sale")
        second = await _call_in_hand(place, made)
        assert second != first
        await _dispose(place, made, second, "refused")  # while the customer is still there
        await until(books.is_finished, "the campaign is finished")
    assert await books.leads() == {"done:sale": 1, "done:refused": 1}


async def test_a_disposition_whose_message_was_lost_frees_the_agent_too(place: Place) -> None:
    """Redis was emptied, or a worker died, between the commit and the message: the table tells."""
    made = await place.campaign(2, 1, settings={"wrap_up_s": 600})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20-t300")) as (sim, _book), place.worker(sim):
        first = await _call_in_hand(place, made)
        await _save(place, made, first, "sale")

        async def next_one() -> bool:
            return await _call_in_hand(place, made) != first

        await until(next_one, "the agent has the next call")
    assert (await books.leads())["done:sale"] == 1


async def test_a_disposition_can_send_the_lead_back(place: Place) -> None:
    """A promised callback is due later, and the campaign is not finished."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 600})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20-t300")) as (sim, _book), place.worker(sim):
        await _dispose(place, made, await _call_in_hand(place, made), "callback")

        async def waits() -> bool:
            sql = "SELECT next_attempt_at > now() + interval '50 minutes' FROM lead WHERE campaign_id = :c"
            return bool(await books.scalar(sql))

        await until(waits, "the lead waits for its callback")
    assert await books.leads() == {"waiting": 1}
    assert await books.state() == "running"


async def test_without_a_disposition_the_lead_is_closed_when_wrap_up_ends(place: Place) -> None:
    """A careless agent does not keep a campaign open."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0.2})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20-t100")) as (sim, _book), place.worker(sim):
        await until(books.is_finished, "the campaign is finished")
    assert await books.leads() == {"done:no_disposition": 1}


async def test_an_agent_can_hang_up(place: Place) -> None:
    """The books say who ended the call."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20")) as (sim, _book), place.worker(sim):
        call_id = await _call_in_hand(place, made)
        facts = {"call_id": str(call_id), "by": "agent"}
        await commands.send(place.redis, made.id, CommandName.HANG_UP, facts)
        await until(books.is_finished, "the campaign is finished")
    assert await books.scalar("SELECT ended_by FROM attempt WHERE campaign_id = :c") == "agent"
    assert await books.outcomes() == {"connected": 1}


async def test_people_without_an_agent_in_time_hear_why_and_are_counted(place: Place) -> None:
    """More answers than agents: the message plays, the outcome is ``abandoned``, no agent hears it."""
    settings = {"mode": "power", "dial_ratio": 3, "max_wait_s": 0.3, "wrap_up_s": 0}
    made = await place.campaign(3, 1, settings=settings)
    books = place.books(made)
    played: list[str] = []

    def length_s(media: str) -> float:
        played.append(media)
        return 0.1

    async with asterisk(Manners("t-answer-r50")) as (sim, _book), place.worker(sim):
        sim.world.media_s = length_s

        async def two_abandoned() -> bool:
            return (await books.outcomes()).get("abandoned") == 2

        await until(two_abandoned, "two of three were abandoned")
        (talker,) = await see_talks(sim, 1)
        sim.hang_up(talker.id)
        await see_silence(sim)
    assert len(played) == 2
    assert await books.outcomes() in ({"abandoned": 2, "connected": 1}, {"abandoned": 2, "live": 1})
    reserved = (
        "SELECT count(*) FROM agent_state_entry e JOIN attempt a ON a.id = e.call_id"
        " WHERE a.outcome = 'abandoned'"
    )
    assert await books.scalar(reserved) == 0
    waited = "SELECT min(ended_at - answered_at) > interval '0.3 s' FROM attempt WHERE outcome = 'abandoned'"
    assert await books.scalar(waited)


async def test_an_opt_out_after_the_claim_stops_the_call(place: Place) -> None:
    """The hopper may be minutes old; the last look before the dial is not."""
    made = await place.campaign(3, 1, settings={"wrap_up_s": 0})
    books = place.books(made)
    last = numbers(3)[2]
    async with asterisk(Manners("t-answer-r20")) as (sim, book), place.worker(sim):
        (talker,) = await see_talks(sim, 1)
        assert await books.leads() == {"dialing": 1, "claimed": 2}
        async with transaction(place.sessions) as session:
            session.add(Suppression(client_id=made.client_id, e164=last, added_at=CLOCK.now()))
        sim.hang_up(talker.id)

        async def second() -> bool:
            return len(sim.invites) == 2

        await until(second, "the second lead is dialled")
        (talker,) = await see_talks(sim, 1)
        sim.hang_up(talker.id)

        await until(books.is_finished, "the campaign is finished")
        assert book.dialled[last] == 0
    assert (await books.leads())["done:suppressed"] == 1


async def test_signing_out_in_a_call_waits_for_its_end(place: Place) -> None:
    """The customer is not cut off, and nobody else is given to the agent."""
    # Time for the runner to hear of the wish, however busy the machine is: it looks each second, too.
    made = await place.campaign(3, 1, settings={"wrap_up_s": 2})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20")) as (sim, book), place.worker(sim):
        call_id = await _call_in_hand(place, made)
        async with transaction(place.sessions) as session:
            await shifts.sign_out(
                session, made.session_ids[0], client_id=made.client_id, clock=CLOCK
            )
        await commands.send(place.redis, made.id, CommandName.AGENTS_CHANGED)
        (talker,) = await see_talks(sim, 1)
        sim.hang_up(talker.id)

        async def gone() -> bool:
            still_in = "SELECT count(*) FROM agent_session WHERE ended_at IS NULL"
            return await books.scalar(still_in) == 0 and not agents(sim)

        await until(gone, "the agent is signed out")
        assert sum(book.dialled.values()) == 1
    async with place.sessions() as session:
        row = await session.execute(text("SELECT outcome, id FROM attempt"))
        assert [(r.outcome, r.id) for r in row] == [("connected", call_id)]
