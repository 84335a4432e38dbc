"""Somebody who looks at a page of reports, and what is wrong with it."""

from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

from tests.browser.screens.stage import AXE


@dataclass
class Reader:
    """Somebody who looks at reports."""

    page: Page
    url: str

    async def faults(self) -> list[str]:
        """Return what is wrong with the page at the present width."""
        wide = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        await self.page.evaluate(AXE_SCRIPT)
        found = await self.page.evaluate("(options) => axe.run(document, options)", AXE)
        told = [
            f"{one['id']}: {node['html'][:120]}: {node['failureSummary'][:200]}"
            for one in found["violations"]
            for node in one["nodes"][:3]
        ]
        return told + ([f"wider by {wide} px"] if wide > 0 else [])
