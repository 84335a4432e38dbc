"""Preview: agents read a contact each and dial it or skip it; every ending lets the lead go once."""

import pytest

from campaigns.states import PreviewEnd, SkipReason
from dialer.agent.states import AgentState
from tests.factories import numbers
from tests.hall import Place, customers, see_silence, see_talks
from tests.integration.preview_world import preview_hall
from tests.world import until


async def test_each_agent_is_shown_one_contact_and_nobody_is_called(place: Place) -> None:
    async with preview_hall(place, 3, 2) as hall:
        first, second = await hall.shown(0), await hall.shown(1)
        assert first.lead_id != second.lead_id
        await hall.see_states("previewing", "previewing")

        async def says_why() -> bool:
            return await hall.books.why(place.redis) == ["preview: agents choose whom to dial"]

        await until(says_why, "the board says who chooses")
        assert await hall.books.leads() == {"claimed": 2, "waiting": 1}
        assert not hall.book.dialled


async def test_the_agent_who_dials_talks_to_that_person(place: Place) -> None:
    async with preview_hall(place, 2, 2) as hall:
        mine, others = await hall.shown(0), await hall.shown(1)
        number = await hall.number_of(mine)
        await hall.dial(mine)
        (talker,) = await see_talks(hall.sim, 1)
        assert talker.number == number
        await hall.see_states("on_call", "previewing")
        attempt = await hall.ended(mine.id)
        assert attempt.ending is PreviewEnd.DIALLED
        sql = "SELECT agent_session_id FROM attempt WHERE id = :id AND reserved_agent"
        assert await hall.books.scalar(sql, id=attempt.attempt_id) == hall.made.session_ids[0]
        assert (await hall.shown(1)).id == others.id, "the other one reads on"
        states = (
            "SELECT string_agg(state, ' ' ORDER BY started_at, id) FROM agent_state_entry"
            " WHERE session_id = :id"
        )
        log = await hall.books.scalar(states, id=hall.made.session_ids[0])
        assert log == "connecting ready previewing dialing reserved on_call"


async def test_an_agent_whom_nobody_answers_is_shown_the_next_contact(place: Place) -> None:
    e164s = numbers(2)
    odd = {e164s[0]: "t-busy"}
    async with preview_hall(place, 2, odd=odd, e164s=e164s) as hall:
        first = await hall.shown()
        assert await hall.number_of(first) == e164s[0]
        await hall.dial(first)
        second = await hall.shown(other_than=first.id)
        assert second.lead_id != first.lead_id

        async def retried() -> bool:
            lead = await hall.lead(first.lead_id)
            return (lead.state, lead.waiting_reason) == ("waiting", "retry_busy")

        await until(retried, "the retry rule keeps the lead")
        assert await hall.books.outcomes() == {"busy": 1}


async def test_a_skipped_contact_waits_and_the_next_is_shown(place: Place) -> None:
    async with preview_hall(place, 2) as hall:
        first = await hall.shown()
        await hall.skip(first, SkipReason.WRONG_DATA)
        second = await hall.shown(other_than=first.id)
        assert second.lead_id != first.lead_id
        ended, lead = await hall.ended(first.id), await hall.lead(first.lead_id)
        assert (ended.ending, ended.reason) == (PreviewEnd.SKIPPED, "wrong_data")
        assert (lead.state, lead.waiting_reason, lead.attempts_made) == ("waiting", "skipped", 0)
        wait_s = (lead.next_attempt_at - ended.ended_at).total_seconds()
        assert wait_s == pytest.approx(3600, abs=5)
        audit = "SELECT facts ->> 'reason' FROM audit_entry WHERE action = 'preview.skip'"
        assert await hall.books.scalar(audit) == "wrong_data"


async def test_a_lost_message_costs_no_decision(place: Place) -> None:
    async with preview_hall(place, 1) as hall:
        await hall.dial(await hall.shown(), tell=False)
        await see_talks(hall.sim, 1)


