"""The operator's script and knowledge base in a real browser: live changes, the place kept, the keyboard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from playwright.async_api import Page, async_playwright, expect
from playwright.async_api import Route as Held
from redis.asyncio import Redis
from starlette.routing import Route

from api.browsers import COOKIE
from api.languages import language_of
from api.templating import environment_of
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.browser.chromium import executable
from tests.integration.api_world import api_world
from tests.integration.script_world import Call, Writer, call, writer
from tests.scripts import TALK, script, step
from tests.serving import serve
from tests.world import until

#: A window of an operator with nothing but a field, the script and the knowledge base.
WINDOW = """{% extends "base.html" %}{% block title %}Desk{% endblock %}{% block main %}
<label>Name <input id="other"></label>
<div id="script" hx-get="/desk/script/{{ call.attempt_id }}" hx-trigger="load"></div>
<div id="knowledge" hx-get="/desk/knowledge?campaign={{ call.campaign_id }}" hx-trigger="load"></div>
{% endblock %}"""

SHOWN = "#script-panel .script-step:not([hidden])"


@dataclass
class Window:
    """An operator's window in a call."""

    page: Page
    made: Call
    author: Writer

    def step(self) -> Any:
        """Return what the operator reads now."""
        return expect(self.page.locator(SHOWN))

    async def focused(self, look: str) -> str:
        """Return something of the element that has the focus."""
        return str(await self.page.evaluate(f"document.activeElement.{look}"))

    async def see_focused(self, look: str, value: str) -> None:
        """Wait until what has the focus says so: it is moved a moment after the new panel is shown."""

        async def so() -> bool:
            return await self.focused(look) == value

        await until(so, f"{look} of what has the focus is {value}")


