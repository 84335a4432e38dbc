"""Hold, keys, gaps, transfers and three-way on the ARI simulator: who is in which bridge, and the books."""

import signal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from campaigns.agents.controls import Control, NotPossibleNow, UnknownTarget
from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.server import AriSimulator
from dialer.simulator.behaviour import Behaviour, BehaviourKind
from tests.hall import Manners, Place, asterisk, check_balance, customers, see_talks
from tests.talks import TalkDesk
from tests.worker_process import worker_process
from tests.world import until

SALES = {"code": "sales", "name": "Sales", "endpoint": "PJSIP/agent-90"}
SETTINGS: dict[str, Any] = {
    "wrap_up_s": 0,
    "retry": {},
    "record_pausable": True,
    "transfer_targets": [SALES],
}


def _customer(sim: AriSimulator, call_id: UUID) -> Channel:
    return next(one for one in customers(sim) if one.id == f"c{call_id.hex}")


def _parties(sim: AriSimulator) -> list[Channel]:
    return [one for one in sim.channels if one.number == "agent-90"]


def _company(channel: Channel) -> set[str]:
    """Who is in a channel's bridge, by the first letters of their ids."""
    return {one[0] for one in channel.bridge.members} if channel.bridge is not None else set()


async def _see(sim: AriSimulator, call_id: UUID, company: str, *, music: bool = False) -> None:
    async def so() -> bool:
        channel = _customer(sim, call_id)
        return _company(channel) == set(company) and channel.hears_music is music

    await until(so, f"the customer is with {company or 'nobody'}, music {music}")


async def test_hold_music_keys_and_back(place: Place) -> None:
    made = await place.campaign(1, 1, settings=SETTINGS)
    desk = TalkDesk(place, made)
    async with asterisk(Manners("t-answer-r50")) as (sim, _book), place.worker(sim):
        call_id = await desk.call_of()
        await _see(sim, call_id, "ca")
        await desk.wish(call_id, Control.KEYS, keys="12#4")

        async def sent() -> bool:
            return _customer(sim, call_id).keys == "12#4"

        await until(sent, "the keys are sent")
        await desk.wish(call_id, Control.HOLD)
        await desk.see_state(call_id, "held")
        await _see(sim, call_id, "", music=True)
        with pytest.raises(NotPossibleNow):
            await desk.wish(call_id, Control.HOLD)
        await desk.wish(call_id, Control.UNHOLD)
        await desk.see_state(call_id, "talking")
        await _see(sim, call_id, "ca")
        sim.hang_up(f"c{call_id.hex}")
        assert (await desk.see_ended(call_id)).outcome == "connected"
    await desk.see_parts(call_id, ("held", "resumed"))
    keys = "SELECT count(*) FROM audit_entry WHERE action = 'call.keys' AND facts::text LIKE '%12%'"
    assert await place.books(made).scalar(keys) in (0, 1)
    told = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry WHERE subject = 'attempt'"
    assert await place.books(made).scalar(told) == "call.keys call.hold call.unhold"


async def test_a_gap_in_the_recording_keeps_the_talk(place: Place) -> None:
    made = await place.campaign(1, 1, settings=SETTINGS)
    desk = TalkDesk(place, made)
    async with asterisk(Manners("t-answer-r50")) as (sim, _book), place.worker(sim):
        call_id = await desk.call_of()
        await desk.wish(call_id, Control.PAUSE_RECORDING)

        async def stopped() -> bool:
            return _customer(sim, call_id).context == "unmixmon"

        await until(stopped, "the recording has stopped")
        await desk.see_parts(call_id, ("unrecorded", None))
        await _see(sim, call_id, "ca")
        seen = await desk.see_state(call_id, "talking")
        assert seen.unrecorded
        assert Control.RESUME_RECORDING in seen.possible
        await desk.wish(call_id, Control.RESUME_RECORDING)
        await desk.see_parts(call_id, ("unrecorded", "resumed"))
        await _see(sim, call_id, "ca")
        channel = _customer(sim, call_id)
        assert channel.context == "mixmon"
        assert f"/{call_id.hex}-" in channel.variables["OD_REC"], "a file of its own"
        sim.hang_up(channel.id)
        assert (await desk.see_ended(call_id)).recording_raw == f"{call_id.hex}.raw"


