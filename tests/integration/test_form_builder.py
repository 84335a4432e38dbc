"""The builder's page: what it saves, what it refuses, two managers at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlmodel import select

from campaigns.tenancy.models import AuditEntry
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World
from tests.integration.form_world import (
    FORM,
    HTMX,
    SAME_ORIGIN,
    actions,
    draft,
    form,
    form_world,
    press,
    save,
    store,
    value_of,
)


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with form_world(sessions, redis, clock) as made:
        yield made


async def test_the_page_shows_outline_editor_checks_and_preview(world: World) -> None:
    browser = await world.browser()
    page = (await browser.get("/forms/test?question=q2")).text
    for shown in ("Mood", "Draft 1", "How much?", 'name="text.uk"', "Nothing is wrong here."):
        assert shown in page
    assert 'name="show_if.0.left"' in page
    assert '<option value="a" selected>A</option>' in page
    assert "As the operator sees it" in page
    assert " style=" not in page
    assert 'aria-current="true"' in page
    settings = (await browser.get("/forms/test")).text
    assert 'name="contact_fields"' in settings
    section = (await browser.get("/forms/test?section=main")).text
    assert 'name="block"' in section
    assert (await browser.get("/forms/nothing")).status_code == 404


async def test_a_change_is_saved_and_only_pieces_come_back(world: World) -> None:
    browser = await world.browser()
    before = await form(world)
    answer = await save(browser, before, "q1", fragment=True, text__uk="Добрий день?")
    assert answer.status_code == 200, answer.text
    assert 'id="outline"' in answer.text
    assert 'hx-swap-oob="innerHTML:#said"' in answer.text
    assert 'id="editor"' not in answer.text, "what somebody types in is not drawn anew"
    now = await form(world)
    assert now.by_code["q1"].text.within("uk") == "Добрий день?"
    seen = value_of(answer, "seen")
    after = await save(browser, now, "q1", fragment=True, text__en="Good day?", seen=seen)
    assert after.status_code == 200
    assert await actions(world) == ["form.question_changed"] * 2
    async with world.sessions() as session:
        entries = (await session.exec(select(AuditEntry))).all()
    facts = [one.facts for one in entries if one.action == "form.question_changed"][-1]
    assert facts["from"] == {"text": {"en": "Hello?", "uk": "Добрий день?"}}
    assert facts["to"] == {"text": {"en": "Good day?", "uk": "Добрий день?"}}
    assert facts["place"] == "q1"


async def test_without_scripts_a_save_leads_back_to_the_page(world: World) -> None:
    browser = await world.browser()
    answer = await save(browser, FORM, "q1", text__en="Hi?")
    assert (answer.status_code, answer.headers["location"]) == (303, "/forms/test?question=q1")
    button = await save(browser, await form(world), "q1", do="add:options")
    assert button.status_code == 200
    assert 'name="options.3.text.en"' in button.text


async def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(world: World) -> None:
    browser = await world.browser()
    answer = await save(browser, FORM, "q2", fragment=True, least="many", text__en="How many?")
    assert answer.status_code == 422
    assert "A number is wanted." in answer.text
    assert 'value="many"' in answer.text
    assert "How many?" in answer.text, "what was written is not lost"
    assert await form(world) == FORM
    taken = await save(browser, FORM, "q2", code="q1")
    assert taken.status_code == 409
    assert "has this code already" in taken.text
    assert await form(world) == FORM


async def test_findings_stand_beside_their_question_in_three_languages(world: World) -> None:
    browser = await world.browser()
    await save(browser, FORM, "q2", show_if__as="text", show_if__text="q1 = 'a' and q1 = 'b'")
    for language, said in (
        ("en", "The condition contradicts itself"),
        ("ru", "Условие противоречит себе"),
        ("uk", "Умова суперечить собі"),
    ):
        page = (await browser.get(f"/forms/test?question=q2&lang={language}")).text
        assert said in page
        elsewhere = (await browser.get(f"/forms/test?question=q1&lang={language}")).text
        assert "q2.show_if" in elsewhere


async def test_two_managers_on_one_question_are_told_and_lose_nothing(world: World) -> None:
    olga, igor = await world.browser(), await world.browser()
    seen = await form(world)
    assert (await save(olga, seen, "q1", fragment=True, text__en="Olga?")).status_code == 200
    clash = await save(igor, seen, "q1", fragment=True, text__en="Igor?", hint__en="Slowly")
    assert clash.status_code == 409
    assert clash.headers["hx-push-url"] == "false"
    assert "Both differ in: Question, Hint for the operator</p>" in clash.text
    for shown in ("Somebody changed this", "It now says: “Olga?”", ">Igor?</textarea>", "Slowly"):
        assert shown in clash.text
    assert (await form(world)).by_code["q1"].text.within("en") == "Olga?"
    fresh = value_of(clash, "seen")
    kept = await save(igor, seen, "q1", text__en="Igor?", hint__en="Slowly", seen=fresh, clash="on")
    assert kept.status_code == 303
    now = (await form(world)).by_code["q1"]
    assert (now.text.within("en"), now.hint.within("en")) == ("Igor?", "Slowly")


async def test_two_managers_on_two_questions_do_not_disturb_each_other(world: World) -> None:
    olga, igor = await world.browser(), await world.browser()
    seen = await form(world)
    both = await asyncio.gather(
        save(olga, seen, "q1", text__en="Olga?"),
        save(igor, seen, "q3", text__en="Igor?"),
        press(igor, "test/questions", kind="nps", after="q3"),
    )
    assert [one.status_code for one in both] == [303, 303, 303]
    now = await form(world)
    assert now.by_code["q1"].text.within("en") == "Olga?"
    assert now.by_code["q3"].text.within("en") == "Igor?"
    assert list(now.by_code) == ["q1", "q2", "q3", "q4"]


async def test_ten_saves_of_one_question_at_once_keep_one_and_refuse_the_others(
    world: World,
) -> None:
    browser = await world.browser()
    seen = await form(world)
    answers = await asyncio.gather(
        *(save(browser, seen, "q1", fragment=True, text__en=f"Take {n}?") for n in range(10))
    )
    codes = [one.status_code for one in answers]
    assert sorted(codes) == [200] + [409] * 9
    kept = (await form(world)).by_code["q1"].text.within("en")
    assert kept == f"Take {codes.index(200)}?"


async def test_a_question_that_was_deleted_meanwhile_can_be_put_back(world: World) -> None:
    olga, igor = await world.browser(), await world.browser()
    await press(olga, "test/questions/q1/delete")
    gone = await save(igor, FORM, "q1", text__en="Igor?")
    assert gone.status_code == 409
    assert "Somebody deleted this question" in gone.text
    back = await save(igor, FORM, "q1", text__en="Igor?", restore="on", home="main")
    assert back.status_code == 303
    now = await form(world)
    assert list(now.by_code) == ["q2", "q3", "q1"]
    assert now.by_code["q1"].text.within("en") == "Igor?"


async def test_the_same_save_twice_is_one_step(world: World) -> None:
    browser = await world.browser()
    both = await asyncio.gather(*(save(browser, FORM, "q1", text__en="Hi?") for _ in range(2)))
    assert [one.status_code for one in both] == [303, 303]
    assert await actions(world) == ["form.question_changed"]


async def test_sections_and_settings_are_saved_and_guarded_too(world: World) -> None:
    browser = await world.browser()
    page = await browser.get("/forms/test?section=main")
    fields = {"seen": value_of(page, "seen"), "code": "main", "title.en": "First", "rotate": "on"}
    answer = await browser.post("/forms/test/sections/main", data=fields, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    section = (await form(world)).sections[0]
    assert (section.title.within("en"), section.rotate) == ("First", True)
    assert section.questions == FORM.sections[0].questions
    other = {**fields, "title.en": "Second"}
    late = await browser.post("/forms/test/sections/main", data=other, headers=HTMX)
    assert late.status_code == 409
    page = await browser.get("/forms/test")
    sent = {"seen": value_of(page, "seen"), "languages": "en uk", "add_language": "ru",
            "title.en": "Mood", "title.uk": "Настрій", "contact_fields": "City"}  # fmt: skip
    assert (
        await browser.post("/forms/test/settings", data=sent, headers=SAME_ORIGIN)
    ).status_code == 303
    now = await form(world)
    assert (now.languages, now.contact_fields) == (("en", "uk", "ru"), ("city",))
    again = {**sent, "contact_fields": "Street"}
    assert (await browser.post("/forms/test/settings", data=again, headers=HTMX)).status_code == 409
    gone = await browser.post("/forms/test/sections/s9", data=fields, headers=SAME_ORIGIN)
    assert gone.status_code == 409
    assert "This section is not there any more" in gone.text


async def test_a_published_form_begins_a_draft_with_the_first_change(world: World) -> None:
    await store(world, FORM, publish=True)
    browser = await world.browser()
    page = (await browser.get("/forms/test?question=q1")).text
    assert "Version 1, published" in page
    assert "never changes" in page
    assert (await save(browser, FORM, "q1", text__en="Hi?")).status_code == 303
    now = await draft(world)
    assert (now.version.number, now.is_published) == (2, False)
    assert "Draft 2" in (await browser.get("/forms/test")).text
