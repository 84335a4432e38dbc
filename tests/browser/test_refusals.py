"""What is refused is read: htmx puts it where it belongs, on every page."""

import pytest
from playwright.async_api import expect

from api.browsers import COOKIE
from campaigns.tenancy.models import Role
from tests.accounts import SAME_ORIGIN
from tests.integration.api_world import World
from tests.integration.machine_world import LISTENS, stored_call
from tests.interview_browser import SHORT, Site, at, called, world
from tests.interview_world import hang_up

__all__ = ["at", "world"]  # fixtures

pytestmark = pytest.mark.timeout(120)


async def test_a_button_that_comes_too_late_says_so_and_the_page_stays(
    world: World, at: Site
) -> None:
    call = await called(world, SHORT)
    page = await (await at.context(call)).new_page()
    await page.goto("/account")
    await page.evaluate(
        f"htmx.ajax('GET', '/desk/calls/{call.attempt.id}/controls', {{target: 'main'}})"
    )
    await expect(page.locator("#control-X")).to_be_visible()
    await hang_up(world, call)
    await page.keyboard.press("Tab")
    await page.locator("#control-H").press("Enter")
    await expect(page.locator("#problem")).to_contain_text(
        "not possible with the call as it is now"
    )
    await expect(page.locator("#control-X")).to_be_visible()
    assert await page.locator("main main, h1").count() == 0, "no page of errors in the page"


async def test_a_verdict_judged_in_another_window_is_told(world: World, at: Site) -> None:
    campaign_id = await world.campaign(await world.api(), settings=LISTENS)
    attempt_id = await stored_call(world, campaign_id, 1)
    user = await world.user(Role.SUPERVISOR)
    context = await at.browser.new_context(base_url=at.base_url, locale="en-GB")
    cookie = {"name": COOKIE, "value": await world.session_token(user), "url": at.base_url}
    await context.add_cookies([cookie])  # type: ignore[list-item]  # a typed dictionary
    page = await context.new_page()
    path = f"/campaigns/{campaign_id}/machines"
    await page.goto(path)
    other = await world.browser(Role.SUPERVISOR)
    await other.post(f"{path}/{attempt_id}/judgement", data={"was": "person"}, headers=SAME_ORIGIN)
    await page.locator("#machines button[value=machine]").press("Enter")
    await expect(page.locator("#machines .banner.bad")).to_contain_text("judged already")
    await expect(page.locator("#judged-title")).to_be_visible()
