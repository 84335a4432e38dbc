"""The second factor: set up, asked for, replayed, guessed, lost, demanded by the role."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlmodel import select

from api.browsers import COOKIE
from campaigns.accounts import people
from campaigns.accounts.models import RecoveryCode
from campaigns.accounts.throttle import CODE
from campaigns.tenancy.limits import ClientWish, change_client
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.accounts import (
    PASSWORD,
    Person,
    actions_of,
    code_of,
    codes_of,
    key_of,
    person,
    signed_in,
)
from tests.integration.api_world import World, api_world


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _demand(world: World, *roles: Role) -> None:
    async with transaction(world.sessions) as session:
        wish = ClientWish(second_factor_roles=[role.value for role in roles])
        await change_client(session, world.client_id, wish, by=None, clock=world.clock)


async def _step(anna: Person) -> str:
    return str((await anna.browser.get("/campaigns")).headers.get("location", "in"))


async def test_with_it_a_password_alone_opens_nothing(world: World) -> None:
    anna = await signed_in(world)
    key, codes = await anna.set_factor_up()
    assert len(codes) == len(set(codes)) == 10
    assert await _step(anna) == "in"  # this browser has just shown a code
    thief = anna.elsewhere()
    await thief.sign_in()
    for path in ("/campaigns", "/account", "/lists"):
        assert (await thief.browser.get(path)).headers["location"] == "/sign-in/code"
    for path in ("/account/second-factor/off", "/account/recovery-codes", "/account/password"):
        assert (await thief.post(path, present=PASSWORD)).status_code == 401
    before = thief.browser.cookies[COOKIE]
    wrong = await thief.post("/sign-in/code", code="000000")
    assert (wrong.status_code, "not right" in wrong.text) == (401, True)
    world.clock.advance(30)
    assert (await thief.post("/sign-in/code", code=code_of(key, world.clock))).status_code == 303
    assert await _step(thief) == "in"
    assert thief.browser.cookies[COOKIE] != before
    said = await actions_of(world, anna.user)
    assert "second_factor.confirmed" in said
    assert said[-2:] == ["second_factor.refused", "second_factor.accepted"]


async def test_a_code_is_good_once(world: World) -> None:
    anna = await signed_in(world)
    key, _ = await anna.set_factor_up()
    first, second = anna.elsewhere("192.0.2.8"), anna.elsewhere("192.0.2.9")
    used = code_of(key, world.clock)  # set up with it
    await first.sign_in()
    assert (await first.post("/sign-in/code", code=used)).status_code == 401
    world.clock.advance(30)
    fresh = code_of(key, world.clock)
    await second.sign_in()
    both = await asyncio.gather(
        first.post("/sign-in/code", code=fresh), second.post("/sign-in/code", code=fresh)
    )
    assert sorted(answer.status_code for answer in both) == [303, 401]


async def test_codes_cannot_be_guessed(world: World) -> None:
    anna = await signed_in(world)
    key, _ = await anna.set_factor_up()
    world.clock.advance(60)
    right = code_of(key, world.clock)
    guesses = [f"{n:06}" for n in range(20) if f"{n:06}" != right]
    codes = []
    for n, guess in enumerate(guesses):
        thief = anna.elsewhere(f"203.0.113.{n}")  # another address and session each time
        await thief.sign_in()
        codes.append((await thief.post("/sign-in/code", code=guess)).status_code)
    assert codes.count(401) == CODE.free
    assert codes.count(429) == len(guesses) - CODE.free


async def test_a_recovery_code_opens_once_and_is_kept_as_a_digest(world: World) -> None:
    anna = await signed_in(world)
    _, codes = await anna.set_factor_up()
    async with transaction(world.sessions) as session:
        kept = {row.digest for row in (await session.exec(select(RecoveryCode))).all()}
    assert not kept & {code.replace("-", "") for code in codes}
    lost = anna.elsewhere()
    await lost.sign_in()
    typed = codes[3].upper().replace("-", " ")
    assert (await lost.post("/sign-in/code", code=typed)).status_code == 303
    assert "Recovery codes left: 9." in (await lost.browser.get("/account")).text
    again = anna.elsewhere("192.0.2.77")
    await again.sign_in()
    assert (await again.post("/sign-in/code", code=codes[3])).status_code == 401
    fresh = codes_of(await lost.post("/account/recovery-codes", present=PASSWORD))
    assert not set(fresh) & set(codes)
    assert (await again.post("/sign-in/code", code=codes[4])).status_code == 401
    assert (await again.post("/sign-in/code", code=fresh[0])).status_code == 303


async def test_a_role_that_needs_it_sets_it_up_first(world: World) -> None:
    await _demand(world, Role.ADMIN)
    boss, anna = await person(world, Role.ADMIN), await person(world, Role.MANAGER)
    await anna.sign_in()
    assert await _step(anna) == "in"
    await boss.sign_in()
    assert await _step(boss) == "/sign-in/second-factor"
    page = await boss.browser.get("/sign-in/second-factor")
    assert "<svg" in page.text
    assert " style=" not in page.text
    key = key_of(page)
    assert key_of(await boss.browser.get("/sign-in/second-factor")) == key  # a reload keeps it
    wrong = await boss.post("/sign-in/second-factor", code="123456")
    assert (wrong.status_code, key_of(wrong)) == (422, key)
    done = await boss.post("/sign-in/second-factor", code=code_of(key, world.clock))
    assert len(codes_of(done)) == 10
    assert await _step(boss) == "in"
    off = await boss.post("/account/second-factor/off", present=PASSWORD)
    assert (off.status_code, "cannot be turned off" in off.text) == (409, True)


async def test_a_demand_counts_for_those_who_are_in(world: World) -> None:
    anna = await signed_in(world)
    await _demand(world, Role.MANAGER)
    assert await _step(anna) == "/sign-in/second-factor"


async def test_the_key_is_shown_to_nobody_without_the_password_and_never_again(
    world: World,
) -> None:
    anna = await signed_in(world)
    refused = await anna.post("/account/second-factor", present="another tram eleven")
    assert (refused.status_code, 'class="key"' in refused.text) == (422, False)
    key, _ = await anna.set_factor_up()
    again = await anna.post("/account/second-factor", present=PASSWORD)
    assert again.status_code == 409
    assert key not in again.text
    confirmed = await anna.post("/account/second-factor/confirm", code=code_of(key, world.clock))
    assert confirmed.status_code == 409


async def test_it_is_turned_off_with_the_password(world: World) -> None:
    anna = await signed_in(world)
    await anna.set_factor_up()
    assert (await anna.post("/account/second-factor/off", present="no")).status_code == 422
    assert (await anna.post("/account/second-factor/off", present=PASSWORD)).status_code == 303
    other = anna.elsewhere()
    await other.sign_in()
    assert await _step(other) == "in"
    renewed = await anna.post("/account/recovery-codes", present=PASSWORD)
    assert renewed.status_code == 409


async def test_an_administrators_reset_ends_the_sessions(world: World) -> None:
    anna = await signed_in(world)
    await anna.set_factor_up()
    async with transaction(world.sessions) as session:
        mine = await people.find(session, anna.user.id, client_id=world.client_id)
        assert await people.reset_factor(session, mine, world.clock, by=None)
        assert not await people.reset_factor(session, mine, world.clock, by=None)
    assert await _step(anna) == "/sign-in"
    await anna.sign_in()
    assert await _step(anna) == "in"
    assert (await actions_of(world, anna.user)).count("second_factor.reset") == 1
