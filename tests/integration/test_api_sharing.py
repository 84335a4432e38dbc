"""Shifts in several campaigns over the API and the command line: given, changed, refused, counted."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.commands import command_stream
from campaigns.reports.figures import campaign_figures
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.settings import child_environment
from tests.integration.api_world import World, api_world
from tests.world import test_settings

V1 = "/api/v1"


def _body(weights: Mapping[UUID, float]) -> dict[str, Any]:
    shares = [{"campaign_id": str(one), "weight": weight} for one, weight in weights.items()]
    return {"campaigns": shares}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _told(world: World, campaign_id: UUID) -> list[str]:
    messages = await world.redis.xrange(command_stream(campaign_id))
    return [json.loads(fields[b"body"])["name"] for _, fields in messages]


async def _agent(api: AsyncClient, name: str = "Olga") -> str:
    body = {"name": name, "endpoint": f"PJSIP/{name.lower()}"}
    made = await api.post(f"{V1}/agents", json=body)
    assert made.status_code == 201
    return f"{V1}/agents/{made.json()['id']}"


async def _set_state(world: World, campaign_id: UUID, state: str) -> None:
    async with transaction(world.sessions) as session:
        sql = text("UPDATE campaign SET state = :state WHERE id = :id")
        await session.execute(sql, {"state": state, "id": campaign_id})


def _shares(answer: Response) -> dict[str, float]:
    assert answer.status_code == 200, answer.text
    return {share["campaign_id"]: share["weight"] for share in answer.json()["campaigns"]}


async def test_a_shift_in_several_campaigns(world: World) -> None:
    """It begins with a campaign that runs, is seen with its weights, and is changed under audit."""
    api = await world.api()
    spring, autumn, winter = [await world.campaign(api, name=f"C{n}") for n in range(3)]
    await _set_state(world, autumn, "running")
    path = await _agent(api)
    begun = await api.post(f"{path}/sign-in", json=_body({spring: 2, autumn: 1}))
    assert _shares(begun) == {str(spring): 2, str(autumn): 1}
    assert begun.json()["campaign_id"] == str(autumn)
    assert await _told(world, autumn) == ["agents_changed"]
    assert await _told(world, spring) == []
    supervisor = await world.api(Role.SUPERVISOR)
    changed = await supervisor.put(f"{path}/campaigns", json=_body({autumn: 1, winter: 0.5}))
    assert _shares(changed) == {str(autumn): 1, str(winter): 0.5}
    assert _shares(await api.get(f"{path}/shift")) == {str(autumn): 1, str(winter): 0.5}
    assert await _told(world, autumn) == ["agents_changed"] * 2
    async with world.sessions() as session:
        sql = text("SELECT facts, user_id FROM audit_entry WHERE action = :action")
        facts = {"action": "agent_session.campaigns_changed"}
        (row,) = (await session.execute(sql, facts)).all()
        (signed_in,) = (await session.execute(sql, {"action": "agent_session.signed_in"})).all()
    assert signed_in.facts["campaigns"] == {str(spring): 2, str(autumn): 1}
    assert path.endswith(signed_in.facts["agent_id"])
    assert signed_in.user_id is not None
    assert row.facts["from"] == {str(spring): 2, str(autumn): 1}
    assert row.facts["to"] == {str(autumn): 1, str(winter): 0.5}
    assert row.user_id is not None
    alone = await api.put(f"{path}/campaigns", json=_body({autumn: 7}))
    assert _shares(alone) == {str(autumn): 1}, "the only campaign of a shift has all of it"
    elsewhere = await api.put(f"{path}/campaigns", json=_body({winter: 1}))
    assert _shares(elsewhere) == {str(winter): 1}
    assert elsewhere.json()["campaign_id"] == str(autumn), "its owner has not given it away yet"


async def test_campaigns_that_cannot_share_are_refused_with_the_reason(world: World) -> None:
    api = await world.api()
    spring, ended = await world.campaign(api), await world.campaign(api, name="Ended")
    await _set_state(world, ended, "stopped")
    stranger = await world.api(client_id=world.other_client_id)
    foreign = await world.campaign(stranger, name="Theirs")
    path = await _agent(api)
    refused = {
        (404, "campaign_not_found"): [
            _body({spring: 1, uuid4(): 1}),
            _body({spring: 1, foreign: 1}),
        ],
        (409, "campaign_ended"): [_body({spring: 1, ended: 1})],
        (422, "bad_weights"): [
            _body({}),
            _body({spring: 0}),
            _body({spring: -1}),
            _body({spring: 1001}),
            {"campaigns": [{"campaign_id": str(spring)}] * 2},
        ],
    }
    for (status, code), bodies in refused.items():
        for body in bodies:
            answer = await api.post(f"{path}/sign-in", json=body)
            assert (answer.status_code, answer.json()["code"]) == (status, code), body
            assert answer.json()["detail"]
    for body in ({}, {"campaign_id": str(spring), **_body({spring: 1})}):
        assert (await api.post(f"{path}/sign-in", json=body)).status_code == 422
    assert (await api.get(f"{path}/shift")).json()["code"] == "not_signed_in"
    assert (await api.put(f"{path}/campaigns", json=_body({spring: 1}))).status_code == 409
    await api.post(f"{path}/sign-in", json=_body({spring: 1}))
    for (status, code), bodies in refused.items():
        answer = await api.put(f"{path}/campaigns", json=bodies[0])
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await stranger.put(f"{path}/campaigns", json=_body({foreign: 1}))).status_code == 404


async def test_only_steerers_change_the_campaigns_of_a_shift(world: World) -> None:
    api = await world.api()
    spring = await world.campaign(api)
    path = await _agent(api)
    await api.post(f"{path}/sign-in", json=_body({spring: 1}))
    agent = await world.api(Role.AGENT)
    assert (await agent.put(f"{path}/campaigns", json=_body({spring: 1}))).status_code == 403
    assert (await agent.get(f"{path}/shift")).status_code == 403


async def test_each_campaign_counts_the_time_an_agent_worked_for_it(world: World) -> None:
    api = await world.api()
    spring, autumn = await world.campaign(api), await world.campaign(api, name="Autumn")
    path = await _agent(api)
    await api.post(f"{path}/sign-in", json=_body({spring: 1, autumn: 1}))
    began = world.clock.now() - timedelta(seconds=100)
    spent = ((spring, "ready", 0, 30), (spring, "on_call", 30, 40), (autumn, "ready", 40, 100))
    async with transaction(world.sessions) as session:
        for campaign_id, state, start, end in spent:
            await session.execute(
                text(
                    "INSERT INTO agent_state_entry (id, session_id, campaign_id, state, started_at,"
                    " ended_at) SELECT :id, id, :campaign, :state, :start, :end FROM agent_session"
                ),
                {
                    "id": uuid4(),
                    "campaign": campaign_id,
                    "state": state,
                    "start": began + timedelta(seconds=start),
                    "end": began + timedelta(seconds=end),
                },
            )
    async with world.sessions() as session:
        seen = [
            await campaign_figures(session, one, client_id=world.client_id, now=world.clock.now())
            for one in (spring, autumn)
        ]
    spent_s = [{k: v for k, v in figures.agents.seconds.items() if v} for figures in seen]
    assert spent_s == [{"ready": 30.0, "on_call": 10.0}, {"ready": 60.0}]


async def test_the_command_line_shares_agents(
    world: World, database_url: str, redis_url: str
) -> None:
    api = await world.api()
    for name in ("Spring", "Autumn"):
        await world.campaign(api, name=name)
    await _agent(api, "Anna")
    async with world.sessions() as session:
        facts = {"id": world.client_id}
        found = await session.execute(text("SELECT name FROM client WHERE id = :id"), facts)
        client = found.scalar_one()
    environment = child_environment(test_settings(database_url, redis_url), {"COLUMNS": "200"})

    async def outdial(*arguments: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli", "agent", *arguments, "--client", client),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        assert b"Traceback" not in out + errors, errors
        return process.returncode or 0, out.decode()

    status, said = await outdial("sign-in", "Anna", "Spring=0", "Autumn")
    assert (status, said.startswith("bad_weights:")) == (2, True), said
    assert (await outdial("sign-in", "Anna", "Spring=2", "Autumn"))[0] == 0
    assert (await outdial("share", "Anna", "Autumn", "Spring=0.5"))[0] == 0
    (listed,) = json.loads((await outdial("list", "--json"))[1])
    assert listed["campaigns"] == "Autumn (1), Spring (0.5)"
