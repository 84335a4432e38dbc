"""Predictive pacing in a runner: it learns, is recorded second by second, and remembers."""

from datetime import timedelta

from campaigns.pacing.memory import answered_since, learned_of, trace_of
from dialer.clock import SystemClock
from tests.factories import MadeCampaign, numbers
from tests.hall import Manners, Place, asterisk
from tests.world import until

#: Three of four ring for a while and give up; a quarter talks for a moment.
ANSWERS, RINGS = "t-answer-r300-t700", "t-no_answer"
SETTINGS = {"mode": "predictive", "ring_timeout_s": 15, "wrap_up_s": 0, "retry": {}}


def _manners(e164s: list[str]) -> Manners:
    return Manners(RINGS, {number: ANSWERS for n, number in enumerate(e164s) if n % 4 == 0})


async def _run(place: Place, leads: int, agents: int, **how: object) -> tuple[MadeCampaign, int]:
    """Run a campaign to its end; return it and the most calls that were alive at a time."""
    e164s = numbers(leads)
    made = await place.campaign(0, agents, e164s=e164s, settings=SETTINGS, **how)
    async with asterisk(_manners(e164s), dial_speed=10) as (sim, book), place.worker(sim):
        await until(place.books(made).is_finished, "the campaign is finished", within_s=90)
    return made, book.peak


async def test_a_predictive_campaign_learns_and_every_second_is_kept(place: Place) -> None:
    began = SystemClock().now()
    made, _ = await _run(place, 60, 3)
    books = place.books(made)
    outcomes = await books.outcomes()
    assert outcomes["no_answer"] + outcomes.get("cancelled", 0) == 45
    assert outcomes["connected"] + outcomes.get("abandoned", 0) == 15
    placed = "SELECT count(*) FROM attempt WHERE campaign_id = :c AND pacing ->> 'limit' <> ''"
    assert await books.scalar(placed) == 60
    async with place.sessions() as session:
        ended = SystemClock().now()
        seconds = await trace_of(session, made.id, since=began, until=ended)
        learned = await learned_of(session, made.id)
        minutes = await answered_since(session, made.id, began - timedelta(minutes=1))
    assert sum(second["placed"] for second in seconds) == 60
    assert [one["at_s"] for one in seconds] == sorted(one["at_s"] for one in seconds)
    assert max(second["answered"] for second in seconds) >= 14
    assert learned
    assert sum(minute.answered for minute in minutes) == 15
    assert sum(minute.abandoned for minute in minutes) == outcomes.get("abandoned", 0)
