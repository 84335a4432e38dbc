"""A newcomer at a browser who clicks what the pages show and types what they ask for, and nothing else."""

from pathlib import Path

from playwright.async_api import BrowserContext, Locator, Page, expect

#: Two processors run seven programs and a browser.
PATIENCE_MS = 40_000
NEW_PASSWORD = "lilac tram eleven"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Newcomer:
    """Somebody who has never seen the program; each step begins on the page where the last one ended."""

    def __init__(self, page: Page, url: str, pictures: Path) -> None:
        """Sit down at a page."""
        self.page, self.url, self.pictures = page, url, pictures
        self.faults: list[str] = []
        self._taken = 0
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    @classmethod
    async def at(cls, context: BrowserContext, url: str, pictures: Path) -> "Newcomer":
        """Open the front page."""
        page = await context.new_page()
        await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        newcomer = cls(page, url, pictures)
        await page.goto(url)
        return newcomer

    async def look(self, name: str, *, phone: bool = False) -> None:
        """Take a picture, and one as a telephone shows it; nothing may be wider than the page."""
        self._taken += 1
        await self.page.wait_for_load_state("load")
        for size, suffix in ((DESKTOP, ""), (PHONE, "-phone")) if phone else ((DESKTOP, ""),):
            if phone:
                await self.page.set_viewport_size(size)  # type: ignore[arg-type]
            wide = "document.documentElement.scrollWidth - window.innerWidth"
            assert await self.page.evaluate(wide) <= 0, f"{name}{suffix} is too wide"
            path = self.pictures / f"{self._taken:02}-{name}{suffix}.png"
            await self.page.screenshot(path=path, full_page=True, caret="initial")
        if phone:
            await self.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]

    async def sign_in(self, login: str, password: str) -> None:
        """Sign in with the password one was given, and choose one's own."""
        await self.page.get_by_label("Login").fill(login)
        await self.page.get_by_label("Password", exact=True).fill(password)
        await self.press("Sign in")
        await self.page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
        await self.page.get_by_label("The new password again").fill(NEW_PASSWORD)
        await self.press("Save")

    async def press(self, name: str, within: Locator | None = None) -> None:
        """Press a button."""
        await (within or self.page).get_by_role("button", name=name, exact=True).first.click()

    async def follow(self, name: str, within: Locator | None = None) -> None:
        """Follow a link."""
        await (within or self.page).get_by_role("link", name=name, exact=True).first.click()

    async def sees(self, words: str) -> None:
        """Wait until some words are read."""
        await expect(self.page.locator("body")).to_contain_text(words, timeout=PATIENCE_MS)

    async def writes(self, label: str, words: str) -> None:
        """Write into a field."""
        await self.page.get_by_label(label, exact=True).first.fill(words)

    async def chooses(self, label: str, option: str) -> None:
        """Choose an option of a field."""
        await self.page.get_by_label(label, exact=True).first.select_option(label=option)

    async def downloads(self, link: Locator, to: Path) -> Path:
        """Take a file."""
        async with self.page.expect_download() as coming:
            await link.click()
        await (await coming.value).save_as(to)
        return to
