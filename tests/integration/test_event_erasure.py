"""An erased person is not in what receivers answered, nor in answers kept for repeated requests."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import SQLModel

from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.settings import Settings
from tests.deliveries_world import delivery_settings
from tests.events_world import Happening, told
from tests.factories import MadeCampaign, make_campaign
from tests.integration.api_world import World, api_world
from tests.receivers import Hook

ANNA: dict[str, Any] = {
    "external_id": "KEY-ANNA",
    "name": "Anna Secret",
    "phones": ["+7 943 000-00-01"],
}
SECOND = ANNA | {"external_id": "KEY-BROKEN", "phones": ["12"], "name": "Broken"}
TRACES = ("KEY-ANNA", "Secret", "9430000001", "943 000-00-01")
HOUR_S = 3600.0


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def made(world: World) -> MadeCampaign:
    async with transaction(world.sessions) as session:
        return await make_campaign(session, world.clock.now(), client_id=world.client_id)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return delivery_settings(database_url, redis_url, tmp_path)


async def _everything(world: World) -> str:
    rows: list[str] = []
    async with world.sessions() as session:
        for name in SQLModel.metadata.tables:
            rows += (await session.execute(text(f"SELECT t::text FROM {name} t"))).scalars()  # noqa: S608
    return "\n".join(rows)


async def _erase(api: AsyncClient) -> None:
    asked = {"external_key": "KEY-ANNA", "reason": "asked"}
    done = await api.post("/api/v1/erasures", json=asked)
    assert done.status_code == 201, done.text


async def test_answers_of_receivers_name_nobody(
    world: World, made: MadeCampaign, receiver: Hook, settings: Settings
) -> None:
    api = await world.api()
    body = {"contacts": [ANNA], "campaign_id": str(made.id)}
    await api.put(f"/api/v1/lists/{made.list_id}/contacts", json=body)
    happening = Happening(world.sessions, world.clock, made)
    await happening.place()
    await happening.endpoint(receiver.url, with_numbers=True)
    lead = await happening.scalar("SELECT id FROM lead WHERE campaign_id = :id", id=made.id)
    receiver.echoes = True
    receiver.answers = [422] * 40
    ids = await happening.call([lead])
    for _ in range(30):
        await happening.send(settings)
        world.clock.advance(HOUR_S)
    assert await happening.scalar("SELECT count(*) FROM webhook_dead") == 1
    receiver.answers = [500, 410]
    await happening.end(ids)
    for _ in range(2):
        await happening.send(settings)
        world.clock.advance(HOUR_S)
    assert "+79430000001" in str(told(receiver))
    details = "SELECT string_agg(DISTINCT detail, ', ') FROM webhook_try"
    assert await happening.scalar(details) == "HTTP 410, HTTP 422, HTTP 500"
    await _erase(api)
    await happening.run("DELETE FROM suppression")  # it keeps the number, so that nobody calls it
    found = await _everything(world)
    assert [trace for trace in TRACES if trace in found] == []


async def test_a_request_that_comes_again_after_an_erasure_brings_nobody_back(
    world: World, made: MadeCampaign
) -> None:
    api = await world.api()
    path, key = f"/api/v1/lists/{made.list_id}/contacts", {"Idempotency-Key": "crm-1"}
    body = {"contacts": [SECOND, ANNA]}
    first = await api.put(path, json=body, headers=key)
    assert (await api.put(path, json=body, headers=key)).json() == first.json()
    await _erase(api)
    happening = Happening(world.sessions, world.clock, made)
    await happening.run("DELETE FROM suppression")
    found = await _everything(world)
    assert [trace for trace in TRACES if trace in found] == []
    again = await api.put(path, json=body, headers=key)
    assert again.json() == first.json(), "answered, and not done again"
    assert await happening.scalar("SELECT count(*) FROM contact WHERE erased_at IS NULL") == 0
