"""Results at the desk: saved once whatever is pressed twice, with the notes and callbacks they want."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.commands import command_stream
from campaigns.desk.models import AttemptNote
from campaigns.leads.models import Attempt, Callback
from campaigns.lists.models import Phone
from compliance.models import Suppression
from dialer.agent.states import AgentState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_place
from tests.integration.desk_world import DeskWorld, desk_world

S = AgentState


@pytest.fixture
async def desk(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[DeskWorld]:
    async with desk_world(sessions, redis, clock) as made:
        await made.begin()
        yield made


async def _rows(desk: DeskWorld, table: Any) -> list[Any]:
    async with desk.world.sessions() as session:
        return list(await session.exec(select(table)))


async def _told(desk: DeskWorld, name: str) -> list[dict[str, Any]]:
    raw = await desk.world.redis.xrange(command_stream(desk.campaign_id))
    bodies = [json.loads(fields[b"body"]) for _, fields in raw]
    return [body for body in bodies if body["name"] == name]


async def _dispose(desk: DeskWorld, attempt: Attempt, code: str, **more: Any) -> str:
    answer = await desk.post(f"/calls/{attempt.id}/disposition", code=code, **more)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_result_is_saved_with_its_note_and_the_runner_is_told(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    said = await _dispose(desk, attempt, "sale", note=" wants two ")
    assert "The result is saved." in said
    assert "Result: Agreed / sale" in said
    stored = await desk.stored(attempt)
    assert (stored.disposition, stored.disposed_at) == ("sale", desk.clock.now())
    (note,) = await _rows(desk, AttemptNote)
    assert (note.text, note.written_by, note.attempt_id) == (
        *("wants two", desk.user.id),
        attempt.id,
    )
    (told,) = await _told(desk, "disposed")
    assert (told["call_id"], told["code"]) == (str(attempt.id), "sale")
    assert told["session_id"] == str(desk.shift_id)


async def test_a_double_click_saves_one_result(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    answers = await asyncio.gather(*(_dispose(desk, attempt, "sale") for _ in range(4)))
    assert all("The result is saved." in said for said in answers)
    assert len(await _told(desk, "disposed")) == 1


async def test_two_tabs_with_two_results_keep_the_first_and_say_so(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    await _dispose(desk, attempt, "sale")
    second = await _dispose(desk, attempt, "refused", note="no")
    assert "This call already has its disposition." in second
    assert "Result: Agreed / sale" in second
    assert (await desk.stored(attempt)).disposition == "sale"
    assert await _rows(desk, AttemptNote) == []
    plain = await desk.post(f"/calls/{attempt.id}/disposition", pieces=False, code="refused")
    assert plain.status_code == 409
    assert "This call already has its disposition." in plain.text


async def test_a_plain_form_works_like_htmx(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    answer = await desk.post(f"/calls/{attempt.id}/disposition", pieces=False, code="done")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert "Result: Done: questions answered" in (await desk.get()).text


async def test_a_result_that_wants_a_note_keeps_what_was_typed(desk: DeskWorld) -> None:
    await desk.codes("refused", requires_note=True)
    attempt = await desk.talk()
    said = await _dispose(desk, attempt, "refused", note="  ")
    assert "This result needs a note" in said
    assert "with a note" in said
    assert (await desk.stored(attempt)).disposition is None
    assert "Result: Refused to talk" in await _dispose(desk, attempt, "refused", note="angry")


async def test_a_note_kept_while_it_was_written_is_note_enough(desk: DeskWorld) -> None:
    await desk.codes("refused", requires_note=True)
    attempt = await desk.talk()
    assert (await desk.post(f"/calls/{attempt.id}/note", note="angry")).status_code == 204
    assert ">angry</textarea>" in (await desk.get()).text, "a page opened anew has it"
    api = await desk.world.api()
    done = await api.post(f"/api/v1/attempts/{attempt.id}/disposition", json={"code": "refused"})
    assert done.status_code == 200, done.text


async def test_a_note_that_comes_after_the_result_changes_nothing(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    await _dispose(desk, attempt, "sale", note="final")
    await desk.post(f"/calls/{attempt.id}/note", note="late")
    (note,) = await _rows(desk, AttemptNote)
    assert note.text == "final"
    too_long = await desk.post(
        f"/calls/{(await desk.talk()).id}/disposition", code="sale", note="x" * 2001
    )
    assert "A note has at most 2000 characters." in too_long.text


async def test_a_call_that_is_not_connected_has_no_result_yet(desk: DeskWorld) -> None:
    attempt = await desk.talk(connected_at=None)
    assert "The call is not connected yet" in await _dispose(desk, attempt, "sale")
    assert "Choose a result." in await _dispose(desk, attempt, "")


async def _times(desk: DeskWorld, attempt: Attempt, query: str = "") -> list[datetime]:
    page = (await desk.get(f"/calls/{attempt.id}/callback{query}")).text
    found = re.findall(r'name="callback_at" value="([^"]+)"', page)
    return [datetime.fromisoformat(one) for one in found]


async def test_only_times_within_the_hours_are_offered_on_the_contacts_clock(
    desk: DeskWorld,
) -> None:
    attempt = await desk.talk()
    tuesday = await _times(desk, attempt, "?day=2026-11-24")
    clock = [at.strftime("%H:%M") for at in tuesday if at.utcoffset() == timedelta(hours=3)]
    assert (clock[0], clock[-1]) == ("09:00", "19:30")
    assert (await desk.get(f"/calls/{attempt.id}/callback?day=x")).status_code == 422
    page = (await desk.get(f"/calls/{attempt.id}/callback")).text
    assert "Europe/Moscow" in page
    assert page.count("day closed") == 4, "two weekends"


@pytest.mark.parametrize(("whose", "agent"), [("me", "Olga"), ("anyone", None)])
async def test_a_call_is_promised_with_the_result(
    desk: DeskWorld, whose: str, agent: str | None
) -> None:
    attempt = await desk.talk()
    at = (await _times(desk, attempt, "?day=2026-11-25"))[-1]
    wish = {"callback_at": at.isoformat(), "callback_for": whose, "note": "ask for Anna"}
    said = await _dispose(desk, attempt, "callback_later", callback_zone="Europe/Moscow", **wish)
    assert "The result is saved." in said
    (promised,) = await _rows(desk, Callback)
    assert (promised.promised_at, promised.zone) == (at, "Europe/Moscow")
    assert (promised.agent, promised.note) == (agent, "ask for Anna")
    own = (await desk.get("/calls")).text
    assert ("You promised to call" in own) is (agent is not None), "one's own are listed"


async def test_a_time_out_of_hours_or_of_no_clock_is_refused_and_nothing_is_saved(
    desk: DeskWorld,
) -> None:
    attempt = await desk.talk()
    night = "2026-11-25T03:00:00+03:00"
    said = await _dispose(desk, attempt, "callback_later", callback_at=night, note="x")
    assert "promise a time within the calling hours" in said
    assert ">x</textarea>" in said
    assert '<details id="callback" open>' in said
    for odd in ("soon", "2026-11-25T12:00:00"):
        said = await _dispose(desk, attempt, "callback_later", callback_at=odd)
        assert "A time to call is missing" in said
    assert (await desk.stored(attempt)).disposition is None
    assert await _rows(desk, Callback) == []


async def test_a_result_that_wants_a_callback_opens_the_calendar(desk: DeskWorld) -> None:
    await desk.codes("callback_later", requires_callback=True)
    attempt = await desk.talk()
    said = await _dispose(desk, attempt, "callback_later")
    assert "This result needs a callback: choose a time." in said
    assert '<details id="callback" open>' in said
    assert 'hx-trigger="load"' in said


async def test_nobody_is_promised_a_call_who_asked_for_none(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    at = (await _times(desk, attempt))[0].isoformat()
    said = await _dispose(desk, attempt, "do_not_call", callback_at=at)
    assert "no call can be promised" in said
    assert await _rows(desk, Suppression) == []


async def test_one_key_bars_every_number_of_the_person_and_cancels_what_rings(
    desk: DeskWorld,
) -> None:
    lead = await desk.lead()
    async with transaction(desk.world.sessions) as session:
        place_id = await make_place(session)
        session.add(
            Phone(
                client_id=lead.client_id,
                contact_id=lead.contact_id,
                e164="+79430009999",
                region="RU",
                place_id=place_id,
                position=1,
            )
        )
    attempt = await desk.talk(lead)
    other = await desk.world.lead(desk.campaign_id, row=77)
    ringing = await desk.world.attempt(other, 9999)
    answer = await desk.post(f"/calls/{attempt.id}/do-not-call", note="shouted")
    assert "This person is not called again by anybody." in answer.text
    barred = {row.e164 for row in await _rows(desk, Suppression)}
    assert barred == {lead.e164, "+79430009999"}
    assert (await desk.stored(attempt)).disposition == "do_not_call"
    (cancelled,) = await _told(desk, "cancel_call")
    assert cancelled["call_id"] == str(ringing.id)


async def test_do_not_call_counts_whatever_result_was_saved_before(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    await _dispose(desk, attempt, "sale")
    answer = await desk.post(f"/calls/{attempt.id}/do-not-call")
    assert "This person is not called again by anybody." in answer.text
    assert (await desk.stored(attempt)).disposition == "sale"
    assert {row.e164 for row in await _rows(desk, Suppression)} == {attempt.e164}


async def test_a_call_without_a_result_gets_it_late_on_its_own_page(desk: DeskWorld) -> None:
    attempt = await desk.talk()
    await desk.be(S.READY)
    assert f'href="/desk/calls/{attempt.id}"' in (await desk.get("/calls")).text
    page = (await desk.get(f"/calls/{attempt.id}?calendar=1&day=2026-11-24")).text
    assert 'name="callback_at"' in page
    assert "hx-post" not in page.split("<main>")[1]
    wrong = await desk.post(f"/calls/{attempt.id}/disposition", pieces=False, code="dream")
    assert wrong.status_code == 400
    assert "The campaign has no such disposition." in wrong.text
    done = await desk.post(f"/calls/{attempt.id}/disposition", pieces=False, code="sale")
    assert done.status_code == 303
    assert (await desk.stored(attempt)).disposition == "sale"


async def test_keys_are_shown_in_the_order_of_the_campaign(desk: DeskWorld) -> None:
    await desk.codes("wrong_number", hot_key="1")
    await desk.talk()
    page = (await desk.get()).text
    keys = dict(re.findall(r'name="code" value="(\w+)" data-key="(\w)"', page))
    assert keys["wrong_number"] == "1"
    assert keys["sale"] == "2"
    assert len(set(keys.values())) == len(keys) == 7
    assert 'data-key="0"' in page


async def test_the_results_of_a_campaign_are_changed_over_the_api(desk: DeskWorld) -> None:
    api = await desk.world.api()
    path = f"/api/v1/campaigns/{desk.campaign_id}/dispositions"
    body = {"label": "Appointment", "requires_callback": True, "hot_key": "a", "aapor": "2.21"}
    made = await api.put(f"{path}/appointment", json=body)
    assert made.status_code == 200, made.text
    listed = {row["code"]: row for row in (await api.get(path)).json()}
    assert listed["appointment"] == made.json()
    assert listed["sale"]["aapor"] == "1.1"
    for wrong in (
        {"label": ""},
        {"label": "x", "hot_key": "r"},
        {"label": "x", "hot_key": "0"},
        {"label": "x", "aapor": "9.1"},
        {"label": "x", "suppresses": True, "requires_callback": True},
    ):
        assert (await api.put(f"{path}/appointment", json=wrong)).status_code == 422, wrong
    changed = await api.put(f"{path}/appointment", json={"label": "Meeting"})
    assert changed.json()["requires_callback"] is False
    stranger = await desk.world.api(client_id=desk.world.other_client_id)
    assert (await stranger.put(f"{path}/x", json={"label": "x"})).status_code == 404
    attempt = await desk.talk()
    assert "Meeting" in (await desk.get()).text
    notes = select(AttemptNote).where(col(AttemptNote.attempt_id) == attempt.id)
    async with desk.world.sessions() as session:
        assert (await session.exec(notes)).first() is None
