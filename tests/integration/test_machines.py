"""Answering machines in a running campaign: agents are freed, audits stay, messages are left."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from campaigns.amd.judging import judge
from campaigns.amd.models import Judgement
from campaigns.commands import agents_channel, board_key
from campaigns.pacing.memory import trace_of
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.dialplan import Return
from tests.audits import audit_nobody
from tests.factories import MadeCampaign, numbers
from tests.hall import Manners, Place, asterisk, check_balance, customers, see_talks
from tests.world import until
from workers.dialing import pacing_record

#: A machine, and a person; both talk for long.
MACHINE, PERSON = "t-machine-r20-t60000", "t-answer-r20-t1200"
#: The world is fast: an analysis takes 0.1 s.
SPEED = 20.0
SETTINGS: dict[str, Any] = {"wrap_up_s": 0, "retry": {}}
LATER = {"after_s": 3600, "max_attempts": 3}
ACTS: dict[str, Any] = {"audit_share": 0.01, "review_share": 1}
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
    settings = with_amd(ACTS, retry={"machine": LATER})
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


async def test_detection_that_switched_itself_off_listens_no_more_and_says_so(place: Place) -> None:
    made = await place.campaign(1, 1, settings=with_amd(ACTS))
    await place.execute(
        "INSERT INTO amd_switch (campaign_id, client_id, off_at, reason, figures)"
        " VALUES (:c, :client, now(), 'too_many_people_taken_for_machines', '{}')",
        made,
        client=made.client_id,
    )
    async with asterisk(Manners("t-machine-r20-t3000")) as (sim, _), place.worker(sim):

        async def notes() -> list[str]:
            kept = await place.redis.get(board_key(made.id))
            return list(json.loads(kept)["notes"]) if kept else []

        told = await until(notes, "the board says why nobody listens")
        assert told == ["machine detection switched itself off: too_many_people_taken_for_machines"]
        await until(place.books(made).is_finished, "the campaign is finished")
    assert await place.books(made).outcomes() == {"connected": 1}
    assert await place.books(made).scalar(VERDICTS) is None


async def test_the_agent_of_an_audited_call_is_asked_what_it_is(place: Place) -> None:
    made = await place.campaign(1, 1, settings=with_amd(AUDITS))
    async with place.redis.pubsub() as heard:
        await heard.subscribe(agents_channel(made.id))
        async with asterisk(Manners("t-machine-r20-t6000"), speed=2) as (sim, _), place.worker(sim):

            async def question() -> Any:
                told = await heard.get_message(ignore_subscribe_messages=True)
                facts = json.loads(told["data"]) if told else {}
                return facts if "question" in facts else None

            asked = await until(question, "the agent is asked")
            await until(place.books(made).is_finished, "the campaign is finished")
    assert asked["question"] == "person_or_machine"
    assert asked["session_id"] == str(made.session_ids[0])
    judged = "SELECT attempt_id::text FROM amd_verdict WHERE campaign_id = :c"
    assert asked["call_id"] == await place.books(made).scalar(judged)


async def test_a_person_who_was_taken_for_a_machine_is_charged_to_the_running_budget(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reviewer hears a person on the recording: the live controller counts one more abandoned."""
    monkeypatch.setattr(pacing_record, "VERDICTS_EVERY_S", 0.1)
    made = await place.campaign(2, 1, settings=with_amd(ACTS, retry={"machine": LATER}))
    books = place.books(made)
    async with asterisk(Manners(MACHINE), speed=SPEED) as (sim, _), place.worker(sim):

        async def all_called() -> bool:
            return await books.outcomes() == {"machine": 2}

        await until(all_called, "both are hung up")
        async with transaction(place.sessions) as session:
            sql = text("SELECT attempt_id FROM amd_verdict WHERE campaign_id = :c LIMIT 1")
            wrong = (await session.execute(sql, {"c": made.id})).scalar_one()
            how: dict[str, Any] = {"client_id": made.client_id, "user_id": None}
            await judge(session, wrong, Judgement.PERSON, clock=SystemClock(), **how)

        async def charged() -> bool:
            async with place.sessions() as session:
                now = SystemClock().now()
                since = now - timedelta(minutes=5)
                seconds = await trace_of(session, made.id, since=since, until=now)
            return bool(seconds and (seconds[-1]["answered"], seconds[-1]["abandoned"]) == (1, 1))

        await until(charged, "the record of the pacing counts the person", within_s=30)
