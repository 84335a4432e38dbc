"""Campaigns that share agents: who works where, with the leg that stays up."""

import signal
from collections import Counter
from pathlib import Path

from campaigns import commands
from campaigns.commands import CommandName
from tests.factories import MadeCampaign, numbers
from tests.hall import Manners, Place, agents, asterisk, check_balance, see_talks
from tests.sharing import check_log, places, see_places, share
from tests.worker_process import worker_process
from tests.world import until

SETTINGS = {"wrap_up_s": 0, "retry": {}}


async def _two(
    place: Place, leads: int, others: int | None = None
) -> tuple[MadeCampaign, MadeCampaign]:
    """Return two running campaigns of one client."""
    first = await place.campaign(leads, 0, settings=SETTINGS)
    e164s = numbers(others if others is not None else leads, first=50_000)
    second = await place.campaign(
        0, 0, e164s=e164s, settings=SETTINGS, client_id=first.client_id
    )
    return first, second


async def _finish(place: Place, *made: MadeCampaign) -> None:
    for one in made:
        await until(place.books(one).is_finished, "the campaign is finished", within_s=60)


async def test_two_campaigns_share_agents_by_weight(place: Place) -> None:
    """Both end, each leg was dialled once, and the state log has no gap."""
    made = await _two(place, 60, 30)
    async with asterisk(Manners("t-answer-r50-t400")) as (sim, book), place.worker(sim):
        await share(place, {made[0]: 2, made[1]: 1}, 6)
        await see_places(place, made, 4, 2)
        legs = {leg.id for leg in agents(sim)}
        assert len(legs) == 6

        async def some() -> bool:
            assert {leg.id for leg in agents(sim)} <= legs, "a telephone was rung again"
            return await place.books(made[1]).is_finished()

        await until(some, "the second campaign is finished", within_s=60)
        await _finish(place, *made)

        async def silent() -> bool:
            return len(sim.channels) == 0

        await until(silent, "no channel is left")
    for one in made:
        assert set(await place.books(one).outcomes()) == {"connected"}
    assert not book.doubled
    await check_log(place)
