"""What loosens a setting of law: one person asks, another approves, it is applied once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.models import Campaign
from campaigns.tenancy.models import AuditEntry, Client, Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import BASE_URL, World, api_world
from tests.integration.test_campaign_setup import fields_of

SAME_ORIGIN = {"Origin": BASE_URL}
CHANGES = "/api/v1/compliance/changes"
REASON = "The client has the written consent of all."


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _settings(world: World, campaign_id: UUID) -> dict[str, object]:
    async with world.sessions() as session:
        return (await session.get_one(Campaign, campaign_id)).settings


async def _actions(world: World, action: str) -> int:
    async with world.sessions() as session:
        rows = select(AuditEntry.id).where(col(AuditEntry.action) == action)
        return len((await session.exec(rows)).all())


async def test_one_person_tightens_but_does_not_loosen(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    path = f"/api/v1/campaigns/{campaign_id}"
    tight = {"max_attempts_per_day": 1, "abandon_target": 0.01, "quiet_hours_after_refusal": 48}
    assert (await api.patch(path, json={"settings": tight})).status_code == 200
    for loose in (
        {"max_attempts_per_day": 2},
        {"abandon_target": 0.02},
        {"quiet_hours_after_refusal": None},
        {"hours": {"sun": [["06:00", "08:00"]]}},
    ):
        refused = await api.patch(path, json={"settings": loose})
        assert (refused.status_code, refused.json()["code"]) == (403, "needs_second_person"), loose
        assert refused.json()["facts"]["settings"] == list(loose)
    looser = {"hours": {"mon": [["09:00", "20:00"]]}, "max_attempts_per_day": 9}
    made = await api.post(
        "/api/v1/campaigns", json={"name": "Loose", "trunk": "carrier", "settings": looser}
    )
    assert made.json()["code"] == "needs_second_person"
    toy = await api.post("/api/v1/campaigns", json={"name": "Loose", "settings": looser})
    assert toy.status_code == 201, "without a trunk nobody can be called"
    moved = await api.patch(f"/api/v1/campaigns/{toy.json()['id']}", json={"trunk": "carrier"})
    assert moved.json()["code"] == "needs_second_person", "a real trunk makes the settings count"


async def test_it_is_applied_once_when_another_person_approves(world: World) -> None:
    asker, other, third = await world.api(), await world.api(), await world.api(Role.ADMIN)
    campaign_id = await world.campaign(asker)
    body = {
        "subject": "campaign",
        "campaign_id": str(campaign_id),
        "changes": {"max_attempts_per_day": 5},
        "reason": REASON,
    }
    short = await asker.post(CHANGES, json={**body, "reason": "why not"})
    assert short.json()["code"] == "reason_too_short"
    asked = await asker.post(CHANGES, json=body)
    assert asked.status_code == 201, asked.text
    way = f"{CHANGES}/{asked.json()['id']}"
    own = await asker.post(f"{way}/approve")
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    supervisor = await world.api(Role.SUPERVISOR)
    assert (await supervisor.post(f"{way}/approve")).status_code == 403
    stranger = await world.api(Role.ADMIN, client_id=world.other_client_id)
    assert (await stranger.post(f"{way}/approve")).status_code == 404
    assert (await _settings(world, campaign_id))["max_attempts_per_day"] == 3

    both = await asyncio.gather(other.post(f"{way}/approve"), third.post(f"{way}/approve"))
    assert sorted(one.status_code for one in both) == [200, 409]
    late = next(one for one in both if one.status_code == 409)
    assert late.json()["code"] == "law_change_over"
    assert (await _settings(world, campaign_id))["max_attempts_per_day"] == 5
    assert await _actions(world, "law_change.requested") == 1
    assert await _actions(world, "law_change.approved") == 1
    assert await _actions(world, "campaign.changed") == 1


async def test_refused_withdrawn_stale_and_expired_requests_change_nothing(
    world: World, clock: FrozenClock
) -> None:
    asker, other = await world.api(), await world.api()
    campaign_id = await world.campaign(asker)

    async def ask(most: int) -> str:
        made = await asker.post(
            CHANGES,
            json={
                "subject": "campaign",
                "campaign_id": str(campaign_id),
                "changes": {"max_attempts_per_day": most},
                "reason": REASON,
            },
        )
        return f"{CHANGES}/{made.json()['id']}"

    refused = await ask(4)
    assert (await other.post(f"{refused}/refuse", json={})).status_code == 422
    said = await other.post(f"{refused}/refuse", json={"reason": "Nobody showed me the consents."})
    assert said.json()["state"] == "refused"
    withdrawn = await ask(4)
    assert (await asker.post(f"{withdrawn}/refuse", json={})).json()["state"] == "withdrawn"
    for over in (refused, withdrawn):
        assert (await other.post(f"{over}/approve")).json()["code"] == "law_change_over"
    stale = await ask(4)
    settings = {"settings": {"max_attempts_per_day": 2}}
    await asker.patch(f"/api/v1/campaigns/{campaign_id}", json=settings)
    assert (await other.post(f"{stale}/approve")).json()["code"] == "law_change_stale"
    expired = await ask(4)
    clock.advance(timedelta(days=8).total_seconds())
    assert (await other.post(f"{expired}/approve")).json()["code"] == "law_change_over"
    states = [row["state"] for row in (await other.get(CHANGES)).json()]
    assert states == ["expired", "expired", "withdrawn", "refused"]
    assert (await _settings(world, campaign_id))["max_attempts_per_day"] == 2


async def test_in_the_browser_the_rest_is_saved_and_the_loose_part_waits(world: World) -> None:
    asker, other = await world.browser(), await world.browser(Role.ADMIN)
    campaign_id = await world.campaign(await world.api())
    path = f"/campaigns/{campaign_id}/settings"
    sent = fields_of((await asker.get(path)).text)
    sent |= {"ring_timeout_s": "30", "max_attempts_per_day": "7"}
    no_reason = await asker.post(path, data=sent, headers=SAME_ORIGIN)
    assert no_reason.status_code == 422
    assert "at least 10 characters" in no_reason.text
    saved = await asker.post(path, data=sent | {"reason": REASON}, headers=SAME_ORIGIN)
    assert saved.headers["location"].endswith("done=asked")
    settings = await _settings(world, campaign_id)
    assert (settings["ring_timeout_s"], settings["max_attempts_per_day"]) == (30, 3)
    own = (await asker.get("/law/changes")).text
    assert "Another person must approve your request." in own
    assert "Approve and apply" not in own
    page = (await other.get("/law/changes")).text
    assert REASON in page
    action = page.split('action="/law/changes/')[1].split('"')[0]
    done = await other.post(f"/law/changes/{action}", headers=SAME_ORIGIN)
    assert done.status_code == 303
    assert (await _settings(world, campaign_id))["max_attempts_per_day"] == 7


async def test_two_persons_can_agree_to_be_one_and_to_end_an_emergency(world: World) -> None:
    first, second = await world.api(Role.ADMIN), await world.api(Role.ADMIN)
    lone = (await (await world.browser(client_id=world.other_client_id)).get("/law/changes")).text
    assert "you are the only manager or administrator" in lone
    switch = (await first.get("/api/v1/compliance/emergencies")).json()[0]["switch"]
    way = f"/api/v1/compliance/emergencies/{switch}"
    on = await first.put(way, json={"on": True, "reason": "A storm was declared."})
    assert on.json()["on"], "to stop calls one person is enough"
    off = await first.put(way, json={"on": False, "reason": "The storm is over."})
    assert off.json()["code"] == "needs_second_person"
    for subject, changes in (
        ("emergency", {"switch": switch}),
        ("client", {"two_person_law": False}),
    ):
        manager = await world.api(Role.MANAGER)
        body = {"subject": subject, "changes": changes, "reason": REASON}
        assert (await manager.post(CHANGES, json=body)).status_code == 403
        asked = await first.post(CHANGES, json=body)
        assert asked.status_code == 201, asked.text
        approve = f"{CHANGES}/{asked.json()['id']}/approve"
        assert (await manager.post(approve)).status_code == 403
        assert (await second.post(approve)).status_code == 200
    states = {
        row["switch"]: row["on"]
        for row in (await first.get("/api/v1/compliance/emergencies")).json()
    }
    assert not states[switch]
    async with world.sessions() as session:
        assert not (await session.get_one(Client, world.client_id)).two_person_law
    api = await world.api()
    campaign_id = await world.campaign(api)
    loose = {"settings": {"max_attempts_per_day": 9}}
    assert (await api.patch(f"/api/v1/campaigns/{campaign_id}", json=loose)).status_code == 200
