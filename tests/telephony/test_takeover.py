"""Crashes in the middle of live conversations: of the worker, of Asterisk, of Redis."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from dialer.clock import SystemClock
from dialer.settings import PROJECT_ROOT, child_environment
from tests.exchange import (
    ENDPOINT,
    Exchange,
    attempt_to,
    check_balance,
    see_clear_talk,
    see_finished,
)
from tests.factories import MadeCampaign, numbers
from tests.hall import Place
from tests.world import until

CUSTOMER_HZ = 440
TRUNK = {"endpoint": ENDPOINT}
SETTINGS = {"wrap_up_s": 0, "ring_timeout_s": 15, "retry": {}}
#: A silent owner loses its campaign after the lease; adoption and reconciliation follow.
TAKEOVER_S = 10.0
GAP_MS = 1000.0


@asynccontextmanager
async def worker_process(
    exchange: Exchange, place: Place, log: Path
) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """Run a dialing worker as an installation does, with its usual lease; killed at the end."""
    settings = exchange.settings(place, lease_s=6.0, adopt_every_s=1.0)
    with log.open("ab") as output:
        process = await asyncio.to_thread(
            subprocess.Popen,
            [sys.executable, "-m", "cli", "worker", "dialing"],
            cwd=PROJECT_ROOT,
            env=child_environment(settings),
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


async def _owner(place: Place, made: MadeCampaign) -> str:
    async def owner() -> str | None:
        found: str | None = await place.books(made).scalar("SELECT owner FROM campaign WHERE id=:c")
        return found

    return str(await until(owner, "a worker owns the campaign"))


async def _see_workers(place: Place, count: int) -> None:
    async def alive() -> bool:
        return len(await place.redis.keys("outdial:worker:dialing:*")) == count

    await until(alive, f"{count} workers are alive")


async def test_a_killed_worker_is_replaced_and_no_conversation_notices(
    exchange: Exchange, place: Place, tmp_path: Path
) -> None:
    """Three people talk on, a fourth answers while nobody owns the campaign, and six come after."""
    e164s = numbers(10, first=200)
    talkers, late = e164s[:3], e164s[3]
    long_talk = f"t-answer-r300-t14000-gtone_{CUSTOMER_HZ}"
    odd = {late: "t-answer-r5000-t8000", **dict.fromkeys(e164s[4:], "t-answer-r300-t1000")}
    await exchange.people(dict.fromkeys(talkers, long_talk) | odd)
    logs = {name: tmp_path / f"{name}.log" for name in ("one", "two")}
    async with AsyncExitStack() as stack:
        workers = {
            name: await stack.enter_async_context(worker_process(exchange, place, log))
            for name, log in logs.items()
        }
        await _see_workers(place, 2)
        made = await place.campaign(0, 4, e164s=e164s, settings=SETTINGS, trunk=TRUNK)
        owner = await _owner(place, made)
        for number in talkers:
            await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        assert exchange.call_to(late).answered_at is None
        (name,) = [name for name, log in logs.items() if owner in log.read_text()]
        workers[name].kill()

        async def taken() -> bool:
            return await _owner(place, made) != owner

        await until(taken, "the other worker owns the campaign", within_s=TAKEOVER_S)
        taken_at = SystemClock().now().timestamp()
        for number in talkers:
            await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await place.books(made).scalar("SELECT fence FROM campaign WHERE id = :c") == 2
    for call in (exchange.call_to(number) for number in talkers):
        assert call.longest_gap_ms < GAP_MS
        assert call.ended_by == "bye_sent"
    answered_at = exchange.call_to(late).answered_at
    assert answered_at is not None
    assert answered_at < taken_at
    assert await place.books(made).outcomes() == {"connected": 10}


async def test_after_a_crash_of_asterisk_agents_come_back_and_the_campaign_goes_on(
    exchange: Exchange, place: Place
) -> None:
    """What rang is interrupted, what talked was a conversation, and nothing is dialled twice."""
    e164s = numbers(7, first=300)
    talkers, ringing = e164s[:2], e164s[2]
    talk = dict.fromkeys(talkers, f"t-answer-r300-gtone_{CUSTOMER_HZ}")
    short = dict.fromkeys(e164s[3:], "t-answer-r300-t1000")
    await exchange.people(talk | short | {ringing: "t-reject-r10000"})
    made = await place.campaign(0, 3, e164s=e164s, settings=SETTINGS, trunk=TRUNK)
    books = place.books(made)
    async with exchange.worker(place):
        for number in talkers:
            await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)

        async def rings() -> bool:
            return exchange.call_to(ringing).ringing_at is not None

        await until(rings, "the third telephone rings")
        exchange.server.kill()
        await asyncio.to_thread(exchange.server.start)

        async def cut_off() -> bool:
            ended = [await attempt_to(place, made, number) for number in e164s[:3]]
            return all(attempt.ended_at is not None for attempt in ended)

        await until(cut_off, "the calls of the crash are over")
        for number in talkers:  # a carrier that hears nothing of the crash
            await exchange.carrier.order("bye", number=number)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await books.outcomes() == {"connected": 6, "interrupted": 1}
    ends = {number: await attempt_to(place, made, number) for number in e164s[:3]}
    assert {attempt.ended_by for attempt in ends.values()} == {"system"}
    assert ends[ringing].outcome == "interrupted"


async def test_an_emptied_redis_disturbs_nobody(exchange: Exchange, place: Place) -> None:
    """The lease is written again; conversations and dialling go on."""
    e164s = numbers(6, first=400)
    talk = f"t-answer-r300-t4000-gtone_{CUSTOMER_HZ}"
    await exchange.people(dict.fromkeys(e164s[:2], talk))
    made = await place.campaign(0, 2, e164s=e164s, settings=SETTINGS, trunk=TRUNK)
    books = place.books(made)
    async with exchange.worker(place):
        for number in e164s[:2]:
            await see_clear_talk(exchange, place, made, number, CUSTOMER_HZ)
        await place.redis.flushall()

        async def leased() -> bool:
            return bool(await place.redis.exists(f"outdial:lease:{made.id}"))

        await until(leased, "the owner has its lease again")
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await books.scalar("SELECT fence FROM campaign WHERE id = :c") == 1
    assert await books.outcomes() == {"connected": 6}
    assert {exchange.call_to(number).ended_by for number in e164s} == {"bye_sent"}
