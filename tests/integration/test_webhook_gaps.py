"""Webhooks of an endpoint that is older than its events: real gaps are told, others are not."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.events.models import NO_CAMPAIGN
from campaigns.events.reading import cursor_at
from campaigns.events.retention import let_go
from campaigns.webhooks import endpoints
from campaigns.webhooks.dead import dead_letters
from campaigns.webhooks.lanes import take
from campaigns.webhooks.models import WebhookDead, WebhookEndpoint
from campaigns.webhooks.replaying import replay, wake
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.settings import Settings
from tests.deliveries_world import delivery_settings
from tests.events_world import Happening, told
from tests.receivers import Hook
from tests.world import until

KEEP = timedelta(days=30)
LONG_S = 40 * 86_400.0


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock) -> Happening:
    return await Happening.begin(sessions, clock)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return delivery_settings(database_url, redis_url, tmp_path)


async def _dead(world: Happening) -> Sequence[WebhookDead]:
    async with world.sessions() as session:
        return await dead_letters(session, world.made.client_id)


async def _pause(world: Happening, row: WebhookEndpoint, *, ends: bool) -> None:
    async with transaction(world.sessions) as session:
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        step = endpoints.resume if ends else endpoints.pause
        await step(session, held, user_id=None, clock=world.clock)
        if ends:
            await wake(session, held, user_id=None, clock=world.clock)


async def test_new_and_idle_campaigns_of_an_old_endpoint_have_no_gaps(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    idle = await world.another_campaign(leads=1)
    await world.endpoint(receiver.url)
    await world.happen()
    await idle.happen()
    await world.send(settings)
    assert len(told(receiver)) == 21
    clock.advance(LONG_S)
    assert await let_go(world.sessions, clock, KEEP) == 21
    fresh = await world.another_campaign(leads=1, first=700)
    await idle.happen()
    await fresh.happen()
    await world.send(settings)
    assert [one["position"] for one in sorted(told(receiver)[21:], key=_position)] == list(
        range(22, 28)
    )
    assert await _dead(world) == []


async def test_a_campaign_that_lost_events_has_a_dead_letter_of_its_own(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    other = await world.another_campaign(leads=1)
    row = await world.endpoint(receiver.url)
    await world.happen()
    await world.send(settings)
    await _pause(world, row, ends=False)
    ids = await world.call()  # 19 to 24
    await world.run(
        "INSERT INTO suppression (id, client_id, e164, reason, source, added_at)"
        " VALUES (gen_random_uuid(), :client, '+79430000099', '', 'test', now())",
        client=world.made.client_id,
    )
    await world.place()
    clock.advance(LONG_S)
    assert await let_go(world.sessions, clock, KEEP) == 25
    await world.end(ids)  # 26 to 31
    await other.happen()
    await _pause(world, row, ends=True)
    await world.send(settings)
    gaps = {one.lane_id: (one.first_position, one.last_position) for one in await _dead(world)}
    assert gaps[world.made.id] == (19, 24)
    assert gaps.keys() <= {world.made.id, NO_CAMPAIGN}
    assert {one.reason for one in await _dead(world)} == {"events_gone"}
    assert sorted(_position(one) for one in told(receiver)[18:]) == list(range(26, 35))


def _position(event: dict[str, int]) -> int:
    return event["position"]


async def test_a_campaign_that_is_new_to_an_endpoint_begins_where_a_replay_says(
    world: Happening, receiver: Hook, clock: FrozenClock
) -> None:
    await world.happen()
    await world.place()
    row = await world.endpoint(receiver.url)
    async with world.sessions() as taking:
        seen = await taking.get_one(WebhookEndpoint, row.id)  # as it was before the replay
        async with transaction(world.sessions) as session:
            held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
            await replay(session, held, position=1, user_id=None, clock=clock)
            work = asyncio.create_task(take(taking, seen, world.made.id, clock))

            async def waiting() -> bool:
                return bool(await world.scalar("SELECT 1 FROM pg_locks WHERE NOT granted"))

            await until(waiting, "the new lane waits for the replay")
        message = await work
    assert message is not None
    assert message.first == 1


async def test_a_time_finds_every_event_that_is_not_older_whatever_clocks_say(
    world: Happening, clock: FrozenClock
) -> None:
    await world.happen()
    await world.place()
    at = clock.now()
    await world.run("UPDATE event SET recorded_at = :late WHERE position = 5", late=at)
    await world.run(
        "UPDATE event SET recorded_at = :early WHERE position <> 5",
        early=at - timedelta(seconds=2),
    )
    async with world.sessions() as session:
        assert await cursor_at(session, world.made.client_id, at) == 4
        assert await cursor_at(session, world.made.client_id, at + timedelta(seconds=1)) == 18


async def test_a_pause_does_not_count_as_trying(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    row = await world.endpoint(receiver.url)
    receiver.answers = [422] * 3
    await world.call()
    await world.send(settings)
    await _pause(world, row, ends=False)
    clock.advance(3 * 86_400)
    await _pause(world, row, ends=True)
    await world.send(settings)
    assert len(receiver.got) == 2
    assert await _dead(world) == [], "a message has a day of tries before it is given up"
    clock.advance(86_400)
    await world.send(settings)
    assert [one.reason for one in await _dead(world)] == ["refused"]


async def test_dead_letters_go_with_their_endpoint(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    row = await world.endpoint(receiver.url)
    receiver.answers = [422] * 2
    await world.call()
    await world.send(settings)
    clock.advance(86_400)
    await world.send(settings)
    assert len(await _dead(world)) == 1
    async with transaction(world.sessions) as session:
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        await endpoints.remove(session, held, user_id=None, clock=clock)
    assert await _dead(world) == [], "nobody can send them again"
