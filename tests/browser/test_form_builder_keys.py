"""A form of five questions is built in a real browser by keyboard alone, and published."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Page, async_playwright
from redis.asyncio import Redis

from api.browsers import COOKIE
from campaigns.forms.form import Form
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World, api_world
from tests.integration.form_world import draft, form
from tests.serving import serve
from tests.world import until

CHROMIUM = shutil.which("chromium")
#: Some two hundred keys, each pressed and looked at, on a machine that does other things too.
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]
CODE = "customer_mood"


@dataclass
class Keys:
    """Somebody who has a keyboard and no mouse."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note errors of scripts and of the policy."""
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console",
            lambda one: self.faults.append(one.text) if one.type == "error" else None,
        )

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def write(self, words: str) -> None:
        """Type words."""
        await self.page.keyboard.type(words)

    async def at(self, selector: str) -> None:
        """Wait until the focus is at an element, as the page puts it there by itself."""
        await self.page.wait_for_function(
            "(selector) => document.activeElement?.matches(selector)", arg=selector
        )

    async def tab_to(self, selector: str, *, back: bool = False, most: int = 120) -> None:
        """Press Tab until the focus is at an element; a person could not reach it otherwise."""
        for _ in range(most):
            await self.press("Shift+Tab" if back else "Tab")
            if await self.page.evaluate(
                "(selector) => document.activeElement?.matches(selector)", selector
            ):
                return
        raise AssertionError(f"Tab does not lead to {selector}")

    async def settled(self) -> None:
        """Wait until nothing is being sent."""
        await self.page.wait_for_function("() => !document.querySelector('.htmx-request')")


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def keys(world: World) -> AsyncIterator[Keys]:
    """A manager who is signed in and looks at the empty list of forms."""
    token = await world.session_token(await world.user())
    async with serve(world.app) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context(base_url=url, locale="en-US")
        await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        made = Keys(await context.new_page())
        made.watch()
        await made.page.goto("/forms")
        yield made
        await browser.close()


async def _new_form(keys: Keys) -> None:
    await keys.tab_to("#name")
    await keys.write("Customer mood")
    await keys.press("Enter")
    await keys.page.wait_for_url(f"**/forms/{CODE}?focus=palette")
    await keys.at("#add-single")


async def _add(keys: Keys, kind: str, words: str) -> None:
    """Add a question behind the chosen one and write what it asks."""
    if not await keys.page.evaluate(f"document.activeElement?.id === 'add-{kind}'"):
        await keys.tab_to(f"#add-{kind}", back=True)
    await keys.press("Enter")
    await keys.at("[name='text.en']")
    await keys.write(words)


async def _condition(keys: Keys) -> None:
    """Have the chosen question asked only after a low grade."""
    await keys.tab_to("#editor details summary")
    await keys.press("Enter")
    await keys.tab_to("button[value='add:show_if']")
    await keys.press("Enter")
    await keys.at("[name='show_if.0.left']")
    await _down(keys, 2)
    await keys.tab_to("[name='show_if.0.sign']")
    await _down(keys, 2)
    await keys.tab_to("[name='show_if.0.value']")
    await keys.write("7")
    await keys.press("Tab")


async def _down(keys: Keys, times: int) -> None:
    """Choose another option of a select; the page follows each time."""
    for _ in range(times):
        await keys.press("ArrowDown")
        await keys.settled()


async def test_five_questions_by_keyboard_alone(world: World, keys: Keys) -> None:
    async def says(code: str, what: str) -> bool:
        now: Form = await form(world, CODE)
        return code in now.by_code and what in now.by_code[code].model_dump_json()

    await _new_form(keys)
    await _add(keys, "single", "Have you got a minute?")
    await keys.tab_to("[name='options.0.text.en']")
    await keys.write("Yes")
    await keys.press("Enter")
    await keys.write("No")
    await keys.press("Enter")
    await keys.at("[name='options.2.text.en']")
    await keys.write("Later")
    await keys.press("Tab")
    await until(lambda: says("q1", "Later"), "q1, Later")
    await _add(keys, "nps", "How likely would you recommend us?")
    await _add(keys, "text", "What should be better?")
    await _condition(keys)
    await until(lambda: says("q3", "q2 < 7"), "q3, q2 < 7")
    await _add(keys, "date", "When did you last buy?")
    await _add(keys, "note", "Thank you!")
    await keys.press("Tab")
    await until(lambda: says("q5", "Thank you!"), "q5, Thank you!")
    await _reorder_and_undo(world, keys)
    await keys.tab_to("a[href$='/publish']", back=True)
    await keys.press("Enter")
    await keys.page.wait_for_url("**/publish")
    await keys.tab_to("form.buttons button")
    await keys.press("Enter")
    await keys.page.wait_for_url("**/versions?new=1")
    assert (await draft(world, CODE)).is_published
    assert list((await form(world, CODE)).by_code) == ["q1", "q4", "q2", "q3", "q5"]
    assert keys.faults == []


async def _reorder_and_undo(world: World, keys: Keys) -> None:
    async def stand(codes: str) -> bool:
        return " ".join((await form(world, CODE)).by_code) == codes

    await keys.tab_to("#at-q4")
    await keys.press("Alt+ArrowUp")
    await until(lambda: stand("q1 q2 q4 q3 q5"), "q1 q2 q4 q3 q5")
    await keys.at("#at-q4")
    await keys.settled()
    await keys.press("Alt+ArrowUp")
    await until(lambda: stand("q1 q4 q2 q3 q5"), "q1 q4 q2 q3 q5")
    await keys.at("#at-q4")
    await keys.settled()
    await keys.tab_to("#delete-q4")
    await keys.press("Enter")
    await until(lambda: stand("q1 q2 q3 q5"), "q1 q2 q3 q5")
    await keys.at("#undo")
    await keys.settled()
    await keys.press("Enter")
    await until(lambda: stand("q1 q4 q2 q3 q5"), "q1 q4 q2 q3 q5")
    await keys.settled()
