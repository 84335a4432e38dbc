"""Signing in with login and password: the first time, wrongly, too often, and as an attacker would."""

from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher
from redis.asyncio import Redis
from sqlmodel import select

from api.browsers import COOKIE
from campaigns.accounts import people
from campaigns.accounts.models import UserSession
from campaigns.accounts.throttle import ACCOUNT
from campaigns.tenancy.models import Role, User
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.accounts import PASSWORD, SAME_ORIGIN, actions_of, browser_at, person, signed_in
from tests.integration.api_world import World, api_world


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_a_person_signs_in_and_out_again(world: World) -> None:
    anna = await person(world)
    away = await anna.browser.get("/campaigns")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in")
    right = await anna.sign_in()
    assert (right.status_code, right.headers["location"]) == (303, "/")
    assert (await anna.browser.get("/campaigns")).status_code == 200
    token = anna.browser.cookies[COOKIE]
    assert (await anna.post("/sign-out")).headers["cache-control"] == "no-store"
    assert COOKIE not in anna.browser.cookies
    anna.browser.cookies.set(COOKIE, token)  # kept by a thief: it is good for nothing
    assert (await anna.browser.get("/campaigns")).status_code == 303
    said = await actions_of(world, anna.user)
    assert said == ["password.changed", "sign_in.password_accepted", "session.signed_out"]


