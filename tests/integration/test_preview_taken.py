"""Preview: what is shown and changes, is taken away or changes hands: nothing twice, nothing lost."""

import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from campaigns import commands
from campaigns.commands import CommandName
from campaigns.law.suppressions import suppress
from campaigns.leads.preview_models import Preview
from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.states import PreviewEnd
from dialer.db import transaction
from dialer.ids import new_id
from tests.factories import ALL_WEEK, numbers
from tests.hall import Manners, Place, asterisk, check_balance, customers, see_silence, see_talks
from tests.integration.preview_world import CLOCK, PREVIEW, PreviewHall, preview_hall
from tests.promises import name_of
from tests.worker_process import worker_process
from tests.world import test_settings, until

REAL = {"simulated": False}


async def taken(hall: PreviewHall, first: Preview, reason: str) -> None:
    """See that a contact was withdrawn for a reason and let go."""
    ended = await hall.ended(first.id)
    assert (ended.ending, ended.reason) == (PreviewEnd.WITHDRAWN, reason)


async def _suppress(hall: PreviewHall, number: str) -> None:
    how: dict[str, Any] = {"reason": "do_not_call", "source": "test", "user_id": None}
    async with transaction(hall.place.sessions) as session:
        await suppress(session, client_id=hall.made.client_id, e164s=[number], clock=CLOCK, **how)


async def test_a_suppressed_number_is_taken_away(place: Place) -> None:
    async with preview_hall(place, 2) as hall:
        first = await hall.shown()
        await _suppress(hall, await hall.number_of(first))
        await taken(hall, first, "suppressed")
        assert (await hall.shown(other_than=first.id)).lead_id != first.lead_id


async def test_a_person_who_is_read_can_be_erased(place: Place) -> None:
    async with preview_hall(place, 2) as hall:
        first = await hall.shown()
        lead = await hall.lead(first.lead_id)
        settings = test_settings(place.database_url, place.redis_url)
        async with transaction(place.sessions) as session:
            await erase(
                session,
                Who(contact_id=lead.contact_id),
                client_id=hall.made.client_id,
                reason="letter of 2026-11-20",
                user_id=None,
                clock=CLOCK,
                vault=Vault.of(settings),
            )
        assert (await hall.ended(first.id)).ending is PreviewEnd.WITHDRAWN
        await hall.dial(await hall.shown(other_than=first.id))
        (talker,) = await see_talks(hall.sim, 1)
        assert talker.number != lead.e164


async def test_the_calling_hours_close_while_it_is_read(place: Place) -> None:
    async with preview_hall(place, 1, trunk=REAL) as hall:
        first = await hall.shown()
        far_day = (CLOCK.now() + timedelta(days=3)).strftime("%a").lower()
        await hall.change(hours={far_day: [["12:00", "12:30"]]})
        await taken(hall, first, "outside_window")
        assert await hall.books.leads() == {"waiting": 1}
        await hall.change(hours=ALL_WEEK)
        assert (await hall.shown(other_than=first.id)).lead_id == first.lead_id


async def test_the_gate_refuses_what_was_called_elsewhere_meanwhile(place: Place) -> None:
    settings = {"max_attempts_per_day": 1}
    async with preview_hall(place, 2, trunk=REAL, settings=settings) as hall:
        first = await hall.shown()
        lead = await hall.lead(first.lead_id)
        sql = """
            INSERT INTO attempt (id, client_id, campaign_id, lead_id, contact_id, e164, trunk_id,
                                 fence, number_in_lead, decision, subject, reserved_agent,
                                 started_at, ended_at, outcome)
            VALUES (:id, :client, :c, :lead, :contact, :number, :trunk, 0, 1, '{}', '', false,
                    now(), now(), 'busy')
        """
        facts = {"id": new_id(), "client": hall.made.client_id, "lead": lead.id}
        number = {"contact": lead.contact_id, "number": lead.e164, "trunk": hall.made.trunk_id}
        await place.execute(sql, hall.made, **facts, **number)
        await hall.dial(first)
        ended = await hall.ended(first.id)
        assert (ended.ending, ended.reason) == (PreviewEnd.REFUSED, "daily_cap")
        second = await hall.shown(other_than=first.id)
        assert second.lead_id != first.lead_id
        assert not hall.book.dialled


