"""The questions of a scorecard change places by a button, by keys and by dragging, with their ticks."""

from pathlib import Path

from playwright.async_api import Page, async_playwright, expect
from redis.asyncio import Redis
from sqlmodel import col, select

from api.browsers import COOKIE
from campaigns.quality.models import ScorecardVersion
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory
from tests.browser.chromium import FLAGS, executable
from tests.browser.test_wall import judged
from tests.quality_world import open_quality
from tests.serving import serve


async def test_questions_change_places_by_mouse_and_by_keys(
    sessions: SessionFactory, redis: Redis, tmp_path: Path
) -> None:
    clock = FrozenClock(SystemClock().now())
    async with (
        open_quality(sessions, redis, clock, tmp_path) as quality,
        serve(quality.world.app) as url,
        async_playwright() as player,
    ):
        boss = await quality.world.user(Role.SUPERVISOR, client_id=quality.client_id)
        version = await quality.published(quality.identity(boss))
        browser = await player.chromium.launch(executable_path=executable(), args=[*FLAGS])
        context = await browser.new_context(locale="en-GB")
        token = await quality.world.session_token(boss)
        await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(f"{url}/quality/scorecards/{version.scorecard_id}")
        await _order(page, ["Greeted", "Asked well", "Was polite"])
        up = page.get_by_role("button", name="Move up")
        await up.nth(2).click()
        await _order(page, ["Greeted", "Was polite", "Asked well"])
        await expect(page.locator("#sheet-said")).to_have_text("Now it is question 2.")
        await page.get_by_label("Question 1").focus()
        await page.keyboard.press("Alt+ArrowDown")
        await _order(page, ["Was polite", "Greeted", "Asked well"])
        await expect(page.get_by_label("Question 2")).to_be_focused()
        handles = page.locator("[data-drags]")
        await handles.nth(2).drag_to(page.locator(".sheet-row").nth(0))
        await _order(page, ["Asked well", "Was polite", "Greeted"])
        assert await judged(page) == []
        await page.get_by_role("button", name="Save the draft").click()
        await expect(page.get_by_text("The draft is saved.")).to_be_visible()
        await _order(page, ["Asked well", "Was polite", "Greeted"])
        assert faults == []
        await browser.close()
    async with sessions() as session:
        drafts = select(ScorecardVersion).where(col(ScorecardVersion.published_at).is_(None))
        items = (await session.exec(drafts)).one().content["items"]
    kept = [(one["code"], one["points"], one["critical"], one["may_not_apply"]) for one in items]
    assert kept == [
        ("asked", 4, False, True),
        ("polite", 1, True, False),
        ("greeted", 1, False, False),
    ]


async def _order(page: Page, texts: list[str]) -> None:
    for place, words in enumerate(texts):
        await expect(page.locator("input[name=text]").nth(place)).to_have_value(words)
