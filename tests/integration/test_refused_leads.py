"""Leads that the gate refused come back, and hours cannot be taken from a campaign under way."""

from typing import Any

import pytest
from sqlmodel import col, select

from campaigns import lifecycle
from campaigns.errors import NoHours
from campaigns.leads.models import Lead
from campaigns.models import Campaign, Trunk
from campaigns.states import CampaignState, LeadState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_campaign, make_trunk, numbers

S = CampaignState
REFUSED = ("no_hours", "outside_window", "zone_unknown", "daily_cap", "suppression_unknown")
PEOPLE: dict[str, Any] = {"trunk": {"simulated": False}}


async def _waiting(sessions: SessionFactory, clock: FrozenClock, state: S) -> MadeCampaign:
    """A campaign with a lead for every refusal, one for a retry, and a finished one."""
    reasons = (*REFUSED, "retry_busy", "no_hours")
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=numbers(len(reasons)), state=state)
        for lead_id, reason in zip(made.lead_ids, reasons, strict=True):
            lead = await session.get_one(Lead, lead_id)
            lead.waiting_reason, lead.next_attempt_at = reason, None
        lead.state, lead.result = LeadState.DONE, "sale"
    return made


async def _due(sessions: SessionFactory, made: MadeCampaign, clock: FrozenClock) -> set[str]:
    async with sessions() as session:
        due = select(Lead.waiting_reason).where(
            col(Lead.campaign_id) == made.id, col(Lead.next_attempt_at) <= clock.now()
        )
        return set(await session.exec(due))


@pytest.mark.parametrize(
    ("state", "action"), [(S.STOPPED, "start"), (S.PAUSED, "resume"), (S.RUNNING, "update")]
)
async def test_refused_leads_are_due_again_and_no_others(
    sessions: SessionFactory, clock: FrozenClock, state: S, action: str
) -> None:
    made = await _waiting(sessions, clock, state)
    other = await _waiting(sessions, clock, state)
    more: dict[str, Any] = {"settings": {"max_attempts": 9}} if action == "update" else {}
    async with transaction(sessions) as session:
        await getattr(lifecycle, action)(
            session, made.id, client_id=made.client_id, clock=clock, by=None, **more
        )
    assert await _due(sessions, made, clock) == set(REFUSED)
    assert await _due(sessions, other, clock) == set()
    async with sessions() as session:
        done = await session.get_one(Lead, made.lead_ids[-1])
    assert done.next_attempt_at is None


@pytest.mark.parametrize("state", [S.RUNNING, S.PAUSED])
@pytest.mark.parametrize("hours", [None, {}])
async def test_hours_cannot_be_taken_from_a_campaign_under_way(
    sessions: SessionFactory, clock: FrozenClock, state: S, hours: dict[str, Any] | None
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), state=state, **PEOPLE)
    with pytest.raises(NoHours, match="stop it first"):
        async with transaction(sessions) as session:
            await _change(session, made, clock, settings={"hours": hours})
    async with sessions() as session:
        assert (await session.get_one(Campaign, made.id)).settings["hours"]


async def test_a_trunk_to_people_cannot_be_given_to_a_running_campaign_without_hours(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), settings={"hours": None})
        real: Trunk = await make_trunk(session, simulated=False)
        await _change(session, made, clock, settings={"hours": None})  # nobody lives there
    with pytest.raises(NoHours):
        async with transaction(sessions) as session:
            await _change(session, made, clock, trunk=real.name)


async def test_a_draft_may_be_without_hours(sessions: SessionFactory, clock: FrozenClock) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), state=S.DRAFT, **PEOPLE)
        campaign = await _change(session, made, clock, settings={"hours": None})
    assert campaign.settings["hours"] is None


async def _change(session: Any, made: MadeCampaign, clock: FrozenClock, **what: Any) -> Campaign:
    return await lifecycle.update(
        session, made.id, client_id=made.client_id, clock=clock, by=None, **what
    )
