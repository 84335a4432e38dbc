"""From where an endpoint sends again: every place that can be said is found, or refused with a reason."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis

from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.settings import Settings
from tests.accounts import SAME_ORIGIN
from tests.deliveries_world import delivery_settings
from tests.events_world import Happening, told
from tests.factories import make_campaign, numbers
from tests.integration.api_world import World, api_world
from tests.receivers import Hook, hook


@pytest.fixture
async def receiver() -> AsyncIterator[Hook]:
    async with hook() as made:
        yield made


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def happening(world: World) -> Happening:
    async with transaction(world.sessions) as session:
        made = await make_campaign(
            session, world.clock.now(), leads=numbers(1), client_id=world.client_id
        )
    happening = Happening(world.sessions, world.clock, made)
    await happening.happen()
    await happening.place()
    return happening


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return delivery_settings(database_url, redis_url, tmp_path)


async def test_a_campaign_that_a_new_endpoint_never_had_is_sent_again(
    world: World, happening: Happening, receiver: Hook, settings: Settings
) -> None:
    other = await happening.another_campaign(leads=1)
    await other.happen()
    await happening.place()
    row = await happening.endpoint(receiver.url)
    assert await happening.send(settings) == 0
    api = await world.api()
    place = {"position": 1, "campaign_id": str(happening.made.id)}
    done = await api.post(f"/api/v1/webhooks/{row.id}/replay", json=place)
    assert done.json() == {"position": 1}
    await happening.send(settings)
    assert [one["position"] for one in told(receiver)] == [1, 2, 3], "of this campaign alone"
    nowhere = place | {"campaign_id": str(UUID(int=7))}
    refused = await api.post(f"/api/v1/webhooks/{row.id}/replay", json=nowhere)
    assert (refused.status_code, refused.json()["code"]) == (404, "campaign_not_found")


@pytest.mark.parametrize(
    ("at", "finds"), [("0001-01-01T00:00:00+14:00", 0), ("9999-12-31T23:59:00-12:00", 3)]
)
async def test_a_time_that_no_clock_shows_is_before_or_after_everything(
    world: World, happening: Happening, receiver: Hook, at: str, finds: int
) -> None:
    api, browser = await world.api(), await world.browser()
    browser.headers.update(SAME_ORIGIN)
    row = await happening.endpoint(receiver.url)
    found = await api.get("/api/v1/events/cursor", params={"at": at})
    assert (found.status_code, found.json()["at"]) == (200, finds)
    done = await api.post(f"/api/v1/webhooks/{row.id}/replay", json={"at": at})
    assert done.json() == {"position": finds + 1}
    by_page = await browser.post(f"/events/{row.id}/replay", data={"at": at[:16]})
    assert by_page.status_code == 303
