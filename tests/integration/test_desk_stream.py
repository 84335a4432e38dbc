"""The desk's stream: the card is on the screen before the tables know of the call; what is typed stays."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis
from sqlmodel import select

from campaigns.accounts.models import SessionEnd, UserSession
from campaigns.agents.models import AgentSession
from campaigns.tenancy.models import Role
from dialer.agent.states import AgentState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.integration.desk_world import DeskWorld, desk_world, events_of, see

S = AgentState


@pytest.fixture
async def desk(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[DeskWorld]:
    async with desk_world(sessions, redis, clock) as made:
        await made.begin()
        yield made


async def _heard(desk: DeskWorld) -> None:
    """Wait until the desks listen to the runner: what is published before is lost."""
    channel = f"outdial:agents:{desk.campaign_id}"
    while not dict(await desk.world.redis.pubsub_numsub(channel)).get(channel.encode()):
        pass


async def test_a_call_is_shown_as_soon_as_the_runner_tells(desk: DeskWorld) -> None:
    await desk.be(S.READY)
    lead = await desk.lead()
    attempt = await desk.world.attempt(lead, 1)  # opened: nothing of the talk is stored yet
    async with desk.tab() as stream:
        first = events_of(await anext(stream))
        assert list(first) == ["state", "card", "result", "talk", "figures"]
        assert "Waiting for a call" in first["state"]
        await _heard(desk)
        desk.clock.advance(1)
        await desk.tell(S.RESERVED, attempt.id)
        card = await see(stream, "card", "Anna Petrova")
        assert str(attempt.id) in card
        desk.clock.advance(0.01)
        await desk.tell(S.ON_CALL, attempt.id)
        pieces = events_of(await anext(stream))
        while "You are on a call" not in pieces.get("state", ""):
            pieces = events_of(await anext(stream))
        assert "card" not in pieces, "the agent types: only the state is drawn anew"
        assert "result" not in pieces
        assert f'hx-get="/desk/interview/{attempt.id}"' in pieces["talk"]


async def test_what_redis_loses_the_tables_tell(desk: DeskWorld) -> None:
    await desk.be(S.READY)
    async with desk.tab() as stream:
        await anext(stream)
        desk.clock.advance(1)
        attempt = await desk.talk()  # nothing is published
        assert str(attempt.id) in await see(stream, "card", "Anna Petrova")


async def test_a_result_saved_in_one_tab_is_seen_in_the_other(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    async with desk.tab() as one, desk.tab() as two:
        for stream in (one, two):
            assert "Do not call me again" in await see(stream, "result", "Do not call me again")
        await desk.post(f"/calls/{attempt.id}/disposition", code="sale")
        for stream in (one, two):
            await see(stream, "result", "Result: Agreed / sale")


async def test_the_next_call_has_no_result_of_the_one_before(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    async with desk.tab() as stream:
        await see(stream, "result", "Do not call me again")
        await desk.post(f"/calls/{attempt.id}/disposition", code="sale")
        await see(stream, "result", "Result: Agreed / sale")
        desk.clock.advance(5)
        await desk.be(S.READY)
        await see(stream, "result", "appear here")
        desk.clock.advance(5)
        later = await desk.talk(await desk.lead(name="Boris"))
        assert str(later.id) in await see(stream, "card", "Boris")


async def test_a_wish_of_another_tab_is_seen(desk: DeskWorld) -> None:
    await desk.be(S.READY)
    async with desk.tab() as stream:
        await anext(stream)
        await desk.post("/pause", reason="lunch")
        await see(stream, "state", "Then a break: Lunch")


async def test_a_shift_that_ends_sends_the_page_away(desk: DeskWorld) -> None:
    await desk.be(S.READY)
    async with desk.tab() as stream:
        await anext(stream)
        async with transaction(desk.world.sessions) as session:
            shift = await session.get_one(AgentSession, desk.shift_id)
            shift.ended_at = desk.clock.now()
        await see(stream, "over", "-")
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
    async with desk.tab() as stream:
        assert events_of(await anext(stream)) == {"over": "-"}


async def test_who_is_signed_out_watches_no_longer(desk: DeskWorld) -> None:
    await desk.be(S.READY)
    await desk.world.session_token(desk.user)
    async with transaction(desk.world.sessions) as session:
        rows = list(await session.exec(select(UserSession)))
        mine = next(row for row in rows if row.user_id == desk.user.id)
    who = replace(desk.identity(), session_id=mine.id)
    async with desk.tab(who=who) as stream, desk.tab() as program:
        await anext(stream)
        await anext(program)
        async with transaction(desk.world.sessions) as session:
            row = await session.get_one(UserSession, mine.id)
            row.ended_at, row.end_reason = desk.clock.now(), SessionEnd.SIGNED_OUT
        await see(stream, "gone", "-")
        desk.clock.advance(1)
        await desk.be(S.PAUSED)
        await see(program, "state", "On a break")


async def test_many_desks_cost_one_look(desk: DeskWorld) -> None:
    async with desk.tab() as one, desk.tab() as two:
        await anext(one)
        await anext(two)
        assert len(desk.desks._desks) == 1
        assert desk.desks._task is not None
    assert desk.desks._desks == {}
    assert desk.desks._task is None


async def test_a_stranger_has_no_desk(desk: DeskWorld) -> None:
    other = await desk.world.browser(Role.AGENT)
    answer = await other.get("/desk/stream")
    assert events_of(answer.text) == {"over": "-"}
    desk.desks.note(new_id(), lambda moment: moment)  # of a shift nobody shows: nothing happens
