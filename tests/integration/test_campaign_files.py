"""A campaign's file: applied twice it is as applied once; dates and virtual agents kept by sweeps."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import col, func, select

from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.models import Attempt, Lead
from campaigns.models import Campaign, Trunk
from campaigns.setup import virtual
from campaigns.states import CampaignState
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import AuditEntry, Role
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.settings import Settings
from tests.commands import Outdial
from tests.integration.api_world import World, api_world
from workers.deps import BackgroundDeps
from workers.jobs.dates import ENDED, keep_dates
from workers.jobs.virtual_agents import NAME, keep_virtual_agents

FILE = """
campaign: Spring survey
trunk: carrier
lists: [list 900]
dispositions:
- code: done
  label: Answered
  success: true
- code: later
  label: Call again
  retry_after_s: 3600
retry:
  busy: {after_s: 600, max_attempts: 4}
settings:
  purpose: survey
  ring_timeout_s: 27.5
  hours: {mon: [["10:00", "18:00"]]}
  selection:
    list_mix: {list 900: 60}
"""
SETUP = "/api/v1/campaign-setup"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_a_file_applied_twice_is_as_applied_once(world: World) -> None:
    api = await world.api()
    await world.lead(await world.campaign(api, name="Old"), row=900)
    seen = await api.post(f"{SETUP}/diff", json={"yaml": FILE})
    assert seen.status_code == 200, seen.text
    paths = {one["path"] for one in seen.json()}
    assert {"campaign", "trunk", "lists.list 900", "dispositions.done"} <= paths
    assert (await api.get("/api/v1/campaigns")).json()[0]["name"] == "Old", "a look changes nothing"
    first = await api.post(f"{SETUP}/apply", json={"yaml": FILE})
    assert first.status_code == 200, first.text
    made = UUID(first.json()["campaign_id"])
    async with world.sessions() as session:
        campaign = await session.get_one(Campaign, made)
        leads = select(func.count()).select_from(Lead).where(col(Lead.campaign_id) == made)
        assert (await session.exec(leads)).one() == 1
        entries = select(func.count()).select_from(AuditEntry)
        written = (await session.exec(entries)).one()
    assert campaign.settings["ring_timeout_s"] == 27.5
    assert set(campaign.settings["retry"]) == {"busy"}
    for _ in range(2):
        again = await api.post(f"{SETUP}/apply", json={"yaml": FILE})
        assert again.json() == {"campaign_id": str(made), "changes": [], "asked": None}
    async with world.sessions() as session:
        assert (await session.exec(entries)).one() == written, "no change, no trace"
    for everything in ("", "?everything=true"):
        file = (await api.get(f"{SETUP}/{made}/file{everything}")).text
        assert yaml.safe_load(file)["settings"]["selection"]["list_mix"] == {"list 900": 60}
        assert (await api.post(f"{SETUP}/diff", json={"yaml": file})).json() == []

    loose = FILE.replace("ring_timeout_s: 27.5", "max_attempts_per_day: 9")
    asked = await api.post(f"{SETUP}/apply", json={"yaml": loose})
    assert asked.json()["asked"] is not None, "what loosens waits for a second person"
    wrong = FILE.replace("trunk: carrier", "trunk: nowhere").replace("list 900]", "March]")
    refused = await api.post(f"{SETUP}/diff", json={"yaml": wrong})
    assert refused.json()["facts"]["faults"] == [
        "line 4: There is no contact list 'March'.",
        "line 3: There is no trunk 'nowhere'.",
    ]
    bad = FILE.replace("27.5", "3")
    refused = await api.post(f"{SETUP}/apply", json={"yaml": bad})
    assert refused.json()["facts"]["faults"][0].startswith("line 16: ring_timeout_s")
    assert (
        await (await world.api(Role.SUPERVISOR)).post(f"{SETUP}/apply", json={"yaml": FILE})
    ).status_code == 403


async def test_the_command_line_applies_a_file(
    world: World, outdial: Outdial, tmp_path: Path
) -> None:
    file = tmp_path / "campaign.yaml"
    file.write_text("campaign: By file\ntrunk: carrier\nsettings:\n  wrap_up_s: 12\n")
    whose = ("--client", "Sweet Home", "--json")
    command = ("campaign", "apply", "-f", file, "--yes", *whose)
    code, said = await asyncio.to_thread(outdial, *command)
    assert code == 0, said
    assert "~ settings.wrap_up_s: 30.0 -> 12.0" in json.loads(said)["changes"]


async def test_drafts_start_and_campaigns_end_at_their_dates(
    world: World, clock: FrozenClock
) -> None:
    api = await world.api()
    made = await world.campaign(api, leads=1)
    empty = await world.campaign(api, name="Empty")
    soon = (clock.now() + timedelta(hours=1)).isoformat()
    later = (clock.now() + timedelta(hours=2)).isoformat()
    for one in (made, empty):
        dates = {"settings": {"starts_at": soon, "ends_at": later}}
        assert (await api.patch(f"/api/v1/campaigns/{one}", json=dates)).status_code == 200
    ctx = {"deps": BackgroundDeps(Settings(), world.sessions, clock)}

    async def look() -> list[tuple[str, str]]:
        await keep_dates(ctx)
        await keep_dates(ctx)
        rows = [(await api.get(f"/api/v1/campaigns/{one}")).json() for one in (made, empty)]
        return [(row["state"], row["state_reason"]) for row in rows]

    assert await look() == [("draft", ""), ("draft", "")]
    clock.advance(3600)
    running, draft = await look()
    assert running == ("running", "")
    assert draft[0] == "draft"
    assert "add a contact list" in draft[1]
    clock.advance(3600)
    assert (await look())[0] == ("stopped", ENDED)
    late = await api.post(f"/api/v1/campaigns/{made}/start")
    assert (late.status_code, late.json()["code"]) == (409, "end_passed")


async def _crew(world: World, agents: int) -> UUID:
    api = await world.api()
    async with transaction(world.sessions) as session:
        await bootstrap.ensure_trunk(
            session,
            name="toy",
            endpoint="PJSIP/{number}@toy",
            max_channels=5,
            calls_per_s=1,
            simulated=True,
        )
    made = await world.campaign(api, leads=2, trunk="toy")
    assert (await api.post(f"/api/v1/campaigns/{made}/start")).status_code == 200
    asked = await api.put(f"{SETUP}/{made}/virtual-agents", json={"agents": agents})
    assert asked.status_code == 204, asked.text
    return made


async def test_virtual_agents_sign_in_close_calls_and_go(world: World, clock: FrozenClock) -> None:
    made = await _crew(world, 3)
    ctx = {"deps": BackgroundDeps(Settings(), world.sessions, clock), "redis": world.redis}

    async def at_work() -> list[AgentSession]:
        await keep_virtual_agents(ctx)
        await keep_virtual_agents(ctx)
        async with world.sessions() as session:
            mine = select(AgentSession).join(Agent, col(Agent.id) == col(AgentSession.agent_id))
            mine = mine.where(col(Agent.name).startswith(NAME))
            mine = mine.where(col(AgentSession.wants) != "offline")
            return list(await session.exec(mine.where(col(AgentSession.ended_at).is_(None))))

    shifts = await at_work()
    assert len(shifts) == 3
    async with world.sessions() as session:
        lead = (await session.exec(select(Lead).where(col(Lead.campaign_id) == made))).first()
    assert lead is not None
    ended = clock.now() - timedelta(seconds=5)
    attempt = await world.attempt(
        lead,
        1,
        connected_at=ended - timedelta(minutes=1),
        answered_at=ended - timedelta(minutes=1),
        ended_at=ended,
        outcome=CallOutcome.CONNECTED,
        agent_session_id=shifts[0].id,
    )
    assert len(await at_work()) == 3
    async with world.sessions() as session:
        assert (await session.get_one(Attempt, attempt.id)).disposition is not None
    async with transaction(world.sessions) as session:
        await virtual.call_in(session, made, 1, client_id=world.client_id, by=None, clock=clock)
    assert len(await at_work()) == 1
    async with transaction(world.sessions) as session:
        real = await session.execute(text("UPDATE trunk SET simulated = false WHERE name = 'toy'"))
        del real
    assert await at_work() == [], "on a trunk that reaches people there is none"
    async with world.sessions() as session:
        trunk = (await session.exec(select(Trunk).where(col(Trunk.name) == "toy"))).one()
        assert not trunk.simulated
        assert (await session.get_one(Campaign, made)).state is CampaignState.RUNNING
