"""What a disposition needs, and how far an opt-out reaches."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from campaigns.leads import dispositions
from campaigns.leads.models import Attempt, Lead
from campaigns.lists.models import Phone
from campaigns.models import Disposition
from campaigns.states import LeadState
from compliance.models import Suppression
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Conflict
from tests.factories import MadeCampaign, make_campaign, numbers


async def _attempt(
    sessions: SessionFactory, clock: FrozenClock, **facts: object
) -> tuple[MadeCampaign, Attempt]:
    first, second = numbers(2)
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=[first])
        lead = await session.get_one(Lead, made.lead_ids[0])
        contact_id = lead.contact_id
        owner: dict[str, Any] = {"client_id": made.client_id}
        session.add(
            Phone(**owner, contact_id=contact_id, position=1, e164=second, region="RU", place_id=1)
        )
        session.add(
            Disposition(
                **owner, campaign_id=made.id, code="do_not_call", label="No", suppresses=True
            )
        )
        attempt = Attempt(
            **owner,
            campaign_id=made.id,
            lead_id=lead.id,
            contact_id=contact_id,
            e164=first,
            trunk_id=made.trunk_id,
            fence=0,
            number_in_lead=1,
            started_at=clock.now() - timedelta(seconds=20),
        )
        for name, value in facts.items():
            setattr(attempt, name, value)
        session.add(attempt)
    return made, attempt


async def _record(
    sessions: SessionFactory, clock: FrozenClock, made: MadeCampaign, attempt: Attempt, code: str
) -> None:
    async with transaction(sessions) as session:
        await dispositions.record(session, attempt.id, code, client_id=made.client_id, clock=clock)


@pytest.mark.parametrize(
    ("over", "sentence"), [(False, "not connected yet"), (True, "Nobody talked")]
)
async def test_a_call_without_a_conversation_has_no_disposition(
    sessions: SessionFactory, clock: FrozenClock, over: bool, sentence: str
) -> None:
    ended = {"ended_at": clock.now(), "outcome": CallOutcome.BUSY} if over else {}
    made, attempt = await _attempt(sessions, clock, **ended)
    with pytest.raises(Conflict, match=sentence):
        await _record(sessions, clock, made, attempt, "sale")
    async with sessions() as session:
        assert (await session.get_one(Attempt, attempt.id)).disposition is None


async def test_an_opt_out_covers_every_number_of_the_person(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    first, second = numbers(2)
    made, attempt = await _attempt(sessions, clock, connected_at=clock.now())
    async with transaction(sessions) as session:  # an earlier opt-out is no obstacle
        session.add(Suppression(client_id=made.client_id, e164=first, added_at=clock.now()))
    await _record(sessions, clock, made, attempt, "do_not_call")
    async with sessions() as session:
        mine = select(Suppression.e164).where(col(Suppression.client_id) == made.client_id)
        assert sorted(await session.exec(mine)) == [first, second]


async def test_a_call_that_was_read_before_is_taken_as_it_is_now(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    """A route asks first whose call it is: what happens until it is locked must be seen."""
    made, attempt = await _attempt(sessions, clock, connected_at=clock.now())
    owner: dict[str, Any] = {"client_id": made.client_id, "clock": clock}
    async with transaction(sessions) as session:
        await session.execute(update(Lead).values(state=LeadState.DIALING))
    async with transaction(sessions) as session:
        read = await session.get_one(Attempt, attempt.id)  # held, as a route holds it
        async with transaction(sessions) as other:
            row = await other.get_one(Attempt, attempt.id)
            row.ended_at, row.outcome = clock.now(), CallOutcome.CONNECTED
        await dispositions.record(session, attempt.id, "sale", **owner)
        assert read.ended_at == clock.now()
    async with sessions() as session:
        lead = await session.get_one(Lead, made.lead_ids[0])
        assert (lead.state, lead.result) == (LeadState.DONE, "sale"), "its call was over"


async def test_who_read_a_call_before_it_was_disposed_comes_too_late(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    made, attempt = await _attempt(sessions, clock, connected_at=clock.now())
    async with sessions() as session:
        read = await session.get_one(Attempt, attempt.id)
        await _record(sessions, clock, made, attempt, "refused")
        with pytest.raises(dispositions.AlreadyDisposed):
            await dispositions.record(
                session, attempt.id, "sale", client_id=made.client_id, clock=clock
            )
        assert read.disposition == "refused"
