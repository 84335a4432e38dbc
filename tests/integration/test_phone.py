"""The telephone in the browser, without Asterisk: who has it, and who is told what."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from redis.asyncio import Redis
from sqlalchemy import text

from api.browsers import COOKIE
from campaigns.agents import phone_orders
from campaigns.agents.sessions import create_agent, sign_in
from campaigns.commands import command_stream
from campaigns.tenancy.models import Role, User
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import BASE_URL, World, api_world

WEBSOCKET = "ws://127.0.0.1:8088/ws"
HEADERS = {"Origin": BASE_URL, "Accept": "application/json"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        services = made.app.state.services
        settings = services.settings.model_copy(update={"phone_websocket_url": WEBSOCKET})
        made.app.state.services = replace(services, settings=settings)
        yield made


@dataclass
class Exchange:
    """A worker that does as if Asterisk had done it."""

    redis: Redis
    pushed: list[dict[str, str]] = field(default_factory=list)
    online: set[str] = field(default_factory=set)
    refuses: bool = False

    async def serve(self) -> None:
        """Answer for ever."""
        while True:
            order = await phone_orders.next_order(self.redis, 1)
            if order is None:
                continue
            if order["do"] == "push" and not self.refuses:
                self.pushed.append(order)
            facts = {"ok": not self.refuses, "online": order["user"] in self.online}
            await phone_orders.answer(self.redis, order["id"], **facts)


@asynccontextmanager
async def _exchange(world: World) -> AsyncIterator[Exchange]:
    made = Exchange(world.redis)
    task = asyncio.create_task(made.serve())
    try:
        yield made
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def exchange(world: World) -> AsyncIterator[Exchange]:
    async with _exchange(world) as made:
        yield made


async def _agent(world: World, endpoint: str | None = None) -> tuple[User, UUID]:
    user = await world.user(Role.AGENT)
    async with transaction(world.sessions) as session:
        made = await create_agent(
            session, client_id=user.client_id, name=user.login, endpoint=endpoint, user_id=user.id
        )
    return user, made.id


async def _browser(world: World, user: User) -> AsyncClient:
    client = world.anonymous()
    client.cookies.set(COOKIE, await world.session_token(user))
    client.headers.update(HEADERS)
    return client


async def _take(browser: AsyncClient, *, from_others: bool = False) -> Response:
    return await browser.post("/desk/phone", json={"from_others": from_others})


async def test_a_page_gets_the_telephone_and_a_password_that_nobody_keeps(
    world: World, exchange: Exchange
) -> None:
    user, agent_id = await _agent(world)
    browser = await _browser(world, user)
    answer = await _take(browser)
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert (given["user"], given["websocket"]) == (f"web-{agent_id.hex}", WEBSOCKET)
    assert given["epoch"] == 1
    (order,) = exchange.pushed
    assert order["user"] == given["user"]
    assert given["password"] not in json.dumps(exchange.pushed)
    async with world.sessions() as session:
        rows = (await session.execute(text("SELECT agent_phone::text FROM agent_phone"))).all()
        entries = (await session.execute(text("SELECT count(*) FROM audit_entry"))).scalar_one()
    assert given["password"] not in str(rows)
    assert order["digest"] not in str(rows)
    assert entries == 0
    assert not [key async for key in world.redis.scan_iter("outdial:phones:orders")]
    told = (await browser.get("/desk/phone")).json()
    assert told == {
        "kind": "browser",
        "endpoint": f"PJSIP/web-{agent_id.hex}",
        "epoch": 1,
        "mine": True,
        "on_shift": False,
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_the_same_browser_takes_it_again_with_another_password(
    world: World, exchange: Exchange
) -> None:
    user, _ = await _agent(world)
    browser = await _browser(world, user)
    exchange.online.update({(await _take(browser)).json()["user"]})
    first, second = exchange.pushed[0], (await _take(browser)).json()
    assert second["epoch"] == 2
    assert exchange.pushed[1]["digest"] != first["digest"]


async def test_another_browser_that_is_there_is_asked_for_by_the_person(
    world: World, exchange: Exchange
) -> None:
    user, agent_id = await _agent(world)
    first, second = await _browser(world, user), await _browser(world, user)
    given = (await _take(first)).json()
    exchange.online.add(given["user"])
    refused = await _take(second)
    assert (refused.status_code, refused.json()["code"]) == (409, "phone_in_use")
    assert len(exchange.pushed) == 1
    taken = await _take(second, from_others=True)
    assert (taken.status_code, taken.json()["epoch"]) == (200, 2)
    lost = await first.post("/desk/phone/came", json={"epoch": given["epoch"]})
    assert (lost.status_code, lost.json()["code"]) == (409, "phone_taken")
    told = (await first.get("/desk/phone")).json()
    assert (told["epoch"], told["mine"]) == (2, False)
    async with world.sessions() as session:
        rows = await session.execute(
            text("SELECT action, subject_id, user_id, facts FROM audit_entry")
        )
        assert [tuple(row) for row in rows] == [
            ("agent_phone.taken_over", agent_id, user.id, {"epoch": 2})
        ]


async def test_another_browser_that_is_gone_is_not_asked_for(
    world: World, exchange: Exchange
) -> None:
    user, _ = await _agent(world)
    await _take(await _browser(world, user))
    assert not exchange.online
    assert (await _take(await _browser(world, user))).status_code == 200


async def test_the_runner_is_told_when_the_page_comes_into_a_shift(
    world: World, exchange: Exchange
) -> None:
    assert exchange.pushed == []
    user, agent_id = await _agent(world)
    browser = await _browser(world, user)
    epoch = (await _take(browser)).json()["epoch"]
    before = await browser.post("/desk/phone/came", json={"epoch": epoch})
    assert before.json() == {"on_shift": False}
    campaign_id = await world.campaign(await world.api(), leads=1)
    async with transaction(world.sessions) as session:
        shift = await sign_in(
            session, agent_id, campaign_id, client_id=world.client_id, clock=world.clock
        )
    await world.redis.delete(command_stream(campaign_id))
    assert (await browser.post("/desk/phone/came", json={"epoch": epoch})).json()["on_shift"]
    ((_, fields),) = await world.redis.xrange(command_stream(campaign_id))
    assert json.loads(fields[b"body"]) == {"name": "phone_came", "session_id": str(shift.id)}


async def test_who_has_another_telephone_and_who_is_no_agent(
    world: World, exchange: Exchange
) -> None:
    user, _ = await _agent(world, "PJSIP/agent-7")
    browser = await _browser(world, user)
    assert (await browser.get("/desk/phone")).json()["kind"] == "elsewhere"
    refused = await _take(browser)
    assert (refused.status_code, refused.json()["code"]) == (404, "phone_elsewhere")
    boss = await _browser(world, await world.user(Role.SUPERVISOR))
    assert (await boss.get("/desk/phone")).json()["code"] == "not_an_agent"
    assert (await _take(boss)).json()["code"] == "not_an_agent"
    reader = await _browser(world, await world.user(Role.CLIENT))
    assert (await _take(reader)).status_code == 403
    assert exchange.pushed == []


async def test_a_telephone_that_asterisk_does_not_take_is_nobodys(
    world: World, exchange: Exchange
) -> None:
    user, _ = await _agent(world)
    browser = await _browser(world, user)
    exchange.refuses = True
    refused = await _take(browser)
    assert (refused.status_code, refused.json()["code"]) == (503, "phones_away")
    assert "retry-after" in refused.headers
    assert (await browser.get("/desk/phone")).json()["epoch"] == 0


async def test_a_wish_that_no_worker_takes_is_withdrawn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_orders, "WAIT_S", 1)
    user, _ = await _agent(world)
    refused = await _take(await _browser(world, user))
    assert (refused.status_code, refused.json()["code"]) == (503, "phones_away")
    assert not [key async for key in world.redis.scan_iter("outdial:phones:*")]


async def test_without_an_address_there_are_no_telephones(world: World) -> None:
    services = world.app.state.services
    settings = services.settings.model_copy(update={"phone_websocket_url": None})
    world.app.state.services = replace(services, settings=settings)
    user, _ = await _agent(world)
    refused = await _take(await _browser(world, user))
    assert (refused.status_code, refused.json()["code"]) == (503, "phones_not_set_up")


async def test_the_page_may_connect_to_the_exchange_and_others_may_not(world: World) -> None:
    user, _ = await _agent(world)
    browser = await _browser(world, user)
    page = await browser.get("/desk/phone/check", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "connect-src 'self' ws://127.0.0.1:8088;" in page.headers["content-security-policy"]
    assert 'id="phone"' in page.text
    other = await browser.get("/account")
    assert "connect-src 'self';" in other.headers["content-security-policy"]


@pytest.mark.parametrize("language", ["ru", "uk"])
async def test_the_page_speaks_the_agents_language(world: World, language: str) -> None:
    user, _ = await _agent(world)
    browser = await _browser(world, user)
    page = (await browser.get(f"/desk/phone/check?lang={language}")).text
    assert "Test devices" not in page
    assert "Connection lost" not in page


async def test_what_the_page_asks_by_itself_does_not_keep_a_session_alive(world: World) -> None:
    user, _ = await _agent(world)
    browser = await _browser(world, user)

    async def seen() -> object:
        async with world.sessions() as session:
            return (await session.execute(text("SELECT seen_at FROM user_session"))).scalar_one()

    before = await seen()
    world.clock.advance(120)
    asked = {**HEADERS, "HX-Request": "true"}  # as phone.js does
    assert (await browser.get("/desk/phone", headers=asked)).status_code == 200
    assert await seen() == before
    assert (await browser.get("/desk/phone/check")).status_code == 200
    assert await seen() != before


async def test_a_script_is_told_in_json_that_the_session_is_over(world: World) -> None:
    nobody = world.anonymous()
    nobody.headers.update(HEADERS)
    answer = await nobody.get("/desk/phone")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
