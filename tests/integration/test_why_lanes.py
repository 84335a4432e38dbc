"""Why is it not dialling, of leads that are due: their lane, their agent, their promise hold them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.holding import NOT_APPLIED
from campaigns.leads.models import Callback, Lead
from campaigns.models import Campaign
from campaigns.tenancy.models import Role
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import HOURS, World, api_world

V1 = "/api/v1"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _campaign(world: World) -> UUID:
    api = await world.api()
    campaign_id = await world.campaign(api)
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE trunk SET simulated = false"))
    await _set(world, campaign_id, purpose="survey", hours=HOURS)
    return campaign_id


async def _set(world: World, campaign_id: UUID, **wishes: Any) -> None:
    api = await world.api()
    answer = await api.patch(f"{V1}/campaigns/{campaign_id}", json={"settings": wishes})
    assert answer.status_code == 200, answer.text


async def _reasons(world: World, campaign_id: UUID, lead: Lead) -> tuple[str, str]:
    """Return the reason of the lead, and the one that is counted for the campaign."""
    api = await world.api(Role.SUPERVISOR)
    path = f"{V1}/campaigns/{campaign_id}"
    one = (await api.get(f"{path}/leads/{lead.id}/why")).json()
    (counted,) = (await api.get(f"{path}/why")).json()["leads"]
    assert one["remedy"] == counted["remedy"] != ""
    return one["reason"], counted["reason"]


async def _promise(world: World, lead: Lead) -> None:
    now = world.clock.now()
    async with transaction(world.sessions) as session:
        session.add(
            Callback(
                client_id=lead.client_id,
                campaign_id=lead.campaign_id,
                lead_id=lead.id,
                promised_at=now,
                zone="Europe/Moscow",
                created_at=now,
            )
        )


async def test_a_promised_call_is_not_held_by_the_campaigns_own_limit(world: World) -> None:
    campaign_id = await _campaign(world)
    lead = await world.lead(campaign_id, row=1, attempts_made=6, waiting_reason="callback")
    api = await world.api(Role.SUPERVISOR)
    path = f"{V1}/campaigns/{campaign_id}/leads/{lead.id}/why"
    assert (await api.get(path)).json()["reason"] == "attempt_cap"
    await _promise(world, lead)
    assert (await api.get(path)).json()["reason"] == "due"


async def test_a_lead_that_a_person_must_free_says_what_stopped_it(world: World) -> None:
    campaign_id = await _campaign(world)
    stuck: dict[str, Any] = {"next_attempt_at": None, "waiting_reason": "caller_id_denied"}
    lead = await world.lead(campaign_id, row=1, **stuck)
    assert await _reasons(world, campaign_id, lead) == ("caller_id_denied", "caller_id_denied")


async def test_a_list_without_a_share_rests_but_promises_are_kept(world: World) -> None:
    campaign_id = await _campaign(world)
    lead = await world.lead(campaign_id, row=1)
    async with world.sessions() as session:
        rows = await session.execute(text("SELECT list_id FROM lane"))
        list_id = str(rows.scalar_one())
    await _set(world, campaign_id, selection={"list_mix": {list_id: 0}})
    assert await _reasons(world, campaign_id, lead) == ("list_rests", "list_rests")
    await _promise(world, lead)
    assert await _reasons(world, campaign_id, lead) == ("due", "due")


async def test_a_full_quota_is_named(world: World) -> None:
    campaign_id = await _campaign(world)
    lead = await world.lead(campaign_id, row=1)
    quota = {"field": "priority", "op": "is", "value": 0, "target": 1}
    await _set(world, campaign_id, selection={"quotas": [quota]})
    assert await _reasons(world, campaign_id, lead) == ("selection_pending", "selection_pending")
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE lane SET quota_cell = 1"))
        await session.execute(text("UPDATE disposition SET success = true WHERE code = 'sale'"))
        await session.execute(text("UPDATE campaign SET selection_due = false"))
    assert await _reasons(world, campaign_id, lead) == ("due", "due")
    over = world.clock.now()
    facts = {"ended_at": over, "outcome": CallOutcome.CONNECTED, "disposition": "sale"}
    await world.attempt(lead, 1, **facts)
    assert await _reasons(world, campaign_id, lead) == ("quota_full", "quota_full")


async def test_a_selection_that_cannot_be_applied_says_why(world: World) -> None:
    campaign_id = await _campaign(world)
    lead = await world.lead(campaign_id, row=1, lane=None)
    assert await _reasons(world, campaign_id, lead) == ("not_selected", "not_selected")
    why = f"{NOT_APPLIED}the saved segment was deleted. Choose another one."
    async with transaction(world.sessions) as session:
        campaign = await session.get_one(Campaign, campaign_id)
        campaign.selection_due, campaign.state_reason = True, f"Lunch. {why}"
    assert await _reasons(world, campaign_id, lead) == ("selection_pending", "selection_pending")
    api = await world.api()
    (counted,) = (await api.get(f"{V1}/campaigns/{campaign_id}/why")).json()["leads"]
    assert counted["remedy"] == why


async def test_a_call_of_an_agent_who_is_away_waits_for_the_agent(world: World) -> None:
    campaign_id = await _campaign(world)
    lead = await world.lead(campaign_id, row=1, reserved_for="olga")
    assert await _reasons(world, campaign_id, lead) == ("agent_reserved", "agent_reserved")
    async with transaction(world.sessions) as session:
        olga = Agent(client_id=world.client_id, name="olga", endpoint="PJSIP/olga")
        session.add(olga)
        await session.flush()
        session.add(
            AgentSession(
                client_id=world.client_id,
                agent_id=olga.id,
                campaign_id=campaign_id,
                started_at=world.clock.now(),
            )
        )
    assert await _reasons(world, campaign_id, lead) == ("due", "due")
