"""What a new owner finds: talks that ended while nobody listened, and a former owner's claims."""

import signal
from pathlib import Path, PurePosixPath
from typing import Any, cast

import pytest

from campaigns.leads.caller_pool import CallerPool
from campaigns.leads.originate import Owner, OwnershipLost
from campaigns.settings import CampaignSettings
from dialer.clock import SystemClock
from tests.hall import Manners, Place, asterisk, check_balance, see_silence, see_talks
from tests.worker_process import worker_process
from tests.world import until
from workers.dialing.floor import Floor
from workers.dialing.originator import Originator


async def test_a_talk_that_ended_while_nobody_listened_is_wrapped_up(
    place: Place, tmp_path: Path
) -> None:
    """The conversation counts, its agent still may dispose it, and the lead does not hang."""
    made = await place.campaign(2, 1, settings={"wrap_up_s": 1.5})
    books = place.books(made)
    async with (
        asterisk(Manners("t-answer-r50")) as (sim, _book),
        worker_process(place, sim, tmp_path / "a.log") as first,
    ):
        (talker,) = await see_talks(sim, 1)

        async def stored() -> bool:
            return await books.agent_states() == ["on_call"]

        await until(stored, "the conversation is stored")
        first.send(signal.SIGKILL)
        await first.ended()
        sim.hang_up(talker.id)
        await see_silence(sim)
        sim.world.people = Manners("t-answer-r50-t50")
        async with place.worker(sim):

            async def wraps_up() -> bool:
                return await books.agent_states() == ["wrap_up"]

            await until(wraps_up, "the agent wraps the call up")
            await until(books.is_finished, "the campaign is finished")
            await check_balance(place, made, sim)
    assert await books.outcomes() == {"connected": 2}
    assert await books.leads() == {"done:no_disposition": 2}
    recorded = "SELECT count(recording_raw) FROM attempt WHERE campaign_id = :c"
    assert await books.scalar(recorded) == 2  # the one that ended while nobody looked, too


async def test_a_former_owner_may_not_tidy_up(place: Place) -> None:
    """What its memory has not is not lost: it is the new owner's."""
    made = await place.campaign(2, 0)
    books = place.books(made)
    await place.execute("UPDATE campaign SET fence = 2 WHERE id = :c", made)
    claim = "INSERT INTO lead_claim (lead_id, campaign_id) SELECT id, campaign_id FROM lead"
    await place.execute(claim + " WHERE campaign_id = :c", made)
    clock = SystemClock()
    nothing = cast(Any, None)
    originator = Originator(
        owner=Owner(made.id, made.client_id, 1, made.trunk_id),
        callers=CallerPool(),
        settings=CampaignSettings(),
        drawing=nothing,
        trunk=nothing,
        floor=Floor(clock, lambda: None),
        sending=nothing,
        sessions=place.sessions,
        clock=clock,
        recordings_dir=PurePosixPath("/"),
        pacer=nothing,
    )
    with pytest.raises(OwnershipLost):
        await originator.heal()
    assert await books.leads() == {"claimed": 2}
