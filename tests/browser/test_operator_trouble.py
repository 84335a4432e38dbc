"""The web process dies in a wrap-up, and a result is sent twice: no double result, no lost answer."""

import asyncio

import pytest
from playwright.async_api import Page

from tests.browser.chromium import Chromium
from tests.browser.hall import Hall
from tests.browser.operator import (
    SLOW_S,
    AtDesk,
    begin_shift,
    campaign_of_the_day,
    open_desk,
    rows,
    sign_in,
)
from tests.factories import MadeCampaign, numbers
from tests.world import until

#: Processes, a browser and calls of whole seconds.
pytestmark = pytest.mark.timeout(400)


async def test_a_web_process_that_dies_in_wrap_up_loses_and_doubles_nothing(
    hall: Hall, browser: Chromium
) -> None:
    e164s = numbers(2, first=240)
    made = await campaign_of_the_day(hall, *e164s)
    desk = await _at_work(hall, browser, made)
    await _result_while_the_server_is_away(desk)
    await _result_while_the_server_dies(desk)
    found = await _results(hall, made)
    assert [(row["e164"], row["disposition"], row["note"]) for row in found] == [
        (e164s[0], "refused", "Kept by the page alone"),
        (e164s[1], "callback", "In a moment"),
    ]
    told = await rows(hall, "SELECT action FROM audit_entry WHERE action LIKE 'callback.%'")
    assert told == [{"action": "callback.promised"}]
    promises = await rows(hall, "SELECT state, agent, note FROM callback")
    assert promises == [{"state": "open", "agent": "olga", "note": "In a moment"}]
    wanted = [
        (e164s[0], "consent", "a"),
        (e164s[0], "used", "b"),
        (e164s[0], "grade", "9"),
        (e164s[1], "consent", "b"),
    ]

    async def answered() -> bool:
        answers = await rows(
            hall,
            "SELECT a.e164, w.code, w.answer FROM interview_answer w"
            " JOIN attempt a ON a.id = w.attempt_id ORDER BY a.started_at, w.sequence",
        )
        return [(row["e164"], row["code"], row["answer"]["value"]) for row in answers] == wanted

    await until(answered, "each answer has come, once", within_s=SLOW_S)
    assert _of_the_page(desk) == []


async def test_two_windows_and_a_double_press_save_one_result(
    hall: Hall, browser: Chromium
) -> None:
    e164s = numbers(2, first=260)
    made = await campaign_of_the_day(hall, *e164s)
    desk = await _at_work(hall, browser, made)
    await desk.talks_with("Anna")
    other = await open_desk(hall, desk.page.context)
    await other.talks_with("Anna")
    await other.tab.see("second_tab")
    await other.press("Alt+n")
    await other.type("From the second window")
    await _press_at_once("Alt+1", "Alt+3", desk.page, other.page)
    for one in (desk, other):
        await one.shows("#result .saved")
    first = await _results(hall, made)
    words = {"sale": "Sale", "refused": "Refused"}[str(first[0]["disposition"])]
    for one in (desk, other):
        await one.shows("#result .saved", words)
    await desk.press("Alt+x")
    await desk.talks_with("Boris")
    await desk.press("Alt+1", "Alt+1", "Alt+3")
    await desk.shows("#result .saved", "Sale")
    await desk.press("Alt+x")
    await desk.is_in("ready")
    found = await _results(hall, made)
    assert found[0]["disposition"] in ("sale", "refused")
    assert (found[1]["disposition"], found[1]["note"]) == ("sale", None)
    assert found[0] == first[0] | {"ended_at": found[0]["ended_at"]}, "the first result stays"
    assert desk.tab.faults == []
    assert other.tab.faults == []


async def _at_work(hall: Hall, browser: Chromium, made: MadeCampaign) -> AtDesk:
    who = await hall.operator(made)
    desk = await sign_in(hall, await browser.person(), who)
    await begin_shift(desk)
    await hall.place.set_state(made, "running")
    return desk


async def _result_while_the_server_is_away(desk: AtDesk) -> None:
    """Answer a question, write a note and press a result while nobody listens; then it is all there."""
    form = desk.form
    await desk.talks_with("Anna")
    await form.answer("1", then="used")
    await form.answer("2", then="grade")
    await desk.press("Alt+x")
    await desk.is_in("wrap_up")
    await desk.hall.web.kill()
    await desk.shows(".lost")
    await form.answer("9", then="why")  # what comes next is decided later
    await form.is_in("offline")
    await desk.press("Alt+n")
    await desk.type("Kept by the page alone")
    await desk.press("Alt+3")
    await desk.shows("#problem", "sent again by itself")
    await desk.hall.web.start()
    await desk.hall.web_answers()


async def _result_while_the_server_dies(desk: AtDesk) -> None:
    """Send a result and kill the server at once: whether it was saved or not, it is saved once."""
    await desk.talks_with("Boris")
    assert not await desk.page.locator(".lost").is_visible()
    assert await desk.page.locator("#problem").inner_text() == ""
    await desk.form.answer("2", then="age")
    await desk.press("Alt+x")
    await desk.is_in("wrap_up")
    await desk.press("Alt+b")
    await desk.shows("#calendar input[name=callback_at]")
    await desk.tab_to(lambda: desk.focus_is("name", "callback_at"), "the times")
    await desk.press("Space", "Alt+n")
    await desk.type("In a moment")
    await desk.press("Alt+2")
    await desk.hall.web.kill()
    await desk.hall.web.start()
    await desk.hall.web_answers()
    await desk.is_in("ready")
    await desk.shows("#result .idle")


async def _press_at_once(key: str, other_key: str, page: Page, other: Page) -> None:
    """Press a key in each of two windows before either has its answer."""
    await asyncio.gather(page.keyboard.press(key), other.keyboard.press(other_key))


async def _results(hall: Hall, made: MadeCampaign) -> list[dict[str, object]]:
    async def all_over() -> list[dict[str, object]]:
        found = await rows(
            hall,
            "SELECT a.e164, a.disposition, a.disposed_at, a.ended_at, n.text AS note"
            " FROM attempt a LEFT JOIN attempt_note n ON n.attempt_id = a.id"
            " WHERE a.campaign_id = :c ORDER BY a.started_at",
            c=made.id,
        )
        return found if all(row["disposition"] for row in found) else []

    found: list[dict[str, object]] = await until(all_over, "every call has its result", SLOW_S)
    return found


def _of_the_page(desk: AtDesk) -> list[str]:
    """Return what the browser complained of besides a server that was away."""
    away = ("htmx:sendError", "htmx:afterRequest", "[object Event]", "undefined")
    return [one for one in desk.tab.faults if not one.startswith(away)]
