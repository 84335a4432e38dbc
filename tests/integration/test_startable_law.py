"""A start needs a purpose, and the lists the law asks for, fresh enough to be believed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from campaigns import lifecycle
from campaigns.errors import (
    DncNotFresh,
    NoAbandonMessage,
    NoMachineMessage,
    NoOptOutKey,
    NoPurpose,
)
from campaigns.law.list_sources import ListTerms
from campaigns.leads.models import Lead
from campaigns.models import Campaign
from campaigns.states import CampaignState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_campaign, make_client, make_place, numbers
from tests.integration.dnc_world import CODE, Shelves

DAY = timedelta(days=1)


@pytest.fixture
async def shelves(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> Shelves:
    async with transaction(sessions) as session:
        client_id = (await make_client(session, clock.now())).id
    return Shelves(sessions, clock, client_id, tmp_path)


async def _campaign(shelves: Shelves, **settings: Any) -> MadeCampaign:
    """Return a draft that sells to New York over a real trunk."""
    async with transaction(shelves.sessions) as session:
        place_id = await make_place(session, ["America/New_York"], ["US", "US-NY"])
        made = await make_campaign(
            session,
            shelves.clock.now(),
            leads=numbers(1),
            settings={"purpose": "sales"} | settings,
            trunk={"simulated": False},
            state=CampaignState.DRAFT,
            client_id=shelves.client_id,
        )
        (await session.get_one(Lead, made.lead_ids[0])).place_id = place_id
    return made


async def _start(shelves: Shelves, made: MadeCampaign) -> Campaign:
    async with transaction(shelves.sessions) as session:
        how: dict[str, Any] = {"client_id": made.client_id, "clock": shelves.clock, "by": None}
        return (await lifecycle.start(session, made.id, **how)).campaign


async def test_a_campaign_without_a_purpose_does_not_start(shelves: Shelves) -> None:
    made = await _campaign(shelves, purpose=None)
    with pytest.raises(NoPurpose):
        await _start(shelves, made)


async def test_a_campaign_starts_when_the_lists_the_law_asks_for_are_fresh(
    shelves: Shelves,
) -> None:
    made, now = await _campaign(shelves), shelves.clock.now()
    with pytest.raises(DncNotFresh) as refused:
        await _start(shelves, made)
    demanded = refused.value.facts["lists"]
    assert isinstance(demanded, list)
    assert CODE in demanded
    for code in demanded:
        age = 32 * DAY if code == CODE else DAY
        await shelves.load("212,5551234\n", now - age, code=code)
    with pytest.raises(DncNotFresh, match=f"{CODE} is 32 days old, at most 31") as refused:
        await _start(shelves, made)
    assert refused.value.facts["lists"] == [CODE]
    await shelves.load("212,5551234\n", now - DAY)
    assert (await _start(shelves, made)).state is CampaignState.RUNNING


async def test_where_the_law_asks_for_it_people_without_an_agent_can_opt_out(
    shelves: Shelves,
) -> None:
    """The US ask it of sales: a message, with a key; a survey may do without the key."""
    with pytest.raises(NoOptOutKey, match="opt_out_key"):
        await _start(shelves, await _campaign(shelves, opt_out_key=""))
    with pytest.raises(NoAbandonMessage, match="abandon_message") as refused:
        await _start(shelves, await _campaign(shelves, abandon_message=False))
    assert "seller name" in refused.value.facts["must_state"]  # type: ignore[operator]
    survey = await _campaign(shelves, purpose="survey", opt_out_key="", abandon_message=False)
    assert (await _start(shelves, survey)).state is CampaignState.RUNNING


async def test_a_campaign_under_way_keeps_what_the_law_asks_for(shelves: Shelves) -> None:
    made = await _campaign(shelves, purpose="survey")
    await _start(shelves, made)
    how: dict[str, Any] = {"client_id": made.client_id, "clock": shelves.clock, "by": None}
    change = {"purpose": "sales", "opt_out_key": ""}
    async with shelves.sessions() as session:
        with pytest.raises(NoOptOutKey):
            await lifecycle.update(session, made.id, settings=change, **how)
    async with transaction(shelves.sessions) as session:
        kept = await lifecycle.update(session, made.id, settings={"opt_out_key": "#"}, **how)
    assert kept.settings["opt_out_key"] == "#"


async def test_an_own_list_that_is_too_old_blocks_too(shelves: Shelves) -> None:
    made = await _campaign(shelves, purpose="survey")
    terms = ListTerms(max_age_days=5, always_applies=True)
    await shelves.load("212,5551234\n", shelves.clock.now() - 6 * DAY, code="OWN", terms=terms)
    with pytest.raises(DncNotFresh, match="OWN is 6 days old"):
        await _start(shelves, made)


async def test_an_own_copy_of_a_list_does_not_stand_in_for_everybodys(shelves: Shelves) -> None:
    """The gate asks both: with either too old it would refuse every call."""
    made, now = await _campaign(shelves), shelves.clock.now()
    with pytest.raises(DncNotFresh) as refused:
        await _start(shelves, made)
    demanded = refused.value.facts["lists"]
    assert isinstance(demanded, list)
    for code in demanded:
        await shelves.load("212,5551234\n", now - DAY, code=code)
    await shelves.load("212,5551234\n", now - 40 * DAY, everybody=True)
    too_old = r"US-NATIONAL \(everybody's\) is 40 days old, at most 31"
    with pytest.raises(DncNotFresh, match=too_old) as refused:
        await _start(shelves, made)
    assert refused.value.facts["lists"] == [CODE]
    assert "own" not in refused.value.detail
    await shelves.load("212,5551234\n", now - DAY, everybody=True)
    assert (await _start(shelves, made)).state is CampaignState.RUNNING


async def test_an_own_list_that_always_applies_has_everybodys_of_its_code_checked_too(
    shelves: Shelves,
) -> None:
    made, now = await _campaign(shelves, purpose="survey"), shelves.clock.now()
    terms = ListTerms(always_applies=True)
    await shelves.load("212,5551234\n", now - DAY, code="OWN", terms=terms)
    dated = ListTerms(max_age_days=5)
    await shelves.load("212,5551234\n", now - 6 * DAY, code="OWN", terms=dated, everybody=True)
    with pytest.raises(DncNotFresh, match="OWN \\(everybody's\\) is 6 days old, at most 5"):
        await _start(shelves, made)


async def test_a_simulated_trunk_needs_neither(shelves: Shelves) -> None:
    async with transaction(shelves.sessions) as session:
        made = await make_campaign(
            session,
            shelves.clock.now(),
            leads=numbers(1),
            settings={"purpose": None},
            state=CampaignState.DRAFT,
        )
    assert (await _start(shelves, made)).state is CampaignState.RUNNING


async def test_leads_that_waited_for_a_list_are_asked_about_again(shelves: Shelves) -> None:
    async with transaction(shelves.sessions) as session:
        made = await make_campaign(
            session, shelves.clock.now(), leads=numbers(1), client_id=shelves.client_id
        )
        lead = await session.get_one(Lead, made.lead_ids[0])
        lead.next_attempt_at, lead.waiting_reason = None, "dnc_missing"
    done = await shelves.load("212,5551234\n", shelves.clock.now() - DAY)
    assert done.leads_woken == 1


async def test_the_purpose_cannot_be_taken_from_a_campaign_that_is_under_way(
    shelves: Shelves,
) -> None:
    made = await _campaign(shelves, purpose="survey")
    await _start(shelves, made)
    how: dict[str, Any] = {"client_id": made.client_id, "clock": shelves.clock, "by": None}
    with pytest.raises(NoPurpose):
        async with transaction(shelves.sessions) as session:
            await lifecycle.update(session, made.id, settings={"purpose": None}, **how)


async def test_a_message_for_machines_must_be_in_somebodys_language(shelves: Shelves) -> None:
    leaves = {"on_machine": "leave_message", "messages": {"ru": ["sound:acme-ru"]}}
    made = await _campaign(shelves, purpose="survey", amd=leaves)
    with pytest.raises(NoMachineMessage, match=r"amd\.messages") as refused:
        await _start(shelves, made)
    assert refused.value.facts["languages"] == ["ru"]
    async with transaction(shelves.sessions) as session:
        await session.execute(text("UPDATE contact SET language = 'ru'"))
    assert (await _start(shelves, made)).state is CampaignState.RUNNING
