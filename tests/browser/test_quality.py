"""A supervisor's path in a browser: a scorecard from a preset, published; a recording, scored; the total."""

from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import select

from api.browsers import COOKIE
from campaigns.quality.models import QualityNote, Review
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory
from tests.browser.chromium import FLAGS, executable
from tests.browser.newcomer import Newcomer
from tests.browser.scoring import score_a_call
from tests.browser.screens.stage import PHONE
from tests.browser.test_wall import judged
from tests.quality_world import Quality, open_quality
from tests.serving import serve
from tests.world import until


async def test_a_supervisor_scores_a_recording(
    sessions: SessionFactory, redis: Redis, tmp_path: Path
) -> None:
    clock = FrozenClock(SystemClock().now())
    async with (
        open_quality(sessions, redis, clock, tmp_path, seconds=20) as quality,
        serve(quality.world.app) as url,
        async_playwright() as player,
    ):
        browser = await player.chromium.launch(executable_path=executable(), args=[*FLAGS])
        boss = await quality.world.user(Role.SUPERVISOR, client_id=quality.client_id)
        context = await browser.new_context(locale="en-GB")
        token = await quality.world.session_token(boss)
        await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        newcomer = await Newcomer.at(context, url, tmp_path)
        page = newcomer.page
        await score_a_call(newcomer, "Olga")
        await _notes_a_moment(newcomer)
        assert await judged(page) == []
        await newcomer.look("call", phone=True)
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert await judged(page) == []
        for path in ("calls", "scorecards", "plans", "disputes", "calibrations", "board"):
            await page.goto(f"{url}/quality/{path}")
            assert await judged(page) == [], path
        await page.goto(f"{url}/calls/{quality.calls[0]}")
        await page.get_by_text("Correct the result").click()
        assert await judged(page) == []
        await page.goto(f"{url}/quality/scorecards")
        await newcomer.follow("Survey card")
        assert await judged(page) == []
        assert newcomer.faults == []
        await _heard_twice_as_fast(quality)
        await _operator_disputes(await _operators_page(quality, browser, url), url)
        await browser.close()
    async with sessions() as session:
        review = (await session.exec(select(Review))).one()
        note = (await session.exec(select(QualityNote))).one()
    assert (str(review.percent), review.passed) == ("91.3", True)
    assert 9 < note.at_s < 11
    assert note.acknowledged_at is not None


async def _notes_a_moment(newcomer: Newcomer) -> None:
    """Click in the middle of the waveform: the note sits there, and a click on it plays from there."""
    page = newcomer.page
    await page.wait_for_function("() => document.getElementById('sound').readyState > 0")
    wave = page.locator("#wave")
    box = await wave.bounding_box()
    assert box is not None
    await wave.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    at = page.get_by_label("At second")
    await page.wait_for_function("() => Number(document.getElementById('at_s').value) > 9")
    assert 9 < float(await at.input_value()) < 11
    await newcomer.chooses("For whom", "Coaching for the operator")
    await newcomer.writes("Note", "Here you interrupt the customer.")
    await newcomer.press("Add the note")
    await page.wait_for_function("() => document.getElementById('sound').readyState > 0")
    await page.locator("#notes .comment").click()
    await page.wait_for_function("() => document.getElementById('sound').currentTime > 9.5")
    await expect(page.locator("#play")).to_have_text("Pause")
    await page.get_by_label("Speed").select_option("2")
    await page.wait_for_function(
        "() => (({ playbackRate, currentTime }) => playbackRate === 2 && currentTime > 12)(sound)"
    )
    await page.locator("#play").click()


async def _heard_twice_as_fast(quality: Quality) -> None:
    """Wait until the books know which stretch was heard, and how fast."""
    sql = "SELECT facts FROM audit_entry WHERE facts ->> 'speed' = '2.0'"

    async def told() -> bool:
        async with quality.world.sessions() as session:
            heard = (await session.execute(text(sql))).scalars().all()
        return any(one["from_s"] < 12 <= one["to_s"] for one in heard)

    await until(told, "the stretch that was heard at double speed is in the audit log")


async def _operators_page(quality: Quality, browser: Browser, url: str) -> Page:
    context = await browser.new_context(locale="en-GB")
    token = await quality.world.session_token(quality.operator)
    await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
    return await context.new_page()


async def _operator_disputes(page: Page, url: str) -> None:
    """See the own score, read the coaching, disagree with a question."""
    await page.goto(url)
    await page.get_by_role("link", name="Your scores").first.click()
    await page.get_by_role("button", name="I have read it").click()
    await page.locator("table.quality a").first.click()
    assert await judged(page) == []
    await page.get_by_label("Question").select_option(index=1)
    await page.get_by_label("Why", exact=True).fill("The customer knew me.")
    await page.get_by_role("button", name="Dispute it").click()
    await expect(page.locator("#score")).to_contain_text("waits for a second reviewer")
