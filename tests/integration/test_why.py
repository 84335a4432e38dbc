"""Why is it not dialling? Each lead has one reason, and a campaign the counts by reason."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.leads.models import Lead, LeadClaim
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_place
from tests.integration.api_world import HOURS, World, api_world

V1 = "/api/v1"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _campaign(world: World) -> UUID:
    """A campaign on a real trunk: what it calls for and when is known."""
    api = await world.api()
    campaign_id = await world.campaign(api)
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE trunk SET simulated = false"))
    wishes = {"purpose": "survey", "hours": HOURS}
    answer = await api.patch(f"{V1}/campaigns/{campaign_id}", json={"settings": wishes})
    assert answer.status_code == 200, answer.text
    return campaign_id


async def _why(world: World, campaign_id: UUID, lead: Lead, **query: str) -> dict[str, object]:
    api = await world.api(Role.SUPERVISOR)
    answer = await api.get(f"{V1}/campaigns/{campaign_id}/leads/{lead.id}/why", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_lead_names_one_reason_its_remedy_and_the_moment_on_both_clocks(
    world: World,
) -> None:
    campaign_id = await _campaign(world)
    lead = await world.lead(campaign_id, row=1)
    assert (await _why(world, campaign_id, lead))["reason"] == "due"
    world.clock.advance(9 * 3600)  # 21:00 in Moscow, on a Monday
    closed = await _why(world, campaign_id, lead, zone="Europe/Kyiv")
    assert closed["reason"] == "outside_window"
    assert closed["rules"] == ["campaign-hours"]
    assert closed["remedy"] == "The calling window opens by itself."
    assert closed["next_at"] == "2026-11-24T06:00:00Z"
    assert closed["next_at_contact"] == [{"zone": "Europe/Moscow", "at": "2026-11-24T09:00+03:00"}]
    assert closed["next_at_viewer"] == {"zone": "Europe/Kyiv", "at": "2026-11-24T08:00+02:00"}


async def test_every_state_of_a_lead_has_its_own_reason(world: World) -> None:
    campaign_id = await _campaign(world)
    later = world.clock.now() + timedelta(hours=1)
    async with transaction(world.sessions) as session:
        nowhere = await make_place(session, zones=(), jurisdictions=())
    cases: dict[str, dict[str, Any]] = {
        "not_selected": {"lane": None},
        "in_hopper": {},
        "on_the_line": {"state": "dialing"},
        "done": {"state": "done", "result": "sale"},
        "retry_later": {"next_attempt_at": later, "waiting_reason": "retry_busy"},
        "callback": {"next_attempt_at": later, "waiting_reason": "callback"},
        "zone_unknown": {"place_id": nowhere},
        "attempt_cap": {"attempts_made": 6},
    }
    for row, (reason, facts) in enumerate(cases.items(), start=1):
        lead = await world.lead(campaign_id, row=row, **facts)
        if reason == "in_hopper":
            async with transaction(world.sessions) as session:
                session.add(LeadClaim(lead_id=lead.id, campaign_id=campaign_id))
        found = await _why(world, campaign_id, lead)
        assert found["reason"] == reason
        assert found["remedy"]


async def test_a_campaign_counts_its_leads_by_reason(world: World) -> None:
    campaign_id = await _campaign(world)
    async with transaction(world.sessions) as session:
        tokyo = await make_place(session, zones=("Asia/Tokyo",))
    for row in range(1, 4):
        await world.lead(campaign_id, row=row)
    for row in range(4, 6):
        await world.lead(campaign_id, row=row, place_id=tokyo)  # 18:00 there now, open till 20:00
    stuck: dict[str, Any] = {"next_attempt_at": None, "waiting_reason": "consent_missing"}
    await world.lead(campaign_id, row=6, **stuck)
    world.clock.advance(3 * 3600)  # 15:00 in Moscow, 21:00 in Tokyo
    api = await world.api(Role.SUPERVISOR)
    answer = (await api.get(f"{V1}/campaigns/{campaign_id}/why")).json()
    assert answer["campaign"] == ["the campaign is draft"]
    assert [(row["reason"], row["leads"], row["next_at"]) for row in answer["leads"]] == [
        ("due", 3, None),
        ("outside_window", 2, "2026-11-24T00:00:00Z"),
        ("consent_missing", 1, None),
    ]


async def test_another_clients_lead_and_a_strange_zone_are_told(world: World) -> None:
    campaign_id = await _campaign(world)
    lead = await world.lead(campaign_id, row=1)
    api = await world.api()
    path = f"{V1}/campaigns/{campaign_id}/leads/{lead.id}/why"
    assert (await api.get(path, params={"zone": "Mars/Base"})).json()["code"] == "unknown_zone"
    other = f"{V1}/campaigns/{campaign_id}/leads/{campaign_id}/why"
    assert (await api.get(other)).json()["code"] == "lead_not_found"