async def test_an_attended_transfer_by_way_of_three(place: Place) -> None:
    """The agent takes the next customer while the first talks with the third party."""
    made = await place.campaign(2, 1, settings=SETTINGS)
    desk = TalkDesk(place, made)
    async with asterisk(Manners("t-answer-r50")) as (sim, _book), place.worker(sim):
        first = await desk.call_of()
        await desk.wish(first, Control.CONSULT, target="sales")
        assert (await desk.see_state(first, "consulting")).target == "Sales"
        await _see(sim, first, "", music=True)
        (party,) = _parties(sim)
        assert _company(party) == {"a", "t"}
        await desk.wish(first, Control.JOIN)
        await desk.see_state(first, "three_way")
        await _see(sim, first, "cat")
        await desk.wish(first, Control.COMPLETE)
        await _see(sim, first, "ct")
        second = await desk.call_of(other_than=first)
        await _see(sim, second, "ca")
        await _see(sim, first, "ct")
        row = await desk.attempt(first)
        assert row.ended_at is None
        assert row.left_at is not None
        sim.hang_up(party.id)
        ended = await desk.see_ended(first)
        assert (ended.outcome, ended.ended_by) == ("connected", "third_party")
        sim.hang_up(f"c{second.hex}")
        await until(place.books(made).is_finished, "the campaign is finished")

        async def tidied() -> bool:
            return not sim.bridges

        await until(tidied, "no bridge is left")
        await check_balance(place, made, sim)
    await desk.see_parts(
        first,
        ("calling", "went_on"),
        ("consulting", "went_on"),
        ("three_way", "went_on"),
        ("away", "call_ended"),
        ("unrecorded", "call_ended"),
    )
    talked = (
        "SELECT extract(epoch FROM sum(e.ended_at - e.started_at) - (a.left_at - a.connected_at))"
        " FROM attempt a JOIN agent_state_entry e ON e.call_id = a.id AND e.state = 'on_call'"
        " WHERE a.id = :id GROUP BY a.left_at, a.connected_at"
    )
    assert abs(await place.books(made).scalar(talked, id=first)) < 0.5
    assert await place.books(made).leads() == {"done:no_disposition": 2}


async def test_a_third_party_that_is_not_reached_gives_the_customer_back(place: Place) -> None:
    made = await place.campaign(1, 1, settings=SETTINGS)
    desk = TalkDesk(place, made)
    async with asterisk(Manners("t-answer-r50")) as (sim, _book), place.worker(sim):
        await see_talks(sim, 1)
        sim.world.agent_phone = lambda _: Behaviour(BehaviourKind.REJECT, ring_s=0.3)
        call_id = await desk.call_of()
        with pytest.raises(UnknownTarget):
            await desk.wish(call_id, Control.TRANSFER, target="nobody")
        await desk.wish(call_id, Control.TRANSFER, target="sales")
        await desk.see_parts(call_id, ("transferring", "not_reached"))
        seen = await desk.see_state(call_id, "talking")
        assert seen.failed == "not_reached"
        await _see(sim, call_id, "ca")
        assert not _parties(sim)


async def test_the_end_of_a_call_ends_the_third_party_before_the_next_customer(
    place: Place,
) -> None:
    made = await place.campaign(2, 1, settings=SETTINGS)
    desk = TalkDesk(place, made)
    async with asterisk(Manners("t-answer-r50")) as (sim, _book), place.worker(sim):
        first = await desk.call_of()
        await desk.wish(first, Control.CONSULT, target="sales")
        await desk.see_state(first, "consulting")
        sim.hang_up(f"c{first.hex}")
        second = await desk.call_of(other_than=first)
        await _see(sim, second, "ca")
        assert not _parties(sim)
    await desk.see_parts(first, ("calling", "went_on"), ("consulting", "call_ended"))


