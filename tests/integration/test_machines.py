"""Answering machines in a running campaign: agents are freed, audits stay, messages are left."""

from typing import Any

import pytest

from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.dialplan import Return
from tests.audits import audit_nobody
from tests.factories import MadeCampaign, numbers
from tests.hall import Manners, Place, asterisk, check_balance, customers, see_talks
from tests.world import until

#: A machine, and a person; both talk for long.
MACHINE, PERSON = "t-machine-r20-t60000", "t-answer-r20-t1200"
#: The world is fast: an analysis takes 0.1 s.
SPEED = 20.0
SETTINGS: dict[str, Any] = {"wrap_up_s": 0, "retry": {}}
ACTS: dict[str, Any] = {"audit_share": 0.01}
AUDITS: dict[str, Any] = {"audit_share": 1}
LEAVES: dict[str, Any] = ACTS | {
    "on_machine": "leave_message",
    "messages": {"ru": ["sound:acme"]},
}
VERDICTS = (
    "SELECT string_agg(DISTINCT verdict || ':' || treatment, ' ') FROM amd_verdict"
    " WHERE campaign_id = :c"
)


@pytest.fixture(autouse=True)
def _no_audit_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    audit_nobody(monkeypatch)


def with_amd(amd: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Settings of a campaign that listens for machines."""
    return SETTINGS | {"amd": amd} | more


async def _run(
    place: Place, settings: dict[str, Any], manner: str, *, leads: int = 4, agents: int = 2
) -> MadeCampaign:
    """Run a campaign to its end and check its books."""
    made = await place.campaign(leads, agents, settings=settings)
    async with asterisk(Manners(manner), speed=SPEED) as (sim, _), place.worker(sim):
        await until(place.books(made).is_finished, "the campaign is finished", within_s=60)
        await check_balance(place, made, sim)
        assert not [c for c in sim.channels if c.name.startswith("Snoop/")]
    return made


async def _agents_talked(place: Place, made: MadeCampaign) -> int:
    sql = (
        "SELECT count(*) FROM agent_state_entry e JOIN agent_session s ON s.id = e.session_id"
        " WHERE s.campaign_id = :c AND e.state = 'wrap_up'"
    )
    return int(await place.books(made).scalar(sql))


async def test_machines_free_their_agents_without_wrap_up_and_are_hung_up(place: Place) -> None:
    settings = with_amd(ACTS, retry={"machine": {"after_s": 3600, "max_attempts": 3}})
    made = await place.campaign(4, 2, settings=settings | {"wrap_up_s": 600})
    books = place.books(made)
    async with asterisk(Manners(MACHINE), speed=SPEED) as (sim, _), place.worker(sim):

        async def all_called() -> bool:
            return await books.outcomes() == {"machine": 4}

        await until(all_called, "every machine is hung up: two agents had two each")
        await check_balance(place, made, sim)
        assert await books.agent_states() == ["ready", "ready"]
    assert await _agents_talked(place, made) == 0
    assert await books.leads() == {"waiting": 4}
    assert await books.scalar(VERDICTS) == "machine:acted"
    talked = "SELECT count(connected_at) FROM attempt WHERE campaign_id = :c"
    assert await books.scalar(talked) == 0, "an agent who heard a machine had no conversation"
    took = "SELECT min(analysed_ms) FROM amd_verdict WHERE campaign_id = :c"
    assert await books.scalar(took) >= 90


async def test_people_talk_on(place: Place) -> None:
    made = await _run(place, with_amd(ACTS), "t-answer-r20-t6000")
    books = place.books(made)
    assert await books.outcomes() == {"connected": 4}
    assert await books.scalar(VERDICTS) == "human:passed"


async def test_who_hangs_up_before_the_verdict_leaves_nothing_behind(place: Place) -> None:
    made = await _run(place, with_amd(ACTS), "t-answer-r20-t600")
    assert await place.books(made).outcomes() == {"connected": 4}
    assert await place.books(made).scalar(VERDICTS) in (None, "failed:passed")


async def test_an_audited_machine_stays_with_its_agent(place: Place) -> None:
    made = await _run(place, with_amd(AUDITS), "t-machine-r20-t6000")
    books = place.books(made)
    assert await books.outcomes() == {"connected": 4}
    assert await books.scalar(VERDICTS) == "machine:audited"


async def test_without_agents_in_time_the_wait_is_not_longer(place: Place) -> None:
    """Two are called for one agent; the verdict comes after the wait: the one left over is abandoned."""
    settings = with_amd(ACTS, mode="power", dial_ratio=2, abandon_message=False, max_wait_s=0.2)
    made = await place.campaign(2, 1, settings=settings)
    async with asterisk(Manners("t-machine-r20-t6000"), speed=2) as (sim, _), place.worker(sim):
        await until(place.books(made).is_finished, "the campaign is finished")
    assert await place.books(made).outcomes() == {"machine": 1, "abandoned": 1}


async def test_a_failing_analysis_changes_nothing(place: Place) -> None:
    made = await place.campaign(2, 1, settings=with_amd(ACTS))

    def hangs_up(_channel: Channel) -> Return | None:
        return None

    async with asterisk(Manners(PERSON), speed=2) as (sim, _):
        sim.world.dialplan["amd"] = hangs_up
        async with place.worker(sim):
            await until(place.books(made).is_finished, "the campaign is finished")
    assert await place.books(made).outcomes() == {"connected": 2}
    assert await place.books(made).scalar(VERDICTS) == "failed:passed"


async def test_a_message_is_left_to_machines_whose_language_has_one(place: Place) -> None:
    e164s = numbers(2)
    made = await place.campaign(0, 1, e164s=e164s, settings=with_amd(LEAVES))
    await place.execute(
        "UPDATE contact SET language = 'ru' WHERE id IN (SELECT contact_id FROM phone"
        " WHERE e164 = :e164)",
        made,
        e164=e164s[0],
    )
    async with asterisk(Manners(MACHINE), speed=SPEED) as (sim, _), place.worker(sim):
        await until(place.books(made).is_finished, "the campaign is finished")
        await check_balance(place, made, sim)
    books = place.books(made)
    assert await books.outcomes() == {"machine": 2}
    left = (
        "SELECT a.e164 || ' ' || v.message_left || ' ' || v.message_bar FROM amd_verdict v"
        " JOIN attempt a ON a.id = v.attempt_id WHERE a.e164 = :e164"
    )
    assert await books.scalar(left, e164=e164s[0]) == f"{e164s[0]} true "
    assert await books.scalar(left, e164=e164s[1]) == f"{e164s[1]} false no_message_in_language"


async def test_the_agent_is_free_while_the_machine_still_hears_the_message(place: Place) -> None:
    settings = with_amd(LEAVES | {"messages": {"": ["sound:acme"]}})
    made = await place.campaign(2, 1, settings=settings)
    manners = Manners(MACHINE)
    async with asterisk(manners, speed=SPEED) as (sim, _):
        sim.world.media_s = lambda _media: 600.0
        async with place.worker(sim):

            async def second_is_called() -> bool:
                return len(customers(sim, "Up")) == 2

            await until(second_is_called, "the second is called while the first hears the message")
            assert await place.books(made).agent_states() != []


async def test_a_new_owner_lets_no_leg_listen_for_nobody(place: Place) -> None:
    """The worker dies while a greeting is analysed: the talk goes on, the listening leg goes."""
    await place.campaign(1, 1, settings=with_amd(ACTS))
    async with asterisk(Manners("t-answer-r20-t60000")) as (sim, _):
        sim.world.dialplan["amd"] = lambda _channel: Return(("amd", "MACHINE", "X"), 3600.0)
        async with place.worker(sim):
            await see_talks(sim, 1)

            async def listens() -> bool:
                return any(c.name.startswith("Snoop/") for c in sim.channels)

            await until(listens, "a leg listens")
        async with place.worker(sim):

            async def gone() -> bool:
                return not await listens()

            await until(gone, "no leg listens any more")
            await see_talks(sim, 1)
