"""What the gate is told of a person: calls about the same thing, and the person's other numbers."""

from uuid import UUID

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.history import load_facts, other_numbers
from campaigns.leads.hopper import Candidate
from campaigns.leads.models import Attempt, Lead
from campaigns.lists.models import Phone
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
