"""Caller IDs, pools and clients' limits: what is stored, and the trace each change leaves."""

from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import caller_ids, lifecycle
from campaigns.caller_ids import CallerIdWish
from campaigns.errors import CallerIdNotFound
from campaigns.leads.caller_pool import load_pool
from campaigns.leads.models import Lead
from campaigns.models import Campaign
from campaigns.tenancy.limits import ClientWish, change_client
from campaigns.tenancy.models import AuditEntry
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_campaign, numbers

SHOWN = "+74952999999"


async def _actions(session: AsyncSession) -> dict[str, dict[str, object]]:
    rows = await session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))
    return {row.action: row.facts for row in rows}


async def _refused(sessions: SessionFactory, clock: FrozenClock) -> MadeCampaign:
    """A campaign whose only lead waits until a person acts."""
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=numbers(1))
        lead = await session.get_one(Lead, made.lead_ids[0])
        lead.next_attempt_at, lead.waiting_reason = None, "caller_id_denied"
    return made


async def _is_due(sessions: SessionFactory, made: MadeCampaign) -> bool:
    async with sessions() as session:
        return (await session.get_one(Lead, made.lead_ids[0])).next_attempt_at is not None


async def test_a_pool_is_set_asked_about_and_traced(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    made = await _refused(sessions, clock)
    mine: dict[str, Any] = {"client_id": made.client_id, "by": None, "clock": clock}
    async with transaction(sessions) as session:
        wish = CallerIdWish(region="RU", daily_cap=5)
        await caller_ids.save_caller_id(session, SHOWN, wish, **mine)
        await caller_ids.set_pool(session, made.id, [SHOWN, SHOWN], **mine)
    async with sessions() as session:
        pool = await load_pool(session, await session.get_one(Campaign, made.id))
        traced = await _actions(session)
    assert [row.daily_cap for row in pool.rows if row.e164 == SHOWN] == [5]
    assert traced["caller_id.saved"] == {"region": "RU", "daily_cap": 5}
    assert len(traced["campaign.caller_ids_set"]["caller_ids"]) == 1  # type: ignore[arg-type]
    assert SHOWN not in str(traced)
    assert await _is_due(sessions, made)
    with pytest.raises(CallerIdNotFound):
        async with transaction(sessions) as session:
            await caller_ids.set_pool(session, made.id, ["+74952999998"], **mine)


async def test_only_a_change_the_gate_looks_at_asks_it_again(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    made = await _refused(sessions, clock)
    for settings, is_due in (({"wrap_up_s": 7}, False), ({"max_attempts": 7}, True)):
        async with transaction(sessions) as session:
            await lifecycle.update(
                session,
                made.id,
                client_id=made.client_id,
                clock=clock,
                by=None,
                settings=settings,
            )
        assert await _is_due(sessions, made) is is_due


async def test_a_clients_limits_are_traced_once(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    made = await _refused(sessions, clock)
    wish = ClientWish("Alfa LLC", ["RU"], None)
    for _ in range(2):
        async with transaction(sessions) as session:
            await change_client(session, made.client_id, wish, by=None, clock=clock)
    async with sessions() as session:
        rows = await session.exec(
            select(AuditEntry).where(col(AuditEntry.action) == "client.changed")
        )
        (entry,) = rows.all()
    assert entry.facts["allowed_countries"] == {"from": [], "to": ["RU"]}
    assert "allowed_number_types" not in entry.facts
