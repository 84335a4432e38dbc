"""The questionnaire in the operator's page, on PostgreSQL: begun, answered, resumed, ended, nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.ids import new_id
from tests.integration.api_world import World, api_world
from tests.interview_world import (
    FRAGMENT,
    Operator,
    Talk,
    asked,
    between,
    campaign_with,
    change,
    ending,
    hang_up,
    operator,
    person,
    publish,
    rows,
    talk,
)
from tests.questionnaires import OPTIONS, form_of, question

FORM = form_of(
    question("q1", text="Hello {{ contact.name }}!\nReady?", screen_out_if="q1 = 'c'"),
    question("q2", "nps", show_if="q1 = 'a'", dont_know=True),
    question(
        *("q3", "number"),
        least=1,
        valid_if="value != 13",
        valid_message={"en": "Not thirteen, please."},
    ),
    contact_fields=["name"],
)


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def begun(world: World, form: Any = FORM, **settings: Any) -> tuple[Talk, Operator]:
    campaign_id = await campaign_with(world, form, **settings)
    who = await operator(world, campaign_id)
    lead = await person(world, campaign_id, name="<b>Olha</b>")
    return await talk(world, lead, who), who


async def test_a_call_begins_its_interview_and_markup_stays_text(world: World) -> None:
    call, who = await begun(world)
    page = await call.look()
    assert asked(page) == "q1"
    assert "Hello &lt;b&gt;Olha&lt;/b&gt;!" in page.text
    assert "<b>Olha" not in page.text
    assert "<html" not in page.text
    whole = await who.browser.get(call.url)
    assert "<html" in whole.text
    assert await call.interview_id() == between(whole.text, 'data-interview="', '"')
    assert len(await rows(world, "SELECT * FROM interview")) == 1, "a second look begins no second"


async def test_a_campaign_without_a_form_has_nothing_to_show(world: World) -> None:
    call, who = await begun(world, None)
    assert (await call.look()).status_code == 204
    assert "has no questionnaire" in (await who.browser.get(call.url)).text


async def test_answers_are_saved_one_by_one_and_the_end_names_a_disposition(world: World) -> None:
    endings = {"complete": "done", "screened_out": "refused"}
    call, _ = await begun(world, form_dispositions=endings)
    page = await call.send("q1", "a")
    assert asked(page) == "q2"
    assert 'data-seen="1"' in page.text
    assert asked(await call.send("q2", no_answer="dont_know")) == "q3"
    page = await call.send("q3", "7")
    assert (asked(page), ending(page)) == ("", "complete")
    assert 'data-disposition="done"' in page.text
    stored = await rows(world, "SELECT code, answer FROM interview_answer ORDER BY code")
    assert [(row["code"], row["answer"]) for row in stored] == [
        ("q1", {"value": "a"}),
        ("q2", {"no_answer": "dont_know"}),
        ("q3", {"value": "7"}),
    ]
    # Until the call has its result an answer may change, and with it the end.
    page = await call.send("q1", "c")
    assert (ending(page), 'data-disposition="refused"' in page.text) == ("screened_out", True)
    page = await call.send("q1", "b")
    assert ending(page) == "complete", "the answer of q3 counts again"
    await hang_up(world, call, "done")
    late = await call.send("q3", "8")
    assert (late.status_code, late.json()["code"]) == (409, "interview_over")
    assert ending(await call.look()) == "complete"


async def test_an_earlier_question_is_looked_at_again_with_its_answer(world: World) -> None:
    call, _ = await begun(world)
    await call.send("q1", "b")
    again = await call.look("q1")
    assert asked(again) == "q1"
    assert 'value="b" data-number="2" checked' in again.text
    assert asked(await call.look("q2")) == "q3", "what is not on the path is not asked"


async def test_late_and_doubled_answers(world: World) -> None:
    call, _ = await begun(world)
    assert asked(await call.send("q1", "b", sequence=5)) == "q3"
    assert asked(await call.send("q1", "b", sequence=5)) == "q3", "its confirmation was lost"
    other = await call.send("q1", "a", sequence=4)
    assert (other.status_code, other.json()["code"]) == (409, "answered_elsewhere")
    interview = await call.interview_id()
    sent = await asyncio.gather(
        *(call.send("q3", str(n), sequence=n, interview=interview) for n in range(20, 32))
    )
    assert {one.status_code for one in sent} <= {200, 409}
    stored = await rows(world, "SELECT sequence, answer FROM interview_answer WHERE code = 'q3'")
    assert [(row["sequence"], row["answer"]["value"]) for row in stored] == [(31, "31")]


async def test_what_does_not_fit_is_told_in_words(world: World) -> None:
    call, who = await begun(world)
    nothing = await call.send("q1")
    assert (nothing.status_code, nothing.json()["detail"]) == (
        422,
        "This question needs an answer.",
    )
    await call.send("q1", "b")
    small = await call.send("q3", "0")
    assert (small.json()["detail"], small.json()["facts"]["reason"]) == ("At least 1.", "too_small")
    assert (await call.send("q3", "13")).json()["detail"] == "Not thirteen, please."
    who.browser.cookies.set("outdial_lang", "ru")
    assert (await call.send("q3", "0")).json()["detail"] == "Не меньше 1."
    assert [row["code"] for row in await rows(world, "SELECT code FROM interview_answer")] == ["q1"]


async def test_the_interview_goes_on_at_the_next_call(world: World) -> None:
    call, who = await begun(world)
    await call.send("q1", "a")
    await hang_up(world, call, "callback_later")
    await publish(world, form_of(question("other"), question("more")))
    world.clock.advance(86_400)
    again = "UPDATE lead SET state = 'dialing', result = NULL WHERE id = :id"
    await change(world, again, id=call.lead.id)
    second = await talk(world, call.lead, who)
    page = await second.look()
    assert asked(page) == "q2", "on the version it began with"
    assert await second.interview_id() == await call.interview_id()
    await second.send("q2", 9, sequence=2)
    await second.send("q3", 1, sequence=3)
    assert ending(await second.look()) == "complete"
    await hang_up(world, second, "done")
    assert (await call.look()).status_code == 200
    places = await rows(world, "SELECT code, attempt_id FROM interview_answer ORDER BY code")
    assert [row["attempt_id"] for row in places] == [call.attempt.id, *[second.attempt.id] * 2]


async def test_an_answer_knows_its_place_in_the_recording(world: World) -> None:
    call, _ = await begun(world)
    world.clock.advance(12.5)
    await call.send("q1", "a")
    world.clock.advance(30)
    await call.send("q2", 9, age_ms=10_000)  # given offline, ten seconds ago
    await hang_up(world, call)
    world.clock.advance(5)
    await call.send("q3", 1)
    stored = await rows(world, "SELECT code, place_s FROM interview_answer ORDER BY code")
    assert [row["place_s"] for row in stored] == [12.5, 32.5, None]


async def test_nobody_elses_call(world: World) -> None:
    call, _ = await begun(world)
    interview = await call.interview_id()
    stranger = await operator(world, call.attempt.campaign_id)
    theirs = Talk(call.attempt, stranger, call.lead)
    assert (await theirs.look()).status_code == 403
    assert (await theirs.send("q1", "a", interview=interview)).status_code == 403
    other = await world.browser(Role.MANAGER, client_id=world.other_client_id)
    assert (await other.get(call.url, headers=FRAGMENT)).status_code == 404
    reader = await world.browser(Role.CLIENT)
    assert (await reader.get(call.url, headers=FRAGMENT)).status_code == 403
    supervisor = await world.browser(Role.SUPERVISOR)
    assert (await supervisor.get(call.url, headers=FRAGMENT)).status_code == 200
    wrong = await call.send("q1", "a", interview=str(new_id()))
    assert (wrong.status_code, wrong.json()["code"]) == (404, "interview_not_found")


async def test_a_call_that_is_not_connected_yet_asks_again_and_an_unanswered_one_has_nothing(
    world: World,
) -> None:
    campaign_id = await campaign_with(world, FORM)
    who = await operator(world, campaign_id)
    lead = await person(world, campaign_id)
    nobody = {"answered_at": None, "connected_at": None, "agent_session_id": None}
    call = await talk(world, lead, who, **nobody)
    page = await call.look()
    assert f'hx-get="{call.url}"' in page.text
    assert (await who.browser.get(call.url)).status_code == 409
    await hang_up(world, call)
    assert (await call.look()).status_code == 204
    assert await rows(world, "SELECT * FROM interview") == []


async def test_the_language_of_the_interview(world: World) -> None:
    said = {"en": "Hello?", "uk": "Вітаю?"}
    call, who = await begun(
        world, form_of(question("q1", "text", text=said), languages=["en", "uk"])
    )
    assert "Hello?" in (await call.look()).text
    page = await who.browser.post(f"{call.url}/language/uk", headers=FRAGMENT)
    assert "Вітаю?" in page.text
    assert "Вітаю?" in (await call.look()).text
    assert (await who.browser.post(f"{call.url}/language/de", headers=FRAGMENT)).status_code == 422


async def test_pictures_and_sounds_come_from_the_clients_own_folder(
    world: World, tmp_path: Path
) -> None:
    shows = question("p1", "prompt", text="Look", image="car.png", audio="bell.mp3")
    call, who = await begun(world, form_of(shows, question("q1")))
    services = world.app.state.services
    object.__setattr__(
        services, "settings", services.settings.model_copy(update={"form_files_dir": tmp_path})
    )
    mine, theirs = tmp_path / str(world.client_id), tmp_path / str(world.other_client_id)
    for folder, name in ((mine, "car.png"), (theirs, "secret.png"), (mine, "notes.html")):
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"picture")
    page = await call.look()
    assert 'src="/desk/interview/files/car.png"' in page.text
    shown = await who.browser.get("/desk/interview/files/car.png")
    assert (shown.content, shown.headers["content-type"]) == (b"picture", "image/png")
    for name in (
        "secret.png",
        "notes.html",
        "..%2Fcar.png",
        f"..%2F{world.other_client_id}%2Fsecret.png",
    ):
        assert (await who.browser.get(f"/desk/interview/files/{name}")).status_code == 404
    assert asked(await call.send("p1", True)) == "q1"


EVERY_KIND: tuple[tuple[dict[str, Any], Any, str], ...] = (
    (question("a1", options=[*OPTIONS, {"code": "z", "text": "Other", "other": True}]), "b", "B"),
    (question("a2", "multiple"), ["a", "c"], "A, C"),
    (question("a3", "ranking"), ["c", "a", "b"], "C, A, B"),
    (question("a4", "scale", first=1, last=7, first_text="bad", last_text="good"), 3, "3"),
    (question("a5", "nps"), 10, "10"),
    (question("a6", "matrix"), {"r1": "a", "r2": "b"}, "Row 1: A; Row 2: B"),
    (question("a7", "number", places=1, unit="kg"), "1,5", "1.5"),
    (question("a8", "money"), "1 234.50", "1234.50"),
    (question("a9", "date"), "2026-11-22", "2026-11-22"),
    (question("b1", "text"), "words <i>", "words &lt;i&gt;"),
    (question("b2", "phone", region="UA"), "044 123 45 67", "+380441234567"),
    (question("b3", "email"), "a@Example.org", "a@example.org"),
    (question("b4", "address"), {"city": "Kyiv", "street": "Main"}, "Kyiv, Main"),
    (question("b5", "note"), True, "read"),
    (question("b6", "prompt", image="x.png"), True, "read"),
    (question("b7", "text", lines=4), "two\nlines", "two\nlines"),
)


async def test_every_kind_of_question_is_shown_answered_and_shown_again(world: World) -> None:
    total = question("sum", "calculated", expression="a4 + a5", text="Sum")
    form = form_of(*(asks for asks, _, _ in EVERY_KIND), total, question("last"))
    call, _ = await begun(world, form)
    for asks, value, words in EVERY_KIND:
        page = await call.look()
        assert asked(page) == asks["code"], page.text
        assert f'data-type="{asks["type"]}"' in page.text
        after = await call.send(asks["code"], value)
        assert after.status_code == 200, after.text
        line = between(after.text, f'data-look="{asks["code"]}"', "</li>")
        assert f"<b>{words}</b>" in line
        assert (await call.look(asks["code"])).status_code == 200
    assert "<b>13</b>" in (await call.look()).text, "what is calculated is shown"
    assert asked(await call.look()) == "last"
