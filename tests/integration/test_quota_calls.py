"""Quotas and calls under way: the runner never lets more people be called than may still become successes."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from campaigns.leads import dispositions
from campaigns.settings import CampaignSettings
from compliance.dnc.shelf import DncShelf
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import ALL_WEEK
from tests.hall import Manners, Place, asterisk
from tests.world import LAW, until
from workers.dialing.drawing import READ_EVERY, Drawing

EVERYBODY = {"field": "name", "op": "not_empty", "target": 3}


@pytest.mark.parametrize("mode", ["power", "predictive"])
async def test_dialling_does_not_pass_a_quota_though_many_agents_are_free(
    place: Place, mode: str
) -> None:
    settings = {
        "mode": mode,
        "dial_ratio": 3,
        "wrap_up_s": 20,  # long enough for the test to give every result
        "selection": {"quotas": [EVERYBODY]},
    }
    made = await place.campaign(30, 8, settings=settings)
    await place.execute("UPDATE lane SET quota_cell = 1 WHERE campaign_id = :c", made)
    books = place.books(made)
    refusals = ["refused", "refused"]
    disposed: list[str] = []

    async def results_are_given() -> bool:
        async with transaction(place.sessions) as session:
            ended = "campaign_id = :c AND outcome = 'connected' AND disposition IS NULL"
            rows = await session.execute(
                text(f"SELECT id FROM attempt WHERE {ended} ORDER BY id"),  # noqa: S608 - constants
                {"c": made.id},
            )
            for attempt_id in rows.scalars().all():
                disposed.append(refusals.pop() if refusals else "sale")
                await _dispose(place, made.client_id, attempt_id, disposed[-1])
        return await books.is_finished()

    async with asterisk(Manners("t-answer-r20-t1500")) as (sim, book), place.worker(sim):
        await until(results_are_given, "the campaign is finished", within_s=60)
    assert disposed.count("sale") == 3
    assert 0 < book.peak <= 3, "never more calls than successes are lacking"
    leads = await books.leads()
    assert (leads["done:sale"], leads["done:refused"]) == (3, 2)


async def _dispose(place: Place, client_id: UUID, attempt_id: UUID, code: str) -> None:
    async with transaction(place.sessions) as session:
        await dispositions.record(
            session, attempt_id, code, client_id=client_id, clock=SystemClock()
        )


async def test_a_look_beside_a_claim_brings_back_no_room(place: Place) -> None:
    """What a claim takes is in no table before its commit; who looks then must not hand it out again."""
    made = await place.campaign(12, 0)
    await place.execute("UPDATE lane SET quota_cell = 1 WHERE campaign_id = :c", made)
    settings = CampaignSettings.model_validate(
        {
            "purpose": "survey",
            "hours": ALL_WEEK,
            "ring_timeout_s": 15,
            "selection": {"quotas": [EVERYBODY]},
        }
    )
    shelf = DncShelf(Path("nowhere"))
    drawing = Drawing(made.id, made.client_id, LAW, shelf, settings, simulated=True)
    now = SystemClock().now()
    async with transaction(place.sessions) as claiming:
        await drawing.read(claiming, now=now)
        claimed = await drawing.claim(claiming, 10, (), now=now)
        async with transaction(place.sessions) as looking:
            await drawing.read(looking, now=now + 2 * READ_EVERY)
    assert len(claimed) == 3
    for later in (timedelta(0), 3 * READ_EVERY):
        async with transaction(place.sessions) as session:
            assert await drawing.claim(session, 10, (), now=now + later) == []
