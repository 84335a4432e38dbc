"""Calls to a number that is suppressed meanwhile: what rings is cancelled, what talks goes on."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.suppressions import LiveCall, Suppressed, cancel_ringing, suppress
from campaigns.leads import dispositions
from campaigns.leads.models import Attempt, Lead
from campaigns.lists.models import Phone
from campaigns.models import Disposition
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.hall import Manners, Place, asterisk, customers, see_silence, see_talks
from tests.world import until
from workers.dialing.staff import Staff

CLOCK = SystemClock()


async def _suppress(
    sessions: SessionFactory, client_id: UUID, e164s: list[str], **facts: Any
) -> Suppressed:
    given = {"reason": "do_not_call", "source": "test", "user_id": None, "clock": CLOCK}
    async with transaction(sessions) as session:
        return await suppress(session, client_id=client_id, e164s=e164s, **(given | facts))


async def _rings(place: Place, made: MadeCampaign, sim: Any) -> None:
    async def ringing() -> bool:
        sql = "SELECT count(*) FROM attempt WHERE campaign_id = :c AND ended_at IS NULL"
        return bool(await place.books(made).scalar(sql)) and bool(customers(sim, "Ringing"))

    await until(ringing, "the customer's telephone rings")


async def _sees_nothing(_staff: Staff, _session: AsyncSession) -> set[UUID]:
    return set()


@pytest.mark.parametrize("told", [True, False], ids=["told", "message lost"])
async def test_a_ringing_call_is_cancelled_at_once(
    place: Place, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either way is enough alone: the message, or the runner's look at the database each second."""
    if told:
        monkeypatch.setattr(Staff, "_suppressed", _sees_nothing)
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


async def test_calls_that_are_just_being_sent_are_cancelled_too(place: Place) -> None:
    """However far a dial has come when its number is suppressed: nobody's telephone goes on ringing."""
    settings = {"retry": {}, "ring_timeout_s": 60, "mode": "power", "dial_ratio": 5}
    made = await place.campaign(20, 4, settings=settings)
    books = place.books(made)
    async with asterisk(Manners("t-no_answer")) as (sim, _book), place.worker(sim):

        async def dialled() -> bool:
            return bool(await books.scalar("SELECT count(*) FROM attempt WHERE campaign_id = :c"))

        await until(dialled, "the first attempts are stored")
        for number in numbers(20):
            done = await _suppress(place.sessions, made.client_id, [number])
            await cancel_ringing(place.redis, done.live_calls)
        await see_silence(sim)
        await until(books.is_finished, "the campaign is finished")
    assert set(await books.outcomes()) <= {"cancelled", "not_sent"}
    assert set(await books.leads()) <= {"done:suppressed", "done:cancelled", "done:not_sent"}


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
    again = await _suppress(sessions, talks.client_id, [home, work])
    assert again.added == 0


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