async def test_the_chosen_number_is_dialled_and_no_other(place: Place) -> None:
    e164s = numbers(1)
    second = "+74952999999"
    async with preview_hall(place, 1, settings={"mode": "progressive"}, state="paused") as hall:
        sql = (
            "INSERT INTO phone (contact_id, position, client_id, kind, e164, region, place_id)"
            " SELECT contact_id, 1, client_id, 'mobile', :second, 'RU', place_id FROM lead"
            " WHERE campaign_id = :c"
        )
        await place.execute(sql, hall.made, second=second)
        await hall.change(mode="preview")
        await place.set_state(hall.made, "running")
        await hall.dial(await hall.shown(), 1)
        (talker,) = await see_talks(hall.sim, 1)
        assert talker.number == second
        assert hall.book.dialled == {second: 1}
        assert e164s[0] not in hall.book.dialled


@pytest.mark.parametrize(
    ("wants", "reason", "state"),
    [(AgentState.PAUSED, "agent_paused", "paused"), (AgentState.OFFLINE, "agent_left", "")],
)
async def test_an_agent_who_goes_leaves_the_contact_to_the_others(
    place: Place, wants: AgentState, reason: str, state: str
) -> None:
    async with preview_hall(place, 1, 2) as hall:
        await hall.see_states("previewing", "ready")
        reader = 0
        sql = "SELECT session_id FROM preview WHERE ended_at IS NULL"
        if await hall.books.scalar(sql) == hall.made.session_ids[1]:
            reader = 1
        first = await hall.shown(reader)
        await hall.wish(reader, wants)
        second = await hall.shown(1 - reader)
        assert (second.lead_id, second.session_id) == (
            first.lead_id,
            hall.made.session_ids[1 - reader],
        )
        ended = await hall.ended(first.id)
        assert (ended.ending, ended.reason) == (PreviewEnd.WITHDRAWN, reason)
        await hall.see_states(*filter(None, ("previewing", state)))


async def test_a_pause_while_it_rings_follows_the_call(place: Place) -> None:
    async with preview_hall(place, 2, usual="t-answer-r3000-t300") as hall:
        await hall.dial(await hall.shown())
        await hall.see_states("dialing")
        await hall.wish(0, AgentState.PAUSED)
        await see_talks(hall.sim, 1)
        await hall.see_states("paused")
    assert await hall.books.outcomes() == {"connected": 1}


async def test_a_lost_leg_takes_the_contact_away_and_ends_what_rings(place: Place) -> None:
    async with preview_hall(place, 2, usual="t-no_answer") as hall:
        first = await hall.shown()
        hall.sim.hang_up(next(c.id for c in hall.sim.channels if not c.trunk))
        ended = await hall.ended(first.id)
        assert (ended.ending, ended.reason) == (PreviewEnd.WITHDRAWN, "leg_lost")
        second = await hall.shown(other_than=first.id)
        await hall.dial(second)

        async def rings() -> bool:
            return bool(customers(hall.sim))

        await until(rings, "it rings")
        await hall.see_states("dialing")
        hall.sim.hang_up(next(c.id for c in hall.sim.channels if not c.trunk))
        await see_silence(hall.sim)

        async def cancelled() -> bool:
            return await hall.books.outcomes() == {"cancelled": 1}

        await until(cancelled, "the call nobody could have answered for is cancelled")
        await hall.shown(other_than=second.id)


async def test_the_time_to_read_is_over(place: Place) -> None:
    async with preview_hall(place, 2, settings={"preview_limit_s": 5}) as hall:
        first = await hall.shown()
        second = await hall.shown(other_than=first.id)
        ended, lead = await hall.ended(first.id), await hall.lead(first.lead_id)
        assert (ended.ending, ended.reason) == (PreviewEnd.TIMED_OUT, "time_limit")
        assert (lead.waiting_reason, second.lead_id == lead.id) == ("skipped", False)


async def test_at_the_limit_the_agent_is_paused_and_the_contact_is_due(place: Place) -> None:
    settings = {"preview_limit_s": 5, "preview_at_limit": "pause"}
    async with preview_hall(place, 1, settings=settings) as hall:
        first = await hall.shown()
        ended = await hall.ended(first.id)
        assert ended.ending is PreviewEnd.TIMED_OUT
        await hall.see_states("paused")
        wants = "SELECT wants || ' ' || pause_code FROM agent_session WHERE campaign_id = :c"
        assert await hall.books.scalar(wants) == "paused preview_limit"
        assert await hall.books.leads() == {"waiting": 1}
        await hall.wish(0, AgentState.READY)
        assert (await hall.shown(other_than=first.id)).lead_id == first.lead_id
