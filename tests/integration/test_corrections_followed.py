"""What looks at a call's result follows its correction: reports, events, deliveries, samples."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from campaigns.leads import correcting
from campaigns.leads.correcting import Correction
from campaigns.leads.corrections import corrections_of, result_at
from campaigns.leads.models import Attempt, Lead
from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.models import Campaign
from campaigns.reports.asking import Question
from campaigns.reports.periods import Period
from campaigns.reports.query import figures
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.deliveries_world import Delivering, delivery_settings
from workers.jobs.reports import sweep_reports

DAY_S = 24 * 3600.0


@pytest.fixture
async def world(
    sessions: SessionFactory, clock: FrozenClock, database_url: str, redis_url: str, tmp_path: Path
) -> Delivering:
    settings = delivery_settings(database_url, redis_url, tmp_path)
    return await Delivering.begin(sessions, settings, clock)


async def talk(world: Delivering) -> Attempt:
    """Store the conversation of the first lead."""
    now = world.clock.now()
    begun = now - timedelta(hours=1)
    async with transaction(world.sessions) as session:
        lead = await session.get_one(Lead, world.lead_ids[0])
        lead.attempts_made = 1
        campaign = await session.get_one(Campaign, world.campaign_id)
        assert campaign.trunk_id is not None
        attempt = Attempt(
            client_id=world.client_id, campaign_id=world.campaign_id, lead_id=lead.id,
            contact_id=lead.contact_id, e164=lead.e164, trunk_id=campaign.trunk_id, fence=0,
            number_in_lead=1, started_at=begun, answered_at=begun, connected_at=begun,
            ended_at=now, outcome=CallOutcome.CONNECTED, disposition="sale", disposed_at=now,
        )  # fmt: skip
        session.add(attempt)
        refuses = "UPDATE disposition SET refuses = true WHERE code = 'refused'"
        await session.execute(text(refuses))
    return attempt


async def correct(
    world: Delivering, attempt: Attempt, code: str, reason: str = "Heard", was: str = "sale"
) -> None:
    async with transaction(world.sessions) as session:
        wish = Correction(code, was, reason)
        by: dict[str, Any] = {"client_id": world.client_id, "user_id": world.user_id}
        await correcting.correct(session, attempt.id, wish, clock=world.clock, **by)


async def counted(world: Delivering, attempt: Attempt) -> tuple[int, int]:
    """Return the successes and refusals of the call's day, as a report has them."""
    day = attempt.started_at.date()
    asked = Question(("successes", "refusals"), Period(day, day))
    async with world.sessions() as session:
        table = await figures(session, world.client_id, asked, now=world.clock.now())
    (row,) = table.rows
    return int(row.counts["successes"]), int(row.counts["refusals"])


async def rolled_days(world: Delivering, attempt: Attempt) -> int:
    """Return how many roll-ups there are of the call's day."""
    sql = "SELECT count(*) FROM report_day WHERE :at BETWEEN starts_at AND ends_at"
    async with world.sessions() as session:
        return int(await session.scalar(text(sql), {"at": attempt.started_at}) or 0)


async def test_the_reports_of_a_day_that_was_rolled_up_are_counted_again(
    world: Delivering, clock: FrozenClock
) -> None:
    attempt = await talk(world)
    clock.advance(3 * DAY_S)
    await sweep_reports({"deps": world.deps})
    assert (await rolled_days(world, attempt), await counted(world, attempt)) == (1, (1, 0))
    await correct(world, attempt, "refused")
    assert (await rolled_days(world, attempt), await counted(world, attempt)) == (0, (0, 1))
    await sweep_reports({"deps": world.deps})
    assert (await rolled_days(world, attempt), await counted(world, attempt)) == (1, (0, 1))


async def test_a_delivery_sent_again_tells_what_was_corrected(world: Delivering) -> None:
    attempt = await talk(world)
    first = await world.order(await world.plan({"kind": "portal"}))
    await world.sweep()
    await correct(world, attempt, "refused")
    second = await world.again(first)
    await world.sweep()
    row = await world.delivery(second)
    assert (row.added, row.changed, row.removed) == (0, 1, 0)
    files = world.stored(second)
    changes = next(data for name, data in files.items() if name.endswith("changes.csv"))
    (told,) = list(csv.DictReader(io.StringIO(changes.decode("utf-8-sig"))))
    assert (told["change"], told["result_before"], told["result"]) == ("changed", "sale", "refused")
    # Whoever is to be called again has no result any more.
    await correct(world, attempt, "callback", was="refused")
    third = await world.again(second)
    await world.sweep()
    assert (await world.delivery(third)).removed == 1


async def test_the_correction_is_told_as_an_event(world: Delivering) -> None:
    attempt = await talk(world)
    await correct(world, attempt, "refused")
    async with world.sessions() as session:
        told = "SELECT data FROM event_waiting WHERE kind = 'result.corrected'"
        data = (await session.execute(text(told))).scalar_one()
    assert (data["before"], data["disposition"]) == ("sale", "refused")


async def test_what_the_result_was_at_an_instant_is_known(
    world: Delivering, clock: FrozenClock
) -> None:
    attempt, before = await talk(world), clock.now()
    clock.advance(60)
    await correct(world, attempt, "refused")
    async with world.sessions() as session:
        kept = await corrections_of(session, attempt.id, client_id=world.client_id)
    assert result_at(kept, "refused", before) == "sale"
    assert result_at(kept, "refused", clock.now()) == "refused"


async def test_the_reason_names_nobody_who_was_erased(world: Delivering, tmp_path: Path) -> None:
    attempt = await talk(world)
    async with transaction(world.sessions) as session:
        named = "UPDATE contact SET name = 'Anna Secret' WHERE id = :id"
        await session.execute(text(named), {"id": attempt.contact_id})
    await correct(world, attempt, "refused", "Anna Secret said no")
    async with transaction(world.sessions) as session:
        await erase(
            session, Who(e164=attempt.e164), client_id=world.client_id, reason="a letter",
            user_id=None, clock=world.clock, keep_suppressed=False,
            vault=Vault(b"k" * 32, tmp_path / "done", tmp_path / "raw"),
        )  # fmt: skip
    async with world.sessions() as session:
        (kept,) = await corrections_of(session, attempt.id, client_id=world.client_id)
    assert (kept.before, kept.after) == ("sale", "refused")
    assert kept.reason == "[erased]", "nor does it tell what was said"
