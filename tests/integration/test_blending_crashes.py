"""Hand-overs that something breaks into: no agent is lost, none is had twice, no telephone rings again."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from dialer.simulator.ari.server import AriSimulator
from tests.factories import MadeCampaign, numbers
from tests.hall import Manners, Place, agents, asterisk, see_silence, see_talks
from tests.nursery import Child
from tests.sharing import check_log, see_places, share
from tests.worker_process import worker_process
from tests.world import until

SETTINGS = {"wrap_up_s": 0, "retry": {}}
LEADS = 18


async def _campaign(place: Place, first: int, client_id: UUID | None = None) -> MadeCampaign:
    e164s = numbers(LEADS, first=first)
    return await place.campaign(0, 0, e164s=e164s, settings=SETTINGS, client_id=client_id)


async def _owned(place: Place, made: MadeCampaign) -> None:
    async def owned() -> bool:
        return bool(await place.redis.exists(f"outdial:room:{made.id}"))

    await until(owned, "the campaign has an owner who knows what it has", within_s=60.0)


@asynccontextmanager
async def _two_workers(
    place: Place, sim: AriSimulator, folder: Path, lease_s: float
) -> AsyncIterator[tuple[list[MadeCampaign], list[Child]]]:
    """Run two workers with a campaign each; ``lease_s``: how long the second may be silent."""
    async with worker_process(place, sim, folder / "one.log", lease_s=90.0) as one:
        first = await _campaign(place, 0)
        await _owned(place, first)
        one.send(signal.SIGSTOP)
        async with worker_process(place, sim, folder / "two.log", lease_s=lease_s) as two:
            second = await _campaign(place, 1_000, first.client_id)
            await _owned(place, second)
            one.send(signal.SIGCONT)
            owners = "SELECT count(DISTINCT owner) FROM campaign"
            assert await place.books(first).scalar(owners) == 2
            await _owned(place, first)
            yield [first, second], [one, two]


async def _finish(place: Place, made: list[MadeCampaign], sim: AriSimulator) -> None:
    for one in made:
        await until(place.books(one).is_finished, "the campaign is finished", within_s=60)

    async def silent() -> bool:
        return len(sim.channels) == 0

    await until(silent, "no channel is left")
    for one in made:
        outcomes = await place.books(one).outcomes()
        assert sum(outcomes.values()) == LEADS
        assert set(outcomes) <= {"connected", "interrupted"}
    await check_log(place)


def _legs(sim: AriSimulator) -> set[str]:
    return {leg.id for leg in agents(sim)}


async def _see_legs(sim: AriSimulator, count: int) -> set[str]:
    async def connected() -> bool:
        return sum(1 for leg in agents(sim) if leg.is_up) == count

    await until(connected, f"{count} agents' telephones are connected")
    return _legs(sim)


async def test_two_workers_hand_agents_to_each_other(place: Place, tmp_path: Path) -> None:
    async with (
        asterisk(Manners("t-answer-r50-t600")) as (sim, book),
        _two_workers(place, sim, tmp_path, 20.0) as (made, _),
    ):
        await share(place, {made[0]: 1, made[1]: 1}, 4)
        legs = await _see_legs(sim, 4)
        await see_places(place, made, 2, 2)
        await see_talks(sim, 4)
        assert _legs(sim) == legs
        await _finish(place, made, sim)
    assert not book.doubled


async def test_a_worker_that_dies_before_it_takes_a_leg_is_replaced(
    place: Place, tmp_path: Path
) -> None:
    """The agent was given to it and it never looked: whoever takes its campaign takes the leg."""
    async with (
        asterisk(Manners("t-answer-r50-t600")) as (sim, book),
        _two_workers(place, sim, tmp_path, 4.0) as (made, (_, two)),
    ):
        two.send(signal.SIGSTOP)
        await share(place, {made[0]: 1, made[1]: 1}, 2)
        await see_places(place, made, 1, 1)
        legs = await _see_legs(sim, 2)
        two.send(signal.SIGKILL)
        assert await place.books(made[1]).scalar("SELECT fence FROM campaign WHERE id = :c") == 1
        assert await place.books(made[1]).agent_states() == ["connecting"]
        await see_talks(sim, 2)
        assert _legs(sim) == legs
        await _finish(place, made, sim)
    assert not book.doubled


async def test_both_workers_die_in_the_middle_of_a_hand_over(place: Place, tmp_path: Path) -> None:
    """The giver's successor finds a leg it does not know, and leaves it to the other campaign."""
    async with (
        asterisk(Manners("t-answer-r50-t600")) as (sim, book),
        _two_workers(place, sim, tmp_path, 20.0) as (made, (one, two)),
    ):
        two.send(signal.SIGSTOP)
        await share(place, {made[0]: 1, made[1]: 1}, 2)
        await see_places(place, made, 1, 1)
        legs = await _see_legs(sim, 2)
        for worker in (one, two):
            worker.send(signal.SIGKILL)
            await worker.ended()
        await see_silence(sim)
        await place.redis.delete(*(f"outdial:lease:{campaign.id}" for campaign in made))
        async with place.worker(sim):
            await see_talks(sim, 2)
            assert _legs(sim) == legs
            await see_places(place, made, 1, 1)
            await _finish(place, made, sim)
    assert not book.doubled


