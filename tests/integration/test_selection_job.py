"""The job that applies selections: one at a time for a campaign, and nobody's fault is another's."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from campaigns import lifecycle
from campaigns.leads.enrol import lane_of, mark_selection_due
from campaigns.leads.holding import NOT_APPLIED
from campaigns.leads.selection import apply_in_steps
from campaigns.models import Campaign
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from dialer.settings import Settings
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.world import until
from workers.deps import BackgroundDeps
from workers.jobs import selections
from workers.jobs.selections import apply_selections

FIRST = {"field": "name", "op": "is", "value": "Person 1"}


class Jobs:
    """Campaigns with a selection, and the job."""

    def __init__(self, sessions: SessionFactory, clock: FrozenClock) -> None:
        """Remember where and when."""
        self.sessions, self.clock = sessions, clock
        self.made: list[MadeCampaign] = []

    async def campaign(self, **selection: Any) -> UUID:
        """Make a campaign of three leads whose selection is due."""
        async with transaction(self.sessions) as session:
            made = await make_campaign(
                session, self.clock.now(), leads=numbers(3, first=3 * len(self.made) + 1)
            )
        self.made.append(made)
        await self.change(made.id, **selection)
        return made.id

    async def change(self, campaign_id: UUID, **selection: Any) -> None:
        """Give a campaign another selection."""
        client_id = next(one.client_id for one in self.made if one.id == campaign_id)
        async with transaction(self.sessions) as session:
            await lifecycle.update(
                session,
                campaign_id,
                client_id=client_id,
                clock=self.clock,
                by=None,
                settings={"selection": selection},
            )

    async def run(self) -> None:
        """Run the job once."""
        await apply_selections({"deps": BackgroundDeps(Settings(), self.sessions, self.clock)})

    async def look(self, campaign_id: UUID) -> tuple[bool, str, int]:
        """Return whether the selection is due, the reason, and how many leads it has."""
        async with self.sessions() as session:
            campaign = await session.get_one(Campaign, campaign_id)
            inside = await session.execute(
                text("SELECT count(lane) FROM lead WHERE campaign_id = :c"), {"c": campaign_id}
            )
        return campaign.selection_due, campaign.state_reason, inside.scalar_one()


@pytest.fixture
def jobs(sessions: SessionFactory, clock: FrozenClock) -> Jobs:
    """Nothing made yet."""
    return Jobs(sessions, clock)


async def test_a_selection_that_fails_tells_why_and_leaves_the_others_alone(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, gone, good = [
        await jobs.campaign(**rules)
        for rules in ({"filter": FIRST}, {"segment": str(new_id())}, {"filter": FIRST})
    ]
    whole = apply_in_steps

    def fail(sessions: SessionFactory, campaign: Campaign) -> Any:
        if campaign.id == broken:
            raise RuntimeError("out of order")
        return whole(sessions, campaign)

    monkeypatch.setattr(selections, "apply_in_steps", fail)
    await jobs.run()
    assert await jobs.look(good) == (False, "", 1)
    due, why, _ = await jobs.look(gone)
    assert (due, why) == (True, f"{NOT_APPLIED}the saved segment was deleted. Choose another one.")
    assert (await jobs.look(broken))[1] == f"{NOT_APPLIED}something went wrong; it is tried again."
    monkeypatch.undo()
    await jobs.change(gone, filter=FIRST)
    await jobs.run()
    assert await jobs.look(gone) == await jobs.look(broken) == (False, "", 1)


async def test_what_a_person_said_of_the_state_stays(jobs: Jobs) -> None:
    campaign_id = await jobs.campaign(segment=str(new_id()))
    async with transaction(jobs.sessions) as session:
        campaign = await session.get_one(Campaign, campaign_id)
        campaign.state_reason = "Lunch."
    await jobs.run()
    assert (await jobs.look(campaign_id))[1].startswith(f"Lunch. {NOT_APPLIED}")
    await jobs.run()
    assert (await jobs.look(campaign_id))[1].count(NOT_APPLIED) == 1
    await jobs.change(campaign_id, filter=FIRST)
    await jobs.run()
    assert await jobs.look(campaign_id) == (False, "Lunch.", 1)


async def test_a_selection_changed_on_the_way_is_not_applied_any_further(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = await jobs.campaign(filter=FIRST)
    whole = apply_in_steps

    def changed(sessions: SessionFactory, campaign: Campaign) -> Any:
        async def steps() -> Any:
            await jobs.change(campaign_id)
            async for report in whole(sessions, campaign):
                yield report

        return steps()

    monkeypatch.setattr(selections, "apply_in_steps", changed)
    await jobs.run()
    assert await jobs.look(campaign_id) == (True, "", 3)
    monkeypatch.undo()
    await jobs.run()
    assert await jobs.look(campaign_id) == (False, "", 3)


async def test_leads_that_came_meanwhile_keep_it_due(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = await jobs.campaign(filter=FIRST)
    whole = apply_in_steps

    def while_importing(sessions: SessionFactory, campaign: Campaign) -> Any:
        async def steps() -> Any:
            async for report in whole(sessions, campaign):
                yield report
            async with transaction(sessions) as session:
                await mark_selection_due(session, campaign_id)

        return steps()

    monkeypatch.setattr(selections, "apply_in_steps", while_importing)
    await jobs.run()
    assert (await jobs.look(campaign_id))[0]
    monkeypatch.undo()
    await jobs.run()
    assert not (await jobs.look(campaign_id))[0]


async def test_two_jobs_never_apply_one_campaigns_selection_together(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = await jobs.campaign(filter=FIRST)
    whole, begun = apply_in_steps, 0

    def twice(sessions: SessionFactory, campaign: Campaign) -> Any:
        async def steps() -> Any:
            nonlocal begun
            begun += 1
            if begun == 1:
                await jobs.run()  # the cron's next one, while this one is at work
            async for report in whole(sessions, campaign):
                yield report

        return steps()

    monkeypatch.setattr(selections, "apply_in_steps", twice)
    await jobs.run()
    assert begun == 1
    assert await jobs.look(campaign_id) == (False, "", 1)


async def test_a_lead_a_dialer_holds_keeps_the_selection_due(jobs: Jobs) -> None:
    campaign_id = await jobs.campaign(filter=FIRST)
    async with transaction(jobs.sessions) as session:
        await session.execute(
            text("SELECT id FROM lead WHERE campaign_id = :c LIMIT 1 FOR UPDATE"),
            {"c": campaign_id},
        )
        await jobs.run()
    assert (await jobs.look(campaign_id))[0]
    await jobs.run()
    assert await jobs.look(campaign_id) == (False, "", 1)


async def test_a_lane_that_somebody_makes_at_this_moment_is_found(jobs: Jobs) -> None:
    """It was not there when it was looked for, and its key is taken when it is to be made."""
    campaign_id = await jobs.campaign()
    async with jobs.sessions() as session:
        lists = text("SELECT list_id FROM lane WHERE campaign_id = :c")
        list_id = (await session.execute(lists, {"c": campaign_id})).scalars().first()
    assert list_id is not None
    async with jobs.sessions() as mine:
        async with transaction(jobs.sessions) as theirs:
            made = await lane_of(theirs, campaign_id, list_id, 5)
            waiting = asyncio.create_task(lane_of(mine, campaign_id, list_id, 5))

            async def waits() -> bool:
                async with jobs.sessions() as session:
                    blocked = text(
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                        " AND query LIKE 'INSERT INTO lane%'"
                    )
                    return bool((await session.execute(blocked)).scalar_one())

            await until(waits, "the second one waits for the first")
        assert await waiting == made
