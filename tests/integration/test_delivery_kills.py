"""A background worker killed at any moment of a delivery: it ends complete, once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.delivery.deliveries.words import DeliveryState
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction
from tests.deliveries_world import Delivering, delivery_settings, to_sftp
from tests.nursery import Child, Nursery
from tests.receivers import Hook, hook, sftp_host
from tests.world import until

#: A worker that sweeps as the real one does, without waiting for its clock.
_RUN = """
import asyncio
from dialer import settings
from dialer.clock import SystemClock
from dialer.db import make_engine, make_sessions
from workers.deps import BackgroundDeps
from workers.jobs.deliveries import sweep

async def main():
    ready = settings.load()
    deps = BackgroundDeps(ready, make_sessions(make_engine(ready.database())), SystemClock())
    while True:
        await sweep(deps, asyncio.Semaphore(4))
        await asyncio.sleep(0.05)

asyncio.run(main())
"""


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, database_url: str, redis_url: str, tmp_path: Path
) -> Delivering:
    del redis
    settings = delivery_settings(database_url, redis_url, tmp_path)
    return await Delivering.begin(sessions, settings, SystemClock())


class Killed:
    """Workers that are killed, one after the other, at moments a test makes last."""

    def __init__(self, world: Delivering, home: Nursery, log: Path) -> None:
        self.world = world
        self._home = home
        self._log = log
        self._child: Child | None = None

    async def kill_when(self, moment: Callable[[], Awaitable[Any]], what: str) -> None:
        """Start a worker, wait for a moment, kill it."""
        self._child = await asyncio.to_thread(
            self._home.start, _RUN, self.world.settings, self._log
        )
        await until(moment, what)
        assert self._child.lives, self._log.read_text()
        await self._child.kill()

    async def end(self) -> None:
        """Kill what a failed test has left."""
        if self._child is not None:
            await self._child.kill()


@pytest.fixture
async def worker(world: Delivering, home: Nursery, tmp_path: Path) -> AsyncIterator[Killed]:
    made = Killed(world, home, tmp_path / "worker.log")
    yield made
    await made.end()


@asynccontextmanager
async def held(
    world: Delivering, lock: str, **facts: Any
) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Hold a lock, and give a way to see that somebody waits for it."""
    async with transaction(world.sessions) as session:
        await session.execute(text(lock), facts)

        async def waiting() -> bool:
            async with world.sessions() as other:
                found = await other.execute(
                    text(
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                        " AND datname = current_database()"
                    )
                )
                return bool(found.scalar())

        yield waiting


def _arrives(world: Delivering, delivery_id: UUID) -> Callable[[], Awaitable[bool]]:
    """Sweep, as another worker does, until a delivery has arrived."""

    async def arrived() -> bool:
        await world.sweep()
        return (await world.delivery(delivery_id)).state is DeliveryState.DELIVERED

    return arrived


async def test_files_are_made_and_uploaded_once_whatever_is_killed(
    world: Delivering, worker: Killed, tmp_path: Path
) -> None:
    (tmp_path / "sftp").mkdir()
    async with sftp_host(tmp_path / "sftp") as host:
        plan = await world.plan(to_sftp(host), formats=["results_csv", "refresh_csv"])
        one = await world.order(plan)
        # 1. The files are written, nothing of it is stored.
        async with held(world, "LOCK TABLE delivery_file IN SHARE MODE") as waiting:
            await worker.kill_when(waiting, "the files' rows are to be stored")
            assert (await world.delivery(one)).state is DeliveryState.WAITING
            assert world.stored(one)
        # 2. In the middle of an upload: nothing has its name yet.
        host.hold_writes = asyncio.Event()

        async def writing() -> bool:
            return host.writes > 0

        await worker.kill_when(writing, "a file is on its way")
        host.hold_writes.set()
        row = await world.delivery(one)
        assert (row.state, row.turn) == (DeliveryState.SENDING, 1)
        assert all(name.endswith(".part") for name in host.files())
        # 3. A file has its name there, and here it is not marked yet.
        row_lock = "SELECT FROM delivery_file WHERE delivery_id = :id FOR UPDATE"
        async with held(world, row_lock, id=one) as waiting:
            await worker.kill_when(waiting, "the first file is to be marked")
            assert [file.sent_at for file in await world.files(one)] == [None] * 3
            assert any(name.endswith("results.csv") for name in host.files())
        await until(_arrives(world, one), "whoever comes next has brought it to its end")
        assert host.files() == world.stored(one), "complete, and nothing beside"
        assert len(await world.deliveries(plan)) == 1
        assert await world.tries(one) == [""]
        async with world.sessions() as session:
            stored = await session.execute(text("SELECT count(*) FROM delivered_result"))
            assert stored.scalar() == 3


async def test_a_webhook_that_was_told_by_a_killed_worker_is_told_under_the_same_id(
    world: Delivering, worker: Killed
) -> None:
    async with hook() as receiver:
        await _told_twice(world, worker, receiver)


async def _told_twice(world: Delivering, worker: Killed, receiver: Hook) -> None:
    plan = await world.plan({"kind": "webhook", "url": receiver.url})
    one = await world.order(plan)
    receiver.answers = ["hang"]

    async def asked() -> bool:
        return bool(receiver.got)

    await worker.kill_when(asked, "the receiver has the message")
    receiver.released.set()
    await until(_arrives(world, one), "whoever comes next has told it again")
    assert [got.headers["webhook-id"] for got in receiver.got] == [f"msg_{one.hex}"] * 2
    bodies = {got.body for got in receiver.got}
    assert all(b"delivery.ready" in body for body in bodies)


async def test_two_workers_make_one_delivery_of_a_period(world: Delivering) -> None:
    plan = await world.plan({"kind": "portal"}, schedule="at_end")
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE campaign SET state = 'stopped', ended_at = now()"))
    arrived = await asyncio.gather(*(world.sweep() for _ in range(4)))
    assert sum(arrived) == 1
    [one] = await world.deliveries(plan)
    assert (one.state, one.number) == (DeliveryState.DELIVERED, 1)
    assert await world.tries(one.id) == [""]