async def test_a_worker_that_dies_while_it_gives_an_agent_away_keeps_the_agent(
    place: Place, tmp_path: Path
) -> None:
    """Nothing was committed: its successor has the agent, and gives the agent away."""
    async with (
        asterisk(Manners("t-answer-r50-t600")) as (sim, book),
        _two_workers(place, sim, tmp_path, 20.0) as (made, (one, _)),
    ):
        async with _held(place, made[0]):
            await share(place, {made[0]: 1, made[1]: 1}, 2)
            legs = await _see_legs(sim, 2)
            await _see_waiting(place)
            one.send(signal.SIGKILL)
            await one.ended()
        await see_places(place, made, 2, 0)
        await place.redis.delete(f"outdial:lease:{made[0].id}")
        await see_places(place, made, 1, 1)
        await see_talks(sim, 2)
        assert _legs(sim) == legs
        await _finish(place, made, sim)
    assert not book.doubled


async def test_a_hand_over_whose_end_is_not_known_is_looked_up(place: Place) -> None:
    """The connection to the database breaks in it: the next look says who has the agent."""
    first = await _campaign(place, 0)
    made = [first, await _campaign(place, 1_000, first.client_id)]
    async with asterisk(Manners("t-answer-r50-t600")) as (sim, book), place.worker(sim):
        for one in made:
            await _owned(place, one)
        async with _held(place, first):
            await share(place, {made[0]: 1, made[1]: 1}, 2)
            legs = await _see_legs(sim, 2)
            for pid in await _see_waiting(place):
                await place.execute("SELECT pg_terminate_backend(:pid)", first, pid=pid)
        await see_places(place, made, 1, 1)
        await see_talks(sim, 2)
        assert _legs(sim) == legs
        await _finish(place, made, sim)
    assert not book.doubled


@asynccontextmanager
async def _held(place: Place, made: MadeCampaign) -> AsyncIterator[None]:
    """Keep every hand-over of the client waiting."""
    async with place.sessions() as session:
        lock = "SELECT pg_advisory_lock(hashtextextended('sharing ' || :client, 0))"
        await session.execute(text(lock), {"client": str(made.client_id)})
        try:
            yield
        finally:
            await session.execute(
                text(lock.replace("_lock", "_unlock")), {"client": str(made.client_id)}
            )


async def _see_waiting(place: Place) -> list[int]:
    """Wait until a hand-over waits, and return the servers of those that do."""

    async def waiting() -> list[int]:
        async with place.sessions() as session:
            rows = await session.execute(
                text("SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory'")
            )
            return [row.pid for row in rows]

    found: list[int] = await until(waiting, "a hand-over waits")
    return found
