"""Suppressions: what they store, whom they reach, and the calls they cancel (invariant 6)."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import CampaignNotFound
from campaigns.law import suppressions
from campaigns.law.suppressions import (
    MOST_AT_ONCE,
    LiveCall,
    Suppressed,
    SuppressionNotFound,
    TooManyNumbers,
    cancel_ringing,
    in_parts,
    lift,
    suppress,
)
from campaigns.leads import dispositions
from campaigns.leads.models import Attempt, Lead
from campaigns.lists.models import Phone
from campaigns.models import Disposition
from campaigns.tenancy.models import AuditEntry
from compliance.models import Suppression
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid
from tests.factories import MadeCampaign, make_campaign, make_client, numbers
from tests.hall import Manners, Place, asterisk, customers, see_silence, see_talks
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


async def _rings(place: Place, made: MadeCampaign, sim: Any) -> None:
    async def ringing() -> bool:
        sql = "SELECT count(*) FROM attempt WHERE campaign_id = :c AND ended_at IS NULL"
        return bool(await place.books(made).scalar(sql)) and bool(customers(sim, "Ringing"))

    await until(ringing, "the customer's telephone rings")


@pytest.mark.parametrize("told", [True, False], ids=["told", "message lost"])
async def test_a_ringing_call_is_cancelled_at_once(place: Place, told: bool) -> None:
    """Also when another campaign or Redis lost the message: the runner looks each second."""
    (number,) = numbers(1)
    settings = {"retry": {"cancelled": {"after_s": 0}}, "ring_timeout_s": 60}
    made = await place.campaign(1, 1, settings=settings)
    books = place.books(made)
    async with asterisk(Manners("t-no_answer")) as (sim, book), place.worker(sim):
        await _rings(place, made, sim)
        done = await _suppress(place.sessions, made.client_id, [number])
        assert len(done.live_calls) == 1
        if told:
            assert await cancel_ringing(place.redis, done.live_calls)
        await see_silence(sim)
        await until(books.is_finished, "the campaign is finished")
        assert book.dialled[number] == 1
    assert await books.outcomes() == {"cancelled": 1}
    assert await books.leads() == {"done:suppressed": 1}


async def test_an_answered_call_goes_on(place: Place) -> None:
    """The person is on the line: the agent ends the call, not the list."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0})
    async with asterisk(Manners("t-answer-r20")) as (sim, _book), place.worker(sim):
        (talker,) = await see_talks(sim, 1)
        done = await _suppress(place.sessions, made.client_id, numbers(1))
        # An unknown call and a known one: the first is looked for, the second is left alone.
        unknown = replace(done.live_calls[0], attempt_id=made.id)
        assert await cancel_ringing(place.redis, [unknown, *done.live_calls])

        async def read() -> bool:
            cursor = await place.redis.get(f"outdial:commands:{made.id}:cursor")
            return cursor is not None

        await until(read, "the runner has read the message")
        assert [c.id for c in customers(sim, "Up")] == [talker.id]
        sim.hang_up(talker.id)
        await until(place.books(made).is_finished, "the campaign is finished")
    assert await place.books(made).outcomes() == {"connected": 1}


async def test_a_suppression_of_one_campaign_leaves_the_others_call(place: Place) -> None:
    (number,) = numbers(1)
    made = await place.campaign(1, 1, settings={"ring_timeout_s": 60})
    async with transaction(place.sessions) as session:
        other = await make_campaign(session, CLOCK.now(), client_id=None, leads=numbers(1, 50))
    async with asterisk(Manners("t-no_answer")) as (sim, _book), place.worker(sim):
        await _rings(place, made, sim)
        stranger = await _suppress(place.sessions, other.client_id, [number])
        assert stranger.live_calls == ()
        assert customers(sim, "Ringing")
        done = await _suppress(place.sessions, made.client_id, [number], campaign_id=made.id)
        await cancel_ringing(place.redis, done.live_calls)
        await see_silence(sim)


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


async def test_a_disposition_reaches_the_persons_other_number_in_another_campaign(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    """The call in hand goes on; the one that rings elsewhere is to be cancelled."""
    home, work = numbers(2)
    async with transaction(sessions) as session:
        talks = await make_campaign(session, clock.now(), leads=[home])
        rings = await make_campaign(session, clock.now(), leads=[work], client_id=talks.client_id)
        session.add(
            Disposition(
                client_id=talks.client_id,
                campaign_id=talks.id,
                code="do_not_call",
                label="No",
                suppresses=True,
            )
        )
        in_hand = await _live(session, talks, home, connected_at=clock.now())
        ringing = await _live(session, rings, work)
        place_id = (await session.get_one(Lead, talks.lead_ids[0])).place_id
        session.add(
            Phone(
                client_id=talks.client_id,
                contact_id=in_hand.contact_id,
                position=1,
                e164=work,
                region="RU",
                place_id=place_id,
            )
        )
    async with transaction(sessions) as session:
        done = await dispositions.record(
            session, in_hand.id, "do_not_call", client_id=talks.client_id, clock=clock
        )
    assert done.ringing == (LiveCall(rings.id, ringing.id),)
    assert [row.source for row in await _stored(sessions, talks.client_id)] == ["agent"] * 2


async def _live(session: AsyncSession, made: MadeCampaign, e164: str, **facts: Any) -> Attempt:
    lead = await session.get_one(Lead, made.lead_ids[0])
    attempt = Attempt(
        client_id=made.client_id,
        campaign_id=made.id,
        lead_id=lead.id,
        contact_id=lead.contact_id,
        e164=e164,
        trunk_id=made.trunk_id,
        fence=0,
        number_in_lead=1,
        started_at=CLOCK.now(),
        **facts,
    )
    session.add(attempt)
    await session.flush()
    return attempt
