"""A campaign's forecast and the replay of a day, by the API and on the command line."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import AgentSession, AgentStateEntry
from campaigns.leads.models import Attempt, Lead
from campaigns.models import Campaign
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from dialer.settings import child_environment
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.integration.api_world import World, api_world
from tests.world import test_settings

V1 = "/api/v1"
_AGENTS, _HOURS = 4, 1.0


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def make_day(
    session: AsyncSession, began_at: datetime, client_id: UUID, **settings: Any
) -> MadeCampaign:
    """Add a campaign whose agents had one call after the other for an hour, all signed out since."""
    made = await make_campaign(
        session,
        began_at,
        leads=numbers(120),
        agents=_AGENTS,
        client_id=client_id,
        settings=settings,
        trunk={"simulated": False},
    )
    chance = Random(3)
    leads = (await session.exec(select(Lead).where(Lead.campaign_id == made.id))).all()
    for session_id in made.session_ids:
        await _make_shift(session, made, session_id, began_at, leads, chance)
        shift = await session.get_one(AgentSession, session_id)
        shift.ended_at = began_at + timedelta(hours=_HOURS)
    return made


async def _make_shift(
    session: AsyncSession,
    made: MadeCampaign,
    session_id: UUID,
    began_at: datetime,
    leads: Any,
    chance: Random,
) -> None:
    at_s = 0.0
    while at_s < _HOURS * 3600 - 200:
        lead, answers = chance.choice(leads), chance.random() < 0.5
        ring_s = chance.uniform(5, 15) if answers else 25.0
        talk_s, wrap_s = chance.uniform(20, 90), chance.uniform(5, 15)
        times = [began_at + timedelta(seconds=at_s + s) for s in (0, ring_s, ring_s + talk_s)]
        attempt = Attempt(
            id=new_id(),
            client_id=made.client_id,
            campaign_id=made.id,
            lead_id=lead.id,
            contact_id=lead.contact_id,
            e164=lead.e164,
            trunk_id=made.trunk_id,
            fence=0,
            number_in_lead=1,
            started_at=times[0],
            answered_at=times[1] if answers else None,
            connected_at=times[1] if answers else None,
            ended_at=times[2] if answers else times[1],
            outcome=CallOutcome.CONNECTED if answers else CallOutcome.NO_ANSWER,
            agent_session_id=session_id if answers else None,
            disposition="sale" if answers else None,
        )
        session.add(attempt)
        spans = [(AgentState.READY, ring_s)]
        if answers:
            spans += [(AgentState.ON_CALL, talk_s), (AgentState.WRAP_UP, wrap_s)]
        for state, took_s in spans:
            until_s = at_s + took_s
            session.add(
                AgentStateEntry(
                    session_id=session_id,
                    campaign_id=made.id,
                    state=state,
                    call_id=attempt.id if state is AgentState.WRAP_UP else None,
                    started_at=began_at + timedelta(seconds=at_s),
                    ended_at=began_at + timedelta(seconds=until_s),
                )
            )
            at_s = until_s
    await session.flush()


async def _yesterday(world: World) -> UUID:
    """A campaign that dialled on Monday from nine to ten; now it is Tuesday."""
    async with transaction(world.sessions) as session:
        made = await make_day(session, world.clock.now(), world.client_id, mode="predictive")
    world.clock.advance(24 * 3600)
    return made.id


async def test_a_forecast_rests_on_the_campaigns_own_calls_and_leads(world: World) -> None:
    campaign_id = await _yesterday(world)
    api = await world.api(Role.SUPERVISOR)
    answer = await api.get(f"{V1}/campaigns/{campaign_id}/forecast", params={"days": 0.5})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["agents"] == _AGENTS  # who usually was at work
    assert found["leads_to_dial"] == found["open_leads"] == 120
    assert found["calls_to_come"] > 120
    assert found["observed"]["calls"] > 150
    assert found["basis"]["answer_rate"] == pytest.approx(0.45, abs=0.08)
    assert found["basis"]["talk_s"] == pytest.approx(55, abs=5)
    assert found["basis"]["wrap_up_s"] == pytest.approx(10.5, abs=1.5)
    assert found["open_hours_a_day"] == 24
    assert found["abandoned_share"] <= 0.031
    assert found["agents_needed"] >= 1
    assert found["hours_to_exhaust"] > 0.5
    assert found["simulated_hours"] <= 4
    crowd = await api.get(f"{V1}/campaigns/{campaign_id}/forecast", params={"agents": 20})
    assert crowd.json()["hours_to_exhaust"] < found["hours_to_exhaust"]
    assert crowd.json()["lines_needed"] > found["lines_needed"]


async def test_a_day_is_replayed_side_by_side(world: World) -> None:
    campaign_id = await _yesterday(world)
    api = await world.api(Role.SUPERVISOR)
    body = {"day": "2026-11-23", "set": {"mode": "progressive"}}
    answer = await api.post(f"{V1}/campaigns/{campaign_id}/replay", json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    was, tried = found["recorded"], found["changed_settings"]
    assert found["began_at"] == "2026-11-23T09:00:00Z"
    assert (found["settings"], found["changes"]) == ({"mode": "predictive"}, body["set"])
    # It was dialled progressively, so that is what progressive makes of it.
    assert tried["occupancy"] == pytest.approx(was["occupancy"], abs=0.05)
    assert tried["dials"] == pytest.approx(was["dials"], rel=0.08)
    assert was["abandoned"] == 0
    assert tried["abandoned"] <= 2  # agents go home while it rings
    assert found["same_settings"]["dials"] > tried["dials"]
    kyiv = await api.post(
        f"{V1}/campaigns/{campaign_id}/replay", json=body | {"zone": "Asia/Tokyo"}
    )
    assert kyiv.json()["recorded"] == was


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ({"day": "2026-11-25", "set": {"mode": "power"}}, "no_such_day", "not begun"),
        ({"day": "2026-11-20", "set": {"mode": "power"}}, "no_such_day", "made on 2026-11-23"),
        ({"day": "2026-11-24", "set": {"mode": "power"}}, "nothing_recorded", "No call"),
        ({"day": "2026-11-23", "set": {"speed": 3}}, "unknown_setting", "'speed'"),
        ({"day": "2026-11-23", "set": {"record": False}}, "not_replayable", "'record'"),
        ({"day": "2026-11-23", "set": {"max_ratio": 0}}, "bad_settings", "max_ratio"),
        ({"day": "2026-11-23", "set": {}}, "invalid_request", "set"),
        ({"day": "soon", "set": {"mode": "power"}}, "invalid_request", "day"),
        ({"day": "2026-11-23", "zone": "Moon", "set": {"mode": "power"}}, "unknown_zone", "IANA"),
    ],
)
async def test_what_cannot_be_replayed_says_why(
    world: World, body: dict[str, Any], code: str, said: str
) -> None:
    campaign_id = await _yesterday(world)
    api = await world.api()
    answer = await api.post(f"{V1}/campaigns/{campaign_id}/replay", json=body)
    assert (answer.json()["code"], said in answer.json()["detail"]) == (code, True), answer.text


async def test_another_clients_campaign_is_nobodys_and_a_client_may_not_simulate(
    world: World,
) -> None:
    campaign_id = await _yesterday(world)
    body = {"day": "2026-11-23", "set": {"mode": "power"}}
    stranger = await world.api(client_id=world.other_client_id)
    reader = await world.api(Role.CLIENT)
    for api, code in ((stranger, "campaign_not_found"), (reader, "forbidden")):
        seen = await api.get(f"{V1}/campaigns/{campaign_id}/forecast")
        replayed = await api.post(f"{V1}/campaigns/{campaign_id}/replay", json=body)
        assert (seen.json()["code"], replayed.json()["code"]) == (code, code)


async def test_other_requests_are_answered_while_one_simulation_runs(world: World) -> None:
    campaign_id = await _yesterday(world)
    api = await world.api(Role.SUPERVISOR)
    path = f"{V1}/campaigns/{campaign_id}/forecast"
    both = [asyncio.create_task(api.get(path, params={"agents": 40})) for _ in range(2)]
    done, busy = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result().json()["code"] for task in done] == ["simulating"]
    listed = await api.get(f"{V1}/campaigns")
    assert listed.status_code == 200
    assert [task.done() for task in busy] == [False]
    assert [(await task).status_code for task in busy] == [200]


async def test_the_command_line_says_the_same(
    sessions: SessionFactory, database_url: str, redis_url: str
) -> None:
    clock = SystemClock()
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    async with transaction(sessions) as session:
        owner = await bootstrap.ensure_client(session, "Outdial", clock)
        made = await make_day(session, midnight - timedelta(hours=14), owner.id)
        campaign = await session.get_one(Campaign, made.id)
        campaign.name = "Spring"
    environment = child_environment(test_settings(database_url, redis_url), {"COLUMNS": "200"})

    async def run(*arguments: str) -> tuple[int | None, str]:
        program = ("-m", "cli", "campaign", *arguments)
        done = await asyncio.create_subprocess_exec(
            sys.executable, *program, env=environment, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await done.communicate()
        return done.returncode, said.decode()

    status, said = await run("forecast", "Spring", "--agents", "5", "--days", "2", "--json")
    assert (status, json.loads(said)["leads_to_dial"]) == (0, 120), said
    day = (midnight - timedelta(days=1)).date().isoformat()
    told = ("replay", "Spring", "--day", day, "--set", "mode=predictive")
    status, said = await run(*told, "--set", "abandon_target=0.01")
    assert status == 0, said
    assert "progressive -> predictive" in said
    assert "occupancy" in said
    status, said = await run("replay", "Spring", "--day", day, "--set", "speed=3")
    assert (status, said.startswith("unknown_setting:")) == (2, True)
