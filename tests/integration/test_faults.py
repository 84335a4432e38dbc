"""Processes and servers are killed under a running campaign: nothing is lost, nobody is cut off."""

import asyncio
import signal
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import text

from cli.embedded.services import Services
from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.server import AriSimulator
from tests.factories import MadeCampaign, numbers
from tests.hall import (
    Manners,
    Place,
    asterisk,
    check_balance,
    customers,
    see_silence,
    see_talks,
    talking,
)
from tests.worker_process import worker_process
from tests.world import until

TAKEOVER_S = 10.0
FAST = {"wrap_up_s": 0, "mode": "power", "dial_ratio": 1}
AGAIN = {"retry": {"interrupted": {"after_s": 0}, "not_sent": {"after_s": 0}}}


def watch_bridges(sim: AriSimulator) -> list[str]:
    """Return a list that grows by each channel that leaves its bridge from now on."""
    left: list[str] = []
    leave = sim.world.leave_bridge

    def note(channel: Channel) -> None:
        if channel.bridge is not None:
            left.append(channel.id)
        leave(channel)

    sim.world.leave_bridge = note  # type: ignore[method-assign]
    return left


def agent_of(customer: Channel) -> UUID:
    """Return the session of the agent in the customer's bridge."""
    assert customer.bridge is not None
    (agent,) = [c for c in customer.bridge.members.values() if not c.trunk]
    return UUID(hex=agent.variables["OD_ID"])


async def new_owner(place: Place, made: MadeCampaign, fence: int = 2) -> None:
    """Wait until another worker owns the campaign and speaks to Asterisk."""
    books = place.books(made)

    async def taken() -> bool:
        return bool(await books.scalar("SELECT fence FROM campaign WHERE id = :c") >= fence)

    await until(taken, "another worker owns the campaign", within_s=TAKEOVER_S)


async def _talked_with(place: Place, made: MadeCampaign) -> dict[str, Any]:
    async with place.sessions() as session:
        sql = text("SELECT id, agent_session_id, outcome FROM attempt WHERE campaign_id = :c")
        rows = await session.execute(sql, {"c": made.id})
        return {f"c{row.id.hex}": (row.agent_session_id, row.outcome) for row in rows}


async def test_a_killed_worker_is_replaced_and_nobody_notices(place: Place, tmp_path: Path) -> None:
    """Conversations stay bridged, who picks up in the gap gets an agent, the books balance."""
    e164s = numbers(10)
    made = await place.campaign(10, 4, settings=FAST, e164s=e164s)
    books = place.books(made)
    manners = Manners("t-answer-r1000", {e164s[0]: "t-answer-r50", e164s[1]: "t-answer-r50"})
    async with (
        asterisk(manners) as (sim, book),
        worker_process(place, sim, tmp_path / "a.log") as first,
    ):
        talks = await see_talks(sim, 2)

        async def some_ring() -> bool:
            return len(customers(sim, "Ringing")) == 2

        await until(some_ring, "two more customers are being rung")
        with_whom = {channel.id: agent_of(channel) for channel in talks}
        left = watch_bridges(sim)
        first.send(signal.SIGKILL)
        killed_s = monotonic()
        await first.ended()
        async with place.worker(sim):
            await new_owner(place, made)
            assert monotonic() - killed_s < TAKEOVER_S
            all_talks = await see_talks(sim, 4)
            assert not {channel.id for channel in talks} & set(left)
            sim.world.people = Manners("t-answer-r50-t50")
            for channel in all_talks:
                sim.hang_up(channel.id)
            await until(books.is_finished, "the campaign is finished")
            await check_balance(place, made, sim)
    talked_with = await _talked_with(place, made)
    for channel_id, session_id in with_whom.items():
        assert talked_with[channel_id] == (session_id, "connected")
    assert set(book.dialled.values()) == {1}
    assert await books.outcomes() == {"connected": 10}


async def test_a_restarted_asterisk_interrupts_calls_and_nothing_else(place: Place) -> None:
    """Agents' legs come back by themselves and interrupted leads are dialled again."""
    made = await place.campaign(14, 3, settings={**FAST, **AGAIN})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r400-t400")) as (sim, _book), place.worker(sim):
        await see_talks(sim, 1)

        async def rings() -> bool:
            return bool(customers(sim, "Ringing"))

        await until(rings, "a customer is being rung")
        sim.crash()
        await until(books.is_finished, "the campaign is finished", within_s=30)
        await check_balance(place, made, sim)
    outcomes = await books.outcomes()
    assert outcomes["interrupted"] >= 1
    assert outcomes["connected"] == 14


async def test_an_emptied_redis_changes_nothing(place: Place) -> None:
    """PostgreSQL is the only record."""
    made = await place.campaign(10, 2, settings=FAST)
    books = place.books(made)
    async with asterisk(Manners("t-answer-r50-t300")) as (sim, book), place.worker(sim):
        await see_talks(sim, 1)
        await place.redis.flushall()
        await until(books.is_finished, "the campaign is finished")
        await check_balance(place, made, sim)
    assert set(book.dialled.values()) == {1}
    assert await books.scalar("SELECT fence FROM campaign WHERE id = :c") == 1


async def test_a_restarted_redis_changes_nothing(place: Place, services: Services) -> None:
    """The lease cannot be renewed for a while; the fence still guards."""
    made = await place.campaign(16, 2, settings=FAST)
    books = place.books(made)
    async with asterisk(Manners("t-answer-r50-t400")) as (sim, book), place.worker(sim):
        await see_talks(sim, 1)
        await asyncio.to_thread(services.redis.kill)
        before = sum(book.dialled.values())

        async def goes_on() -> bool:
            return sum(book.dialled.values()) > before + 1

        await until(goes_on, "calls go on without Redis")
        await asyncio.to_thread(services.redis.start)
        await until(books.is_finished, "the campaign is finished")
        await check_balance(place, made, sim)
    assert set(book.dialled.values()) == {1}
    assert await books.outcomes() == {"connected": 16}


