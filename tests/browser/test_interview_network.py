"""The questionnaire in Chromium when things go wrong: no connection, errors, two windows, a reload."""

from playwright.async_api import Route

from tests.integration.api_world import World
from tests.interview_browser import SHORT, Desk, Site, answers, at, called, needs_chromium, world
from tests.interview_world import hang_up
from tests.questionnaires import form_of, question
from tests.world import until

__all__ = ["at", "world"]  # fixtures

pytestmark = needs_chromium


async def test_offline_an_answer_waits_in_the_page_and_survives_a_reload(
    world: World, at: Site
) -> None:
    desk = await at.open(await called(world, SHORT))
    await desk.wait_for("q1")
    await desk.page.wait_for_load_state("networkidle")

    async def lost(route: Route) -> None:
        if route.request.method == "POST":
            await route.abort("internetdisconnected")
        else:
            await route.continue_()

    await desk.page.route("**/answers/**", lost)
    await desk.page.keyboard.press("2")

    async def offline() -> bool:
        return await desk.state() == "offline"

    await desk.enter_until(offline, "the page says that it has no connection")
    assert await answers(world) == {}
    # The talk goes on: the page holds the next questions.
    await desk.wait_for("q2")
    await desk.write("7", then="q3")
    assert await desk.state() == "offline"
    await desk.page.reload()
    await desk.wait_for("q3")
    assert await answers(world) == {}
    await desk.page.unroute("**/answers/**")
    await desk.is_in("saved")
    await desk.wait_for("q3")
    assert await answers(world) == {"q1": {"value": "b"}, "q2": {"value": "7"}}


async def test_offline_what_does_not_concern_the_person_is_passed_over(
    world: World, at: Site
) -> None:
    branches = form_of(
        question("q1"),
        question("q2", "text", show_if="q1 = 'a'"),
        question("q3", "text", show_if="q1 = 'b'"),
        question("q4", "note"),
    )
    desk = await at.open(await called(world, branches))
    await desk.wait_for("q1")
    await desk.page.wait_for_load_state("networkidle")
    await desk.page.context.set_offline(True)
    await desk.page.keyboard.press("2")
    await desk.enter("q2")
    assert "only if it concerns" in await desk.page.locator("form.asked").inner_text()
    await desk.write("said by mistake", then="q3")
    await desk.enter("q4", key="F7")
    await desk.page.context.set_offline(False)
    # The engine is back: q2 does not count, q3 is asked after all.
    await desk.wait_for("q3")
    await desk.is_in("saved")
    await desk.write("of course", then="q4")
    await desk.enter("")
    stored = await answers(world)
    assert stored["q2"] == {"value": "said by mistake"}, "kept, and it counts nowhere"
    assert stored["q3"] == {"value": "of course"}


async def test_a_server_in_trouble_is_told_and_tried_again(world: World, at: Site) -> None:
    desk = await at.open(await called(world, SHORT))
    await desk.wait_for("q1")

    async def broken(route: Route) -> None:
        await route.fulfill(status=503, body="away")

    await desk.page.route("**/answers/**", broken)
    await desk.page.keyboard.press("2")

    async def told() -> bool:
        return await desk.state() == "broken"

    await desk.enter_until(told, "the page says that the server could not save")
    await desk.page.unroute("**/answers/**")
    await desk.is_in("saved")
    await desk.wait_for("q2")
    assert await answers(world) == {"q1": {"value": "b"}}


async def test_what_was_typed_and_not_entered_survives_a_reload(world: World, at: Site) -> None:
    desk = await at.open(await called(world, SHORT))
    await desk.wait_for("q1")
    await desk.answer("1", then="q2")
    await desk.write("3", then="q3")
    await desk.page.keyboard.type("half a sen")
    await desk.page.reload()
    await desk.wait_for("q3")
    assert await desk.page.locator("#iv-value").input_value() == "half a sen"


async def test_two_tabs_follow_each_other_and_two_browsers_are_told(world: World, at: Site) -> None:
    call = await called(world, SHORT)
    context = await at.context(call)
    one, two = await Desk.open(context, call), await Desk.open(context, call)
    elsewhere = await at.open(call)
    for desk in (one, two, elsewhere):
        await desk.page.bring_to_front()
        await desk.wait_for("q1")
    await one.page.bring_to_front()
    await one.answer("1", then="q2")

    async def followed() -> bool:
        return await two.asked() == "q2"

    await until(followed, "the other tab shows what is asked now")
    await two.page.bring_to_front()
    await two.wait_for("q2")
    await two.write("4", then="q3")
    # The other browser knows nothing of that: its answer has a number that is used up.
    assert await elsewhere.asked() == "q1"
    await elsewhere.page.keyboard.press("2")

    words = await elsewhere.enter_until(elsewhere.fault, "the other browser is told")
    assert words == "Another window has answered this question since: its answer stands."
    assert await answers(world) == {"q1": {"value": "a"}, "q2": {"value": "4"}}
    assert await elsewhere.page.locator("input:checked").get_attribute("value") == "a"


async def test_after_the_result_an_answer_is_refused_and_the_page_says_so(
    world: World, at: Site
) -> None:
    call = await called(world, SHORT)
    desk = await at.open(call)
    await desk.wait_for("q1")
    await desk.answer("1", then="q2")
    await desk.write("4", then="q3")
    await desk.write("words", then="")
    await desk.page.keyboard.press("PageUp")
    await desk.wait_for("q3")
    await hang_up(world, call, "done")
    await desk.page.keyboard.type(" more")

    words = await desk.enter_until(desk.fault, "the page says that the interview has ended")
    assert "do not change any more" in words
    assert (await answers(world))["q3"] == {"value": "words"}