@pytest.mark.parametrize("state", ["paused", "stopped"])
async def test_a_campaign_that_stops_takes_everything_away(place: Place, state: str) -> None:
    async with preview_hall(place, 2, 2) as hall:
        first, second = await hall.shown(0), await hall.shown(1)
        await place.set_state(hall.made, state)
        for shown in (first, second):
            await taken(hall, shown, "campaign_not_running")

        async def let_go() -> bool:
            return await hall.books.leads() == {"waiting": 2}

        await until(let_go, "the leads are let go")
        if state == "paused":
            await hall.see_states("ready", "ready")
            await place.set_state(hall.made, "running")
            await hall.shown(0, other_than=first.id)
        else:
            await hall.see_states()


async def test_a_selection_takes_everything_away(place: Place) -> None:
    async with preview_hall(place, 1) as hall:
        first = await hall.shown()
        await place.execute("UPDATE campaign SET selection_due = true WHERE id = :c", hall.made)
        await commands.send(place.redis, hall.made.id, CommandName.REFRESH)
        await taken(hall, first, "selection_pending")
        await place.execute("UPDATE campaign SET selection_due = false WHERE id = :c", hall.made)
        await hall.shown(other_than=first.id)


async def test_the_mode_changes_while_the_campaign_runs(place: Place) -> None:
    async with preview_hall(place, 4, 2, usual="t-answer-r50") as hall:
        first = await hall.shown()
        await hall.change(mode="progressive")
        await taken(hall, first, "mode_changed")
        talkers = await see_talks(hall.sim, 2)
        await hall.change(mode="preview")
        sql = "SELECT seconds -> -1 ->> 'limit' FROM pacing_trace WHERE campaign_id = :c"
        sql += " ORDER BY began_at DESC LIMIT 1"

        async def traced() -> bool:
            return bool(await hall.books.scalar(sql) == "preview")

        await until(traced, "the trace says who chooses")
        for talker in talkers:
            hall.sim.hang_up(talker.id)
        await hall.see_states("previewing", "previewing")
        assert hall.book.dialled.total() == 2


async def _promise_to(hall: PreviewHall, lead: Any, agent: str) -> None:
    sql = """
        INSERT INTO callback (id, client_id, campaign_id, lead_id, state, promised_at, zone, agent,
                              note, created_at)
        VALUES (:id, :client, :c, :lead, 'open', now(), 'Europe/Moscow', :agent, '', now())
    """
    facts = {"id": new_id(), "client": hall.made.client_id, "lead": lead, "agent": agent}
    await hall.place.execute(sql, hall.made, **facts)
    change = "UPDATE lead SET reserved_for = :agent, waiting_reason = 'callback' WHERE id = :lead"
    await hall.place.execute(change, hall.made, lead=lead, agent=agent)


async def test_a_promised_call_is_shown_first_and_to_its_own_agent(place: Place) -> None:
    async with preview_hall(place, 5, 2, state="paused") as hall:
        await hall.see_states("ready", "ready")
        last = hall.made.lead_ids[-1]
        async with place.sessions() as session:
            name = await name_of(session, hall.made.session_ids[1])
        await _promise_to(hall, last, name)
        await place.set_state(hall.made, "running")
        shown = await hall.shown(1)
        assert shown.lead_id == last
        assert (await hall.shown(0)).lead_id == hall.made.lead_ids[0]
        await hall.dial(shown)
        await see_talks(hall.sim, 1)
        kept = "SELECT state FROM callback WHERE campaign_id = :c"
        assert await hall.books.scalar(kept) == "kept"


async def test_the_last_contact_finishes_the_campaign(place: Place) -> None:
    async with preview_hall(place, 1, usual="t-answer-r50-t300", settings={"retry": {}}) as hall:
        await hall.dial(await hall.shown())
        await until(hall.books.is_finished, "the campaign is finished")
        await hall.see_states()
        await check_balance(place, hall.made, hall.sim)


