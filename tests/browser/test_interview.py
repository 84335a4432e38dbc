"""The questionnaire in Chromium by keyboard alone: every kind of question, branches, back, mistakes."""

from pathlib import Path

from tests.integration.api_world import World
from tests.interview_browser import (
    SHORT,
    Desk,
    Site,
    answers,
    at,
    called,
    needs_chromium,
    world,
)
from tests.interview_world import Talk, person, rows, talk
from tests.questionnaires import OPTIONS, form_of, question

__all__ = ["at", "world"]  # fixtures

pytestmark = needs_chromium

OTHER = {"code": "z", "text": "Something else", "other": True}
NOTHING = {"code": "n", "text": "Nothing of it", "exclusive": True}

LONG = form_of(
    question("intro", "note", text="Good day, {{ contact.name }}!"),
    question("consent", text="Have you got three minutes?", screen_out_if="consent = 'c'"),
    question("hidden", text="Nobody is asked this", show_if="consent = 'b'"),
    question("several", "multiple", options=[*OPTIONS, OTHER, NOTHING]),
    question("grade", "scale", last=10, first_text="bad", last_text="good"),
    question("nps", "nps", dont_know=True, refused=True),
    question("aspects", "matrix"),
    question("order", "ranking"),
    question("weight", "number", places=1, unit="kg"),
    question("price", "money"),
    question("day", "date"),
    question("words", "text", text="Why {{ answers.grade }}?"),
    question("story", "text", lines=3),
    question("phone", "phone", region="UA"),
    question("mail", "email"),
    question("home", "address"),
    question("sum", "calculated", text="Both grades", expression="grade + 1"),
    question("bye", "note", text="Thank you!"),
    contact_fields=["name"],
    title="Delivery survey",
)


async def test_a_form_with_branches_is_filled_by_keyboard_alone(
    world: World, at: Site, tmp_path: Path
) -> None:
    call = await called(world, LONG, form_dispositions={"complete": "done"})
    desk = await at.open(call, viewport={"width": 1440, "height": 900})
    page = desk.page
    await desk.wait_for("intro")
    assert await page.locator(".asked-text").inner_text() == "Good day, Olha!"
    await desk.answer("", then="consent")
    await desk.answer("1", then="several")
    # An exclusive option leaves no other one; the option with words takes the focus.
    await page.keyboard.press("1")
    await page.keyboard.press("5")
    assert await page.locator("input:checked").count() == 1
    await page.keyboard.press("2")
    await page.keyboard.press("4")
    await page.screenshot(path=tmp_path / "multiple-1440.png", full_page=True)
    await desk.write("a <b>bold</b> word", then="grade")
    await desk.answer("1 0", then="nps")
    await desk.enter("aspects", key="F8")
    await page.keyboard.press("2")
    await page.keyboard.press("1")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("3")
    await page.screenshot(path=tmp_path / "matrix-1440.png", full_page=True)
    await desk.answer("", then="order")
    await desk.answer("3 1 2 Shift+ArrowUp", then="weight")
    await desk.write("82,5", then="price")
    await desk.write("1234.50", then="day")
    await desk.write("11112026", then="words")
    assert await page.locator(".asked-text").inner_text() == "Why 10?"
    await desk.write("because", then="story")
    await page.keyboard.type("one")
    await page.keyboard.press("Enter")
    await desk.write("two", then="phone", key="Control+Enter")
    await desk.write("044 123 45 67", then="mail")
    await desk.write("o@example.org", then="home")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Kyiv")
    await page.keyboard.press("Tab")
    await desk.write("Main street", then="bye")
    await desk.enter("")
    section = page.locator("section.interview")
    assert await section.get_attribute("data-ending") == "complete"
    assert await section.get_attribute("data-disposition") == "done"
    assert await desk.state() == "saved"
    await page.screenshot(path=tmp_path / "over-1440.png", full_page=True)
    assert await answers(world) == {
        "intro": {"value": True},
        "consent": {"value": "a"},
        "several": {"value": ["b", "z"], "other": "a <b>bold</b> word"},
        "grade": {"value": "10"},
        "nps": {"no_answer": "dont_know"},
        "aspects": {"value": {"r1": "c", "r2": "a"}},
        "order": {"value": ["c", "b", "a"]},
        "weight": {"value": "82.5"},
        "price": {"value": "1234.50"},
        "day": {"value": "2026-11-11"},
        "words": {"value": "because"},
        "story": {"value": "one\ntwo"},
        "phone": {"value": "+380441234567"},
        "mail": {"value": "o@example.org"},
        "home": {"value": {"city": "Kyiv", "street": "Main street"}},
        "bye": {"value": True},
    }
    assert desk.faults == []


