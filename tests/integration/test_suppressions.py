"""Suppressions: what they store, whom they reach, and the calls they cancel (invariant 6)."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from campaigns.errors import CampaignNotFound
from campaigns.law import suppressions
from campaigns.law.suppressions import (
    MOST_AT_ONCE,
    Suppressed,
    SuppressionNotFound,
    TooManyNumbers,
    in_parts,
    lift,
    suppress,
)
from campaigns.leads.history import load_facts
from campaigns.leads.hopper import Candidate
from campaigns.leads.models import Attempt, Lead
from campaigns.tenancy.models import AuditEntry, Client
from compliance.models import Suppression
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid
from tests.factories import make_campaign, make_client, numbers
from tests.world import until

CLOCK = SystemClock()


async def _suppress(
    sessions: SessionFactory, client_id: UUID, e164s: list[str], **facts: Any
) -> Suppressed:
    given = {"reason": "do_not_call", "source": "test", "user_id": None, "clock": CLOCK}
    async with transaction(sessions) as session:
        return await suppress(session, client_id=client_id, e164s=e164s, **(given | facts))


async def _stored(sessions: SessionFactory, client_id: UUID) -> list[Suppression]:
    async with sessions() as session:
        mine = select(Suppression).where(col(Suppression.client_id) == client_id)
        return list((await session.exec(mine.order_by(col(Suppression.e164)))).all())


async def _trace(sessions: SessionFactory, client_id: UUID) -> list[AuditEntry]:
    async with sessions() as session:
        mine = select(AuditEntry).where(col(AuditEntry.client_id) == client_id)
        return list((await session.exec(mine.order_by(col(AuditEntry.id)))).all())


async def test_a_number_is_stored_once_and_traced_without_itself(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        client_id = (await make_client(session, clock.now())).id
    first, second = numbers(2)
    assert (await _suppress(sessions, client_id, [first, first])).added == 1
    assert (await _suppress(sessions, client_id, [first, second])).added == 1
    assert (await _suppress(sessions, client_id, [first, second])).added == 0
    rows = await _stored(sessions, client_id)
    assert [(row.e164, row.source) for row in rows] == [(first, "test"), (second, "test")]
    entries = await _trace(sessions, client_id)
    assert [entry.action for entry in entries] == ["suppression.added"] * 2
    assert first not in str([entry.facts for entry in entries])


async def test_a_campaigns_suppression_is_its_own(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    (number,) = numbers(1)
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now())
        stranger = await make_client(session, clock.now())
    both = [await _suppress(sessions, made.client_id, [number], campaign_id=made.id)]
    both.append(await _suppress(sessions, made.client_id, [number]))
    assert [done.added for done in both] == [1, 1]
    with pytest.raises(CampaignNotFound):
        await _suppress(sessions, stranger.id, [number], campaign_id=made.id)
    assert await _stored(sessions, stranger.id) == []


async def test_more_numbers_than_locks_are_sent_in_parts(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        client_id = (await make_client(session, clock.now())).id
    many = numbers(MOST_AT_ONCE + 1)
    with pytest.raises(TooManyNumbers):
        await _suppress(sessions, client_id, many)
    added = [(await _suppress(sessions, client_id, part)).added for part in in_parts(many)]
    assert added == [MOST_AT_ONCE, 1]


async def test_lifting_needs_a_reason_and_leaves_a_trace(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        client_id = (await make_client(session, clock.now())).id
        other_id = (await make_client(session, clock.now())).id
    (number,) = numbers(1)
    await _suppress(sessions, client_id, [number])
    (row,) = await _stored(sessions, client_id)
    who: dict[str, Any] = {"user_id": None, "clock": clock}
    for client, reason, error in (
        (client_id, "  ", Invalid),
        (other_id, "wrong number", SuppressionNotFound),
    ):
        with pytest.raises(error):
            async with transaction(sessions) as session:
                await lift(session, row.id, client_id=client, reason=reason, **who)
    async with transaction(sessions) as session:
        await lift(session, row.id, client_id=client_id, reason="a typing error", **who)
    assert await _stored(sessions, client_id) == []
    entry = (await _trace(sessions, client_id))[-1]
    assert (entry.action, entry.facts["reason"]) == ("suppression.lifted", "a typing error")
    assert number not in str(entry.facts)


async def test_a_call_that_is_being_opened_is_seen(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    """Whoever suppresses waits for the transaction that opens an attempt to this number."""
    (number,) = numbers(1)
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=[number])
    async with sessions() as opening:
        await opening.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(number[1:])})
        task = asyncio.create_task(_suppress(sessions, made.client_id, [number]))
        await until(lambda: _waits_for_a_lock(sessions), "the suppression waits")
        await opening.execute(
            text(
                "INSERT INTO attempt (id, client_id, campaign_id, lead_id, contact_id, e164,"
                " trunk_id, fence, number_in_lead, decision, subject, reserved_agent, started_at)"
                " SELECT uuidv7(), l.client_id, l.campaign_id, l.id, l.contact_id, :e164, :trunk,"
                " 0, 1, '{}', '', false, now() FROM lead l WHERE l.id = :lead"
            ),
            {"e164": number, "trunk": made.trunk_id, "lead": made.lead_ids[0]},
        )
        await opening.commit()
    done = await task
    assert [call.campaign_id for call in done.live_calls] == [made.id]


async def _waits_for_a_lock(sessions: SessionFactory) -> bool:
    async with sessions() as session:
        sql = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool((await session.execute(sql)).scalar_one())


async def test_suppressions_are_found_by_number(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        client_id = (await make_client(session, clock.now())).id
    first, second = numbers(2)
    await _suppress(sessions, client_id, [first, second])
    async with sessions() as session:
        every = await suppressions.find(session, client_id=client_id)
        one = await suppressions.find(session, client_id=client_id, e164=second)
        none = await suppressions.suppressed_among(session, [client_id])
    assert (len(every), [row.e164 for row in one], none) == (2, [second], set())


async def test_what_a_person_tells_one_client_binds_the_whole_legal_entity(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    """A live call of the sister is cancelled, and its gate is told; a stranger's is left alone."""
    (number,) = numbers(1)
    async with transaction(sessions) as session:
        told = await make_client(session, clock.now())
        sister = await make_campaign(session, clock.now(), leads=[number])
        stranger = await make_campaign(session, clock.now(), leads=[number])
        told.legal_entity = "Acme Holding"
        (await session.get_one(Client, sister.client_id)).legal_entity = "Acme Holding"
    ids: dict[UUID, UUID] = {}
    for made in (sister, stranger):
        async with transaction(sessions) as session:
            lead = await session.get_one(Lead, made.lead_ids[0])
            ended_at = None if made is sister else clock.now()
            attempt = Attempt(
                client_id=made.client_id,
                campaign_id=made.id,
                lead_id=lead.id,
                contact_id=lead.contact_id,
                e164=number,
                trunk_id=made.trunk_id,
                fence=0,
                number_in_lead=1,
                started_at=clock.now(),
                ended_at=ended_at,
                outcome=CallOutcome.BUSY if ended_at else None,
            )
            session.add(attempt)
            ids[made.id] = attempt.id
    done = await _suppress(sessions, told.id, [number])
    assert [call.attempt_id for call in done.live_calls] == [ids[sister.id]]
    async with sessions() as session:
        among = await suppressions.suppressed_among(session, ids.values())
        assert among == {ids[sister.id]}
        for made, clients in ((sister, (told.id, sister.client_id)), (stranger, ())):
            lead = await session.get_one(Lead, made.lead_ids[0])
            asked = Candidate(
                lead.id, lead.contact_id, 0, 0, number, lead.place_id, 2, "1", None, False
            )
            facts = await load_facts(
                session,
                [asked],
                campaign_id=made.id,
                client_id=made.client_id,
                clients=clients,
                subject="",
            )
            assert facts[lead.id].suppressed is (made is sister)
