"""Applying a selection: who is dialled, in which lane, in what order; quotas; lists used twice."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from campaigns.leads.hopper import Draw, claim
from campaigns.leads.mixing import LaneFacts
from campaigns.leads.models import Attempt, Lead
from campaigns.leads.quotas import full_cells
from campaigns.leads.segments import SegmentNotFound, SegmentWish, save_segment
from campaigns.leads.selection import apply_in_steps, apply_selection, load_lanes
from campaigns.lists.models import Contact
from campaigns.models import Campaign
from campaigns.selection import Selection
from campaigns.states import LeadState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.factories import make_campaign, make_place
from tests.people import enrol_list, make_list

MOSCOW = {"field": "fields.City", "op": "is", "value": "Moscow"}
PEOPLE: list[dict[str, Any]] = [
    {"fields": {"City": "Moscow", "Sex": "f"}, "priority": 0},
    {"fields": {"City": "Omsk", "Sex": "m"}, "priority": 9},
    {"fields": {"City": "Moscow", "Sex": "m"}, "priority": 9},
    {"fields": {"City": "Moscow"}, "priority": 0},
]
QUOTAS = [
    {"field": "fields.Sex", "op": "is", "value": "f", "target": 1},
    {"field": "fields.Sex", "op": "is", "value": "m", "target": 2},
    {"field": "fields.City", "op": "is", "value": "moscow", "target": 3},
]


class World:
    """One campaign with one list of four people."""

    def __init__(self, sessions: SessionFactory, clock: FrozenClock) -> None:
        """Remember where and when; ``begin`` makes it."""
        self.sessions, self.clock = sessions, clock
        self.campaign_id = self.client_id = self.list_id = self.trunk_id = UUID(int=0)

    async def begin(self, people: Sequence[dict[str, Any]] = PEOPLE) -> "World":
        """Make the rows."""
        async with transaction(self.sessions) as session:
            made = await make_campaign(session, self.clock.now())
            self.campaign_id, self.client_id, self.trunk_id = made.id, made.client_id, made.trunk_id
            self.list_id = await make_list(session, made.client_id, self.clock.now(), people)
            campaign = await session.get_one(Campaign, made.id)
            await enrol_list(session, campaign, self.list_id, self.clock)
        return self

    async def select(self, **rules: Any) -> Any:
        """Give the campaign a selection, apply it and return the report."""
        async with transaction(self.sessions) as session:
            campaign = await session.get_one(Campaign, self.campaign_id)
            campaign.settings = campaign.settings | {"selection": rules}
            await session.flush()
            return await apply_selection(session, campaign)

    async def leads(self) -> list[Lead]:
        """The leads in the order of the file."""
        rows = (
            select(Lead)
            .join(Contact, col(Contact.id) == col(Lead.contact_id))
            .where(col(Lead.campaign_id) == self.campaign_id, col(Contact.list_id) == self.list_id)
            .order_by(col(Contact.source_row))
        )
        async with self.sessions() as session:
            return list((await session.exec(rows)).all())

    async def lanes(self) -> list[LaneFacts | None]:
        """What is known of each lead's lane; None: it is left out."""
        async with self.sessions() as session:
            known = {row.lane: row for row in await load_lanes(session, self.campaign_id)}
        leads = await self.leads()
        return [None if lead.lane is None else known[lead.lane & ~1] for lead in leads]


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock) -> World:
    """The world, begun."""
    return await World(sessions, clock).begin()


async def test_a_filter_leaves_leads_out_and_takes_them_back(world: World) -> None:
    report = await world.select(filter=MOSCOW)
    assert (report.selected, report.left_out, report.missed) == (3, 1, 0)
    assert [lane is None for lane in await world.lanes()] == [False, True, False, False]
    again = await world.select()
    assert (again.selected, again.left_out) == (4, 0)
    assert None not in await world.lanes()


async def test_a_saved_segment_and_a_filter_must_both_hold(world: World) -> None:
    men = SegmentWish("Men", {"field": "fields.Sex", "op": "is", "value": "m"})
    async with transaction(world.sessions) as session:
        saved = await save_segment(
            session, men, client_id=world.client_id, user_id=None, clock=world.clock
        )
    assert (await world.select(segment=str(saved.id), filter=MOSCOW)).selected == 1
    with pytest.raises(SegmentNotFound):
        await world.select(segment=str(new_id()))


async def test_an_erased_contact_is_left_out(world: World) -> None:
    async with transaction(world.sessions) as session:
        await session.execute(
            text("UPDATE contact SET erased_at = now() WHERE source_row = 1 AND list_id = :id"),
            {"id": world.list_id},
        )
    assert (await world.select()).left_out == 1


async def test_each_priority_has_its_lane(world: World) -> None:
    await world.select()
    assert [lane and lane.priority for lane in await world.lanes()] == [0, 9, 9, 0]


async def test_a_lead_that_was_tried_keeps_to_the_odd_lane(world: World) -> None:
    tried = (await world.leads())[0].id
    async with transaction(world.sessions) as session:
        (await session.get_one(Lead, tried)).attempts_made = 2
    await world.select(filter=MOSCOW)
    first, _, _, last = await world.leads()
    assert (first.lane, last.lane) == ((last.lane or 0) + 1, (first.lane or 0) - 1)


