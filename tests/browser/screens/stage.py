"""Where pages are looked at: a server, a browser, and what every page must keep at both widths."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import BrowserContext, Page, async_playwright
from playwright.async_api import TimeoutError as TookTooLong

from api.browsers import COOKIE
from api.languages import COOKIE as LANGUAGE_COOKIE
from api.zones import ZONE_COOKIE
from campaigns.tenancy.models import Role
from tests.browser.chromium import FLAGS, executable
from tests.browser.screens.camera import Camera
from tests.browser.screens.shop import Shop
from tests.serving import serve

DESKTOP = {"width": 1440, "height": 900}
PATIENCE_MS = 30_000
#: The checksum of an empty style.
EMPTY = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#: So many elements with the same fault are told of a page.
FEW = 3
PHONE = {"width": 390, "height": 844}
#: WCAG 2.2, levels A and AA, as axe names them.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: ``target-size`` is off unless it is asked for.
AXE = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
#: Nothing is on its way, and nothing moves.
_STILL = """
() => document.readyState === "complete"
  && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, [aria-busy=true]")
  && (window.testLeg === undefined  // no telephone of ours, into which somebody says a tone: see telephone.py
    || (document.getElementById("phone-level")?.value ?? 1) > 0.5)
"""
_BUSY = """
() => [document.readyState, ...[...document.querySelectorAll(
  ".htmx-request, .htmx-swapping, .htmx-settling, [aria-busy=true]"
)].map((one) => one.outerHTML.slice(0, 90))].join(" | ")
"""
_WIDER = """
() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return "";
  const guilty = [...document.querySelectorAll("main *, header *")]
    .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 90));
  return `${wide} px: ${guilty.slice(-3).join(" | ")}`;
}
"""


@dataclass
class Stage:
    """One language's pages."""

    shop: Shop
    url: str
    camera: Camera
    contexts: dict[str, BrowserContext]
    faults: list[str] = field(default_factory=list)  #: what is wrong, all of it at the end
    new_context: Any = None

    async def page(self, role: Role | None) -> Page:
        """Open a tab of somebody's own browser; None: nobody is signed in."""
        context: BrowserContext = await self.new_context(role)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", lambda said: self._console(said.text))
        await page.clock.set_fixed_time(self.shop.clock.now())
        return page

    def _console(self, text: str) -> None:
        # Whoever photographs hides the caret by a style of its own, and axe leaves empty ones behind,
        # which htmx copies from the old element to the new one.
        if "Content Security" in text and not self.camera.is_taking and EMPTY not in text:
            self.faults.append(text)

    async def show(
        self,
        page: Page,
        name: str,
        path: str = "",
        *,
        wait: str = "",
        phone: bool = False,
        at: str = "",
    ) -> None:
        """Look at a page (a path: go there first) at both widths, and photograph it.

        A telephone's picture begins at the top, or ``at`` an element.
        """
        await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a typed dictionary
        await page.clock.set_fixed_time(self.shop.clock.now())
        if path:
            await page.goto(f"{self.url}{path}", wait_until="domcontentloaded")
        if wait:
            await page.locator(wait).first.wait_for()
        await self._look(page, name)
        await self.camera.take(page, f"{name}-1440")
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        await self._look(page, name)
        if phone:
            to_element = "(there) => document.querySelector(there)?.scrollIntoView()"
            await page.evaluate(to_element if at else "() => scrollTo(0, 0)", at)
            await self.camera.take(page, f"{name}-390")

    async def look_at(self, page: Page, name: str, path: str) -> None:
        """Go to a page and look at it at both widths, without a picture."""
        await page.goto(f"{self.url}{path}", wait_until="domcontentloaded")
        sizes = (DESKTOP, PHONE) if self.shop.language == "en" else (PHONE,)
        for size in sizes:
            await page.set_viewport_size(size)  # type: ignore[arg-type]  # a typed dictionary
            await self._look(page, name)

    async def _look(self, page: Page, name: str) -> None:
        width = (page.viewport_size or DESKTOP)["width"]
        where = f"{self.shop.language} {name} {width}"
        try:
            await page.wait_for_function(_STILL)
        except TookTooLong as late:
            busy = await page.evaluate(_BUSY)
            raise AssertionError(f"{where}: not still after {PATIENCE_MS} ms: {busy}") from late
        if wider := await page.evaluate(_WIDER):
            self.faults.append(f"{where}: wider than the screen by {wider}")
        if self.shop.language != "en" and width != PHONE["width"]:
            return  # the same colours and labels in wider words: English has been looked at
        if not await page.evaluate("window.axe !== undefined"):
            await page.evaluate(AXE_SCRIPT)
        found = await page.evaluate("(options) => axe.run(document, options)", AXE)
        for broken in found["violations"]:
            for node in broken["nodes"][:FEW]:
                told = node["failureSummary"].replace("\n", " ")
                self.faults.append(f"{where}: {broken['id']}: {node['html'][:160]}: {told[:300]}")


@asynccontextmanager
async def open_stage(shop: Shop) -> AsyncIterator[Stage]:
    """Serve the shop's pages and run a browser; what is wrong with a page fails the test at the end."""
    async with serve(shop.world.app) as url, async_playwright() as player:
        browser = await player.chromium.launch(
            executable_path=executable(), args=[*FLAGS, f"--lang={shop.language}"]
        )
        dark_room = await (await browser.new_context()).new_page()

        async def context(role: Role | None) -> BrowserContext:
            made = await browser.new_context(
                locale="en-GB" if shop.language == "en" else shop.language,
                timezone_id=shop.words.zone,
                color_scheme="light",
            )
            made.set_default_timeout(PATIENCE_MS)
            cookies = {LANGUAGE_COOKIE: shop.language, ZONE_COOKIE: shop.words.zone}
            if role is not None:
                cookies[COOKIE] = await shop.world.session_token(shop.user(role))
            await made.add_cookies(
                [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
            )
            return made

        stage = Stage(shop, url, Camera(shop.language, dark_room), {}, new_context=context)
        yield stage
        await browser.close()
    assert not stage.faults, "\n".join(stage.faults)
