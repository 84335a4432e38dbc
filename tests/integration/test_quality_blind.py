"""Whoever is to score a call blind sees no other score of it anywhere, until it is scored."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis

from api.browsers import COOKIE
from campaigns.quality import calibrating, disputes, notes
from campaigns.quality.models import NoteKind
from campaigns.tenancy import tokens
from campaigns.tenancy.models import Role, User
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.quality_world import GOOD, ORIGIN, Quality, open_quality

V1 = "/api/v1/quality"
#: GOOD makes 85 %.
SCORE, SAID = "85.0", "Here is what I heard"


@pytest.fixture
async def quality(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[Quality]:
    async with open_quality(sessions, redis, clock, tmp_path) as made:
        yield made


async def _doors(quality: Quality, user: User) -> tuple[AsyncClient, AsyncClient]:
    """Return a person's browser and program."""
    browser, api = quality.world.anonymous(), quality.world.anonymous()
    browser.cookies.set(COOKIE, await quality.world.session_token(user))
    browser.headers.update(ORIGIN)
    async with transaction(quality.world.sessions) as session:
        token = await tokens.issue(session, user.id, quality.clock)
    api.headers["Authorization"] = f"Bearer {token}"
    return browser, api


async def test_a_blind_reviewer_sees_no_score_of_the_call_anywhere(
    quality: Quality, sessions: SessionFactory
) -> None:
    first = await quality.who()
    user = await quality.world.user(Role.SUPERVISOR, client_id=quality.client_id)
    blind, others = quality.identity(user), (await quality.who(), await quality.who())
    version, call = await quality.published(first), quality.calls[0]
    review = await quality.scored(first, version)
    by: dict[str, Any] = {"clock": quality.clock}
    async with transaction(sessions) as session:
        await notes.add(session, call, NoteKind.COMMENT, 1.0, SAID, who=first, **by)
        operator = quality.identity(quality.operator)
        own = frozenset({quality.agents[0]})
        open_one = await disputes.open_dispute(
            session, review.id, "asked", SAID, own, who=operator, **by
        )
        pairs = ((others[0].user_id, others[1].user_id), (first.user_id, blind.user_id))
        both, mine = [
            await calibrating.begin(session, call, version.id, pair, who=first, **by)
            for pair in pairs
        ]
        for one in others:
            await calibrating.score_blind(session, both.id, GOOD, SAID, who=one, **by)
        await calibrating.score_blind(session, mine.id, GOOD, SAID, who=first, **by)
    browser, api = await _doors(quality, user)
    week = quality.clock.now().date().isoformat()
    pages = [
        *(f"/quality/{one}" for one in ("calls", "disputes", "calibrations", "plans")),
        f"/quality/board?week={week}&least=1",
        f"/quality/calls/{call}",
        *(f"/quality/calibrations/{one.id}" for one in (both, mine)),
        f"/recordings/{call}",
        f"/calls/{call}",
    ]
    programs = [f"{V1}/reviews", f"{V1}/board?week={week}&least=1", f"{V1}/calls/{call}/notes"]
    for door, addresses in ((browser, pages), (api, programs)):
        for address in addresses:
            answer = await door.get(address)
            assert answer.status_code == 200, (address, answer.text)
            for told in (SCORE, "85%", SAID):
                assert told not in answer.text, (address, told)
    for answer in (
        await browser.get(f"/quality/disputes/{open_one.id}"),
        await browser.post(
            f"/quality/disputes/{open_one.id}/decide", data={"points": "2", "words": "So"}
        ),
    ):
        assert answer.status_code == 409
        assert "score it first" in answer.text
        assert SAID not in answer.text
    board = (await api.get(f"{V1}/board?week={week}&least=1")).json()
    assert all(row["scored"] == 0 for row in board["rows"])
    # Who has scored sees everything.
    async with transaction(sessions) as session:
        await calibrating.score_blind(session, mine.id, GOOD, "", who=blind, **by)
    board = (await api.get(f"{V1}/board?week={week}&least=1")).json()
    assert {row["score"] for row in board["rows"]} == {SCORE, None}
    assert SAID in (await browser.get(f"/quality/disputes/{open_one.id}")).text
    assert SAID in (await browser.get(f"/quality/calls/{call}")).text
    reviews = (await api.get(f"{V1}/reviews")).json()
    assert [one["percent"] for one in reviews["items"]] == [SCORE]
