"""A day at the desk: sign in, ready, three calls, three results, by keyboard, with sound both ways."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dialer.clock import SystemClock
from tests.browser.chromium import Chromium
from tests.browser.day_books import (
    ZONE,
    check_answers,
    check_calls,
    check_leads,
    check_recording,
    check_states,
)
from tests.browser.hall import Hall
from tests.browser.operator import (
    AtDesk,
    begin_shift,
    campaign_of_the_day,
    open_desk,
    sign_in,
)
from tests.factories import numbers

#: Processes, a browser and calls of whole seconds.
pytestmark = pytest.mark.timeout(400)

#: From the page on, the sound is back within this; the issue's promise.
BACK_S = 5.0


async def test_a_day_of_three_calls_by_keyboard(
    hall: Hall, browser: Chromium, tmp_path: Path
) -> None:
    e164s = numbers(3, first=200)
    made = await campaign_of_the_day(hall, *e164s)
    who = await hall.operator(made)
    context = await browser.person()
    desk = await sign_in(hall, context, who)
    await begin_shift(desk)
    await hall.place.set_state(made, "running")
    promised = await _first_call(desk, e164s[0], tmp_path)
    again = await _second_call(desk, e164s[1], context)
    await _third_call(again, e164s[2])
    await _end_shift(again)
    assert desk.tab.faults == []
    assert again.tab.faults == []
    await check_calls(hall, made, e164s)
    await check_leads(hall, made, e164s, promised)
    await check_answers(hall, e164s)
    await check_states(hall, made)
    for number in e164s[:2]:
        await check_recording(hall, number, tmp_path / "talk.wav")


async def _first_call(desk: AtDesk, number: str, folder: Path) -> datetime:
    """Ask everything, hang up, promise a call for tomorrow half past ten; return that instant."""
    form = desk.form
    await desk.talks_with("Anna")
    await desk.hear_each_other(number)
    await desk.look(folder / "call-1440.png")
    await form.answer("1", then="used")
    await form.answer("2", then="grade")
    await form.answer("9", then="praise")
    await form.write("The <b>speed</b>", then="age")
    await form.write("42", then="")
    await desk.press("Alt+x")
    await desk.is_in("wrap_up")
    await desk.press("Alt+b")
    day = (SystemClock().now().astimezone(ZONE) + timedelta(days=1)).date()
    await desk.shows(f"#calendar #day-{day}")
    await desk.tab_to(lambda: desk.focus_is("id", f"day-{day}"), f"the day {day}")
    await desk.press("Enter")
    await desk.shows(f"#day-{day}[aria-current]")
    wanted = datetime(day.year, day.month, day.day, 10, 30, tzinfo=ZONE)
    await desk.tab_to(lambda: desk.focus_is("name", "callback_at"), "the times")
    await desk.tab_to(
        lambda: desk.focus_is("value", wanted.isoformat()), "half past ten", key="ArrowDown"
    )
    await desk.press("Enter")  # on a time it saves nothing
    await desk.press("n")
    await desk.type("Tomorrow, before lunch")
    await desk.look(folder / "wrap-up-1440.png")
    await desk.press("Alt+2")
    return wanted


async def _second_call(desk: AtDesk, number: str, context: Any) -> AtDesk:
    """Lose the tab amid the form, come back to everything, and hear a refusal."""
    form = desk.form
    await desk.talks_with("Boris")
    await desk.hear_each_other(number)
    await form.answer("1", then="used")
    await form.answer("1", then="aspects")
    await form.answer("1 3", then="grade")
    await desk.press("3")
    await desk.tab.kill()
    back = await open_desk(desk.hall, context)
    await back.hear_each_other(number, within_s=BACK_S)
    await back.is_in("on_call")
    await back.shows("#contact-name", "Boris")
    form = back.form
    await form.wait_for("grade")
    assert await back.page.locator("input:checked[name=value]").get_attribute("value") == "3"
    given = await back.page.locator(".interview .earlier li b").all_inner_texts()
    assert given == ["A", "A", "A, C"]
    await form.enter("why")
    await form.write("Too slow", then="age")
    await back.press("Alt+3")
    await back.shows("#said .bad", "needs a note")
    await back.press("Alt+n")
    await back.type("Not interested")
    await back.press("Alt+3")
    await back.shows("#result .saved", "Refused")
    await back.press("Alt+x")
    return back


async def _third_call(desk: AtDesk, number: str) -> None:
    """Hear that the person never wants to be called again."""
    await desk.talks_with("Vera")
    await desk.hear_each_other(number)
    await desk.press("Alt+0")
    await desk.shows("#result .saved", "Never again")
    assert await desk.hall.exchange.carrier.order("bye", number=number)
    await desk.is_in("ready")


async def _end_shift(desk: AtDesk) -> None:
    await desk.press("q")
    await desk.shows("section.begin")
