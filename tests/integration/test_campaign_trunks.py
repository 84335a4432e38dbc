"""Campaigns beside each other, and trunks and an Asterisk that do not work."""

from dialer.pacing.breaker import BreakerPolicy
from tests.factories import numbers
from tests.hall import Manners, Place, asterisk, customers, see_talks
from tests.world import until


async def test_a_trunk_that_refuses_everything_rests_until_it_works_again(place: Place) -> None:
    """Few leads are wasted, people see why, and a trial call finds out when it is over."""
    made = await place.campaign(60, 5, settings={"wrap_up_s": 0, "retry": {}})
    books = place.books(made)
    policy = BreakerPolicy(pause_s=1.5)
    reason = (
        "SELECT paused_reason FROM trunk t JOIN campaign c ON c.trunk_id = t.id WHERE c.id = :c"
    )
    bad, good = Manners("t-congestion-r20"), Manners("t-answer-r20-t100")
    async with asterisk(bad) as (sim, book), place.worker(sim, breaker=policy):
        stored = await until(lambda: books.scalar(reason), "the trunk's reason is stored")
        assert "of the last" in stored
        wasted = sum(book.dialled.values())
        assert 20 <= wasted <= 25

        async def told() -> bool:
            return any("the trunk is paused" in why for why in await books.why(place.redis))

        await until(told, "the board says that the trunk is paused")

        async def tried() -> bool:
            return sum(book.dialled.values()) > wasted

        await until(tried, "a trial call was placed")
        assert sum(book.dialled.values()) == wasted + 1
        sim.world.people = good
        await until(books.is_finished, "the campaign is finished")
        assert await books.scalar(reason) is None
    outcomes = await books.outcomes()
    assert outcomes["congestion"] <= wasted + 3
    assert sum(outcomes.values()) == 60


async def test_two_campaigns_never_ring_one_number_at_a_time(place: Place) -> None:
    """Invariant 2: the second campaign's lead waits until the first one's call is over."""
    first = await place.campaign(6, 2, settings={"wrap_up_s": 0})
    second = await place.campaign(6, 2, settings={"wrap_up_s": 0})
    due = (
        "UPDATE lead SET next_attempt_at = now()"
        " WHERE waiting_reason = 'live_attempt_elsewhere' AND state = 'waiting'"
    )
    async with asterisk(Manners("t-answer-r50-t300")) as (sim, book), place.worker(sim):

        async def both_finished() -> bool:
            await place.execute(due, first)  # do not wait a minute
            done = [await place.books(made).is_finished() for made in (first, second)]
            return all(done)

        await until(both_finished, "both campaigns are finished")
    assert not book.doubled
    assert set(book.dialled) == set(numbers(6))
    assert set(book.dialled.values()) == {2}


async def test_campaigns_share_a_trunks_channels(place: Place) -> None:
    """Together they never have more calls alive than the trunk has channels."""
    trunk = {"max_channels": 3}
    settings = {"wrap_up_s": 0, "mode": "power", "dial_ratio": 2}
    manners = "t-busy-r200"
    first = await place.campaign(10, 4, trunk=trunk, settings=settings)
    second = await place.campaign(10, 4, settings=settings, e164s=numbers(10, first=50))
    await place.execute("UPDATE campaign SET trunk_id = :t WHERE id = :c", second, t=first.trunk_id)
    again = "UPDATE lead SET state = 'done', result = 'busy' WHERE waiting_reason = 'retry_busy'"
    async with asterisk(Manners(manners)) as (sim, book), place.worker(sim):

        async def both_finished() -> bool:
            await place.execute(again, first)
            done = [await place.books(made).is_finished() for made in (first, second)]
            return all(done)

        await until(both_finished, "both campaigns are finished", within_s=40)
    assert book.peak == 3
    assert sum(book.dialled.values()) == 20


async def test_a_wrong_password_is_said_in_plain_words(place: Place) -> None:
    """A person must act, so a person must know."""
    made = await place.campaign(1, 1)
    books = place.books(made)
    async with asterisk(Manners("t-answer")) as (sim, _book), place.worker(sim, password="wrong"):

        async def told() -> bool:
            return any("OUTDIAL_ARI_PASSWORD" in why for why in await books.why(place.redis))

        await until(told, "the board says that the password is wrong")
    assert not sim.invites
    assert await books.outcomes() == {}


async def test_a_campaign_waits_for_an_asterisk_that_is_away(place: Place) -> None:
    """No lead is spent meanwhile, and the board says why nothing happens."""
    made = await place.campaign(3, 1, settings={"wrap_up_s": 0})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20-t50")) as (sim, _book):
        sim.is_down = True
        async with place.worker(sim):

            async def told() -> bool:
                return "Asterisk is away" in await books.why(place.redis)

            await until(told, "the board says that Asterisk is away")
            assert await books.outcomes() == {}
            sim.is_down = False
            await until(books.is_finished, "the campaign is finished")
    assert await books.outcomes() == {"connected": 3}


async def test_a_dropped_connection_loses_nothing(place: Place) -> None:
    """Talks go on, and what ended while nobody listened is found out."""
    made = await place.campaign(12, 3, settings={"wrap_up_s": 0})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r100-t800")) as (sim, book), place.worker(sim):
        before = await see_talks(sim, 2)
        sim.drop_connections()
        assert all(channel in customers(sim, "Up") for channel in before)
        await see_talks(sim, 1)
        sim.drop_connections()
        await until(books.is_finished, "the campaign is finished")
        assert not book.doubled
        assert (await books.outcomes()).get("connected", 0) >= 9
        assert sum((await books.outcomes()).values()) == sum(book.dialled.values())
