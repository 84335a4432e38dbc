"""Interviews: half a character of a field that was cut, and what comes after the result."""

import json
from collections.abc import AsyncIterator

import pytest
from httpx import Response
from redis.asyncio import Redis

from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World, api_world
from tests.interview_world import (
    FRAGMENT,
    Talk,
    asked,
    campaign_with,
    hang_up,
    operator,
    person,
    rows,
    talk,
)
from tests.questionnaires import form_of, question

HALF = "\ud83d"  #: of an emoji: a browser's field was cut at its longest length


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _begun(world: World) -> Talk:
    options = [{"code": "a", "text": "A"}, {"code": "b", "text": "B", "other": True}]
    form = form_of(
        question("q1", "text"),
        question("q2", options=options),
        languages=["en", "uk"],
    )
    campaign_id = await campaign_with(world, form)
    who = await operator(world, campaign_id)
    return await talk(world, await person(world, campaign_id, name="Olha"), who)


async def _sent(call: Talk, code: str, value: str, **more: str) -> Response:
    """Send an answer as ``JSON.stringify`` writes it: what is no character is escaped."""
    call.sequence += 1
    facts = {"interview": await call.interview_id(), "sequence": call.sequence, "value": value}
    headers = FRAGMENT | {"Content-Type": "application/json"}
    path = f"{call.url}/answers/{code}"
    return await call.operator.browser.post(path, content=json.dumps(facts | more), headers=headers)


async def test_half_a_character_does_not_block_the_answers_behind_it(world: World) -> None:
    call = await _begun(world)
    assert asked(await _sent(call, "q1", f"so good {HALF}")) == "q2"
    refused = await _sent(call, "q2", HALF)
    assert refused.status_code == 422
    assert asked(await _sent(call, "q2", "b", other=f"well {HALF}")) == ""
    stored = await rows(world, "SELECT answer FROM interview_answer ORDER BY code")
    assert [row["answer"] for row in stored] == [
        {"value": "so good \ufffd"},
        {"value": "b", "other": "well \ufffd"},
    ]


async def test_the_language_of_a_finished_interview_stays(world: World) -> None:
    call = await _begun(world)
    await call.send("q1", "yes")
    await call.send("q2", "a")
    browser, path = call.operator.browser, f"{call.url}/language"
    assert (await browser.post(f"{path}/uk", headers=FRAGMENT)).status_code == 200
    await hang_up(world, call, "done")
    assert (await browser.post(f"{path}/en", headers=FRAGMENT)).status_code == 409
    (stored,) = await rows(world, "SELECT language FROM interview")
    assert stored["language"] == "uk"
