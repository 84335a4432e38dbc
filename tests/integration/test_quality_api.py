"""Sampling plans and disputes for programs: made, ended, drawn; opened, decided; and by whom not."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis

from campaigns.quality import calibrating
from campaigns.tenancy import tokens
from campaigns.tenancy.models import Role, User
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.quality_world import Quality, open_quality
from workers.jobs.quality import sweep_samples

V1 = "/api/v1/quality"
WEEK_S = 7 * 24 * 3600.0


@pytest.fixture
async def quality(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[Quality]:
    async with open_quality(sessions, redis, clock, tmp_path, calls=4) as made:
        yield made


async def program(quality: Quality, user: User) -> AsyncClient:
    """Return the program of a user."""
    api = quality.world.anonymous()
    async with transaction(quality.world.sessions) as session:
        token = await tokens.issue(session, user.id, quality.clock)
    api.headers["Authorization"] = f"Bearer {token}"
    return api


async def test_a_plan_is_made_draws_and_ends(quality: Quality) -> None:
    boss = await quality.world.user(Role.SUPERVISOR, client_id=quality.client_id)
    api, who = await program(quality, boss), quality.identity(boss)
    version = await quality.published(who)
    wish: dict[str, Any] = {"name": "Weekly", "scorecard_id": str(version.scorecard_id)}
    wish |= {"per_agent": 2, "least_s": 1, "mix": "any", "reviewers": [str(boss.id)]}
    strange = await api.post(f"{V1}/plans", json=wish | {"reviewers": [str(quality.operator.id)]})
    assert strange.status_code == 422, "operators score nobody"
    for unfit in ({"name": "a\0b"}, {"seed": "\0"}):
        refused = await api.post(f"{V1}/plans", json=wish | unfit)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    nowhere = await api.post(f"{V1}/plans", json=wish | {"campaign_id": str(UUID(int=7))})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "campaign_not_found")
    made = await api.post(f"{V1}/plans", json=wish)
    assert made.status_code == 201, made.text
    plan = f"{V1}/plans/{made.json()['id']}"
    assert [one["name"] for one in (await api.get(f"{V1}/plans")).json()] == ["Weekly"]
    quality.clock.advance(WEEK_S + 6 * 3600)
    await sweep_samples({"deps": quality.made.deps})
    drawn = (await api.get(f"{plan}/calls")).json()
    assert len(drawn) == 3, "two of one operator, the only one of the other"
    assert {one["review_id"] for one in drawn} == {None}
    scored = quality.calls.index(next(c for c in quality.calls if str(c) == drawn[0]["attempt_id"]))
    await quality.scored(who, version, scored)
    assert len((await api.get(f"{plan}/calls?waiting=true")).json()) == 2
    found = {one["attempt_id"]: one for one in (await api.get(f"{plan}/calls")).json()}
    assert found[drawn[0]["attempt_id"]]["percent"] == "85.0"
    other = await quality.who()
    async with transaction(quality.world.sessions) as session:
        pair = (other.user_id, boss.id)
        call = quality.calls[scored]
        await calibrating.begin(session, call, version.id, pair, who=who, clock=quality.clock)
    found = {one["attempt_id"]: one for one in (await api.get(f"{plan}/calls")).json()}
    hidden = found[drawn[0]["attempt_id"]]
    assert (hidden["hidden"], hidden["percent"], hidden["review_id"]) == (True, None, None)
    assert (await api.post(f"{plan}/end")).json()["ended_at"] is not None


async def test_an_operator_disputes_and_a_second_reviewer_decides(quality: Quality) -> None:
    boss = await quality.world.user(Role.SUPERVISOR, client_id=quality.client_id)
    first = quality.identity(boss)
    review = await quality.scored(first, await quality.published(first))
    operator = await program(quality, quality.operator)
    address = f"{V1}/reviews/{review.id}/disputes"
    words = {"item": "asked", "words": "I asked it twice"}
    opened = await operator.post(address, json=words)
    assert opened.status_code == 201, opened.text
    assert (await operator.post(address, json=words)).json()["code"] == "disputed_already"
    assert (await operator.get(f"{V1}/disputes")).status_code == 403
    own, second = (
        await program(quality, boss),
        await quality.world.api(Role.SUPERVISOR, quality.client_id),
    )
    assert (await own.post(address, json=words)).status_code == 403, "an operator's own"
    one = f"{V1}/disputes/{opened.json()['id']}"
    verdict = {"points": 4, "words": "It is there"}
    assert (await own.post(f"{one}/decision", json=verdict)).json()["code"] == "second_reviewer"
    decided = (await second.post(f"{one}/decision", json=verdict)).json()
    assert (decided["decision"], decided["points_before"], decided["points_after"]) == (
        "changed", 3, 4,
    )  # fmt: skip
    again = await second.post(f"{one}/decision", json=verdict)
    assert again.json()["code"] == "decided_already"
    assert (await second.get(one)).json()["percent_after"] == "100.0"
    assert [row["id"] for row in (await second.get(f"{V1}/disputes")).json()] == [decided["id"]]
    stranger = await quality.world.api(Role.ADMIN, quality.world.other_client_id)
    assert (await stranger.get(one)).json()["code"] == "dispute_not_found"
    assert (await stranger.get(f"{V1}/disputes")).json() == []
