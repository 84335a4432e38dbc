"""A call's result is corrected after the call: what follows, what is refused, who may, what is kept."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text, update
from sqlmodel import col, select

from campaigns.leads.models import Attempt, Lead, LeadClaim
from campaigns.lists.models import Contact
from campaigns.models import Campaign, Disposition
from campaigns.states import CampaignState, LeadState
from campaigns.tenancy.models import AuditEntry, Role
from compliance.models import Suppression
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.integration.api_world import BASE_URL, World, api_world
from tests.integration.corrections_world import V1, corrected, lead_now, talk

ORIGIN = {"Origin": BASE_URL}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_a_correction_is_kept_with_who_when_and_why(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    _, attempt = await talk(world)
    done = await corrected(api, attempt, "refused")
    assert done.status_code == 200, done.text
    told = done.json()
    assert (told["before"], told["code"], told["lead_result"]) == ("sale", "refused", "refused")
    assert told["lead_changed"]
    again = await corrected(api, attempt, "sale", "refused", reason="It was right after all")
    assert again.status_code == 200
    kept = (await api.get(f"{V1}/attempts/{attempt.id}/corrections")).json()
    assert [(one["before"], one["after"], one["reason"]) for one in kept] == [
        ("sale", "refused", "Heard again"),
        ("refused", "sale", "It was right after all"),
    ]
    assert {one["login"] for one in kept} == {"user-1"}
    async with world.sessions() as session:
        stored = await session.get_one(Attempt, attempt.id)
        assert stored.disposed_at == attempt.disposed_at, "when the operator saved it stays"
        entries = select(AuditEntry).where(col(AuditEntry.action) == "attempt.corrected")
        assert {one.subject_id for one in await session.exec(entries)} == {attempt.id}


async def test_a_contact_that_was_done_is_called_again_and_the_other_way_round(
    world: World,
) -> None:
    api = await world.api(Role.SUPERVISOR)
    lead, attempt = await talk(world)
    told = (await corrected(api, attempt, "bad_line")).json()
    now = await lead_now(world, lead)
    async with world.sessions() as session:
        statement = select(Disposition.retry_after_s).where(
            col(Disposition.campaign_id) == lead.campaign_id, col(Disposition.code) == "bad_line"
        )
        wait_s = (await session.exec(statement)).one()
    assert wait_s is not None
    assert (now.state, now.result) == (LeadState.WAITING, None)
    assert attempt.ended_at is not None
    assert now.next_attempt_at == attempt.ended_at + timedelta(seconds=wait_s), "since the call"
    assert told["lead_state"] == "waiting"
    await corrected(api, attempt, "refused", "bad_line")
    now = await lead_now(world, lead)
    assert (now.state, now.result, now.next_attempt_at) == (LeadState.DONE, "refused", None)


async def test_a_result_can_be_given_to_a_call_that_was_closed_without_one(world: World) -> None:
    _, attempt = await talk(world, None)
    api = await world.api(Role.SUPERVISOR)
    assert (await corrected(api, attempt, "sale", None)).json()["lead_result"] == "sale"
    async with world.sessions() as session:
        kinds = await session.execute(text("SELECT kind FROM event_waiting ORDER BY id"))
        assert "result.saved" in set(kinds.scalars())


async def test_an_opt_out_that_was_missed_bars_every_number_and_takes_the_promise_back(
    world: World,
) -> None:
    api = await world.api(Role.SUPERVISOR)
    lead, attempt = await talk(world, "callback_later", state=LeadState.WAITING, result=None)
    at = (world.clock.now() + timedelta(days=1)).replace(hour=12, minute=0, second=0)
    made = await api.post(
        f"{V1}/campaigns/{lead.campaign_id}/leads/{lead.id}/callback",
        json={"at": at.replace(tzinfo=None).isoformat()},
    )
    assert made.status_code == 201, made.text
    refused = await corrected(
        api, attempt, "do_not_call", "callback_later", callback={"at": "2026-11-30T12:00:00"}
    )
    assert refused.json()["code"] == "no_callback"
    told = (await corrected(api, attempt, "do_not_call", "callback_later")).json()
    assert (told["lead_state"], told["lead_result"]) == ("done", "do_not_call")
    async with world.sessions() as session:
        assert list(await session.exec(select(Suppression.e164))) == [attempt.e164]
        states = await session.execute(text("SELECT state FROM callback"))
        assert list(states.scalars()) == ["cancelled"]
    # The other way round, the number stays barred: who opted out is not called by a slip.
    back = (await corrected(api, attempt, "bad_line", "do_not_call")).json()
    assert back["stays_suppressed"]
    async with world.sessions() as session:
        assert list(await session.exec(select(Suppression.e164))) == [attempt.e164]


async def test_a_promise_is_kept_made_or_taken_back(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    lead, attempt = await talk(world)
    async with transaction(world.sessions) as session:
        codes = update(Disposition).where(col(Disposition.code) == "callback_later")
        await session.execute(codes.values(requires_callback=True))
    missing = await corrected(api, attempt, "callback_later")
    assert (missing.status_code, missing.json()["code"]) == (422, "callback_required")
    at = (world.clock.now() + timedelta(days=1)).replace(hour=12, minute=0, second=0)
    promise = {"at": at.replace(tzinfo=None).isoformat()}
    told = (await corrected(api, attempt, "callback_later", callback=promise)).json()
    now = await lead_now(world, lead)
    assert (told["lead_state"], now.waiting_reason) == ("waiting", "callback")
    # A promise is a promise: another result alone does not break it.
    await corrected(api, attempt, "refused", "callback_later")
    assert (await lead_now(world, lead)).waiting_reason == "callback"
    await corrected(api, attempt, "sale", "refused", cancel_promise=True)
    now = await lead_now(world, lead)
    assert (now.state, now.result, now.reserved_for) == (LeadState.DONE, "sale", None)


async def test_a_later_call_goes_on_deciding_about_the_contact(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    lead, attempt = await talk(world, "bad_line", attempts_made=2, result="no_answer")
    later = world.clock.now() - timedelta(minutes=5)
    await world.attempt(
        lead, 1, number_in_lead=2, started_at=later, ended_at=later, outcome=CallOutcome.NO_ANSWER
    )  # fmt: skip
    told = (await corrected(api, attempt, "sale", "bad_line")).json()
    assert not told["lead_changed"]
    now = await lead_now(world, lead)
    assert (now.state, now.result) == (LeadState.DONE, "no_answer")


async def test_what_cannot_be_corrected_says_why(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    lead, attempt = await talk(world)

    async def code(*args: Any, **body: Any) -> str:
        return str((await corrected(api, attempt, *args, **body)).json()["code"])

    assert await code("refused", "bad_line") == "result_changed"
    assert await code("sale") == "nothing_to_correct"
    assert await code("of_another_campaign") == "unknown_disposition"
    assert await code("refused", reason="  ") == "reason_missing"

    async def with_attempt(**facts: Any) -> None:
        async with transaction(world.sessions) as session:
            await session.execute(
                update(Attempt).where(col(Attempt.id) == attempt.id).values(**facts)
            )

    await with_attempt(ended_at=None, outcome=None)
    assert await code("refused") == "call_goes_on"
    await with_attempt(ended_at=attempt.ended_at, connected_at=None, outcome=CallOutcome.BUSY)
    assert await code("refused") == "no_conversation"
    await with_attempt(connected_at=attempt.connected_at, outcome=CallOutcome.CONNECTED)
    async with transaction(world.sessions) as session:
        (await session.get_one(Lead, lead.id)).state = LeadState.DIALING
        (await session.get_one(Lead, lead.id)).result = None
    assert await code("refused") == "call_goes_on", "the operator is in wrap-up"
    async with transaction(world.sessions) as session:
        row = await session.get_one(Lead, lead.id)
        row.state = LeadState.WAITING
        session.add(LeadClaim(lead_id=lead.id, campaign_id=lead.campaign_id))
        (await session.get_one(Campaign, lead.campaign_id)).state = CampaignState.RUNNING
    assert await code("refused") == "about_to_be_dialled"
    async with transaction(world.sessions) as session:
        (await session.get_one(Contact, lead.contact_id)).erased_at = world.clock.now()
    assert await code("refused") == "contact_erased"
    async with world.sessions() as session:
        assert (await session.get_one(Attempt, attempt.id)).disposition == "sale"


@pytest.mark.parametrize("role", [Role.AGENT, Role.CLIENT])
async def test_operators_and_clients_correct_nothing(world: World, role: Role) -> None:
    _, attempt = await talk(world)
    assert (await corrected(await world.api(role), attempt, "refused")).status_code == 403
    browser = await world.browser(role)
    browser.headers.update(ORIGIN)
    assert (await browser.get(f"/calls/{attempt.id}")).status_code == 403
    sent = await browser.post(f"/calls/{attempt.id}/result", data={"code": "refused"})
    assert sent.status_code == 403


async def test_another_clients_call_is_not_there(world: World) -> None:
    _, attempt = await talk(world)
    stranger = await world.api(Role.ADMIN, world.other_client_id)
    answer = await corrected(stranger, attempt, "refused")
    assert (answer.status_code, answer.json()["code"]) == (404, "attempt_not_found")
    browser = await world.browser(Role.ADMIN, world.other_client_id)
    assert (await browser.get(f"/calls/{attempt.id}")).status_code == 404
    assert (await browser.get(f"/calls/{new_id()}")).status_code == 404


async def _form(browser: AsyncClient, attempt_id: UUID, **fields: str) -> Any:
    given = {"code": "refused", "instead_of": "sale", "reason": "Heard <again>", "note": ""}
    return await browser.post(f"/calls/{attempt_id}/result", data={**given, **fields})


async def test_the_page_of_a_call_corrects_it_and_shows_what_was_corrected(world: World) -> None:
    lead, attempt = await talk(world)
    browser = await world.browser(Role.SUPERVISOR)
    browser.headers.update(ORIGIN)
    page = (await browser.get(f"/calls/{attempt.id}")).text
    assert "Correct the result" in page
    assert attempt.e164 not in page, "numbers are masked"
    stale = await _form(browser, attempt.id, instead_of="bad_line", note="wrong")
    assert stale.status_code == 422
    assert "The result was changed meanwhile" in stale.text
    assert "Heard &lt;again&gt;" in stale.text, "what was typed is kept"
    done = await _form(browser, attempt.id, note="Said no")
    assert done.status_code == 303
    page = (await browser.get(done.headers["location"])).text
    assert "Agreed / sale → Refused to talk" in page
    assert "Heard &lt;again&gt;" in page
    assert "Said no" in page
    assert (await lead_now(world, lead)).result == "refused"