async def test_back_to_an_earlier_answer_takes_the_end_back(world: World, at: Site) -> None:
    call = await called(world, SHORT)
    desk = await at.open(call)
    told = "window.told = []; for (const name of ['ended', 'reopened'])"
    told += " document.addEventListener(`outdial:interview-${name}`,"
    told += " (event) => window.told.push(`${name} ${event.detail.ending}`))"
    await desk.wait_for("q1")
    await desk.page.evaluate(told)
    await desk.answer("2", then="q2")
    await desk.write("7", then="q3")
    await desk.page.keyboard.press("PageUp")
    await desk.wait_for("q2")
    assert await desk.page.locator("#iv-value").input_value() == "7"
    await desk.page.keyboard.press("PageUp")
    await desk.wait_for("q1")
    assert await desk.page.locator("input:checked").get_attribute("value") == "b"
    await desk.page.keyboard.press("PageDown")
    await desk.wait_for("q2")
    await desk.page.keyboard.press("PageDown")
    await desk.wait_for("q3")
    await desk.write("x", then="")
    assert await desk.page.evaluate("window.told") == ["ended complete"]


async def test_what_does_not_fit_is_told_beside_the_question_and_stays_written(
    world: World, at: Site
) -> None:
    desk = await at.open(await called(world, SHORT))
    await desk.wait_for("q1")
    await desk.answer("1", then="q2")
    await desk.page.keyboard.type("0")

    assert await desk.enter_until(desk.fault, "the page says what is wrong") == "At least 1."
    assert await desk.page.locator("#iv-value").input_value() == "0"
    assert await desk.state() == "stopped"
    await desk.page.keyboard.press("Backspace")
    await desk.write("5", then="q3")
    assert await desk.state() == "saved"


async def test_the_desk_loads_it_as_a_piece_and_keeps_its_own_keys(world: World, at: Site) -> None:
    call = await called(world, SHORT)
    context = await at.context(call)
    page = await context.new_page()
    await page.goto("/account")
    await page.evaluate(
        "window.keys = []; document.addEventListener('keydown', (event) => window.keys.push(event.key))"
    )
    await page.evaluate(f"htmx.ajax('GET', '{call.url}', {{target: 'main'}})")
    desk = Desk(page, [])
    await desk.wait_for("q1")
    await desk.answer("2", then="q2")
    await desk.write("7", then="q3")
    await page.keyboard.press("F8")
    await page.keyboard.press("Alt+2")
    keys = await page.evaluate("window.keys")
    assert [key for key in keys if key in ("2", "Enter", "F8")] == ["2"], "only Alt+2 is the desk's"
    # The next call's interview takes the place of this one, by the same script.
    other = await talk_of_another(world, call)
    await page.evaluate(f"htmx.ajax('GET', '{other.url}', {{target: 'main'}})")
    await desk.wait_for("q1")
    await desk.answer("1", then="q2")
    stored = await rows(
        world, "SELECT answer->>'value' AS value FROM interview_answer WHERE code = 'q1'"
    )
    assert sorted(row["value"] for row in stored) == ["a", "b"]


async def talk_of_another(world: World, call: Talk) -> Talk:
    lead = await person(world, call.attempt.campaign_id, row=2)
    return await talk(world, lead, call.operator)
