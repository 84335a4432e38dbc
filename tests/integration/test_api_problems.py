"""Errors of the API: every one is a problem with a code; a failed commit is never a success."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, make_engine, make_sessions, transaction
from tests.integration.api_world import World, api_world

V1 = "/api/v1"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_without_a_valid_token_nobody_is_known(world: World) -> None:
    for headers in ({}, {"Authorization": "Bearer odt_guess"}, {"Authorization": "Basic eDp5"}):
        answer = await world.anonymous().get(f"{V1}/campaigns", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_browsers_cookie_opens_no_api(world: World) -> None:
    browser = await world.browser(Role.ADMIN)
    assert (await browser.get(f"{V1}/campaigns")).status_code == 401


async def test_a_request_that_breaks_the_shape_is_explained_without_its_values(
    world: World,
) -> None:
    answer = await (await world.api()).post(
        f"{V1}/campaigns", json={"name": "", "phone": "+79430001234"}
    )
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == "invalid_request"
    assert {one["at"] for one in problem["facts"]["errors"]} == {"body.name", "body.phone"}
    assert "+79430001234" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "code"), [("GET", "/nothing", 404), ("DELETE", "/campaigns", 405)]
)
async def test_unknown_ways_are_problems_too(
    world: World, method: str, path: str, code: int
) -> None:
    answer = await (await world.api()).request(method, V1 + path)
    assert (answer.status_code, answer.json()["status"]) == (code, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_commit_that_fails_is_a_500_and_tells_nobody(world: World) -> None:
    api = await world.api()
    async with transaction(world.sessions) as session:
        connection = await session.connection()
        for statement in (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'too late'; END $$",
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON campaign"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
        ):
            await connection.execute(text(statement))
    answer = await api.post(f"{V1}/campaigns", json={"name": "Survey"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert (await api.get(f"{V1}/campaigns")).json() == []


async def test_a_change_is_kept_when_redis_is_away(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    away = Redis.from_url("redis://127.0.0.1:1")
    services = world.app.state.services
    world.app.state.services = replace(services, redis=away)
    changed = await api.patch(f"{V1}/campaigns/{campaign_id}", json={"settings": {"wrap_up_s": 5}})
    assert changed.status_code == 200
    health = await api.get("/health")
    assert (health.status_code, health.json()["redis"]) == (503, "away")
    await away.aclose()


async def test_a_database_that_is_away_is_a_503(world: World) -> None:
    api = await world.api()
    engine = make_engine("postgresql+asyncpg://postgres@127.0.0.1:1/none")
    services = world.app.state.services
    world.app.state.services = replace(services, sessions=make_sessions(engine))
    answer = await api.get(f"{V1}/campaigns")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]
    assert (await api.get("/health")).json()["database"] == "away"
    await engine.dispose()


async def test_metrics_count_by_the_routes_template(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    await api.get(f"{V1}/campaigns/{campaign_id}")
    shown = (await world.anonymous().get("/metrics")).text
    assert 'route="/api/v1/campaigns/{campaign_id}"' in shown
    assert str(campaign_id) not in shown


async def test_the_description_names_the_problems_of_a_route(world: World) -> None:
    described = (await world.anonymous().get(f"{V1}/openapi.json")).json()
    start = described["paths"][f"{V1}/campaigns/{{campaign_id}}/start"]["post"]
    assert "no_hours" in start["responses"]["409"]["description"]
    assert "/sign-in" not in described["paths"]
