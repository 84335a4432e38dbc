"""A worker keeps browsers' telephones in Asterisk: made when a page wants one, removed when it is over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.accounts.sessions import Visitor, open_session
from campaigns.agents import phone_orders, phones
from campaigns.agents.phone_orders import PhonesAway
from campaigns.agents.phones import UNUSED_S
from campaigns.agents.sessions import create_agent
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from compliance.dnc.shelf import DncShelf
from dialer.ari.connection import AriEndpoint
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.jobs import JobQueue
from dialer.simulator.ari.server import AriSimulator
from tests.factories import make_campaign
from tests.hall import PASSWORD
from tests.world import LAW, test_settings
from workers.dialing.deps import DialingDeps
from workers.dialing.phones import PhoneKeeper


@pytest.fixture
async def sim() -> AsyncIterator[AriSimulator]:
    async with AriSimulator(password=PASSWORD) as simulator:
        yield simulator


@pytest.fixture
async def keeper(
    sim: AriSimulator,
    sessions: SessionFactory,
    redis: Redis,
    clock: FrozenClock,
    database_url: str,
    redis_url: str,
) -> AsyncIterator[PhoneKeeper]:
    settings = test_settings(database_url, redis_url)
    jobs = await JobQueue.open(redis_url)
    ari = AriEndpoint(sim.base_url, "outdial", PASSWORD)
    shelf = DncShelf(settings.dnc_lists())
    yield PhoneKeeper(DialingDeps("test", settings, sessions, redis, jobs, clock, ari, LAW, shelf))
    await jobs.close()


async def _taken(sessions: SessionFactory, clock: FrozenClock, *, on_shift: bool = False) -> UUID:
    """Make an agent whose page has just taken the telephone."""
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now())
        user = await bootstrap.create_user(
            session, client_id=made.client_id, login="olga", role=Role.AGENT, clock=clock
        )
        agent = await create_agent(
            session, client_id=made.client_id, name="olga", endpoint=None, user_id=user.id
        )
        browser, _ = await open_session(session, user, Visitor("127.0.0.1", "test"), clock)
        await phones.take(session, agent, browser.id, by=user.id, clock=clock)
        if on_shift:
            sql = (
                "INSERT INTO agent_session (id, client_id, agent_id, campaign_id, started_at, wants,"
                " extensions)"
                " VALUES (uuidv7(), :client, :agent, :campaign, :now, 'ready', 0)"
            )
            facts = {"client": made.client_id, "agent": agent.id, "campaign": made.id}
            await session.execute(text(sql), {**facts, "now": clock.now()})
        agent_id: UUID = agent.id
    return agent_id


async def _is_removed(sessions: SessionFactory) -> bool:
    async with sessions() as session:
        rows = await session.execute(text("SELECT removed_at IS NOT NULL FROM agent_phone"))
        return bool(rows.scalar_one())


async def test_a_telephone_whose_page_is_gone_is_removed(
    keeper: PhoneKeeper, sim: AriSimulator, sessions: SessionFactory, clock: FrozenClock
) -> None:
    agent_id = await _taken(sessions, clock)
    sim.world.unregistered.add(f"web-{agent_id.hex}")
    assert await keeper.sweep() == 0, "the page is only being loaded anew"
    clock.advance(UNUSED_S + 1)
    assert await keeper.sweep() == 1
    assert await _is_removed(sessions)
    assert await keeper.sweep() == 0


@pytest.mark.parametrize(("on_shift", "online"), [(True, False), (False, True)])
async def test_a_telephone_in_a_shift_or_with_its_page_stays(
    keeper: PhoneKeeper,
    sim: AriSimulator,
    sessions: SessionFactory,
    clock: FrozenClock,
    *,
    on_shift: bool,
    online: bool,
) -> None:
    agent_id = await _taken(sessions, clock, on_shift=on_shift)
    if not online:
        sim.world.unregistered.add(f"web-{agent_id.hex}")
    clock.advance(UNUSED_S + 1)
    assert await keeper.sweep() == 0
    assert not await _is_removed(sessions)


@pytest.mark.parametrize("how", ["ended", "old", "unused"])
async def test_a_telephone_of_a_browser_that_is_signed_out_goes_at_once(
    keeper: PhoneKeeper, sessions: SessionFactory, clock: FrozenClock, how: str
) -> None:
    """In the middle of a shift too, and with its page still registered."""
    await _taken(sessions, clock, on_shift=True)
    now = clock.now()
    change = {
        "ended": ("ended_at = :at, end_reason = 'revoked'", now),
        "old": ("created_at = :at", now - timedelta(hours=15)),
        "unused": ("seen_at = :at", now - timedelta(hours=5)),
    }[how]
    async with transaction(sessions) as session:
        sql = f"UPDATE user_session SET {change[0]}"  # noqa: S608 - of the table above
        await session.execute(text(sql), {"at": change[1]})
    assert await keeper.sweep() == 1
    assert await _is_removed(sessions)


async def test_wishes_are_done_and_answered(
    keeper: PhoneKeeper, sim: AriSimulator, redis: Redis
) -> None:
    user = "web-1"
    running = asyncio.create_task(keeper.run())
    try:
        await phone_orders.push(redis, user, "0" * 32)
        assert await phone_orders.is_online(redis, user)
        sim.world.unregistered.add(user)
        assert not await phone_orders.is_online(redis, user)
        for odd in ("no order", '{"id": "x", "do": "burn", "user": "y"}'):
            pushed: Any = redis.rpush(phone_orders.ORDERS_KEY, odd)
            await pushed
        assert not await phone_orders.is_online(redis, user), "odd wishes stop nobody"
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_an_asterisk_that_is_away_is_told_at_once(
    keeper: PhoneKeeper, sim: AriSimulator, redis: Redis
) -> None:
    await sim.__aexit__(None, None, None)
    running = asyncio.create_task(keeper.run())
    try:
        with pytest.raises(PhonesAway) as refused:
            await phone_orders.push(redis, "web-1", "0" * 32)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert refused.value.facts == {"reason": "asterisk_away"}