async def test_the_cookies_are_shut_to_scripts_and_other_sites(world: World) -> None:
    anna = await person(world)
    for cookie in (await anna.sign_in()).headers.get_list("set-cookie"):
        facts = {fact.strip().lower() for fact in cookie.split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/"} <= facts, cookie
        assert "secure" not in facts  # it is no TLS here: the browser would not send it back


async def test_behind_tls_cookies_are_secure_and_browsers_stay_with_it(world: World) -> None:
    secure = "https://outdial.test"
    anna = (await person(world)).elsewhere(base_url=secure)
    refused = await anna.sign_in()  # the Origin says http: a page without TLS sent it
    assert refused.status_code == 403
    right = await anna.sign_in(Origin=secure)
    assert right.status_code == 303
    assert "max-age=31536000" in right.headers["strict-transport-security"]
    for cookie in right.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-"), cookie
        assert "; Secure" in cookie
    assert (await anna.browser.get("/campaigns")).status_code == 200
    plain = await (await person(world)).browser.get("/sign-in")
    assert "strict-transport-security" not in plain.headers


async def test_a_token_of_the_api_opens_no_page(world: World) -> None:
    token = await world.token(Role.ADMIN)
    browser = world.anonymous()
    answer = await browser.post(
        "/sign-in", data={"login": "user-1", "password": token}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 401
    browser.cookies.set(COOKIE, token)
    assert (await browser.get("/campaigns")).status_code == 303


async def test_nobody_learns_which_logins_there_are(world: World) -> None:
    anna, disabled, tokens_only = await person(world), await person(world), await world.user()
    async with transaction(world.sessions) as session:
        mine = await people.find(session, disabled.user.id, client_id=world.client_id)
        await people.disable(session, mine, world.clock, by=None)
    pages = set()
    for login, password in (
        (anna.user.login, "another tram eleven"),
        ("nobody", PASSWORD),
        (disabled.user.login, PASSWORD),
        (tokens_only.login, PASSWORD),
        (tokens_only.login, ""),
        ("", ""),
        ("x" * 999, PASSWORD),
    ):
        browser = browser_at(world, f"192.0.2.{len(login) % 200}")
        answer = await browser.post(
            "/sign-in", data={"login": login, "password": password}, headers=SAME_ORIGIN
        )
        assert answer.status_code == 401, login
        assert COOKIE not in answer.cookies
        pages.add(answer.text.replace(f'value="{login}"', "").replace(" autofocus", ""))
    assert len(pages) == 1
    assert "The login or the password is not right." in pages.pop()
    assert (await actions_of(world, disabled.user))[-1] == "sign_in.refused"


async def test_guesses_from_many_addresses_are_stopped_and_the_owner_gets_in(world: World) -> None:
    anna = await signed_in(world)
    await anna.post("/sign-out")
    codes = []
    for n in range(2 * ACCOUNT.free):
        mallory = anna.elsewhere(f"203.0.113.{n}")
        codes.append((await mallory.sign_in(f"guess number {n}!")).status_code)
    assert codes == [401] * ACCOUNT.free + [429] * ACCOUNT.free
    stopped = await anna.elsewhere("203.0.113.99").sign_in()
    assert stopped.status_code == 429  # the right one too, from where nobody ever signed in
    assert stopped.headers["retry-after"] == "5"
    assert "Try again in 0:05" in stopped.text
    assert (await anna.sign_in()).status_code == 303  # her own browser is known
    world.clock.advance(5)
    assert (await anna.elsewhere("203.0.113.99").sign_in()).status_code == 303


async def test_a_planted_session_is_not_the_one_that_is_signed_in(world: World) -> None:
    """Session fixation: whatever cookie the browser had, the session gets a new token."""
    mallory = await signed_in(world, Role.CLIENT)
    planted = mallory.browser.cookies[COOKIE]
    anna = await person(world)
    anna.browser.cookies.set(COOKIE, planted, domain="outdial.test")
    right = await anna.sign_in()
    fresh = right.cookies[COOKIE]
    assert fresh != planted
    assert (await mallory.browser.get("/campaigns")).status_code == 303  # the old session is over
    thief = browser_at(world, "203.0.113.9")
    for token in (planted, "ods_", "", fresh[:-1]):
        thief.cookies.set(COOKIE, token)
        assert (await thief.get("/campaigns")).status_code == 303


async def test_only_a_digest_of_a_token_is_kept(world: World) -> None:
    anna = await signed_in(world)
    token = anna.browser.cookies[COOKIE]
    async with transaction(world.sessions) as session:
        row = (await session.exec(select(UserSession))).one()
        user = await session.get_one(User, anna.user.id)
    assert token not in str(row)
    assert row.address == "192.0.2.1"
    assert user.password_hash is not None
    assert user.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize("origin", [None, "null", "https://evil.test", "http://evil.test"])
async def test_no_other_site_signs_anybody_in(world: World, origin: str | None) -> None:
    anna = await person(world)
    data = {"login": anna.user.login, "password": PASSWORD}
    headers = {"Origin": origin} if origin else {}
    answer = await anna.browser.post("/sign-in", data=data, headers=headers)
    assert answer.status_code == 403
    assert COOKIE not in anna.browser.cookies


async def test_a_given_password_must_be_changed_first(world: World) -> None:
    anna = await person(world, must_change=True)
    await anna.sign_in()
    given = anna.browser.cookies[COOKIE]
    for path in ("/", "/campaigns", "/account", "/sign-in/code", "/sign-in/second-factor"):
        there = await anna.browser.get(path)
        step = there.headers["location"]
        step = (await anna.browser.get(step)).headers.get("location", step) if step == "/" else step
        assert (there.status_code, step) == (303, "/sign-in/password"), path
    assert (await anna.post("/account/sign-out-everywhere")).status_code == 401
    for password, again, said in (
        ("short", "short", "at least 12 characters"),
        ("Password1234!", "Password1234!", "would be guessed"),
        (f"{anna.user.login}-{anna.user.login}", "", "not the same"),
    ):
        answer = await anna.post("/sign-in/password", password=password, again=again)
        assert answer.status_code == 422
        assert said in answer.text
    await anna.post("/sign-in/password", password="mist over the pier", again="mist over the pier")
    assert await anna.place() == "/campaigns"
    assert anna.browser.cookies[COOKIE] != given  # the step changed the session's token
    assert (await anna.elsewhere().sign_in()).status_code == 401
    assert (await anna.elsewhere().sign_in("mist over the pier")).status_code == 303


async def test_a_half_open_session_does_not_wait_for_ever(world: World) -> None:
    anna = await person(world, must_change=True)
    await anna.sign_in()
    world.clock.advance(900)
    answer = await anna.browser.get("/sign-in/password")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_an_old_hash_is_renewed_at_the_sign_in(world: World) -> None:
    anna = await person(world)
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with transaction(world.sessions) as session:
        (await session.get_one(User, anna.user.id)).password_hash = old
    assert (await anna.sign_in()).status_code == 303
    async with transaction(world.sessions) as session:
        kept = (await session.get_one(User, anna.user.id)).password_hash
    assert kept is not None
    assert "m=65536" in kept
    assert (await anna.elsewhere().sign_in()).status_code == 303


async def test_an_operator_gets_to_desk_and_account_and_no_further(world: World) -> None:
    olga = await signed_in(world, Role.AGENT)
    assert await olga.place() == "/desk"
    page = await olga.browser.get("/account")
    assert "/campaigns" not in page.text.split("<main>")[0]
    for path in ("/campaigns", "/lists", "/law", "/users", "/audit"):
        assert (await olga.browser.get(path)).status_code == 403, path
