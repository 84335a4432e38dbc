"""A customer whose agent is gone, on the ARI simulator: tone, music, and a limit that outlives owners."""

import signal
from pathlib import Path

from dialer.simulator.ari.bridges import Bridge
from dialer.simulator.ari.server import AriSimulator
from tests.factories import MadeCampaign
from tests.hall import Manners, Place, agents, asterisk, customers, see_silence, see_talks
from tests.talks import TalkDesk
from tests.worker_process import worker_process
from tests.world import until

BROWSER = "PJSIP/web-{n}"
ALONE = "SELECT count(*) FROM agent_session WHERE campaign_id = :c AND alone_at IS NOT NULL"


def _sounds(sim: AriSimulator, bridge: Bridge) -> str:
    """What the customer in a bridge hears of Asterisk."""
    tone = any(one.target == f"bridge:{bridge.id}" for one in sim.world.playbacks.values())
    return {(True, False): "tone", (False, True): "music", (False, False): ""}.get(
        (tone, bridge.hears_music), "both"
    )


async def _see(sim: AriSimulator, sound: str) -> None:
    async def heard() -> bool:
        (customer,) = customers(sim)
        return customer.bridge is not None and _sounds(sim, customer.bridge) == sound

    await until(heard, f"the customer hears {sound or 'nothing of Asterisk'}")


async def _see_stored(place: Place, made: MadeCampaign, alone: int) -> None:
    async def stored() -> bool:
        return bool(await place.books(made).scalar(ALONE) == alone)

    await until(stored, f"{alone} customers are alone in the books")


async def test_a_lost_leg_is_a_tone_then_music_and_nothing_once_the_agent_is_back(
    place: Place,
) -> None:
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0})
    async with asterisk(Manners("t-answer-r50")) as (sim, _book), place.worker(sim):
        (talker,) = await see_talks(sim, 1)
        (leg,) = agents(sim)
        sim.world.unregistered.add(leg.number)
        sim.lose(leg.id)
        await _see(sim, "tone")
        await _see_stored(place, made, 1)
        await _see(sim, "music")
        sim.world.unregistered.clear()
        await see_talks(sim, 1)
        await _see(sim, "")
        await _see_stored(place, made, 0)
        sim.hang_up(talker.id)
        await until(place.books(made).is_finished, "the campaign is finished")
    assert await place.books(made).outcomes() == {"connected": 1}


async def test_a_browser_that_falls_silent_is_noticed_before_its_leg_ends(place: Place) -> None:
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0}, agent_endpoint=BROWSER)
    async with asterisk(Manners("t-answer-r50")) as (sim, _book), place.worker(sim):
        (talker,) = await see_talks(sim, 1)
        (leg,) = agents(sim)
        sim.silence(leg.id)
        await _see(sim, "tone")
        sim.silence(leg.id, ends=True)
        await _see(sim, "")
        assert [one.id for one in agents(sim)] == [leg.id], "a hole in the network costs no leg"
        sim.silence(leg.id)
        await _see(sim, "music")
        sim.hang_up(talker.id)
        await until(place.books(made).is_finished, "the campaign is finished")


async def test_a_plain_telephone_may_be_silent(place: Place) -> None:
    """It is not asked for its packets, so nobody takes its silence for its absence."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0})
    async with asterisk(Manners("t-answer-r50-t4000")) as (sim, _book), place.worker(sim):
        await see_talks(sim, 1)
        (leg,) = agents(sim)
        sim.silence(leg.id)
        await see_silence(sim)
        await until(place.books(made).is_finished, "the campaign is finished")
        assert await place.books(made).scalar(ALONE) == 0
    assert await place.books(made).outcomes() == {"connected": 1}


async def test_a_new_owner_gives_the_customer_up_when_the_former_one_would_have(
    place: Place, tmp_path: Path
) -> None:
    """The leg was lost 22 s before the crash: what is left of the 30 s is all there is."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0, "retry": {}})
    desk = TalkDesk(place, made)
    async with (
        asterisk(Manners("t-answer-r50")) as (sim, _book),
        worker_process(place, sim, tmp_path / "a.log") as first,
    ):
        await see_talks(sim, 1)
        call_id = await desk.call_of()
        (leg,) = agents(sim)
        sim.world.unregistered.add(leg.number)
        sim.lose(leg.id)
        await _see_stored(place, made, 1)
        first.send(signal.SIGKILL)
        await first.ended()
        earlier = "UPDATE agent_session SET alone_at = alone_at - interval '22 seconds'"
        await place.execute(earlier, made)
        async with place.worker(sim):
            await _see(sim, "music")
            await see_silence(sim)
            attempt = await desk.see_ended(call_id)
            await _see_stored(place, made, 0)
    assert (attempt.outcome, attempt.ended_by) == ("connected", "agent_lost")


async def test_a_leg_that_was_lost_in_the_gap_is_given_the_whole_time(
    place: Place, tmp_path: Path
) -> None:
    """Nobody saw it go: the new owner counts from when it looked, and the customer hears it at once."""
    made = await place.campaign(1, 1, settings={"wrap_up_s": 0, "retry": {}})
    desk = TalkDesk(place, made)
    async with (
        asterisk(Manners("t-answer-r50")) as (sim, _book),
        worker_process(place, sim, tmp_path / "a.log") as first,
    ):
        await see_talks(sim, 1)
        await desk.call_of()
        first.send(signal.SIGKILL)
        await first.ended()
        (leg,) = agents(sim)
        sim.world.unregistered.add(leg.number)
        sim.lose(leg.id)
        async with place.worker(sim):
            await _see(sim, "tone")
            await _see_stored(place, made, 1)
            sim.world.unregistered.clear()
            await see_talks(sim, 1)
            await _see(sim, "")
