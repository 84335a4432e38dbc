"""A walk through a page with Tab: every control is reached, in the order in which it is seen, and seen."""

from typing import Any

from playwright.async_api import Page

#: More stops than a page has.
_MOST = 200
#: Where the focus is now: which column, where, and whether it is seen; empty: the walk is over.
_HERE = """
() => {
  const here = document.activeElement;
  if (!here || here === document.body || here.walked) return null;
  here.walked = true;
  if (here.type === "radio") for (const one of document.getElementsByName(here.name)) one.walked = true;
  const near = [here, here.parentElement, here.nextElementSibling].filter((one) => one);
  const ringed = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const box = here.getBoundingClientRect();
  const columns = ["header", ".left", ".middle", ".right"];
  return {
    html: here.outerHTML.slice(0, 120),
    column: columns.findIndex((one) => here.closest(one)),
    top: box.top + scrollY,
    bottom: box.bottom + scrollY,
    seen: near.some(ringed) && box.width > 0,
  };
}
"""
#: The controls that the walk has not come to.
_MISSED = """
() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter((one) => !one.disabled && !one.walked && one.checkVisibility() && one.getClientRects().length)
  .map((one) => one.outerHTML.slice(0, 120))
"""


async def faults_of_walk(page: Page) -> list[str]:
    """Press Tab until the page is through; return what is wrong with the way."""
    await page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    await page.mouse.click(2, 2)  # the walk begins at the top
    before: dict[str, Any] = {"column": 0, "top": 0.0}
    faults = []
    for _ in range(_MOST):
        await page.keyboard.press("Tab")
        here = await page.evaluate(_HERE)
        if here is None:
            break
        if not here["seen"]:
            faults.append(f"the focus is not seen: {here['html']}")
        back = here["column"] == before["column"] and here["bottom"] <= before["top"]
        if here["column"] < before["column"] or back:
            faults.append(f"the focus goes back: {here['html']}")
        before = here
    missed = await page.evaluate(_MISSED)
    return [*faults, *(f"Tab does not come to {one}" for one in missed)]
