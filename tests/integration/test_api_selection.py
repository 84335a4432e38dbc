"""Segments and callbacks over the API."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import HOURS, World, api_world

V1 = "/api/v1"
ALL = {"field": "name", "op": "not_empty"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_a_segment_is_tried_saved_used_changed_and_deleted(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api, leads=3)
    tried = await api.post(f"{V1}/segments/count", json={"filter": {"not": ALL}})
    assert tried.json() == {"contacts": 3}  # the world's contacts have no name
    made = await api.post(f"{V1}/segments", json={"name": "Named", "filter": ALL})
    assert made.status_code == 201, made.text
    segment = made.json()["id"]
    wish = {"settings": {"selection": {"segment": segment}}}
    assert (await api.patch(f"{V1}/campaigns/{campaign_id}", json=wish)).status_code == 200
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE campaign SET selection_due = false"))
    changed = await api.put(
        f"{V1}/segments/{segment}", json={"name": "Nameless", "filter": {"not": ALL}}
    )
    assert changed.json()["name"] == "Nameless"
    async with world.sessions() as session:
        due = await session.execute(text("SELECT selection_due FROM campaign"))
        assert due.scalars().all() == [True]
    assert [row["name"] for row in (await api.get(f"{V1}/segments")).json()] == ["Nameless"]
    assert (await api.delete(f"{V1}/segments/{segment}")).status_code == 204
    assert (await api.get(f"{V1}/segments")).json() == []


async def test_a_wrong_filter_and_a_strangers_segment_are_told(world: World) -> None:
    api = await world.api()
    wrong = await api.post(f"{V1}/segments", json={"name": "X", "filter": {"field": "colour"}})
    assert wrong.json()["code"] == "bad_filter"
    reader = await world.api(Role.CLIENT)
    refused = await reader.post(f"{V1}/segments", json={"name": "X", "filter": ALL})
    assert refused.status_code == 403
    missing = await api.delete(f"{V1}/segments/01a20000-0000-7000-8000-000000000000")
    assert missing.json()["code"] == "segment_not_found"


async def test_a_callback_is_promised_inside_the_hours_listed_and_taken_back(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE trunk SET simulated = false"))
    settings = {"purpose": "survey", "hours": HOURS}
    await api.patch(f"{V1}/campaigns/{campaign_id}", json={"settings": settings})
    lead = await world.lead(campaign_id, row=1)
    path = f"{V1}/campaigns/{campaign_id}/leads/{lead.id}/callback"
    night = await api.post(path, json={"at": "2026-11-24T03:00:00"})
    assert night.status_code in (409, 422), night.text
    made = await api.post(path, json={"at": "2026-11-24T10:30:00", "note": "ask for Anna"})
    assert made.status_code == 201, made.text
    assert made.json()["promised_at"] == "2026-11-24T07:30:00Z"  # 10:30 in Moscow
    listed = (await api.get(f"{V1}/campaigns/{campaign_id}/callbacks")).json()
    assert [row["note"] for row in listed] == ["ask for Anna"]
    gone = await api.delete(f"{V1}/campaigns/{campaign_id}/callbacks/{listed[0]['id']}")
    assert gone.json()["state"] == "cancelled"
    assert (await api.get(f"{V1}/campaigns/{campaign_id}/callbacks")).json() == []
