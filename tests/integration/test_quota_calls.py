"""Quotas and calls under way: the runner never lets more people be called than may still become successes."""

from uuid import UUID

import pytest
from sqlalchemy import text

from campaigns.leads import dispositions
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.hall import Manners, Place, asterisk
from tests.world import until

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
