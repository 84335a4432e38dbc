"""From where an endpoint sends again: every place that can be said is found, or refused with a reason."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from campaigns.tenancy.models import Role
from campaigns.webhooks.dead import bury, dead_letters
from campaigns.webhooks.models import WebhookEndpoint, WebhookLane
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.settings import Settings
from tests.accounts import SAME_ORIGIN
from tests.deliveries_world import delivery_settings
from tests.events_world import Happening, told
from tests.factories import make_campaign, numbers
from tests.integration.api_world import World, api_world
from tests.receivers import Hook


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def happening(world: World) -> Happening:
    happening = await Happening.begin(
        world.sessions, world.clock, leads=1, client_id=world.client_id
    )
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


async def _open_letters(world: World) -> set[UUID]:
    async with world.sessions() as session:
        return {one.lane_id for one in await dead_letters(session, world.client_id)}


async def test_what_an_endpoint_does_not_ask_for_is_not_sent_again(
    world: World, happening: Happening, receiver: Hook, settings: Settings
) -> None:
    api, browser = await world.api(), await world.browser()
    browser.headers.update(SAME_ORIGIN)
    other = await happening.another_campaign(leads=1)
    row = await happening.endpoint(receiver.url)
    for one in (happening, other):
        await one.happen()
        await one.send(settings)
    async with transaction(world.sessions) as session:
        for lane_id in (happening.made.id, other.made.id):
            lane = WebhookLane(
                endpoint_id=row.id, lane_id=lane_id, client_id=row.client_id, position=6
            )
            lost: dict[str, Any] = {"events": 1, "reason": "refused", "detail": ""}
            bury(session, lane, (1, 6), now=world.clock.now(), **lost)
        kept = await session.get_one(WebhookEndpoint, row.id)
        kept.campaign_id = other.made.id
    place = {"position": 1, "campaign_id": str(happening.made.id)}
    refused = await api.post(f"/api/v1/webhooks/{row.id}/replay", json=place)
    assert (refused.status_code, refused.json()["code"]) == (409, "campaign_not_asked")
    form = {"position": "1", "lane": str(happening.made.id)}
    shown = await browser.post(f"/events/{row.id}/replay", data=form)
    assert (shown.status_code, "is for another campaign" in shown.text) == (422, True)
    assert await _open_letters(world) == {happening.made.id, other.made.id}
    done = await api.post(f"/api/v1/webhooks/{row.id}/replay", json={"position": 1})
    assert done.status_code == 200
    assert await _open_letters(world) == {happening.made.id}, "nothing of it was sent"


async def test_who_talked_is_a_code_for_whoever_may_not_know_names(
    world: World, receiver: Hook, settings: Settings
) -> None:
    async with transaction(world.sessions) as session:
        made = await make_campaign(
            session, world.clock.now(), leads=numbers(1), agents=1, client_id=world.client_id
        )
    happening = Happening(world.sessions, world.clock, made)
    await happening.endpoint(receiver.url)
    ids = await happening.call()
    talked = "UPDATE attempt SET agent_session_id = :shift"
    await happening.run(talked, shift=made.session_ids[0])
    await happening.end(ids)
    await happening.send(settings)
    name = await happening.scalar("SELECT name FROM agent")
    code = await happening.scalar("SELECT 'op-' || left(md5(id::text), 8) FROM agent")
    assert told(receiver)[-1]["data"]["agent"] == code, "the same as in files"
    for role, said in ((Role.MANAGER, name), (Role.CLIENT, code)):
        api = await world.api(role)
        events = (await api.get("/api/v1/events")).json()["events"]
        assert events[-1]["data"]["agent"] == said
