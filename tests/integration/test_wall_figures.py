"""The wall's figures are those of plain SQL, whatever was counted when."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from api.wall.client_wall import ClientWall
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.wall_world import Floor, open_floor

PLAIN = {
    "attempts": "count(*)::float8",
    "connected": "count(connected_at)::float8",
    "answer_rate": "count(answered_at) / nullif(count(*), 0)::float8",
    "service_level": """count(*) FILTER (WHERE connected_at - answered_at <= interval '20 seconds')
        / nullif(count(*) FILTER (WHERE {person}), 0)::float8""",
    "abandoned_rate": """count(*) FILTER (WHERE outcome = 'abandoned')
        / nullif(count(*) FILTER (WHERE {person}), 0)::float8""",
    "asa": "avg(extract(epoch FROM connected_at - answered_at))::float8",
    "successes": "count(*) FILTER (WHERE disposition = 'sale')::float8",
}
PERSON = "answered_at IS NOT NULL AND (connected_at IS NOT NULL OR outcome = 'abandoned')"
BUSY = """
    SELECT sum(spent) FILTER (WHERE state IN ('on_call', 'wrap_up'))
           / nullif(sum(spent) FILTER (WHERE state <> 'paused'), 0)::float8
    FROM (SELECT state, extract(epoch FROM coalesce(ended_at, :now) - started_at) AS spent
          FROM agent_state_entry WHERE campaign_id = :id) AS entry
"""


@pytest.fixture
async def floor(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[Floor]:
    async with open_floor(sessions, redis, clock) as made:
        yield made


async def compare(floor: Floor, wall: ClientWall) -> None:
    """Look, count, and find everything that plain SQL finds."""
    await wall.look()
    await wall.count()
    rows = wall.rows()
    for campaign in floor.campaigns:
        row = rows[f"c/{campaign.id}"]
        for name, formula in PLAIN.items():
            plain = " ".join(("SELECT", formula, "FROM attempt WHERE campaign_id = :id"))
            plain = plain.format(person=PERSON)
            wanted = await floor.sql(plain, id=campaign.id)
            assert row[name] == pytest.approx(wanted, abs=1e-4), name
        wanted = await floor.sql(BUSY, id=campaign.id, now=floor.world.clock.now())
        assert row["occupancy"] == pytest.approx(float(wanted), abs=1e-4)
        live = "SELECT count(*) FROM attempt WHERE campaign_id = :id AND ended_at IS NULL"
        in_flight = sum(row[one] for one in ("dialing", "ringing", "waiting", "closing", "talking"))
        assert in_flight == await floor.sql(live, id=campaign.id)
        tried = await floor.sql(
            "SELECT count(*) FILTER (WHERE attempts_made > 0) / count(*)::float8 FROM lead"
            " WHERE campaign_id = :id",
            id=campaign.id,
        )
        assert row["penetration"] == pytest.approx(tried)


async def test_a_day_is_counted_as_plain_sql_counts_it(floor: Floor) -> None:
    wall = floor.wall()
    for session_id in (one for made in floor.campaigns for one in made.session_ids):
        await floor.be(session_id, floor.chance.choice(["ready", "paused", "on_call"]))  # type: ignore[arg-type]
    first = await floor.call(floor.campaigns[0])  # live through everything
    answered = await floor.call(
        floor.campaigns[0],
        answered_at=floor.world.clock.now(),
        connected_at=floor.world.clock.now(),
    )
    await floor.pass_time(13)
    await compare(floor, wall)  # counts the first ten minutes for good
    settled = wall._reader._settled_at
    await floor.pass_time(3)
    await floor.end(first, CallOutcome.NO_ANSWER)  # one that was open then
    await floor.end(answered, CallOutcome.CONNECTED, disposition="sale")
    await compare(floor, wall)
    assert wall._reader._settled_at == settled, "the old part was not counted again"
    await floor.pass_time(6)
    await floor.change(first, disposition="sale")  # an old result is corrected
    await compare(floor, wall)
    assert wall._reader._settled_at != settled
    trunk = wall.rows()[f"t/{floor.campaigns[0].id}/{floor.campaigns[0].trunk_id}"]
    recent = (
        "SELECT count(*) FROM attempt WHERE campaign_id = :id AND ended_at IS NOT NULL"
        " AND started_at >= CAST(:now AS timestamptz) - interval '15 minutes'"
    )
    facts = {"id": floor.campaigns[0].id, "now": floor.world.clock.now()}
    assert trunk["calls"] == await floor.sql(recent, **facts)
    assert 0 < sum(calls for _, calls in trunk["mix"]) <= trunk["calls"]  # the most frequent ends


async def test_yesterday_is_not_today(floor: Floor) -> None:
    campaign, clock = floor.campaigns[0], floor.world.clock
    wall = floor.wall()
    await floor.call(campaign)
    await wall.look()
    await wall.count()
    assert wall.rows()[f"c/{campaign.id}"]["attempts"] == 1
    clock.advance(24 * 3600)
    await wall.look()
    await wall.count()
    assert wall.rows()[f"c/{campaign.id}"]["attempts"] == 0
