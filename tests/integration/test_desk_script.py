"""The script in the operator's window: filled, the own calls only, changed live with the place kept."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from redis.asyncio import Redis
from sqlmodel import select

from api.pages import desk_script
from api.pages.desk_script import events
from campaigns.agents.models import AgentSession
from campaigns.leads.models import Attempt
from campaigns.scripts.models import ScriptReading
from campaigns.tenancy import tokens
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.integration.script_world import SAME_ORIGIN, V1, Call, call, writer
from tests.scripts import TALK, script, step
from tests.world import PATIENCE_S, until


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _reading(world: World) -> ScriptReading:
    async with world.sessions() as session:
        return (await session.exec(select(ScriptReading))).one()


async def _listeners(world: World) -> int:
    counted = await world.redis.pubsub_numsub(f"outdial:scripts:{world.client_id}")
    return int(counted[0][1])


async def _go(made: Call, *trail: str) -> None:
    sent = await made.browser.post(
        f"/desk/script/{made.attempt_id}/trail",
        data={"trail": ",".join(trail)},
        headers=SAME_ORIGIN,
    )
    assert sent.status_code == 204


async def test_the_script_is_filled_for_the_call(world: World) -> None:
    author = await writer(world)
    await author.publish()
    nasty = {"Имя": "Мария <b>[x](https://evil.test)"}
    made = await call(world, author.code, fields=nasty)
    page = await made.panel()
    assert page.status_code == 200
    assert "Мария &lt;b&gt;[x](https://evil.test)" in page.text
    assert "<strong><span" in page.text
    assert "Sweets 1" in page.text
    assert 'Goodbye from <span class="slot">Olga 1</span>' in page.text
    assert page.text.count(" hidden>") == 2, "one step of three is shown"
    assert (await _reading(world)).missing == []


async def test_a_missing_value_is_seen_and_told_to_the_manager(world: World) -> None:
    author = await writer(world)
    await author.publish()
    made = await call(world, author.code)
    assert '<span class="slot missing">[first name]</span>' in (await made.panel()).text
    await made.panel()
    page = (await (await world.browser()).get(f"/scripts/{author.code}")).text
    assert "<code>contact.first_name</code>" in page
    assert "1 of 1 calls" in page
    world.clock.advance(timedelta(days=8).total_seconds())
    assert (
        "Nobody has read it yet."
        in (await (await world.browser()).get(f"/scripts/{author.code}")).text
    )


async def test_operators_see_no_numbers_in_what_is_put_in(world: World) -> None:
    author = await writer(world)
    await author.publish(script(step("s1", "Is {{ contact.phone }} yours?", ends=True)))
    made = await call(world, author.code, fields={"Phone": "8 (943) 000-00-01"})
    assert "000-00-01" not in (await made.panel()).text
    boss = await (await world.browser(Role.SUPERVISOR)).get(f"/desk/script/{made.attempt_id}")
    assert "8 (943) 000-00-01" in boss.text
    async with world.sessions() as session:
        kept = (await session.exec(select(ScriptReading))).one()
    assert kept.trail == ["s1"], "a supervisor's look is no reading of the operator's"


async def test_the_contacts_language_is_taken_and_can_be_changed(world: World) -> None:
    steps = (step("s1", "Hello.", ends=True).model_dump(mode="json"),)
    steps[0]["body"] = {"en": "Hello.", "uk": "Вітаю."}
    steps[0]["title"] = {"en": "Hi", "uk": "Привіт"}
    author = await writer(world)
    content = {"languages": ["en", "uk"], "steps": list(steps)}
    await author.publish(script().model_validate(content))
    made = await call(world, author.code, language="uk")
    assert "Вітаю." in (await made.panel()).text
    assert "Hello." in (await made.panel(language="en")).text
    assert "Hello." in (await made.panel()).text, "the choice is kept for the call"


async def test_only_the_own_call_and_nothing_without_a_script(world: World) -> None:
    author = await writer(world)
    await author.publish()
    mine = await call(world, author.code)
    theirs = await call(world, author.code, number=2)
    empty = await call(world, None, number=3)
    other = await mine.browser.get(f"/desk/script/{theirs.attempt_id}")
    assert other.status_code == 404
    assert (await mine.browser.get(f"/desk/script/{theirs.attempt_id}/stream")).status_code == 404
    sent = await mine.browser.post(
        f"/desk/script/{theirs.attempt_id}/trail", data={"trail": "s1"}, headers=SAME_ORIGIN
    )
    assert sent.status_code == 404
    assert (await empty.panel()).status_code == 204
    stranger = await world.browser(Role.ADMIN, client_id=world.other_client_id)
    assert (await stranger.get(f"/desk/script/{mine.attempt_id}")).status_code == 404
    reader = await world.browser(Role.CLIENT)
    assert (await reader.get(f"/desk/script/{mine.attempt_id}")).status_code == 403


async def test_a_call_that_is_not_stored_as_connected_yet_is_shown_to_those_who_work_here(
    world: World,
) -> None:
    author = await writer(world)
    await author.publish()
    made = await call(world, author.code)
    elsewhere = await call(world, author.code, number=2)
    async with transaction(world.sessions) as session:
        attempt = await session.get_one(Attempt, made.attempt_id)
        attempt.agent_session_id = None
        session.add(attempt)
    assert (await made.panel()).status_code == 200
    denied = await elsewhere.browser.get(f"/desk/script/{made.attempt_id}")
    assert denied.status_code == 404
    async with transaction(world.sessions) as session:
        for shift in (await session.exec(select(AgentSession))).all():
            shift.ended_at = world.clock.now()
            session.add(shift)
    assert (await made.panel()).status_code == 404


async def test_a_refreshed_window_stands_where_it_was(world: World) -> None:
    author = await writer(world)
    await author.publish()
    made = await call(world, author.code)
    assert 'data-trail="s1"' in (await made.panel()).text
    await _go(made, "s1", "s2", "gone")
    assert 'data-trail="s1,s2"' in (await made.panel()).text
    await _go(made, "s1")
    assert (await _reading(world)).trail == ["s1", "s2"], "a shorter way comes too late"


async def test_a_version_published_during_the_call_keeps_the_place(world: World) -> None:
    author = await writer(world)
    await author.publish()
    made = await call(world, author.code)
    await made.panel()
    await _go(made, "s1", "s2")
    first = (await _reading(world)).script_version_id
    await author.publish(script(*TALK.steps[:1], step("s2", "Better.", "Clear>s3"), TALK.steps[2]))
    page = (await made.panel(seen=str(first), at="s2")).text
    assert "The script has just been changed." in page
    assert "Better." in page
    assert 'data-step="s2">' in page
    assert 'data-step="s1" hidden>' in page
    assert "is gone" not in page
    second = (await _reading(world)).script_version_id
    assert second != first
    await author.publish(script(step("s1", "Hello.", "Bye>s3"), TALK.steps[2]))
    page = (await made.panel(seen=str(second), at="s2")).text
    assert "The step you were at is gone" in page
    assert 'data-step="s1">' in page


async def test_the_stream_tells_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_script, "POLL_S", 10 * PATIENCE_S)  # only a message is as fast
    author = await writer(world)
    await author.publish()
    made = await call(world, author.code)
    await made.panel()
    first = str((await _reading(world)).script_version_id)
    who = Identity(made.user.id, world.client_id, Role.AGENT, made.user.login)
    stream = events(world.app.state.services, made.attempt_id, who, first)
    news = asyncio.ensure_future(anext(stream))
    await until(partial(_listeners, world), "the stream listens")
    await author.publish(script(step("s1", "New.", ends=True)))
    said = await asyncio.wait_for(news, PATIENCE_S)
    assert said.startswith("event: script\n")
    assert first not in said
    manager = await world.api()
    news = asyncio.ensure_future(anext(stream))
    address = f"{V1}/campaigns/{made.campaign_id}"
    await manager.patch(address, json={"settings": {"script": None}})
    await world.redis.publish(f"outdial:scripts:{world.client_id}", "changed")
    assert "data: -" in await asyncio.wait_for(news, PATIENCE_S)
    assert (await made.panel(seen=first)).text == ""
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator


async def test_a_stream_that_begins_late_has_missed_nothing(world: World) -> None:
    author = await writer(world)
    await author.publish()
    made = await call(world, author.code)
    await made.panel()
    first = str((await _reading(world)).script_version_id)
    await author.publish(script(step("s1", "New.", ends=True)))
    who = Identity(made.user.id, world.client_id, Role.AGENT, made.user.login)
    stream = events(world.app.state.services, made.attempt_id, who, first)
    assert (await asyncio.wait_for(anext(stream), PATIENCE_S)).startswith("event: script\n")
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator


async def test_programs_read_the_script_of_a_call_too(world: World) -> None:
    author = await writer(world)
    await author.publish()
    made = await call(world, author.code, fields={"First name": "Ann"})
    api = world.anonymous()
    async with transaction(world.sessions) as session:
        token = await tokens.issue(session, made.user.id, world.clock)
    api.headers["Authorization"] = f"Bearer {token}"
    told = (await api.get(f"{V1}/scripts/calls/{made.attempt_id}")).json()
    assert (told["number"], told["step"], told["trail"]) == (1, "s1", ["s1"])
    assert "Ann" in told["steps"][0]["html"]
    kept = await api.post(
        f"{V1}/scripts/calls/{made.attempt_id}/trail", json={"trail": ["s1", "s3"]}
    )
    assert kept.json() == ["s1", "s3"]
    empty = await call(world, None, number=2)
    none = await author.api.get(f"{V1}/scripts/calls/{empty.attempt_id}")
    assert (none.status_code, none.json()["code"]) == (404, "no_script_for_call")
