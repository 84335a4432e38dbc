"""A browser at the operator's page: the application on a port of its own, and Chromium without a screen."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from redis.asyncio import Redis

from api.browsers import COOKIE
from campaigns.forms.form import Form
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World, api_world
from tests.interview_world import Talk, campaign_with, operator, person, rows, talk
from tests.questionnaires import form_of, question
from tests.serving import serve
from tests.world import until

CHROMIUM = Path("/usr/bin/chromium")
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")

SHORT = form_of(question("q1"), question("q2", "number", least=1), question("q3", "text"))


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    """An application on real services."""
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def at(world: World) -> AsyncIterator["Site"]:
    """The application where a browser finds it."""
    async with site(world) as made:
        yield made


async def called(world: World, form: Form, **settings: Any) -> Talk:
    """Connect a call of a campaign with a form."""
    campaign_id = await campaign_with(world, form, **settings)
    return await talk(world, await person(world, campaign_id), await operator(world, campaign_id))


async def answers(world: World) -> dict[str, Any]:
    """Return what is stored, by question."""
    stored = await rows(world, "SELECT code, answer FROM interview_answer")
    return {row["code"]: row["answer"] for row in stored}


@dataclass
class Site:
    """The application where a browser finds it."""

    world: World
    base_url: str
    browser: Browser

    async def context(self, call: Talk, **more: Any) -> BrowserContext:
        """Return a browser in which the call's operator is signed in."""
        made = await self.browser.new_context(base_url=self.base_url, locale="en-GB", **more)
        token = await self.world.session_token(call.operator.user)
        await made.add_cookies([{"name": COOKIE, "value": token, "url": self.base_url}])
        return made

    async def open(self, call: Talk, **more: Any) -> "Desk":
        """Open the call's interview in a browser of its own."""
        return await Desk.open(await self.context(call, **more), call)


@dataclass
class Desk:
    """The questionnaire on a page."""

    page: Page
    faults: list[str]  #: what the browser complained of

    @classmethod
    async def open(cls, context: BrowserContext, call: Talk) -> "Desk":
        """Open the call's interview in a new tab."""
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )
        await page.goto(call.url)
        return cls(page, faults)

    async def asked(self) -> str:
        """Return the code of the question on the page; empty: nothing is asked."""
        # In one step: between two the question may be answered and gone.
        code = "document.querySelector('form.asked')?.dataset.code ?? ''"
        return str(await self.page.evaluate(code))

    async def wait_for(self, code: str) -> None:
        """Wait until a question is on the page, and has the focus."""

        async def there() -> bool:
            if await self.asked() != code:
                return False
            inside = "document.querySelector('form.asked')?.contains(document.activeElement)"
            return not code or bool(await self.page.evaluate(inside))

        await until(there, f"question {code or 'none'} is asked and has the focus")

    async def answer(self, keys: str, then: str) -> None:
        """Press keys, then Enter until the next question is there: too early ones count for none."""
        for key in keys.split():
            await self.page.keyboard.press(key)
        await self.enter(then)

    async def enter(self, then: str, key: str = "Enter") -> None:
        """Press a key until the next question is there."""
        before = await self.asked()

        async def gone_on() -> bool:
            if await self.asked() == before:
                await self.page.keyboard.press(key)
            return await self.asked() != before

        await until(gone_on, f"the page goes on from {before}")
        await self.wait_for(then)

    async def write(self, words: str, then: str, key: str = "Enter") -> None:
        """Type words and go on."""
        await self.page.keyboard.type(words)
        await self.enter(then, key)

    async def state(self) -> str:
        """Return whether everything is saved: saved, waiting or offline."""
        return await self.page.locator(".kept").get_attribute("data-state") or ""

    async def is_in(self, state: str) -> None:
        """Wait until the page is in a state."""

        async def there() -> bool:
            return await self.state() == state

        await until(there, f"the page is {state}")

    async def enter_until(self, fact: Callable[[], Awaitable[Any]], what: str) -> Any:
        """Press Enter once it counts, and wait for what comes of it."""
        held = self.page.locator("form.asked[aria-busy=true]")

        async def entered() -> Any:
            if await self.state() == "saved" and not await held.count():
                await self.page.keyboard.press("Enter")
            return await fact()

        return await until(entered, what)

    async def fault(self) -> str:
        """Return the message on the page; empty: none."""
        shown = self.page.locator(".interview .fault:not([hidden])")
        return await shown.first.inner_text() if await shown.count() else ""


@asynccontextmanager
async def site(world: World) -> AsyncIterator[Site]:
    """Serve the application and run a browser."""
    async with serve(world.app) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield Site(world, url, browser)
        await browser.close()