async def test_new_leads_go_by_the_file_or_by_the_seed(world: World) -> None:
    await world.select()
    assert [lead.sort_key for lead in await world.leads()] == [1, 2, 3, 4]
    shuffles = []
    for seed in (7, 7, -8):
        await world.select(new_order="random", seed=seed)
        shuffles.append([lead.sort_key for lead in await world.leads()])
    assert shuffles[0] == shuffles[1] != shuffles[2]
    assert all(0 <= key < 2**63 for shuffle in shuffles for key in shuffle)


async def test_the_hopper_claims_in_the_order_of_the_seed(world: World) -> None:
    await world.select(
        new_order="random", seed=3, filter={"field": "priority", "op": "is", "value": 0}
    )
    leads = {lead.id: lead for lead in await world.leads()}
    lanes = {lead.lane: 10 for lead in leads.values() if lead.lane is not None}
    async with transaction(world.sessions) as session:
        draw = Draw(lanes, [await make_place(session)], 10)
        claimed = await claim(session, world.campaign_id, draw, now=world.clock.now())
    keys = [leads[candidate.lead_id].sort_key for candidate in claimed]
    assert len(keys) == 2
    assert keys == sorted(keys)


async def test_quotas_give_each_contact_one_cell(world: World) -> None:
    await world.select(quotas=QUOTAS)
    # Sex counts ones (none, f, m), the city threes (none, Moscow).
    assert [lane and lane.quota_cell for lane in await world.lanes()] == [4, 2, 5, 3]


async def test_of_two_quotas_of_one_field_the_first_has_the_contact(world: World) -> None:
    wide = {"field": "fields.Sex", "op": "not_empty", "target": 1}
    await world.select(quotas=[QUOTAS[0], wide])
    assert [lane and lane.quota_cell for lane in await world.lanes()] == [1, 2, 2, 0]


async def test_a_quota_is_full_by_successes_only(world: World) -> None:
    rules = Selection.model_validate({"quotas": QUOTAS})
    leads = await world.leads()
    for lead, code in ((leads[0], "refused"), (leads[1], "sale"), (leads[0], "sale")):
        async with transaction(world.sessions) as session:
            session.add(_disposed(world, lead, code))
    async with world.sessions() as session:
        full = await full_cells(session, world.campaign_id, rules.quotas)
        assert full == {1, 4}, "one woman was enough; of two men there is one"
    async with transaction(world.sessions) as session:
        session.add(_disposed(world, leads[1], "sale"))
    async with world.sessions() as session:
        again = await full_cells(session, world.campaign_id, rules.quotas)
        assert again == full, "a person counts once"
        assert await full_cells(session, world.campaign_id, ()) == set()


def _disposed(world: World, lead: Lead, code: str) -> Attempt:
    return Attempt(
        client_id=world.client_id,
        campaign_id=world.campaign_id,
        lead_id=lead.id,
        contact_id=lead.contact_id,
        e164="+74952000000",
        trunk_id=world.trunk_id,
        fence=0,
        number_in_lead=1,
        started_at=world.clock.now(),
        ended_at=world.clock.now(),
        outcome=CallOutcome.CONNECTED,
        disposition=code,
    )


async def test_a_running_campaigns_leads_are_not_waited_for(world: World) -> None:
    held = (await world.leads())[2]
    async with transaction(world.sessions) as session:
        campaign = await session.get_one(Campaign, world.campaign_id)
        campaign.settings = campaign.settings | {"selection": {"filter": MOSCOW}}
    async with transaction(world.sessions) as runner:
        await runner.get_one(Lead, held.id, with_for_update=True)
        reports = [report async for report in apply_in_steps(world.sessions, campaign)]
    assert (reports[-1].selected, reports[-1].left_out, reports[-1].missed) == (2, 1, 1)
    assert [lane.list_id == world.list_id for lane in reports[-1].lanes].count(True) >= 2
    later = [report async for report in apply_in_steps(world.sessions, campaign)]
    assert (later[-1].selected, later[-1].left_out, later[-1].missed) == (3, 1, 0)


async def test_a_list_used_by_two_campaigns_is_dialled_by_each_on_its_own(world: World) -> None:
    async with transaction(world.sessions) as session:
        second = Campaign(client_id=world.client_id, name="Again", created_at=world.clock.now())
        session.add(second)
        await session.flush()
        theirs = await enrol_list(session, second, world.list_id, world.clock)
    mine = await world.leads()
    assert [lead.contact_id for lead in mine] == [lead.contact_id for lead in theirs]
    assert not {lead.id for lead in mine} & {lead.id for lead in theirs}
    async with transaction(world.sessions) as session:
        done = await session.get_one(Lead, mine[0].id)
        done.state, done.result, done.next_attempt_at = LeadState.DONE, "sale", None
    await world.select(filter={"not": MOSCOW})
    async with world.sessions() as session:
        untouched = await session.get_one(Lead, theirs[0].id)
        contacts = (
            await session.exec(select(Contact).where(col(Contact.list_id) == world.list_id))
        ).all()
    assert (untouched.state, untouched.result) == (LeadState.WAITING, None)
    assert untouched.lane is not None
    assert len(contacts) == len(PEOPLE), "nothing was copied"


async def test_steps_go_over_gaps_in_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.leads.selection.STEP", 3)
    async with transaction(world.sessions) as session:
        await session.execute(
            text("UPDATE contact SET source_row = source_row + 100 WHERE source_row > 2")
        )
        campaign = await session.get_one(Campaign, world.campaign_id)
    counts = [report.selected async for report in apply_in_steps(world.sessions, campaign)]
    assert counts == [3, 4, 4]
    assert all(lead.next_attempt_at == world.clock.now() for lead in await world.leads())
