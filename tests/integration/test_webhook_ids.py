"""Ids of messages: the same for the same message, another one for everything else, lane by lane."""

from pathlib import Path
from typing import Any

import pytest

from campaigns.webhooks import endpoints
from campaigns.webhooks.endpoint_in import EndpointIn
from campaigns.webhooks.models import WebhookEndpoint
from campaigns.webhooks.replaying import replay
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.settings import Settings
from tests.deliveries_world import delivery_settings
from tests.events_world import Happening, bodies, told
from tests.receivers import Hook


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock) -> Happening:
    return await Happening.begin(sessions, clock, leads=1)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return delivery_settings(database_url, redis_url, tmp_path)


async def _replay(world: Happening, row: WebhookEndpoint, **place: Any) -> None:
    async with transaction(world.sessions) as session:
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        await replay(session, held, user_id=None, clock=world.clock, **place)


async def _change(world: Happening, row: WebhookEndpoint, **changes: Any) -> None:
    async with transaction(world.sessions) as session:
        held = await endpoints.find(session, row.id, client_id=row.client_id, lock=True)
        now = {name: getattr(held, name) for name in EndpointIn.model_fields}
        given = EndpointIn.model_validate(now | changes)
        await endpoints.change(session, held, given, user_id=None, clock=world.clock)


def _ids(receiver: Hook, campaign: Happening) -> list[str]:
    found = zip(receiver.got, bodies(receiver), strict=True)
    return [
        got.headers["webhook-id"]
        for got, body in found
        if body["data"]["campaign_id"] == str(campaign.made.id)
    ]


async def test_a_replay_of_one_campaign_leaves_the_ids_of_the_others(
    world: Happening, receiver: Hook, settings: Settings, clock: FrozenClock
) -> None:
    other = await world.another_campaign(leads=1)
    row = await world.endpoint(receiver.url)
    await world.happen()
    await world.send(settings)
    await other.happen()
    receiver.answers = [503]  # the receiver may have it all the same
    await world.send(settings)
    await _replay(world, row, position=1, lane_id=world.made.id)
    clock.advance(3600)
    await world.send(settings)
    await world.send(settings)
    first, again = _ids(receiver, world)
    assert first != again
    tried, repeated = _ids(receiver, other)
    assert tried == repeated


async def test_a_lane_that_stands_before_the_place_keeps_its_message(
    world: Happening, receiver: Hook, settings: Settings
) -> None:
    row = await world.endpoint(receiver.url, most_events=2)
    ids = await world.call()
    receiver.answers = [503]
    await world.send(settings)
    await world.end(ids)
    await world.place()
    await _replay(world, row, position=2)
    await world.send(settings)
    first, again, *_ = _ids(receiver, world)
    assert first == again, "tried at once, and the same"
    assert [one["position"] for one in told(receiver)] == [1, 1, 2]


async def test_a_message_with_other_kinds_is_another_message(
    world: Happening, receiver: Hook, settings: Settings
) -> None:
    row = await world.endpoint(receiver.url, kinds=["attempt.begun", "result.saved"])
    receiver.answers = [503]
    await world.happen()
    await world.send(settings)
    await _change(world, row, kinds=[])
    await world.send(settings)
    assert [one["position"] for one in told(receiver)] == [1, 3, 1, 2, 3]
    assert len(set(_ids(receiver, world))) == 2, "dropped as known, event 2 would be lost"


async def test_an_endpoint_that_gets_more_campaigns_begins_with_them_now(
    world: Happening, receiver: Hook, settings: Settings
) -> None:
    other = await world.another_campaign(leads=1)
    row = await world.endpoint(receiver.url, campaign_id=str(world.made.id))
    await world.happen()
    await other.happen()
    await world.place()
    await _change(world, row, campaign_id=None)
    await other.happen()
    await world.send(settings)
    assert sorted(one["position"] for one in told(receiver)) == [1, 2, 3, 7, 8, 9]
    await _change(world, row, campaign_id=other.made.id)
    await world.happen()
    await world.send(settings)
    await _change(world, row, campaign_id=None)
    await world.happen()
    await world.send(settings)
    assert sorted(one["position"] for one in told(receiver))[6:] == [13, 14, 15]
