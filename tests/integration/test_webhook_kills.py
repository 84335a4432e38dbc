"""A background worker killed at any moment of its webhooks: every event comes, in order."""

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.webhooks.models import WebhookEndpoint
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction
from dialer.settings import Settings
from tests.deliveries_world import delivery_settings
from tests.events_world import Happening, bodies, told
from tests.nursery import Child, Nursery
from tests.receivers import Hook
from tests.world import until

#: A worker that places and sends as the real one does, without waiting for its clock.
_RUN = """
import asyncio
from campaigns.events.sequencing import place_all
from dialer import settings
from dialer.clock import SystemClock
from dialer.db import make_engine, make_sessions
from workers.deps import BackgroundDeps
from workers.jobs.events import sweep

async def main():
    ready = settings.load()
    deps = BackgroundDeps(ready, make_sessions(make_engine(ready.database())), SystemClock())
    while True:
        await place_all(deps.sessions, deps.clock)
        await sweep(deps, asyncio.Semaphore(4))
        await asyncio.sleep(0.05)

asyncio.run(main())
"""


@pytest.fixture
def settings(database_url: str, redis_url: str, redis: Redis, tmp_path: Path) -> Settings:
    del redis
    return delivery_settings(database_url, redis_url, tmp_path)


@pytest.fixture
async def world(sessions: SessionFactory) -> Happening:
    return await Happening.begin(sessions, SystemClock())


def _positions(receiver: Hook) -> list[int]:
    return [event["position"] for event in told(receiver)]


async def test_no_event_is_lost_or_comes_out_of_order_whatever_is_killed(
    world: Happening, receiver: Hook, settings: Settings, home: Nursery, tmp_path: Path
) -> None:
    row = await world.endpoint(receiver.url, most_events=4)
    log = tmp_path / "worker.log"
    await world.happen()
    # 1. Events are being placed: nothing is committed of it.
    async with transaction(world.sessions) as session:
        await session.execute(text("LOCK TABLE event_stream IN SHARE MODE"))
        child = await _start(home, settings, log)
        await until(lambda: _waits(world), "the worker places events")
        await child.kill()
    assert await world.scalar("SELECT count(*) FROM event_waiting") == 18
    assert await world.scalar("SELECT count(*) FROM event") == 0
    # 2. The receiver has the message, and here nobody knows that yet.
    receiver.answers = [204, "hang"]
    child = await _start(home, settings, log)
    await until(lambda: _got(receiver, 2), "the second message is under way")
    await child.kill()
    receiver.released.set()
    # 3. The answer came, and what was taken is being stored.
    async with transaction(world.sessions) as session:
        held = "SELECT FROM webhook_endpoint WHERE id = :id FOR UPDATE"
        await session.execute(text(held), {"id": row.id})
        child = await _start(home, settings, log)
        await until(lambda: _got(receiver, 3), "the second message came once more")
        await until(lambda: _waits(world), "its end is to be stored")
        await child.kill()
    await world.happen()
    child = await _start(home, settings, log)
    try:
        await until(lambda: _arrived(world, row), "whoever comes next brings the rest")
    finally:
        await child.kill()
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert ids[1] == ids[2] == ids[3], "every try of a message has the same id"
    by_id = dict(zip(ids, bodies(receiver), strict=True))
    whole = [event["position"] for body in by_id.values() for event in body["data"]["events"]]
    assert whole == list(range(1, 37)), "each once, in order, when repetitions are dropped"
    for message_id, body in zip(ids, bodies(receiver), strict=True):
        assert body["data"]["events"] == by_id[message_id]["data"]["events"]


async def _start(home: Nursery, settings: Settings, log: Path) -> Child:
    return await asyncio.to_thread(home.start, _RUN, settings, log)


async def _got(receiver: Hook, messages: int) -> bool:
    return len(receiver.got) >= messages


async def _waits(world: Happening) -> bool:
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    return bool(await world.scalar(waiting))


async def _arrived(world: Happening, row: WebhookEndpoint) -> bool:
    behind = (
        "SELECT max(h.last_position) = 36 AND bool_and(l.position >= h.last_position)"
        " FROM event_head h JOIN webhook_lane l USING (lane_id) WHERE l.endpoint_id = :id"
    )
    return bool(await world.scalar(behind, id=row.id))
