"""The outline's buttons: add, move, copy, delete, undo; each once, however often it is pressed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlmodel import func, select

from campaigns.forms.editing.drafts import MOST_STEPS
from campaigns.forms.editing.kinds import KINDS
from campaigns.forms.editing.models import FormEdit
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.ids import new_id
from tests.integration.api_world import World
from tests.integration.form_world import (
    FORM,
    actions,
    form,
    form_world,
    press,
    save,
    store,
    undo_of,
)
from tests.questionnaires import form_of, question


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with form_world(sessions, redis, clock) as made:
        yield made


async def codes(world: World) -> list[str]:
    return list((await form(world)).by_code)


async def test_every_kind_of_the_palette_is_added_and_opened(world: World) -> None:
    browser = await world.browser()
    page = (await browser.get("/forms/test")).text
    for number, kind in enumerate(KINDS, start=4):
        assert f'id="add-{kind}"' in page
        answer = await press(browser, "test/questions", kind=kind)
        assert answer.headers["location"] == f"/forms/test?question=q{number}&focus=text"
        opened = await browser.get(answer.headers["location"])
        assert opened.status_code == 200, kind
        assert (await form(world)).by_code[f"q{number}"].type == kind
    none = await press(browser, "test/questions", kind="riddle")
    assert none.status_code == 422
    assert len(await actions(world)) == len(KINDS)


async def test_a_press_that_comes_twice_is_done_once(world: World) -> None:
    browser = await world.browser()
    token = str(new_id())
    both = await asyncio.gather(
        *(press(browser, "test/questions", kind="text", token=token) for _ in range(4))
    )
    assert {one.status_code for one in both} == {303}
    assert {one.headers["location"] for one in both} == {"/forms/test?question=q4&focus=text"}
    assert await codes(world) == ["q1", "q2", "q3", "q4"]
    copy = str(new_id())
    for _ in range(2):
        await press(browser, "test/questions/q1/copy", token=copy)
    assert await codes(world) == ["q1", "q5", "q2", "q3", "q4"]
    section = str(new_id())
    for _ in range(2):
        await press(browser, "test/sections", token=section)
    assert [one.code for one in (await form(world)).sections] == ["main", "s1"]


async def test_questions_move_by_keys_and_by_dragging(world: World) -> None:
    browser = await world.browser()
    up = await press(browser, "test/questions/q3/move", by="up")
    assert up.headers["location"] == "/forms/test?question=q3"
    assert await codes(world) == ["q1", "q3", "q2"]
    await press(browser, "test/questions/q2/move", before="q1")
    assert await codes(world) == ["q2", "q1", "q3"]
    page = await browser.get("/forms/test?question=q2")
    assert "is not answered yet when this is decided" in page.text
    await press(browser, "test/sections")
    await press(browser, "test/questions/q2/move", section="s1")
    assert [len(one.questions) for one in (await form(world)).sections] == [2, 1]
    gone = await press(browser, "test/questions/q9/move", by="up")
    assert gone.status_code == 409
    nowhere = await press(browser, "test/questions/q2/move", section="s9")
    assert "This section is not there any more" in nowhere.text


async def test_what_was_deleted_comes_back(world: World) -> None:
    browser = await world.browser()
    answer = await press(browser, "test/questions/q2/delete")
    assert answer.headers["location"] == "/forms/test?question=q1&focus=undo"
    page = await browser.get(answer.headers["location"])
    assert "Question deleted" in page.text
    assert 'id="undo" autofocus' in page.text
    edit = undo_of(page)
    for _ in range(2):
        undone = await press(browser, "test/undo", edit=edit)
        assert undone.status_code == 303
    assert await form(world) == FORM
    assert await actions(world) == ["form.question_deleted", "form.edit_undone"]


async def test_steps_are_undone_one_after_the_other(world: World) -> None:
    browser = await world.browser()
    await press(browser, "test/questions", kind="text")
    await press(browser, "test/questions/q1/delete")
    await save(browser, await form(world), "q3", text__en="Why not?")
    for left in (["q2", "q3", "q4"], ["q1", "q2", "q3", "q4"], ["q1", "q2", "q3"]):
        page = await browser.get("/forms/test")
        await press(browser, "test/undo", edit=undo_of(page))
        assert await codes(world) == left
    assert await form(world) == FORM
    assert 'id="undo"' not in (await browser.get("/forms/test")).text


async def test_nobody_undoes_a_step_under_a_later_one(world: World) -> None:
    olga, igor = await world.browser(), await world.browser()
    await press(olga, "test/questions/q1/delete")
    edit = undo_of(await olga.get("/forms/test"))
    await press(igor, "test/questions", kind="text")
    refused = await press(olga, "test/undo", edit=edit)
    assert refused.status_code == 409
    assert "undo the later ones first" in refused.text
    assert await codes(world) == ["q2", "q3", "q4"]
    await store(world, form_of(question("q7")))  # by the command line: no step of the page's
    assert 'id="undo"' not in (await olga.get("/forms/test")).text
    last = await press(igor, "test/undo", edit=edit)
    assert last.status_code == 409
    assert (await press(igor, "test/undo", edit="nonsense")).status_code == 422


async def test_a_question_is_not_deleted_that_somebody_just_changed(world: World) -> None:
    olga, igor = await world.browser(), await world.browser()
    await save(olga, FORM, "q1", text__en="Hi?")
    refused = await press(igor, "test/questions/q1/delete", seen="0" * 16)
    assert refused.status_code == 409
    assert "Somebody else changed this" in refused.text
    assert await codes(world) == ["q1", "q2", "q3"]


async def test_sections_move_and_go(world: World) -> None:
    browser = await world.browser()
    only = await press(browser, "test/sections/main/delete")
    assert only.status_code == 409
    assert "only section" in only.text
    await press(browser, "test/sections")
    await press(browser, "test/sections/s1/move", by="up")
    assert [one.code for one in (await form(world)).sections] == ["s1", "main"]
    gone = await press(browser, "test/sections/main/delete")
    assert gone.headers["location"] == "/forms/test?section=s1&focus=undo"
    assert await codes(world) == ["q1", "q2", "q3"]


async def test_only_the_latest_steps_are_kept(world: World) -> None:
    browser = await world.browser()
    for number in range(MOST_STEPS + 3):
        await press(browser, "test/questions/q3/move", by="up" if number % 2 else "down")
        await press(browser, "test/questions/q1/move", by="down" if number % 2 else "up")
    async with world.sessions() as session:
        kept = (await session.exec(select(func.count()).select_from(FormEdit))).one()
    assert 0 < kept <= MOST_STEPS


async def test_a_ten_question_survey_by_forms_alone(world: World) -> None:
    """What a manager does: a name, questions, words, options, a condition, publish; no scripts."""
    browser = await world.browser()
    made = await press(browser, "", name="Опрос о доставке", language="ru", region="RU")
    assert made.headers["location"] == "/forms/opros_o_dostavke?focus=palette"
    code = "opros_o_dostavke"
    kinds = [
        "single",
        "multiple",
        "nps",
        "scale",
        "text",
        "number",
        "date",
        "matrix",
        "phone",
        "note",
    ]
    for number, kind in enumerate(kinds, start=1):
        await press(browser, f"{code}/questions", kind=kind)
        now = await form(world, code)
        words: dict[str, Any] = {"text__ru": f"Вопрос {number}?"}
        for part in ("options", "rows"):
            for item in range(2 if kind in ("single", "multiple", "matrix") else 0):
                words[f"{part}__{item}__text__ru"] = f"Вариант {item}"
        if number == 5:
            words |= {"show_if__as": "rows", "show_if__join": "all", "show_if__0__left": "q3",
                      "show_if__0__sign": "<", "show_if__0__value": "7"}  # fmt: skip
        saved = await save(browser, now, f"q{number}", of=code, **words)
        assert saved.status_code == 303, saved.text
    assert (await form(world, code)).by_code["q5"].show_if == "q3 < 7"
    page = await browser.get(f"/forms/{code}/publish")
    assert "The checks found nothing that is in the way" in page.text
