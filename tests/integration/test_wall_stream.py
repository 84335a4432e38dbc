"""The wall's stream: changes add up to what is there, late viewers and those who come back see the same."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisGone

from api.pages import wall_stream
from api.wall import client_wall
from api.wall.keys import Audience
from api.wall.walls import Walls
from campaigns.agents.models import AgentSession
from campaigns.commands import board_key
from campaigns.tenancy.models import Role
from dialer.agent.states import AgentState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.wall_world import Floor, Page, open_floor, watching
from tests.world import until

S = AgentState


@pytest.fixture
async def floor(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Floor]:
    monkeypatch.setattr(client_wall, "LOOK_S", 0.1)
    monkeypatch.setattr(client_wall, "COUNT_S", 0.1)
    monkeypatch.setattr(client_wall, "GAP_S", 0.02)
    monkeypatch.setattr(wall_stream, "BEAT_S", 0.2)
    async with open_floor(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def walls(floor: Floor) -> AsyncIterator[Walls]:
    made = Walls(floor.services)
    made.linger_s = 0.0
    yield made
    await until(lambda: _none_runs(made), "the walls stop after their last viewer")


async def _none_runs(walls: Walls) -> bool:
    return not walls._walls and not walls._tasks


async def see(page: Page, stream: AsyncIterator[str], what: object) -> None:
    """Read the stream until the page shows something."""
    assert callable(what)
    for _ in range(100):
        if what():
            return
        page.take(await anext(stream))
    raise AssertionError("it never came to the page")


async def test_changes_add_up_to_what_is_there_for_every_viewer(floor: Floor, walls: Walls) -> None:
    async with watching(floor, walls) as (page, stream):
        await see(page, stream, lambda: len(page.of("a")) == 6 and len(page.of("c")) == 2)
        for _ in range(12):
            await floor.pass_time(1)
            for _ in range(3):
                page.take(await anext(stream))
        wall = walls._walls[floor.world.client_id]
        await see(page, stream, lambda: page.last_id == f"{wall.epoch}-{wall.journal.number}")
        assert page.names.count("snapshot") == 1
        assert page.rows == wall.journal.rows
        async with watching(floor, walls) as (late, news):
            await see(late, news, lambda: bool(late.rows))
            await see(page, stream, lambda: page.last_id == late.last_id)
            assert late.rows == page.rows
            assert late.names[0] == "snapshot"
        # A browser that comes back says where it was, and is told what it missed, not everything.
        held = Page(rows=dict(page.rows))
        await floor.be(floor.campaigns[0].session_ids[0], S.PAUSED, pause_code="lunch")
        await see(page, stream, lambda: any(one["pause"] == "lunch" for one in page.of("a")))
        async with watching(floor, walls, last_id=page.last_id) as (back, news):
            back.rows = held.rows
            back.take(await anext(news))
            assert "snapshot" not in back.names
        # Numbers of another process mean nothing here.
        async with watching(floor, walls, last_id=f"000000000000-{wall.journal.number}") as (
            other,
            news,
        ):
            other.take(await anext(news))
            assert other.names[0] == "snapshot"


async def test_a_wall_without_viewers_ends_with_its_process(floor: Floor, redis: Redis) -> None:
    """It would linger; Redis, which is closed next, is not listened to any more."""
    walls = Walls(floor.services)
    async with watching(floor, walls) as (page, stream):
        await see(page, stream, lambda: bool(page.rows))

        async def listens() -> bool:
            return bool(await redis.pubsub_channels())

        await until(listens, "the wall listens")
    assert await redis.pubsub_channels(), "it lingers"
    await walls.close()

    async def silent() -> bool:
        return not await redis.pubsub_channels()

    await until(silent, "nobody listens")


async def test_what_a_runner_tells_is_there_before_it_is_stored(floor: Floor, walls: Walls) -> None:
    mine = floor.campaigns[0].session_ids[0]
    await floor.be(mine, S.READY)
    async with watching(floor, walls) as (page, stream):
        key = f"a/{floor.campaigns[0].id}/{mine}"
        await see(page, stream, lambda: page.rows.get(key, {}).get("state") == "ready")
        floor.world.clock.advance(30)

        async def heard() -> bool:
            await floor.tell(mine, S.ON_CALL)
            page.take(await anext(stream))
            return bool(page.rows[key]["state"] == "on_call")

        await until(heard, "the notice comes to the page")
        now = round(floor.world.clock.now().timestamp() * 1000)
        assert page.rows[key]["since"] == now
        assert page.rows[f"c/{floor.campaigns[0].id}"]["agents"]["connecting"] == 2
        # An agent who goes to another campaign has another row there, a whole one.
        async with transaction(floor.world.sessions) as session:
            shift = await session.get_one(AgentSession, mine)
            shift.campaign_id = floor.campaigns[1].id
        floor.campaigns.reverse()
        await floor.be(mine, S.ON_CALL)
        floor.world.clock.advance(1)
        async with transaction(floor.world.sessions) as session:
            shift = await session.get_one(AgentSession, mine)
            shift.ended_at = floor.world.clock.now()
        await see(page, stream, lambda: not [one for one in page.rows if str(mine) in one])


async def test_old_figures_say_since_when_they_are_old(
    floor: Floor, walls: Walls, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, redis = floor.world.clock, floor.world.redis
    mine = f"c/{floor.campaigns[0].id}"
    await floor.hold_leases()
    async with watching(floor, walls) as (page, stream):
        await see(page, stream, lambda: mine in page.rows)
        alive = clock.now()
        await redis.set(board_key(floor.campaigns[0].id), '{"why": ["no agents are signed in"]}')
        await see(page, stream, lambda: bool(page.rows[mine]["why"]))
        assert set(page.rows[mine]["why"]) == {"en", "ru", "uk"}
        await redis.flushall()  # emptied: the owner is not heard of any more
        clock.advance(10)
        await see(page, stream, lambda: page.rows[mine]["stale_since"] is not None)
        assert page.rows[mine]["stale_since"] == round(alive.timestamp() * 1000)
        await floor.hold_leases()
        await see(page, stream, lambda: page.rows[mine]["stale_since"] is None)

        async def gone(*_: object) -> None:
            raise RedisGone

        monkeypatch.setattr(redis, "mget", gone)
        await see(page, stream, lambda: page.beats[-1]["redis"] is not None)
        assert page.rows[mine]["stale_since"] is None, "nobody knows, so nothing is claimed"
        monkeypatch.undo()

        # The database is away: every beat tells when the tables were read last.
        def away() -> None:
            raise OSError

        looked = page.beats[-1]["looked"]
        wall = walls._walls[floor.world.client_id]
        monkeypatch.setattr(wall, "look", away)
        clock.advance(30)
        await see(page, stream, lambda: page.beats[-1]["now"] >= looked + 30_000)
        assert page.beats[-1]["looked"] < page.beats[-1]["now"]


async def test_nobody_sees_another_clients_floor(floor: Floor, walls: Walls) -> None:
    other = floor.world.other_client_id
    theirs = Audience(frozenset({str(floor.campaigns[0].id)}))
    async with watching(floor, walls, theirs, client_id=other) as (page, stream):
        for _ in range(5):
            page.take(await anext(stream))
        assert page.rows == {}
    one, two = (str(made.id) for made in floor.campaigns)
    async with watching(floor, walls, Audience(frozenset({one}))) as (page, stream):
        await see(page, stream, lambda: len(page.of("a")) == 3)
        assert not [key for key in page.rows if two in key]
    async with watching(floor, walls, Audience(names=False)) as (page, stream):
        await see(page, stream, lambda: len(page.of("c")) == 2)
        assert page.of("a") == []
        assert "Agent " not in str(page.rows)


async def test_a_viewer_who_may_not_go_on_is_sent_away(
    floor: Floor, walls: Walls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall_stream, "RECHECK_S", 0.0)

    async def never() -> bool:
        return False

    async with watching(floor, walls, may=never) as (page, stream):
        async for piece in stream:
            page.take(piece)
        assert page.names == ["gone"]
    for role, code in ((Role.SUPERVISOR, 200), (Role.CLIENT, 403), (Role.AGENT, 403)):
        browser = await floor.world.browser(role)
        assert (await browser.get("/wall")).status_code == code
