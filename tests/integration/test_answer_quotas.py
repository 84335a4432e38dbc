"""Quotas on answers: places are taken while people talk: never more interviews than are wanted."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from campaigns.leads.rooms import RoomReader
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World, api_world
from tests.interview_world import (
    Talk,
    asked,
    campaign_with,
    ending,
    hang_up,
    operator,
    person,
    rows,
    talk,
)
from tests.questionnaires import form_of, question

FORM = form_of(question("q1"), question("q2", "text"))
QUOTAS = [
    {"code": "as", "when": "q1 = 'a'", "target": 2},
    {"code": "bs", "when": "q1 = 'b'", "target": 1},
    {"code": "cs", "when": "q1 = 'c'", "target": 1},
]


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def calls(world: World, count: int, quotas: Any = QUOTAS) -> tuple[UUID, list[Talk]]:
    campaign_id = await campaign_with(world, FORM, answer_quotas=quotas)
    talks = []
    for row in range(1, count + 1):
        lead = await person(world, campaign_id, row=row)
        talks.append(await talk(world, lead, await operator(world, campaign_id)))
    return campaign_id, talks


async def complete(world: World, call: Talk, first: str) -> str:
    await call.send("q1", first)
    await call.send("q2", "words")
    how = ending(await call.look())
    await hang_up(world, call, "done")
    return how


async def test_of_people_who_answer_at_once_no_more_go_on_than_are_wanted(world: World) -> None:
    _, talks = await calls(world, 6)
    for call in talks:
        await call.look()
    pages = await asyncio.gather(*(call.send("q1", "a") for call in talks))
    went_on = [page for page in pages if asked(page) == "q2"]
    assert len(went_on) == 2
    assert [ending(page) for page in pages].count("quota_full") == 4
    assert len(await rows(world, "SELECT * FROM quota_seat")) == 2


async def test_a_place_is_free_again_when_the_answer_changes_or_the_talk_breaks_off(
    world: World,
) -> None:
    _, (first, second, third, fourth) = await calls(world, 4)
    assert asked(await first.send("q1", "b")) == "q2"
    assert ending(await second.send("q1", "b")) == "quota_full"
    await first.send("q1", "a")
    assert asked(await second.look()) == "q2", "the place of the first is free"
    await hang_up(world, second)
    assert ending(await third.send("q1", "b")) == "quota_full", "the second is still in wrap-up"
    await hang_up(world, third, "refused")
    await hang_up(world, second, "callback_later")
    assert asked(await fourth.send("q1", "b")) == "q2", "the second broke off"


async def test_who_comes_back_needs_a_place_of_its_own(world: World) -> None:
    _, (first, second) = await calls(world, 2)
    await first.send("q1", "b")
    await hang_up(world, first, "callback_later")
    assert await complete(world, second, "b") == "complete"
    again = await talk(world, first.lead, first.operator)
    page = await again.look()
    assert (asked(page), ending(page)) == ("", "quota_full")
    assert await again.interview_id() == await first.interview_id()


async def test_when_all_options_are_full_nobody_is_called_any_more(world: World) -> None:
    campaign_id, talks = await calls(world, 5)
    assert await room(world, campaign_id) == (0, False), "five are on the line and four are wanted"
    for call, first in zip(talks[:3], ("a", "b", "c"), strict=True):
        assert await complete(world, call, first) == "complete"
    await hang_up(world, talks[3], "refused")
    await hang_up(world, talks[4], "refused")
    assert await room(world, campaign_id) == (1, False)
    lead = await person(world, campaign_id, row=9)
    assert await room(world, campaign_id) == (0, False)
    last = await talk(world, lead, await operator(world, campaign_id))
    assert await complete(world, last, "a") == "complete"
    assert await room(world, campaign_id) == (0, True)


async def test_a_quota_on_every_interview_and_one_on_some(world: World) -> None:
    every = [{"code": "all", "when": "true", "target": 1}]
    campaign_id, (call, other) = await calls(world, 2, every)
    assert asked(await call.look()) == "q1"
    assert ending(await other.look()) == "quota_full", "the one place is taken at the start"
    assert await complete(world, call, "a") == "complete"
    await hang_up(world, other, "refused")
    assert await room(world, campaign_id) == (0, True)
    some = [{"code": "some", "when": "q1 = 'a'", "target": 1}]
    campaign_id, _ = await calls(world, 0, some)
    assert await room(world, campaign_id) == (None, False)


async def room(world: World, campaign_id: UUID) -> tuple[int | None, bool]:
    async with world.sessions() as session:
        campaign = await session.get_one(Campaign, campaign_id)
        settings = CampaignSettings.model_validate(campaign.settings)
        found = await RoomReader().read(session, campaign_id, world.client_id, settings)
    return found.whole, found.is_over


async def test_the_setting_is_checked_against_the_form(world: World) -> None:
    manager = await world.api()
    campaign_id = await campaign_with(world, FORM)

    async def refused(**settings: Any) -> str:
        answer = await manager.patch(
            f"/api/v1/campaigns/{campaign_id}", json={"settings": settings}
        )
        return str(answer.json().get("code", "taken"))

    assert await refused(form="nobody") == "form_not_found"
    assert await refused(form="") == "taken"
    assert await refused(form="test", answer_quotas=QUOTAS) == "taken"
    assert await refused(form="") == "bad_settings", "quotas without a form"
    for quota in (
        {"code": "x", "when": "q9 = 'a'", "target": 1},
        {"code": "x", "when": "q1 =", "target": 1},
        {"code": "x", "when": "q1 = 'a'", "target": 0},
    ):
        assert await refused(answer_quotas=[quota]) == "bad_settings", quota
    assert await refused(answer_quotas=[QUOTAS[0], QUOTAS[0]]) == "bad_settings"
    shown = (await manager.get(f"/api/v1/campaigns/{campaign_id}")).json()["settings"]
    assert (shown["form"], shown["answer_quotas"]) == ("test", QUOTAS)


async def test_what_is_sent_after_the_result_gets_no_place_that_somebody_else_has(
    world: World,
) -> None:
    _, (first, second) = await calls(world, 2)
    await first.send("q1", "b")
    await hang_up(world, first, "callback_later")
    assert await complete(world, second, "b") == "complete"
    late = await first.send("q2", "it waited for the network", age_ms=60_000)
    assert ending(late) == "quota_full"
    done = await rows(world, "SELECT count(*) AS n FROM interview WHERE ending = 'complete'")
    assert done[0]["n"] == 1
