"""The client's pages, and the page on which a manager answers them."""

from campaigns.tenancy.models import Role
from tests.browser.screens.stage import Stage

_PAGES = {
    "home": "",
    "deliveries": "/deliveries",
    "reports": "/reports/overview",
    "recordings": "/recordings",
    "samples": "/samples",
    "lists": "/lists",
    "upload": "/lists/upload",
    "requests": "/requests",
}


async def portal(stage: Stage) -> None:
    """Walk through the portal: draw a sample, ask for an erasure, order a file; see the manager's page."""
    page = await stage.page(Role.CLIENT)
    for name, path in _PAGES.items():
        await stage.look_at(page, f"portal-{name}", f"/portal{path}")
    await page.locator("#kind").select_option("erasure")
    await page.locator("#numbers").fill("+79430009999")
    await page.locator("form.card button").click()
    await page.locator(".plain-list .state.paused").wait_for()
    await stage.look_at(page, "portal-requests-open", "/portal/requests")
    campaign = f"/portal/campaigns/{stage.shop.campaign_ids[0]}"
    await stage.look_at(page, "portal-campaign", campaign)
    await page.locator("#files form button").first.click()
    await page.locator("#exports .state").first.wait_for()
    await stage.look_at(page, "portal-files", f"{campaign}?lang={stage.shop.language}")
    await page.goto(f"{stage.url}/portal/samples?campaign={stage.shop.campaign_ids[0]}")
    await page.locator("#percent").fill("1")
    await page.locator("form.card button").click()
    await page.locator("li[id^=result-]").first.wait_for()
    await stage.look_at(page, "portal-sample", page.url.removeprefix(stage.url))
    boss = await stage.page(Role.MANAGER)
    await stage.look_at(boss, "client-requests", "/client-requests")