async def test_while_the_database_is_away_calls_end_and_none_begin(
    place: Place, services: Services
) -> None:
    """What ended meanwhile is stored afterwards."""
    made = await place.campaign(12, 3, settings={**FAST, **AGAIN})
    books = place.books(made)
    async with asterisk(Manners("t-answer-r50-t300")) as (sim, book), place.worker(sim):
        slow = Manners("t-answer-r50")
        sim.world.people = slow
        talks = await see_talks(sim, 3)
        await asyncio.to_thread(services.postgres.kill)
        try:
            before = sum(book.dialled.values())
            for channel in talks:
                sim.hang_up(channel.id)
            await see_silence(sim)

            async def told() -> bool:
                return "the database is away" in await books.why(place.redis)

            await until(told, "the board says that the database is away")
            assert sum(book.dialled.values()) == before
        finally:
            await asyncio.to_thread(services.postgres.start)
        sim.world.people = Manners("t-answer-r50-t50")
        await until(books.is_finished, "the campaign is finished", within_s=30)
        await check_balance(place, made, sim)
    talked_with = await _talked_with(place, made)
    assert {talked_with[channel.id][1] for channel in talks} == {"connected"}
    assert (await books.outcomes())["connected"] == 12


async def test_a_worker_that_wakes_up_late_touches_nothing(place: Place, tmp_path: Path) -> None:
    """Split brain: the frozen owner finds itself replaced and leaves the calls alone."""
    e164s = numbers(14)
    made = await place.campaign(14, 3, settings={**FAST, **AGAIN}, e164s=e164s)
    books = place.books(made)
    manners = Manners("t-answer-r200-t400", {e164s[0]: "t-answer-r50"})
    log = tmp_path / "a.log"
    async with (
        asterisk(manners) as (sim, book),
        worker_process(place, sim, log) as first,
    ):
        await see_talks(sim, 2)
        first.send(signal.SIGSTOP)
        async with place.worker(sim):
            await new_owner(place, made)
            await see_talks(sim, 1)
            left = watch_bridges(sim)
            first.send(signal.SIGCONT)

            async def gave_up() -> bool:
                return "campaign.lost" in await asyncio.to_thread(log.read_text)

            await until(gave_up, "the first worker gave the campaign up")
            (talker,) = [c for c in talking(sim) if c.number == e164s[0]]
            assert talker.id not in left
            await until(lambda: _only_live(place, made), "all other calls have ended")
            sim.hang_up(talker.id)
            await until(books.is_finished, "the campaign is finished")
            await check_balance(place, made, sim)
        assert first.lives
    assert not book.doubled
    interrupted = (await books.outcomes()).get("interrupted", 0)  # while nobody was awake
    assert sum(book.dialled.values()) <= 14 + interrupted
    assert await books.scalar("SELECT fence FROM campaign WHERE id = :c") == 2
    late = (
        "SELECT count(*) FROM attempt o JOIN attempt n ON n.fence > o.fence"
        " WHERE o.started_at > n.started_at"
    )
    assert await books.scalar(late) == 0


async def _only_live(place: Place, made: MadeCampaign) -> bool:
    leads = await place.books(made).leads()
    return leads.get("dialing") == 1 and not leads.keys() & {"waiting", "claimed"}


async def test_a_lone_worker_lets_its_calls_end_when_it_is_told_to_go(
    place: Place, tmp_path: Path
) -> None:
    """SIGTERM: no new calls, the conversation ends by itself, everything is stored."""
    made = await place.campaign(8, 2, settings=FAST)
    books = place.books(made)
    async with (
        asterisk(Manners("t-answer-r50-t700")) as (sim, book),
        worker_process(place, sim, tmp_path / "a.log", shutdown_grace_s=10) as worker,
    ):
        await see_talks(sim, 2)
        worker.send(signal.SIGTERM)
        assert await worker.ended() == 0
        assert not customers(sim)
        assert await books.outcomes() == {"connected": sum(book.dialled.values())}
        assert sum(book.dialled.values()) < 8
        claimed = "SELECT count(*) FROM lead_claim WHERE campaign_id = :c"
        assert await books.scalar(claimed) == 0


async def test_a_worker_hands_its_calls_over_when_it_is_told_to_go(
    place: Place, tmp_path: Path
) -> None:
    """SIGTERM with another worker there: it goes at once, and the customers do not notice."""
    made = await place.campaign(6, 2, settings=FAST)
    books = place.books(made)
    async with (
        asterisk(Manners("t-answer-r50")) as (sim, book),
        worker_process(place, sim, tmp_path / "a.log", shutdown_grace_s=60) as first,
    ):
        talks = await see_talks(sim, 2)
        left = watch_bridges(sim)
        async with place.worker(sim):

            async def both_alive() -> bool:
                return len([k async for k in place.redis.scan_iter("outdial:worker:*")]) == 2

            await until(both_alive, "both workers are alive")
            first.send(signal.SIGTERM)
            assert await first.ended() == 0
            await new_owner(place, made)
            assert not left
            sim.world.people = Manners("t-answer-r50-t50")
            for channel in talks:
                sim.hang_up(channel.id)
            await until(books.is_finished, "the campaign is finished")
            await check_balance(place, made, sim)
    assert set(book.dialled.values()) == {1}
    assert await books.outcomes() == {"connected": 6}
