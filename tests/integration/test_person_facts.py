"""What the gate is told of a person: calls about the same thing, and the person's other numbers."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.history import company_counts, load_facts, other_numbers
from campaigns.leads.hopper import Candidate
from campaigns.leads.models import SHORT_CALL, Attempt, Lead
from campaigns.lists.models import Phone
from compliance.rulebook.rules import Counted
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_campaign, numbers


async def _candidate(session: AsyncSession, lead_id: UUID, e164: str) -> Candidate:
    lead = await session.get_one(Lead, lead_id)
    return Candidate(lead.id, lead.contact_id, 0, 0, e164, lead.place_id, 2, "1", None, False)


@pytest.mark.parametrize(
    ("asked", "earlier", "same"),
    [
        ("", "", True),
        ("", "loans", True),
        ("loans", "", True),
        ("loans", "loans", True),
        ("loans", "cards", False),
    ],
)
async def test_a_call_about_nobody_knows_what_counts_as_one_about_the_same(
    sessions: SessionFactory, clock: FrozenClock, asked: str, earlier: str, same: bool
) -> None:
    """Else another campaign that names no subject would start a cap of law afresh."""
    (number,) = numbers(1)
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=[number], trunk={"simulated": False})
        other = await make_campaign(session, clock.now(), client_id=made.client_id)
        candidate = await _candidate(session, made.lead_ids[0], number)
        session.add(
            Attempt(
                client_id=made.client_id,
                campaign_id=made.id,
                lead_id=candidate.lead_id,
                contact_id=candidate.contact_id,
                e164=number,
                trunk_id=made.trunk_id,
                fence=0,
                number_in_lead=1,
                subject=earlier,
                started_at=clock.now(),
                ended_at=clock.now(),
                outcome=CallOutcome.BUSY,
            )
        )
    async with sessions() as session:
        facts = await load_facts(
            session,
            [candidate],
            campaign_id=other.id,
            client_id=made.client_id,
            clients=[made.client_id],
            subject=asked,
        )
    (past,) = facts[candidate.lead_id].history
    assert past.same_subject is same


async def test_the_other_numbers_of_a_person_are_those_not_known_as_dead(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    first, second = numbers(2)
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=[first, second])
        one = await _candidate(session, made.lead_ids[0], first)
        alone = await _candidate(session, made.lead_ids[1], second)
        known = select(Phone).where(col(Phone.contact_id) == one.contact_id)
        phone = (await session.exec(known)).one()
        for position, dead in ((1, True), (2, False), (3, False)):
            same = phone.model_dump(exclude={"id", "e164", "position", "invalid_at"})
            session.add(
                Phone(
                    **same,
                    e164=numbers(1, 10 + position)[0],
                    position=position,
                    invalid_at=clock.now() if dead else None,
                )
            )
    async with sessions() as session:
        assert await other_numbers(session, [one, alone]) == {one.lead_id: (2, 3)}


@pytest.mark.parametrize("simulated", [False, True])
async def test_short_calls_of_a_legal_entity_are_counted_from_their_index(
    sessions: SessionFactory, clock: FrozenClock, simulated: bool
) -> None:
    """Answered for six seconds at most, within 24 hours; simulated trunks reach nobody."""
    day, minute = timedelta(days=1), timedelta(minutes=1)
    calls: list[tuple[timedelta, float | None]] = [
        (minute, 6.0),
        (day - minute, 0.5),
        (day + minute, 3.0),
        (minute, 6.5),
        (minute, None),
    ]
    e164s = numbers(len(calls))
    async with transaction(sessions) as session:
        trunk = {"simulated": simulated}
        made = await make_campaign(session, clock.now(), leads=e164s, trunk=trunk)
        for n, (ago, talk_s) in enumerate(calls):
            candidate = await _candidate(session, made.lead_ids[n], e164s[n])
            began = clock.now() - ago
            ended = None if talk_s is None else began + timedelta(seconds=talk_s)
            session.add(
                Attempt(
                    client_id=made.client_id,
                    campaign_id=made.id,
                    lead_id=candidate.lead_id,
                    contact_id=candidate.contact_id,
                    e164=e164s[n],
                    trunk_id=made.trunk_id,
                    fence=0,
                    number_in_lead=1,
                    started_at=began,
                    answered_at=began,
                    ended_at=ended,
                    outcome=CallOutcome.CONNECTED if ended else None,
                )
            )
    async with sessions() as session:
        counts = await company_counts(session, [made.client_id], now=clock.now())
        assert counts == {Counted.SHORT_CALLS: 0 if simulated else 2}
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        sql = f"EXPLAIN SELECT FROM attempt WHERE client_id = :client AND {SHORT_CALL}"
        plan = await session.execute(text(sql), {"client": made.client_id})
        assert "ix_attempt_short" in "".join(plan.scalars())
