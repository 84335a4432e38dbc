"""The page of users: found, sorted, shut out together and let in again."""

import re
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from api.browsers import COOKIE
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World, api_world
from tests.staff import staff_of


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_users_are_found_sorted_and_shut_out_together_and_it_is_undone(world: World) -> None:
    anna, browser = await staff_of(world)
    olga, petra = await world.user(Role.AGENT), await world.user(Role.MANAGER)
    other = await world.user(Role.AGENT, client_id=world.other_client_id)
    page = (await browser.get("/users?role=agent")).text
    assert olga.login in page
    assert petra.login not in page
    assert other.login not in page
    newest = (await browser.get("/users?sort=made")).text
    assert newest.index(str(petra.id)) < newest.index(f"/users/{anna.id}")
    assert "called so" in (await browser.get("/users?q=nobody")).text
    session = world.anonymous()
    session.cookies.set(COOKIE, await world.session_token(petra))
    both = {"user_id": [str(olga.id), str(petra.id)]}
    done = await browser.post("/users/disable", data=both)
    assert done.status_code == 303
    assert (await session.get("/campaigns")).headers["location"] == "/sign-in"
    page = (await browser.get(done.headers["location"])).text
    assert "Users shut out: 2." in page
    undo = re.search(r'action="(/undo/[^"]+)"', page)
    assert undo is not None
    assert (await browser.post(undo[1])).headers["location"].startswith("/users?said=undone")
    assert "disabled" not in (await browser.get("/users")).text
    # All or none: the own account and another client's user stop the rest.
    own = await browser.post("/users/disable", data={"user_id": [str(olga.id), str(anna.id)]})
    assert own.status_code == 409
    foreign = await browser.post("/users/disable", data={"user_id": [str(olga.id), str(other.id)]})
    assert foreign.status_code == 404
    assert "disabled" not in (await browser.get("/users")).text
    taken = await browser.post("/users", data={"login": other.login, "role": "agent"})
    assert taken.status_code == 409
    assert "taken" in taken.text
    for login in ("", "two words"):
        assert (await browser.post("/users", data={"login": login})).status_code == 422