@pytest.fixture
async def window(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[Window]:
    """An operator talks, and reads step two of three."""
    async with api_world(sessions, redis, clock) as world:
        author = await writer(world, Role.SUPERVISOR)
        await author.publish()
        made = await call(world, author.code, fields={"First name": "Ann <b>"})

        async def page_of_call(request: Request) -> Response:
            template = environment_of(language_of(request)).from_string(WINDOW)
            return HTMLResponse(template.render(path="/window", call=made))

        world.app.router.routes = [Route("/window", page_of_call), *world.app.router.routes]
        async with serve(world.app) as url, async_playwright() as player:
            browser = await player.chromium.launch(
                executable_path=executable(), args=["--no-sandbox", "--disable-gpu"]
            )
            context = await browser.new_context()
            cookie = {"name": COOKIE, "value": await world.session_token(made.user), "url": url}
            await context.add_cookies([cookie])  # type: ignore[list-item]  # a typed dictionary
            page = await context.new_page()
            await page.goto(f"{url}/window", wait_until="domcontentloaded")
            await page.click("text=Yes")
            yield Window(page, made, author)
            await browser.close()


async def _kept_trail(window: Window, *trail: str) -> None:
    async def kept() -> bool:
        shown = (await window.made.panel()).text
        return f'data-trail="{",".join(trail)}"' in shown

    await until(kept, f"the server knows of {trail}")


async def test_a_click_leads_on_and_the_server_keeps_the_place(window: Window) -> None:
    await window.step().to_contain_text("It is about Sweets 1.")
    assert await window.focused("tagName") == "H3"
    await _kept_trail(window, "s1", "s2")
    await window.page.reload(wait_until="domcontentloaded")
    await window.step().to_contain_text("It is about Sweets 1.")
    await window.page.click("#script-panel [data-back]")
    await window.step().to_contain_text("Good day, Ann <b>!")
    await window.page.click("#script-panel summary")
    await window.page.click("#script-panel ol >> text=S3")
    await window.step().to_contain_text("Goodbye")


async def test_a_new_version_comes_into_the_call_and_the_place_stays(window: Window) -> None:
    better = step("s2", "Better words.", "Clear>s3")
    await window.page.focus("#other")
    await window.author.publish(script(TALK.steps[0], better, TALK.steps[2]))
    await window.step().to_contain_text("Better words.")
    assert await window.focused("id") == "other", "who types is not disturbed"
    told = expect(window.page.locator("#script-heard"))
    await told.to_have_text("The script has just been changed.")
    await window.page.focus("#script-panel .answer >> text=Clear")
    better = step("s2", "The best words.", "Clear>s3")
    await window.author.publish(script(TALK.steps[0], better, TALK.steps[2]))
    await window.step().to_contain_text("The best words.")
    await window.see_focused("dataset.goto", "s3")  # the same answer has it
    await window.author.publish(script(step("s1", "Hello again.", "Bye>s3"), TALK.steps[2]))
    await window.step().to_contain_text("Hello again.")
    await told.to_contain_text("The step you were at is gone")


async def _two_articles(window: Window) -> None:
    """Publish two articles, and see the window whole: the script after its first answer, the search."""
    api = window.author.api
    for title, body in (("Too expensive", "Compare the **prices**."), ("No time", "Call later.")):
        made = await api.post("/api/v1/knowledge/articles", json={"title": title, "body": body})
        await api.post(f"/api/v1/knowledge/articles/{made.json()['id']}/publish")
    await window.step().to_contain_text("It is about Sweets 1.")
    await expect(window.page.locator("#knowledge-question")).to_be_visible()


async def test_answers_are_found_by_keyboard_only(window: Window) -> None:
    page = window.page
    await _two_articles(window)
    await page.focus("#other")
    await page.keyboard.press("/")
    assert await page.input_value("#other") == "/", "who types a slash gets one"
    await page.focus("#script-panel [data-back]")
    await page.keyboard.press("/")
    assert await window.focused("id") == "knowledge-question"
    await page.keyboard.type("expens")
    await expect(page.locator("#knowledge-found mark")).to_have_text("expensive")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".found-article strong")).to_have_text("prices")
    await expect(page.locator(".found-article h3")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#knowledge-found mark")).to_have_text("expensive")
    assert await window.focused("id") == "knowledge-question"


@asynccontextmanager
async def _late_results(page: Page, question: str) -> AsyncIterator[None]:
    """Ask a question whose results come when the block is over."""
    over = asyncio.Event()

    async def hold(route: Held) -> None:
        await over.wait()
        await route.continue_()

    await page.route("**/desk/knowledge/found?*", hold, times=1)
    async with page.expect_request("**/desk/knowledge/found?*"):
        await page.fill("#knowledge-question", question)
    yield
    over.set()


async def test_results_that_come_late_leave_the_operator_where_she_is(window: Window) -> None:
    """At the answer she has gone down to; at the question when that answer is gone."""
    page = window.page
    await _two_articles(window)
    await page.fill("#knowledge-question", "expens")
    await expect(page.locator("#knowledge-found mark")).to_have_text("expensive")
    for question, stays in (("expensive", "hit"), ("no time", "knowledge-question")):
        async with _late_results(page, question):
            await page.keyboard.press("ArrowDown")
            assert await window.focused("className") == "hit"
        await expect(
            page.locator(f'#knowledge-found .hit[hx-get*="q={question[:2]}"]')
        ).to_be_visible()
        await page.wait_for_function(f"document.activeElement.matches('.{stays}, #{stays}')")


async def test_results_that_come_late_do_not_replace_the_article(window: Window) -> None:
    page = window.page
    await _two_articles(window)
    await page.fill("#knowledge-question", "expens")
    await expect(page.locator("#knowledge-found mark")).to_have_text("expensive")
    async with _late_results(page, "no time"), page.expect_event("requestfailed"):
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")  # the question is given up for the article
        await expect(page.locator(".found-article h3")).to_be_focused()
    await expect(page.locator(".found-article strong")).to_have_text("prices")
