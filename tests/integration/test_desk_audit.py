"""Who sees another person's call, or gives it its result, is in the audit log; one's own calls are not."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlmodel import col, select

from api.browsers import COOKIE
from campaigns.leads.models import Attempt
from campaigns.tenancy.models import AuditEntry, Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.desk_world import PIECES, DeskWorld, desk_world

#: What is looked at, and what the log calls it.
LOOKS = {
    "/desk/calls/{id}": "call.looked_at",
    "/desk/calls/{id}/answers": "answers.looked_at",
    "/desk/interview/{id}": "interview.looked_at",
}


@pytest.fixture
async def desk(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[DeskWorld]:
    async with desk_world(sessions, redis, clock) as made:
        await made.begin()
        yield made


async def _traced(desk: DeskWorld, attempt: Attempt) -> list[tuple[str, object]]:
    mine = select(AuditEntry).where(col(AuditEntry.subject_id) == attempt.id)
    async with desk.world.sessions() as session:
        rows = await session.exec(mine.order_by(col(AuditEntry.id)))
        return [(row.action, row.user_id) for row in rows]


async def _supervisor(desk: DeskWorld) -> tuple[AsyncClient, object]:
    user = await desk.world.user(Role.SUPERVISOR)
    browser = desk.world.anonymous()
    browser.cookies.set(COOKIE, await desk.world.session_token(user))
    return browser, user.id


async def test_looks_at_somebody_elses_call_are_traced(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    browser, user_id = await _supervisor(desk)
    for path in LOOKS:
        own = await desk.browser.get(path.format(id=attempt.id))
        assert own.status_code == 200, own.text
    assert await _traced(desk, attempt) == []
    for path in LOOKS:
        assert (await browser.get(path.format(id=attempt.id))).status_code == 200
    assert await _traced(desk, attempt) == [(action, user_id) for action in LOOKS.values()]


async def test_a_result_for_somebody_elses_call_is_traced(desk: DeskWorld) -> None:
    own, other = await desk.talk(), await desk.talk()
    await desk.post(f"/calls/{own.id}/disposition", code="sale")
    assert await _traced(desk, own) == []
    browser, user_id = await _supervisor(desk)
    path = f"/desk/calls/{other.id}/disposition"
    answer = await browser.post(path, data={"code": "no_interest"}, headers=PIECES)
    assert answer.is_success, answer.text
    assert (await desk.stored(other)).disposition == "no_interest"
    assert await _traced(desk, other) == [("attempt.disposed", user_id)]
