"""Sessions: seen, ended by their person, an administrator, a new password, their age; live pages too."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis
from sqlmodel import col, select

from api import browsers
from api.browsers import COOKIE
from api.pages.board import Boards
from api.pages.stream import events
from campaigns.accounts.models import SessionEnd, UserSession
from campaigns.tenancy.models import Role, User
from campaigns.tenancy.tokens import Identity
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, make_engine, make_sessions, transaction
from dialer.settings import Settings
from tests.accounts import PASSWORD, SAME_ORIGIN, Person, person, signed_in
from tests.integration.api_world import World, api_world

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _is_in(anna: Person) -> bool:
    return (await anna.browser.get("/campaigns")).status_code == 200


async def _rows(world: World, user: User) -> list[UserSession]:
    statement = (
        select(UserSession).where(col(UserSession.user_id) == user.id).order_by(col(UserSession.id))
    )
    async with transaction(world.sessions) as session:
        return list((await session.exec(statement)).all())


async def test_a_person_sees_the_browsers_and_signs_one_out(world: World) -> None:
    anna = await signed_in(world)
    other = anna.elsewhere("203.0.113.5")
    await other.sign_in(**{"User-Agent": FIREFOX})
    page = (await anna.browser.get("/account")).text
    assert page.count("this browser") == 1
    assert "Firefox, Linux" in page
    assert "203.0.113.5" in page
    theirs = (await _rows(world, anna.user))[1]
    done = await anna.post(f"/account/sessions/{theirs.id}/sign-out")
    assert done.headers["location"] == "/account?done=signed_out"
    assert (await _is_in(anna), await _is_in(other)) == (True, False)
    again = await anna.post(f"/account/sessions/{theirs.id}/sign-out")
    assert again.status_code == 404


async def test_what_browsers_say_of_themselves_is_dead_text(world: World) -> None:
    anna = await person(world)
    await anna.sign_in(**{"User-Agent": "<script>alert(1)</script>" * 50})
    page = (await anna.browser.get("/account")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


async def test_sign_out_everywhere_means_here_too(world: World) -> None:
    anna = await signed_in(world)
    others = [anna.elsewhere(f"203.0.113.{n}") for n in range(3)]
    for other in others:
        await other.sign_in()
    await others[0].post("/account/sign-out-everywhere")
    assert [await _is_in(one) for one in (anna, *others)] == [False] * 4
    assert {row.end_reason for row in await _rows(world, anna.user)} == {SessionEnd.SIGNED_OUT}


async def test_a_new_password_ends_all_other_sessions(world: World) -> None:
    anna, token = await signed_in(world), ""
    other = anna.elsewhere()
    await other.sign_in()
    token = anna.browser.cookies[COOKIE]
    fields = {"password": "mist over the pier", "again": "mist over the pier"}
    wrong = await anna.post("/account/password", present="another tram eleven", **fields)
    assert (wrong.status_code, await _is_in(other)) == (422, True)
    done = await anna.post("/account/password", present=PASSWORD, **fields)
    assert done.headers["location"] == "/account?done=password"
    assert (await _is_in(anna), await _is_in(other)) == (True, False)
    assert anna.browser.cookies[COOKIE] != token
    assert (await other.sign_in()).status_code == 401


async def test_the_present_password_cannot_be_guessed_in_a_stolen_session(world: World) -> None:
    anna = await signed_in(world)
    codes = [
        (await anna.post("/account/second-factor", present=f"guess number {n}!")).status_code
        for n in range(10)
    ]
    assert codes == [422] * 5 + [429] * 5


async def test_an_administrator_signs_out_and_disables(world: World) -> None:
    boss, anna = await signed_in(world, Role.ADMIN), await signed_in(world)
    path = f"/users/{anna.user.id}"
    assert anna.user.login in (await boss.browser.get("/users")).text
    assert "192.0.2.1" in (await boss.browser.get(path)).text
    await boss.post(f"{path}/sign-out")
    assert not await _is_in(anna)
    assert (await anna.sign_in()).status_code == 303
    (row,) = [one for one in await _rows(world, anna.user) if one.ended_at is None]
    await boss.post(f"{path}/sessions/{row.id}/sign-out")
    assert not await _is_in(anna)
    await anna.sign_in()
    await boss.post(f"{path}/disable")
    assert not await _is_in(anna)
    assert (await anna.sign_in()).status_code == 401
    await boss.post(f"{path}/enable")
    assert not await _is_in(anna)  # what ended stays ended
    assert (await anna.sign_in()).status_code == 303
    own = await boss.post(f"/users/{boss.user.id}/disable")
    assert (own.status_code, await _is_in(boss)) == (409, True)


async def test_other_clients_users_and_sessions_are_not_there(world: World) -> None:
    stranger = await person(world, Role.ADMIN, client_id=world.other_client_id)
    await stranger.sign_in()
    anna, boss = await signed_in(world), await signed_in(world, Role.ADMIN)
    (row,) = await _rows(world, anna.user)
    path = f"/users/{anna.user.id}"
    assert (await stranger.browser.get(path)).status_code == 404
    for action in ("sign-out", "disable", "enable", f"sessions/{row.id}/sign-out"):
        assert (await stranger.post(f"{path}/{action}")).status_code == 404, action
    # A session of somebody else of the same client, under one's own account or another user's.
    assert (await boss.post(f"/account/sessions/{row.id}/sign-out")).status_code == 404
    users = f"/users/{boss.user.id}/sessions/{row.id}/sign-out"
    assert (await boss.post(users)).status_code == 404
    assert anna.user.login not in (await stranger.browser.get("/users")).text
    assert await _is_in(anna)


async def test_sessions_end_by_disuse_and_by_age(world: World) -> None:
    services = world.app.state.services
    settings = Settings(session_idle_s=3600, session_lives_s=4 * 3600)
    world.app.state.services = replace(services, settings=settings)
    anna, idle = await signed_in(world), await signed_in(world)
    for _ in range(4):
        world.clock.advance(3500)
        assert await _is_in(anna)
    assert not await _is_in(idle)
    world.clock.advance(500)  # four hours after the sign-in, however busy
    assert not await _is_in(anna)
    assert (
        "Signed in nowhere"
        in (await (await signed_in(world, Role.ADMIN)).browser.get(f"/users/{anna.user.id}")).text
    )


async def test_what_a_page_asks_by_itself_keeps_no_session_alive(world: World) -> None:
    services = world.app.state.services
    world.app.state.services = replace(services, settings=Settings(session_idle_s=3600))
    anna = await signed_in(world)
    for _ in range(4):
        world.clock.advance(1000)
        part = await anna.browser.get("/campaigns", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in")


async def _identity(world: World, anna: Person) -> Identity:
    (row,) = [one for one in await _rows(world, anna.user) if one.ended_at is None]
    return Identity(anna.user.id, world.client_id, anna.user.role, anna.user.login, row.id)


@pytest.mark.parametrize("how", ["sign-out", "disable", "role"])
async def test_a_live_page_ends_soon_after_its_session(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("api.pages.stream.RECHECK_S", 0.0)
    boss, anna = await signed_in(world, Role.ADMIN), await signed_in(world, Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api())
    services = world.app.state.services
    who = await _identity(world, anna)
    stream = events(services, Boards(services), campaign_id, who, "en")
    assert "event: head" in await anext(stream)
    if how == "role":
        async with transaction(world.sessions) as session:
            (await session.get_one(User, anna.user.id)).role = Role.AGENT
    else:
        await boss.post(f"/users/{anna.user.id}/{how}")
    async with asyncio.timeout(20):
        rest = [event async for event in stream]
    assert rest[-1] == "event: gone\ndata: -\n\n"
    page = (await boss.browser.get(f"/campaigns/{campaign_id}")).text
    assert 'hx-trigger="sse:gone"' in page  # then it asks, and is led to the sign-in


async def test_a_live_page_outlives_a_database_that_is_away(world: World) -> None:
    anna = await signed_in(world)
    who = await _identity(world, anna)
    services = world.app.state.services
    assert await browsers.is_still_in(services, who)
    engine = make_engine("postgresql+asyncpg://postgres@127.0.0.1:1/none")
    assert await browsers.is_still_in(replace(services, sessions=make_sessions(engine)), who)
    await engine.dispose()
    await anna.post("/sign-out")
    assert not await browsers.is_still_in(services, who)


async def test_pages_of_accounts_take_no_forms_of_other_sites(world: World) -> None:
    boss = await signed_in(world, Role.ADMIN)
    for path in (
        "/sign-out",
        "/account/sign-out-everywhere",
        "/account/second-factor/off",
        "/account/password",
        f"/users/{boss.user.id}/sign-out",
        f"/users/{boss.user.id}/disable",
    ):
        for headers in ({}, {"Origin": "https://evil.test"}, {"Origin": "null"}):
            answer = await boss.browser.post(path, headers=headers)
            assert answer.status_code == 403, path
    assert await _is_in(boss)
    assert (await boss.browser.post("/sign-out", headers=SAME_ORIGIN)).status_code == 303
