"""What a correction leaves as it was: the operator's note, the call's times, and who may not decide."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlmodel import col, select

from api.browsers import COOKIE
from campaigns.agents.models import Agent
from campaigns.desk.models import AttemptNote
from campaigns.leads.models import Attempt
from campaigns.models import Campaign, Disposition
from campaigns.settings import CampaignSettings
from campaigns.setup.effects import effects
from campaigns.tenancy.models import AuditEntry, Role, User
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_agent
from tests.integration.api_world import BASE_URL, World, api_world
from tests.integration.corrections_world import corrected, lead_now, talk


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _browser(world: World, user: User) -> AsyncClient:
    client = world.anonymous()
    client.cookies.set(COOKIE, await world.session_token(user))
    client.headers["Origin"] = BASE_URL
    return client


async def _send(
    browser: AsyncClient, attempt: Attempt, code: str, was: str, note: str
) -> tuple[int, str]:
    form = {"code": code, "instead_of": was, "reason": "Heard again", "note": note}
    answer = await browser.post(f"/calls/{attempt.id}/result", data=form)
    return answer.status_code, answer.text


async def _note(world: World) -> AttemptNote | None:
    async with world.sessions() as session:
        return (await session.exec(select(AttemptNote))).first()


async def test_the_note_stays_the_operators_and_a_change_of_it_is_kept(world: World) -> None:
    _, attempt = await talk(world)
    operator, then = await world.user(Role.AGENT), world.clock.now() - timedelta(hours=1)
    async with transaction(world.sessions) as session:
        session.add(
            AttemptNote(
                client_id=world.client_id, attempt_id=attempt.id, text="Wants two,\nin blue",
                written_by=operator.id, written_at=then,
            )
        )  # fmt: skip
    supervisor = await world.user(Role.SUPERVISOR)
    browser = await _browser(world, supervisor)
    assert (await _send(browser, attempt, "refused", "sale", "Wants two,\r\nin blue"))[0] == 303
    kept = await _note(world)
    assert kept is not None
    assert (kept.written_by, kept.written_at) == (operator.id, then), "it was sent unchanged"
    assert (await _send(browser, attempt, "sale", "refused", "Wants one"))[0] == 303
    kept = await _note(world)
    assert kept is not None
    assert kept.written_by == supervisor.id
    assert (await _send(browser, attempt, "refused", "sale", ""))[0] == 303
    assert await _note(world) is None
    async with world.sessions() as session:
        entries = select(AuditEntry).where(col(AuditEntry.action) == "attempt.corrected")
        found = list(await session.exec(entries.order_by(col(AuditEntry.id))))
    assert [one.facts["note"] for one in found] == ["kept", "changed", "removed"]
    assert "Wants" not in str([one.facts for one in found])
    page = (await browser.get(f"/calls/{attempt.id}")).text
    assert "the note was changed" in page
    assert "the note was removed" in page


async def test_nobody_corrects_the_result_of_an_own_call(world: World) -> None:
    _, attempt = await talk(world)
    user = await world.user(Role.SUPERVISOR)
    async with transaction(world.sessions) as session:
        campaign = await session.get_one(Campaign, attempt.campaign_id)
        shift = await make_agent(session, world.clock.now(), campaign, "PJSIP/olga")
        (await session.exec(select(Agent))).one().user_id = user.id
        (await session.get_one(Attempt, attempt.id)).agent_session_id = shift
    sent = await _send(await _browser(world, user), attempt, "refused", "sale", "")
    assert (sent[0], "You took this call yourself" in sent[1]) == (422, True)
    own = (await (await _browser(world, user)).get(f"/calls/{attempt.id}")).text
    assert ("You took this call yourself" in own, "/result" in own) == (True, False)
    others = await _browser(world, await world.user(Role.SUPERVISOR))
    assert "/result" in (await others.get(f"/calls/{attempt.id}")).text
    assert (await corrected(await world.api(Role.SUPERVISOR), attempt, "refused")).is_success


async def test_a_late_result_waits_from_the_calls_end_and_is_no_long_wrap_up(world: World) -> None:
    lead, attempt = await talk(world, None)
    assert attempt.ended_at is not None
    assert (await corrected(await world.api(Role.SUPERVISOR), attempt, "bad_line", None)).is_success
    async with world.sessions() as session:
        statement = select(Disposition.retry_after_s).where(
            col(Disposition.campaign_id) == lead.campaign_id, col(Disposition.code) == "bad_line"
        )
        wait_s = (await session.exec(statement)).one()
        assert wait_s is not None
        due = (await lead_now(world, lead)).next_attempt_at
        assert due == attempt.ended_at + timedelta(seconds=wait_s)
        now = world.clock.now()
        told = await effects(
            session, CampaignSettings(), client_id=world.client_id, campaign_id=None,
            keeper=None, now=now, day_ends=now,
        )  # fmt: skip
    assert told.attempts == 1
    assert "wrap_up" not in {one.code for one in told.effects}
