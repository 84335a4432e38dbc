"""Promised calls: made, replaced, claimed before all others, kept, released and cancelled."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from campaigns.agents.models import AgentSession
from campaigns.errors import AgentNotFound
from campaigns.leads import hopper
from campaigns.leads.callbacks import (
    AboutToBeDialled,
    CallbackNotFound,
    CallbackRequest,
    cancel,
    close_kept,
    promise,
)
from campaigns.leads.models import Callback, LeadClaim
from campaigns.leads.promised_time import CallbackTimeWrong
from campaigns.states import CallbackState, LeadState
from campaigns.tenancy.models import AuditEntry
from compliance.places.placement import Placement
from dialer.agent.states import AgentState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import NotFound
from tests.factories import make_place, numbers
from tests.promises import THREE, THREE_UTC, PromiseWorld, always


def later(_: Placement, at: datetime) -> datetime | None:
    return at + timedelta(hours=1)


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock) -> PromiseWorld:
    """The world, begun."""
    return await PromiseWorld(sessions, clock).begin()


async def test_the_lead_waits_for_the_promised_time(world: PromiseWorld) -> None:
    made = await world.promise(agent=world.agent, note="ask for the daughter")
    lead = await world.lead()
    assert (made.promised_at, made.zone, made.state) == (THREE_UTC, "Europe/Moscow", "open")
    assert (lead.state, lead.next_attempt_at, lead.waiting_reason) == (
        LeadState.WAITING,
        THREE_UTC,
        "callback",
    )
    assert lead.reserved_for == world.agent
    assert lead.lane == 2, "a lead that was never tried keeps to its lane"


async def test_a_new_promise_replaces_the_old_one_and_is_written_down(world: PromiseWorld) -> None:
    old = await world.promise(agent=world.agent)
    new = await world.promise(at=THREE + timedelta(hours=1))
    async with world.sessions() as session:
        rows = (await session.exec(select(Callback).order_by(col(Callback.id)))).all()
        audit = (await session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))).all()
    assert {row.id: row.state for row in rows} == {
        old.id: CallbackState.CANCELLED,
        new.id: CallbackState.OPEN,
    }
    assert [row.action for row in audit] == [
        "callback.promised",
        "callback.replaced",
        "callback.promised",
    ]
    assert (await world.lead()).reserved_for is None, "the new one is anybody's"


async def test_a_time_outside_the_hours_is_refused_with_the_next_one(world: PromiseWorld) -> None:
    with pytest.raises(CallbackTimeWrong) as refused:
        await world.promise(next_opening=later)
    assert refused.value.facts["next_allowed_at"] == "2026-11-23T13:00:00+00:00"
    with pytest.raises(CallbackTimeWrong):
        await world.promise(next_opening=lambda place, at: None)
    assert (await world.lead()).waiting_reason == "new", "nothing was stored"


async def test_nobody_elses_leads_and_agents(world: PromiseWorld) -> None:
    with pytest.raises(AgentNotFound):
        await world.promise(agent="Nobody")
    async with transaction(world.sessions) as session:
        with pytest.raises(NotFound):
            await promise(
                session,
                world.made.lead_ids[0],
                CallbackRequest(THREE, always),
                client_id=world.made.lead_ids[0],
                user_id=None,
                clock=world.clock,
            )


async def test_a_lead_in_a_dialers_hands_cannot_be_promised(world: PromiseWorld) -> None:
    async with transaction(world.sessions) as session:
        session.add(LeadClaim(lead_id=world.made.lead_ids[0], campaign_id=world.made.id))
    with pytest.raises(AboutToBeDialled):
        await world.promise()


async def test_a_done_lead_wakes_up(world: PromiseWorld) -> None:
    await world.change(state=LeadState.DONE, result="refused", next_attempt_at=None)
    await world.promise()
    lead = await world.lead()
    assert (lead.state, lead.result) == (LeadState.WAITING, None)


async def test_callbacks_are_claimed_when_due_one_for_each_free_agent(world: PromiseWorld) -> None:
    await world.promise(0, agent=world.agent, at=THREE + timedelta(minutes=1))
    await world.promise(1, agent=world.agent)
    await world.promise(2)
    assert await world.claim(world.agent) == [], "their time has not come"
    world.clock.advance(4 * 3600)
    assert [found.lead_id for found in await world.claim(limit=0)] == []
    shared = await world.claim()
    assert [found.lead_id for found in shared] == [world.made.lead_ids[2]]
    hers = await world.claim(world.agent)
    assert [(found.lead_id, found.reserved_for) for found in hers] == [
        (world.made.lead_ids[1], world.agent)
    ]
    assert all(found.promised and found.e164 in numbers(3) for found in shared + hers)
    again = await world.claim(world.agent)
    assert world.made.lead_ids[1] not in {found.lead_id for found in again}


async def test_the_hopper_says_that_a_call_was_promised(world: PromiseWorld) -> None:
    await world.promise()
    world.clock.advance(4 * 3600)
    async with transaction(world.sessions) as session:
        draw = hopper.Draw({2: 10}, [await make_place(session)], 10)
        claimed = await hopper.claim(session, world.made.id, draw, now=world.clock.now())
    assert {found.lead_id: found.promised for found in claimed} == {
        lead_id: number == 0 for number, lead_id in enumerate(world.made.lead_ids)
    }


async def test_a_dialled_lead_has_its_promise_kept(world: PromiseWorld) -> None:
    made = await world.promise()
    async with transaction(world.sessions) as session:
        await close_kept(session, world.made.lead_ids, THREE_UTC)
    async with world.sessions() as session:
        kept = await session.get_one(Callback, made.id)
    assert (kept.state, kept.closed_at) == (CallbackState.KEPT, THREE_UTC)


@pytest.mark.parametrize(
    ("away", "minutes", "released"),
    [("signed out", 16, 1), ("paused", 16, 1), ("signed out", 14, 0), ("", 60, 0)],
)
async def test_a_promise_whose_agent_is_away_becomes_anybodys(
    world: PromiseWorld, away: str, minutes: int, released: int
) -> None:
    await world.promise(agent=world.agent)
    async with transaction(world.sessions) as session:
        shift = await session.get_one(AgentSession, world.shift)
        if away == "signed out":
            shift.ended_at = world.clock.now()
        elif away:
            shift.wants = AgentState.PAUSED
    world.clock.advance(3 * 3600 + minutes * 60)
    assert await world.release() == released
    assert len(await world.claim()) == released
    assert await world.release() == 0


async def test_a_promise_taken_back_leaves_the_lead_to_anybody(world: PromiseWorld) -> None:
    made = await world.promise(agent=world.agent)
    by: dict[str, Any] = {"client_id": world.made.client_id, "user_id": None, "clock": world.clock}
    async with transaction(world.sessions) as session:
        await cancel(session, made.id, **by)
        with pytest.raises(CallbackNotFound):
            await cancel(session, made.id, **by)
    lead = await world.lead()
    assert (lead.reserved_for, lead.waiting_reason) == (None, "callback_cancelled")
    assert lead.next_attempt_at == THREE_UTC
