"""Ended calls and what their leads do next, as it is stored: numbers, times of day, ceilings."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from campaigns.leads import dispositions
from campaigns.leads.models import Attempt, Lead
from campaigns.leads.results import EndedCall, store_ends
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.states import LeadState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_campaign
from tests.people import enrol_list, make_list

OMSK = "Asia/Omsk"  # UTC+6: the frozen clock shows 15:00 there


class World:
    """One person in Omsk with two numbers, in a campaign with given settings."""

    def __init__(self, sessions: SessionFactory, clock: FrozenClock) -> None:
        """Remember where and when."""
        self.sessions, self.clock = sessions, clock
        self.settings = CampaignSettings()
        self.lead_id = self.trunk_id = UUID(int=0)

    async def begin(self, **settings: Any) -> None:
        """Make the rows."""
        self.settings = CampaignSettings.model_validate(settings)
        async with transaction(self.sessions) as session:
            made = await make_campaign(session, self.clock.now(), settings=settings)
            person = {"phones": 2, "zones": (OMSK,)}
            list_id = await make_list(session, made.client_id, self.clock.now(), [person])
            campaign = await session.get_one(Campaign, made.id)
            (lead,) = await enrol_list(session, campaign, list_id, self.clock)
            self.lead_id, self.trunk_id = lead.id, made.trunk_id

    async def dial(self, **facts: Any) -> UUID:
        """Open an attempt to the lead's next number, and return its id."""
        async with transaction(self.sessions) as session:
            lead = await session.get_one(Lead, self.lead_id)
            lead.state, lead.attempts_made = LeadState.DIALING, lead.attempts_made + 1
            attempt = Attempt(
                client_id=lead.client_id,
                campaign_id=lead.campaign_id,
                lead_id=lead.id,
                contact_id=lead.contact_id,
                e164=f"+7495200000{lead.phone_position}",
                trunk_id=self.trunk_id,
                fence=0,
                number_in_lead=lead.attempts_made,
                started_at=self.clock.now(),
                **facts,
            )
            session.add(attempt)
        return attempt.id

    async def end(self, attempt_id: UUID, outcome: CallOutcome) -> Lead:
        """End the call and return its lead."""
        async with transaction(self.sessions) as session:
            await store_ends(
                session,
                [EndedCall(attempt_id, outcome, self.clock.now())],
                settings=self.settings,
                retry_after_s={"callback": 3600},
                now=self.clock.now(),
            )
        async with self.sessions() as session:
            return await session.get_one(Lead, self.lead_id)


@pytest.fixture
def world(sessions: SessionFactory, clock: FrozenClock) -> World:
    """The world, not begun yet."""
    return World(sessions, clock)


async def test_attempts_move_through_the_parts_of_the_contacts_day(world: World) -> None:
    step = {"after_s": 600, "next": "other_day_part", "max_attempts": 9}
    await world.begin(retry={"no_answer": step}, max_attempts=9)
    hours = []
    for _ in range(5):
        lead = await world.end(await world.dial(), CallOutcome.NO_ANSWER)
        due = lead.next_attempt_at
        assert due is not None
        hours.append((due.day, due.hour + 6))  # in Omsk
        world.clock.advance((due - world.clock.now()).total_seconds())
    # The first was at 15:00: then evening, the next day's morning and noon; the fifth may be any.
    assert hours == [(23, 18), (24, 9), (24, 12), (24, 12), (24, 15)]


async def test_steps_count_the_leads_attempts_and_go_round_its_numbers(world: World) -> None:
    steps = [{"after_s": 60, "next": "next_number"}, {"after_s": 120, "next": "same_number"}]
    await world.begin(retry={"busy": {"steps": [*steps, {"next": "final"}]}})
    first = await world.end(await world.dial(), CallOutcome.BUSY)
    assert (first.next_attempt_at, first.phone_position, first.lane and first.lane % 2) == (
        world.clock.now() + timedelta(seconds=60),
        1,
        1,
    )
    second = await world.end(await world.dial(), CallOutcome.BUSY)
    assert (second.next_attempt_at, second.phone_position) == (
        world.clock.now() + timedelta(seconds=120),
        1,
    )
    last = await world.end(await world.dial(), CallOutcome.BUSY)
    assert (last.state, last.result) == (LeadState.DONE, "busy")


@pytest.mark.parametrize("early", [True, False], ids=["while they talk", "in wrap-up"])
async def test_a_disposition_has_its_own_rule(world: World, early: bool) -> None:
    growing = {"after_s": 100, "factor": 3, "max_attempts": 4}
    await world.begin(retry_dispositions={"callback": growing})
    delays = []
    for _ in range(3):
        attempt_id = await world.dial(connected_at=world.clock.now())
        if not early:
            await world.end(attempt_id, CallOutcome.CONNECTED)
        async with transaction(world.sessions) as session:
            client_id = (await session.get_one(Attempt, attempt_id)).client_id
            await dispositions.record(
                session, attempt_id, "callback", client_id=client_id, clock=world.clock
            )
        lead = await world.end(attempt_id, CallOutcome.CONNECTED)
        assert lead.next_attempt_at is not None
        delays.append((lead.next_attempt_at - world.clock.now()).total_seconds())
    assert delays == [100, 300, 900]


async def test_a_late_disposition_replaces_the_result(world: World) -> None:
    await world.begin()
    attempt_id = await world.dial(connected_at=world.clock.now())
    await world.end(attempt_id, CallOutcome.CONNECTED)
    async with transaction(world.sessions) as session:
        assert await dispositions.close_undisposed(session, [attempt_id])
        assert not await dispositions.close_undisposed(session, [attempt_id])
    async with transaction(world.sessions) as session:
        attempt = await session.get_one(Attempt, attempt_id)
        await dispositions.record(
            session, attempt_id, "sale", client_id=attempt.client_id, clock=world.clock
        )
    async with world.sessions() as session:
        assert (await session.get_one(Lead, world.lead_id)).result == "sale"
