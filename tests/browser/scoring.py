"""How a supervisor scores a call, by clicks: a scorecard from a preset, published; a recording; the total."""

from playwright.async_api import expect

from tests.browser.newcomer import Newcomer


async def score_a_call(newcomer: Newcomer, operator: str, *, name: str = "Survey card") -> None:
    """Make a scorecard from a preset, publish it, and score the operator's first recording by it."""
    page = newcomer.page
    await newcomer.follow("Quality")
    await newcomer.follow("Scorecards")
    await newcomer.writes("Name", name)
    await newcomer.chooses("Preset", "Survey")
    await newcomer.press("Make the scorecard")
    await newcomer.press("Publish")
    await newcomer.sees("Published: calls are scored by this version from now on")
    await newcomer.follow("Choose a recording to score")
    await page.locator("tr", has_text=operator).get_by_role("link").first.click()
    await newcomer.follow("Score this call")
    questions = page.locator("fieldset.question")
    for number in range(await questions.count()):
        await questions.nth(number).get_by_role("radio").first.check()
    await expect(page.locator("#total")).to_contain_text("100.0%")
    await questions.nth(0).get_by_label("no", exact=True).check()
    await expect(page.locator("#total")).to_contain_text("91.3%")
    await newcomer.writes("In words", "Forgot the name, else fine.")
    await newcomer.press("Save the score")
    await expect(page.locator("#score .total")).to_contain_text("91.3%")
    await expect(page.locator("#score .total")).to_contain_text("Passed")
