"""Interviews over the API: of the own calls, and of nobody else's; not of another client's calls."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis

from campaigns.tenancy import tokens
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.interview_world import Operator, Talk, campaign_with, operator, person, rows, talk
from tests.questionnaires import form_of, question

V1 = "/api/v1/forms"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _program(world: World, who: Operator) -> AsyncClient:
    """Return a program with a token of the operator's."""
    async with transaction(world.sessions) as session:
        token = await tokens.issue(session, who.user.id, world.clock)
    client = world.anonymous()
    client.headers["Authorization"] = f"Bearer {token}"
    return client


async def _talk(world: World) -> tuple[Talk, Operator]:
    campaign_id = await campaign_with(world, form_of(question("q1"), question("q2", "text")))
    who = await operator(world, campaign_id)
    return await talk(world, await person(world, campaign_id), who), who


async def test_an_agent_holds_the_interviews_of_own_calls_only(world: World) -> None:
    call, mine = await _talk(world)
    other = await operator(world, call.attempt.campaign_id)
    whom = {"attempt_id": str(call.attempt.id), "contact_id": str(call.attempt.contact_id)}
    own, stranger = await _program(world, mine), await _program(world, other)
    for body in (whom, {"contact_id": whom["contact_id"]}, {"attempt_id": whom["attempt_id"]}):
        assert (await stranger.post(f"{V1}/test/interviews", json=body)).status_code == 403
    begun = await own.post(f"{V1}/test/interviews", json=whom)
    assert begun.status_code == 201, begun.text
    one, answer = f"{V1}/interviews/{begun.json()['id']}", {"value": "a", "sequence": 1}
    assert (await stranger.get(one)).status_code == 403
    assert (await stranger.put(f"{one}/answers/q1", json=answer)).status_code == 403
    assert (await stranger.post(f"{one}/finish")).status_code == 403
    assert await rows(world, "SELECT code FROM interview_answer") == []
    assert (await own.get(one)).status_code == 200
    assert (await own.put(f"{one}/answers/q1", json=answer)).status_code == 200
    supervisor = await world.api(Role.SUPERVISOR)
    assert (await supervisor.get(one)).status_code == 200


async def test_the_interview_of_the_desk_is_the_callers_over_the_api_too(world: World) -> None:
    call, mine = await _talk(world)
    one = f"{V1}/interviews/{await call.interview_id()}"
    other = await operator(world, call.attempt.campaign_id)
    assert (await (await _program(world, mine)).get(one)).status_code == 200
    assert (await (await _program(world, other)).get(one)).status_code == 403


async def test_another_clients_call_has_no_interview_here(world: World) -> None:
    call, _ = await _talk(world)
    stranger = await world.api(client_id=world.other_client_id)
    answer = await stranger.post(f"{V1}/test/interviews", json={"attempt_id": str(call.attempt.id)})
    assert answer.status_code == 404
    manager = await world.api()
    other = await person(world, call.attempt.campaign_id, row=2)
    crossed = {"attempt_id": str(call.attempt.id), "contact_id": str(other.contact_id)}
    refused = await manager.post(f"{V1}/test/interviews", json=crossed)
    assert (refused.status_code, refused.json()["code"]) == (422, "other_contact")