async def test_a_new_owner_shows_anew_and_forgets_what_was_decided(
    place: Place, tmp_path: Path
) -> None:
    made = await place.campaign(2, 1, settings=PREVIEW)
    async with asterisk(Manners("t-answer-r50")) as (sim, book):
        hall = PreviewHall(place, made, sim, book)
        async with worker_process(place, sim, tmp_path / "a.log") as first_owner:
            first = await hall.shown()
            first_owner.send(signal.SIGKILL)
            await first_owner.ended()
        await hall.dial(first)
        async with place.worker(sim):
            second = await hall.shown(other_than=first.id)
            await taken(hall, first, "worker_changed")
            assert second.lead_id == first.lead_id
            assert not book.dialled, "a decision of before is asked for anew"
            await hall.dial(second)
            await see_talks(sim, 1)
        assert book.dialled.total() == 1


async def test_a_new_owner_gives_the_ringing_call_to_who_dialled_it(
    place: Place, tmp_path: Path
) -> None:
    """The other agent is free and waits longer; the call still is the first one's."""
    made = await place.campaign(1, 2, settings=PREVIEW | {"retry": {}})
    async with asterisk(Manners("t-answer-r7000-t600")) as (sim, book):
        hall = PreviewHall(place, made, sim, book)
        async with worker_process(place, sim, tmp_path / "a.log") as first_owner:

            async def somebody_reads() -> Any:
                return await hall.books.scalar("SELECT session_id FROM preview")

            reader = made.session_ids.index(await until(somebody_reads, "somebody reads"))
            await hall.dial(await hall.shown(reader))
            await hall.see_states("dialing", "ready")
            first_owner.send(signal.SIGKILL)
            await first_owner.ended()
        assert len(customers(sim)) == 1
        async with place.worker(sim):
            await see_talks(sim, 1)
            await see_silence(sim)
            await until(hall.books.is_finished, "the campaign is finished")
        assert await hall.books.outcomes() == {"connected": 1}
        async with place.sessions() as session:
            sql = text("SELECT agent_session_id FROM attempt WHERE campaign_id = :c")
            talked = (await session.execute(sql, {"c": made.id})).scalar_one()
        assert talked == made.session_ids[reader]


async def test_russian_sales_are_refused_to_a_machine_and_shown_to_a_person(place: Place) -> None:
    """38-FZ art. 18(2): nobody is dialled by machine; a person may, with the consents on record."""
    e164s = numbers(1)
    settings = {"mode": "predictive", "purpose": "sales"}
    async with preview_hall(
        place, 1, trunk=REAL, settings=settings, state="paused", e164s=e164s
    ) as hall:
        place_sql = """
            WITH there AS (
                INSERT INTO place (zones, jurisdictions, source, confidence)
                VALUES ('{Europe/Moscow}', '{RU,RU-MOW}', 'number', 'narrow') RETURNING id
            ), phones AS (UPDATE phone SET place_id = there.id FROM there)
            UPDATE lead SET place_id = there.id FROM there
        """
        await place.execute(place_sql, hall.made)
        for kind, number in (
            ("prior_consent", e164s[0]),
            ("operator_contract_and_not_refused", None),
        ):
            sql = """
                INSERT INTO consent_record (id, client_id, e164, kind, scope, granted_at, proof,
                                            recorded_at)
                VALUES (:id, :client, CAST(:number AS text), :kind, '*', now() - interval '1 day',
                        'form 7', now())
            """
            facts = {"client": hall.made.client_id, "number": number, "kind": kind}
            await place.execute(sql, hall.made, id=new_id(), **facts)
        await place.set_state(hall.made, "running")

        async def refused() -> bool:
            return bool((await hall.lead(hall.made.lead_ids[0])).waiting_reason == "machine_banned")

        await until(refused, "the law refuses the machine")
        assert not hall.book.dialled
        await hall.change(mode="preview")
        wake = "UPDATE lead SET next_attempt_at = now() WHERE campaign_id = :c"
        await place.execute(wake, hall.made)
        await hall.dial(await hall.shown())
        await see_talks(hall.sim, 1)
        sql = "SELECT decision -> 'channel' FROM attempt WHERE campaign_id = :c"
        assert await hall.books.scalar(sql) == "human"
