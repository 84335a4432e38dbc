"""What somebody else has in hand while a result is corrected: a dialer, an erasure, a later call."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import col, select, update

from campaigns.desk.editing import ContactErased
from campaigns.leads import dispositions
from campaigns.leads.models import Attempt, Lead, LeadClaim
from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who, hold_numbers
from campaigns.models import Campaign, Disposition
from campaigns.states import CampaignState, LeadState
from campaigns.tenancy.models import Role
from compliance.models import Suppression
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.integration.corrections_world import V1, corrected, lead_now, talk
from tests.world import until


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _claimed(world: World, lead: Lead) -> None:
    async with transaction(world.sessions) as session:
        session.add(LeadClaim(lead_id=lead.id, campaign_id=lead.campaign_id))
        (await session.get_one(Campaign, lead.campaign_id)).state = CampaignState.RUNNING


async def _called_later(world: World, lead: Lead) -> None:
    at = world.clock.now() - timedelta(minutes=5)
    facts: dict[str, Any] = {"started_at": at, "ended_at": at, "outcome": CallOutcome.NO_ANSWER}
    await world.attempt(lead, 1, number_in_lead=2, **facts)


async def _barred(world: World) -> list[str]:
    async with world.sessions() as session:
        return list(await session.exec(select(Suppression.e164)))


def _tomorrow(world: World) -> dict[str, str]:
    at = (world.clock.now() + timedelta(days=1)).replace(hour=12, minute=0, second=0, tzinfo=None)
    return {"at": at.isoformat()}


async def test_a_missed_opt_out_is_corrected_though_a_dialer_has_claimed_the_contact(
    world: World,
) -> None:
    lead, attempt = await talk(world, "bad_line", state=LeadState.WAITING, result=None)
    await _claimed(world, lead)
    done = await corrected(await world.api(Role.SUPERVISOR), attempt, "do_not_call", "bad_line")
    assert (done.status_code, done.json()["lead_result"]) == (200, "do_not_call"), done.text
    assert await _barred(world) == [attempt.e164]
    async with world.sessions() as session:
        assert not list(await session.exec(select(LeadClaim))), "the dialer has nothing to dial"


async def test_an_opt_out_of_an_earlier_call_bars_the_claimed_contact_too(world: World) -> None:
    lead, attempt = await talk(world, "bad_line", state=LeadState.WAITING, result=None)
    await _called_later(world, lead)
    await _claimed(world, lead)
    done = await corrected(await world.api(Role.SUPERVISOR), attempt, "do_not_call", "bad_line")
    assert (done.status_code, done.json()["lead_changed"]) == (200, False), done.text
    assert await _barred(world) == [attempt.e164]


async def test_an_earlier_call_promises_nothing(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    lead, attempt = await talk(world, "bad_line", result="no_answer")
    await _called_later(world, lead)
    async with transaction(world.sessions) as session:
        codes = update(Disposition).where(col(Disposition.code) == "callback_later")
        await session.execute(codes.values(requires_callback=True))
    promise = _tomorrow(world)
    refused = await corrected(api, attempt, "callback_later", "bad_line", callback=promise)
    assert (refused.status_code, refused.json()["code"]) == (409, "decided_since")
    done = await corrected(api, attempt, "callback_later", "bad_line")
    assert (done.status_code, done.json()["lead_changed"]) == (200, False), done.text
    now = await lead_now(world, lead)
    assert (now.state, now.result) == (LeadState.DONE, "no_answer")


async def test_a_promise_that_an_earlier_call_takes_back_is_told(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    lead, attempt = await talk(world, "bad_line", state=LeadState.WAITING, result=None)
    await _called_later(world, lead)
    path = f"{V1}/campaigns/{lead.campaign_id}/leads/{lead.id}/callback"
    assert (await api.post(path, json=_tomorrow(world))).status_code == 201
    told = (await corrected(api, attempt, "sale", "bad_line", cancel_promise=True)).json()
    now = await lead_now(world, lead)
    assert now.waiting_reason == "callback_cancelled"
    assert (told["lead_changed"], told["lead_state"]) == (True, "waiting")


@pytest.mark.parametrize("code", ["refused", "do_not_call"])
@pytest.mark.parametrize("by_operator", [True, False])
async def test_a_result_and_an_erasure_never_wait_for_each_other(
    world: World, tmp_path: Path, code: str, by_operator: bool
) -> None:
    """The erasure holds numbers and person, and needs the call: the result holds no call meanwhile."""
    _, attempt = await talk(world, None if by_operator else "sale")
    api, who = await world.api(Role.SUPERVISOR), Who(e164=attempt.e164)

    async def give() -> str:
        if not by_operator:
            return str((await corrected(api, attempt, code)).json()["code"])
        whose: dict[str, Any] = {"client_id": world.client_id, "clock": world.clock}
        with pytest.raises(ContactErased) as refused:
            async with transaction(world.sessions) as session:
                await dispositions.record(session, attempt.id, code, **whose)
        return refused.value.code

    async with transaction(world.sessions) as session:
        await hold_numbers(session, who, world.client_id)
        giving = asyncio.create_task(give())
        await until(lambda: _somebody_waits(world), "the result waits")
        await erase(
            session, who, client_id=world.client_id, reason="a letter", user_id=None,
            clock=world.clock, vault=Vault(b"k" * 32, tmp_path / "done", tmp_path / "raw"),
            keep_suppressed=False,
        )  # fmt: skip
    assert await giving == "contact_erased"
    assert not await _barred(world)
    async with world.sessions() as session:
        kept = (await session.get_one(Attempt, attempt.id)).disposition
    assert kept == (None if by_operator else "sale")


async def _somebody_waits(world: World) -> bool:
    async with world.sessions() as session:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool((await session.execute(text(waits))).scalar_one())
