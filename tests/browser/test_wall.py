"""The live wall in a real browser: the server's clock, alarms that come and are seen, a telephone's width."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import BrowserContext, Page, async_playwright, expect
from redis.asyncio import Redis
from sqlmodel import col, select

from api.browsers import COOKIE
from api.wall import client_wall
from campaigns.accounts.models import SessionEnd, UserSession
from campaigns.tenancy.models import AuditEntry, Role
from campaigns.wall.alarm_book import keep
from campaigns.wall.alarms import Alarming
from campaigns.wall.models import Alarm
from campaigns.wall.words import AlarmCode
from dialer.agent.states import AgentState
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory, transaction
from tests.browser.chromium import FLAGS, executable
from tests.browser.screens.stage import AXE, DESKTOP, PHONE
from tests.integration.wall_world import Floor, open_floor
from tests.serving import serve

#: A browser whose clock is three hours wrong, as some are.
_WRONG_CLOCK = "const real = Date.now; Date.now = () => real() + 3 * 3600e3;"
_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


class RunningClock(FrozenClock):
    """The system's clock, for a world that takes a frozen one."""

    def now(self) -> datetime:
        """Return the present instant."""
        return SystemClock().now()


@pytest.fixture
async def floor(
    sessions: SessionFactory, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Floor]:
    monkeypatch.setattr(client_wall, "LOOK_S", 0.2)
    monkeypatch.setattr(client_wall, "COUNT_S", 0.5)
    clock = RunningClock(SystemClock().now())
    async with open_floor(sessions, redis, clock, leads=20) as made:
        await made.hold_leases()
        yield made


@asynccontextmanager
async def opened(floor: Floor, role: Role | None) -> AsyncIterator[tuple[str, BrowserContext]]:
    """Serve the floor's pages to a browser of somebody."""
    async with serve(floor.world.app) as url, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=executable(), args=[*FLAGS])
        context = await browser.new_context(locale="en-GB", viewport=DESKTOP)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        await context.add_init_script(_WRONG_CLOCK)
        if role is not None:
            token = await floor.world.session_token(await floor.world.user(role))
            await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        yield url, context
        await browser.close()


async def alarm(floor: Floor, *found: AlarmCode) -> None:
    """Have these alarms, and no others, stand."""
    campaign = floor.campaigns[0].id
    facts = {"campaign": "Campaign 0", "used": 0.95}
    given = [Alarming(code, str(campaign), campaign, facts) for code in found]
    async with transaction(floor.world.sessions) as session:
        await keep(session, floor.world.client_id, given, floor.world.clock.now())


async def judged(page: Page) -> list[str]:
    """Return what WCAG 2.2 AA finds wrong with the page, and whether it is too wide."""
    if not await page.evaluate("window.axe !== undefined"):
        await page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = await page.evaluate("(options) => axe.run(document, options)", AXE)
    told = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
    wide = await page.evaluate(_WIDE)
    return told + ([f"wider by {wide} px"] if wide > 0 else [])


async def seconds(page: Page, name: str) -> int:
    """Return the time in state that the page shows of an agent."""
    shown = await page.locator(f"tr:has(th:text-is('{name}')) .since").inner_text()
    minutes, rest = shown.split(":")
    return int(minutes) * 60 + int(rest)