@pytest.mark.parametrize(
    ("controls", "state", "company"),
    [((Control.HOLD,), "held", ""), ((Control.CONSULT,), "consulting", "")],
)
async def test_a_new_owner_goes_on_with_what_the_agent_did(
    place: Place, tmp_path: Path, controls: tuple[Control, ...], state: str, company: str
) -> None:
    made = await place.campaign(1, 1, settings=SETTINGS)
    desk = TalkDesk(place, made)
    async with (
        asterisk(Manners("t-answer-r50")) as (sim, _book),
        worker_process(place, sim, tmp_path / "a.log") as first,
    ):
        call_id = await desk.call_of()
        for control in controls:
            await desk.wish(call_id, control, target="sales")
        await desk.see_state(call_id, state)
        await _see(sim, call_id, company, music=True)
        first.send(signal.SIGKILL)
        await first.ended()
        async with place.worker(sim):
            back = Control.UNHOLD if state == "held" else Control.CANCEL
            await desk.wish(call_id, back)
            await desk.see_state(call_id, "talking")
            await _see(sim, call_id, "ca")
            assert not _parties(sim)
            sim.hang_up(f"c{call_id.hex}")
            assert (await desk.see_ended(call_id)).outcome == "connected"


async def test_a_transferred_talk_outlives_its_owner(place: Place, tmp_path: Path) -> None:
    made = await place.campaign(1, 1, settings=SETTINGS)
    desk = TalkDesk(place, made)
    async with (
        asterisk(Manners("t-answer-r50")) as (sim, _book),
        worker_process(place, sim, tmp_path / "a.log") as first,
    ):
        call_id = await desk.call_of()
        await desk.wish(call_id, Control.TRANSFER, target="sales")
        await _see(sim, call_id, "ct")

        async def stored() -> bool:
            return (await desk.attempt(call_id)).left_at is not None

        await until(stored, "it is stored that the agent has left")
        first.send(signal.SIGKILL)
        await first.ended()
        async with place.worker(sim):

            async def ready() -> bool:
                return await place.books(made).agent_states() == ["ready"]

            await until(ready, "the agent is ready under the new owner")
            await _see(sim, call_id, "ct")
            (party,) = _parties(sim)
            sim.hang_up(party.id)
            ended = await desk.see_ended(call_id)
            assert (ended.outcome, ended.ended_by) == ("connected", "third_party")
            assert await desk.parts(call_id) == [
                ("transferring", "went_on"),
                ("away", "call_ended"),
                ("unrecorded", "call_ended"),
            ]


SHOP = {"code": "shop", "name": "Shop", "number": "+74952009999"}


async def test_a_third_party_takes_a_line_of_the_trunk_and_gives_it_back(place: Place) -> None:
    """With one line, the customer's, there is none for the shop; with two there is, and none is left."""
    settings = {**SETTINGS, "transfer_targets": [SHOP]}
    made = await place.campaign(2, 1, settings=settings, trunk={"max_channels": 1})
    desk, lines = TalkDesk(place, made), place.books(made)
    taken = "SELECT count(*) FROM attempt WHERE campaign_id = :c AND party_trunk_id IS NOT NULL"

    async def see_taken(count: int) -> None:
        async def so() -> bool:
            return bool(await lines.scalar(taken) == count)

        await until(so, f"{count} third parties have a line")

    async with asterisk(Manners("t-answer-r50")) as (sim, book), place.worker(sim):
        call_id = await desk.call_of()
        await desk.wish(call_id, Control.TRANSFER, target="shop")
        await desk.see_parts(call_id, ("transferring", "no_line"))
        seen = await desk.see_state(call_id, "talking")
        assert seen.failed == "no_line"
        assert SHOP["number"] not in book.dialled
        more = "UPDATE trunk SET max_channels = 2 WHERE id = :trunk"
        await place.execute(more, made, trunk=made.trunk_id)
        await desk.wish(call_id, Control.CONSULT, target="shop")
        await desk.see_state(call_id, "consulting")
        await see_taken(1)
        await desk.wish(call_id, Control.CANCEL)
        await desk.see_state(call_id, "talking")
        await see_taken(0)
        await desk.wish(call_id, Control.TRANSFER, target="shop")
        await see_taken(1)
        sim.hang_up(f"c{call_id.hex}")
        second = await desk.call_of(other_than=call_id)
        sim.hang_up(f"c{second.hex}")
        await until(lines.is_finished, "the campaign is finished")