async def test_a_supervisor_watches_and_sees_an_alarm(floor: Floor) -> None:
    mine, *_ = floor.campaigns[0].session_ids
    await floor.be(mine, AgentState.READY)
    now = floor.world.clock.now()
    waiting = {"answered_at": now, "connected_at": now, "rang_at": now}
    await floor.call(floor.campaigns[0], **waiting)
    await floor.call(floor.campaigns[0], rang_at=now)
    async with opened(floor, Role.SUPERVISOR) as (url, context):
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        await page.goto(f"{url}/wall", wait_until="domcontentloaded")
        rows = page.locator("#wall-agents tr:visible")
        await expect(rows).to_have_count(6)
        card = page.locator(".wall-card", has_text="Campaign 0")
        await expect(card.locator("[data-field=talking]")).to_have_text("1")
        await expect(card.locator("[data-field=ratio]")).to_have_text("1.0")
        await expect(card.locator("[data-field=attempts]")).to_have_text("2")
        name = await page.locator("tr:has(.state.ready) .name").inner_text()
        first = await seconds(page, name)
        assert first < 60, "the browser's own clock is three hours wrong"
        await page.wait_for_function(
            "([name, first]) => [...document.querySelectorAll('#wall-agents tr')].some((one) =>"
            " one.querySelector('.name').textContent === name"
            " && Number(one.querySelector('.since').textContent.split(':')[1]) > first)",
            arg=[name, first],
        )
        await floor.be(mine, AgentState.PAUSED, pause_code="lunch")
        await floor.tell(mine, AgentState.PAUSED)
        line = page.locator(f"tr[data-session='{mine}']")
        await expect(line.locator(".state")).to_have_text("On a break")
        await expect(line.get_by_role("link", name="Shift")).to_have_attribute(
            "href", f"/wall/agents/{await line.get_attribute('data-agent')}"
        )
        # The keyboard sifts: a state's button, then a name.
        await page.locator("#wall-states button[data-state=paused]").press("Enter")
        await expect(rows).to_have_count(1)
        await page.locator("#wall-states button[data-state='']").press("Enter")
        await page.locator("#wall-find").fill(name[-6:])
        await expect(rows).to_have_count(1)
        await page.locator("#wall-find").fill("")
        # A measure says what it is.
        await card.get_by_role("button", name="Occupancy").press("Enter")
        words = page.locator("#measure-occupancy")
        await expect(words).to_contain_text("(talk + wrap-up) / (logged in - paused)")
        await page.keyboard.press("Escape")
        # An alarm is shown and said, and a person has seen it.
        await expect(page.locator("#calm")).to_be_visible()
        await alarm(floor, AlarmCode.BUDGET)
        said = "Campaign 0: 95% of the abandoned calls that are allowed are used."
        shown = page.locator("#wall-alarms li")
        await expect(shown).to_contain_text(said)
        await expect(page.locator("#wall-said")).to_have_text(said)
        assert await judged(page) == []
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert await judged(page) == []
        await shown.get_by_role("button", name="Seen").press("Enter")
        await expect(shown).to_contain_text("seen by user-1")
        await alarm(floor)
        await expect(shown).to_have_count(0)
        for path in ("/wall/alarms", "/wall/settings", "/wall/screens"):
            await page.goto(f"{url}{path}")
            assert await judged(page) == [], path
        await page.goto(f"{url}/wall/agents/{await agent_of(floor)}")
        assert await judged(page) == []
        assert faults == []
    async with floor.world.sessions() as session:
        row = (await session.exec(select(Alarm))).one()
        assert row.acknowledged_by is not None
        assert row.ended_at is not None
        trail = select(AuditEntry.action).where(col(AuditEntry.subject_id) == row.id)
        assert (await session.exec(trail)).all() == ["alarm.acknowledged"]


async def agent_of(floor: Floor) -> str:
    """Return some agent's id."""
    return str(await floor.sql("SELECT id FROM agent LIMIT 1"))


async def test_a_screen_in_the_hall_shows_no_names_and_says_when_it_is_old(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.wall_stream.RECHECK_S", 0.5)
    monkeypatch.setattr("api.pages.wall_stream.BEAT_S", 0.3)
    await alarm(floor, AlarmCode.NO_AGENTS)
    async with opened(floor, Role.MANAGER) as (url, context):
        page = await context.new_page()
        await page.goto(f"{url}/wall?screen=1", wait_until="domcontentloaded")
        cards = page.locator(".wall-card")
        await expect(cards).to_have_count(2)
        await expect(page.locator(".wall-card:visible")).to_have_count(1)
        await expect(page.locator("#screen-alarms")).to_contain_text("no operator takes its calls")
        assert await page.locator("button, a, input").count() == 0
        assert "Agent" not in await page.locator("body").inner_text()
        assert await judged(page) == []
        # The session ends: the screen says so, and since when.
        async with transaction(floor.world.sessions) as session:
            for row in await session.exec(select(UserSession)):
                row.ended_at = floor.world.clock.now()
                row.end_reason = SessionEnd.SIGNED_OUT
        await expect(page.locator("#wall-old")).to_contain_text("The sign-in has ended")
