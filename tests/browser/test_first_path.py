"""A first-time manager's path: from the first sign-in to the client's files, by clicks and typing alone."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.chromium import Chromium
from tests.browser.client_files import (
    compare_refreshed,
    compare_spss,
    compare_workbook,
    first_password,
    rows_of,
)
from tests.browser.hall import Hall, open_hall
from tests.browser.newcomer import PATIENCE_MS, Newcomer
from tests.browser.scoring import score_a_call
from tests.commands import outdial_with
from tests.exchange import Exchange
from tests.hall import Place

pytestmark = pytest.mark.timeout(400)

LIST = Path(__file__).parent.parent / "data" / "clients_ru_cp1251.csv"
CLIENT, CAMPAIGN, FORM = "Romashka", "Spring survey", "Tariff survey"
CONTACTS = 1767
#: As many telephones as the tests' exchange has.
AGENTS = 6
#: So many interviews are enough to compare files with.
TALKS = 12
QUESTIONS = (
    ("One of several", "Have you got two minutes for us?", ("Yes", "No")),
    ("Several of many", "What do you use?", ("Calls", "Internet")),
    ("Recommendation, 0 to 10", "Would you recommend us?", ()),
    ("Words", "What should we do better?", ()),
)
#: What SPSS shows for the codes.
OPTIONS = {
    "q1": {"1": "Yes", "2": "No"},
    "q5": {"confirmed": "Right as it stands", "corrected": "Another value"},
}
FORMATS = {"XLSX": "Excel (XLSX)", "SPSS": "SPSS (SAV)", "Refreshed": "Refreshed database"}
PEOPLE = {
    "shares": {"answer": 0.8, "no_answer": 0.05, "busy": 0.1, "invalid": 0.05},
    "ring": {"median_s": 0.5, "sigma": 0.2},
    "talk": {"median_s": 5.0, "sigma": 0.4},
    "hang_up_early_rate": 0.0,
}


@pytest.fixture
async def installation(exchange: Exchange, place: Place, tmp_path: Path) -> AsyncIterator[Hall]:
    """A new installation to try out."""
    await exchange.carrier.order("profile", profile=PEOPLE, seed=1)
    async with open_hall(exchange, place, tmp_path, whole=True) as made:
        yield made


async def test_a_first_time_managers_path(
    installation: Hall, browser: Chromium, tmp_path: Path
) -> None:
    outdial = outdial_with(installation.settings)
    new = ("user", "add", "vera", "--role", "manager", "--json")
    code, said = await asyncio.to_thread(outdial, *new)
    assert code == 0, said
    me = await Newcomer.at(await browser.person(), installation.url, tmp_path / "pictures")
    await me.sign_in("vera", first_password(said))
    await make_client(me)
    await upload_list(me)
    await build_form(me)
    await start_campaign(me)
    await watch_wall(me)
    await listen_in(me)
    await stop_campaign(me)
    await score_a_call(me, "Virtual agent")
    await me.look("scored", phone=True)
    await see_report(me)
    password = await make_customer(me)
    them = await Newcomer.at(await browser.person(), installation.url, tmp_path / "of-client")
    await them.sign_in("customer", password)
    await see_portal(them)
    files = await take_files(them, tmp_path)
    rows = await rows_of(installation.place.sessions)
    names = compare_workbook(files["XLSX"], rows)
    compare_spss(files["SPSS"], names, rows, OPTIONS)
    corrected = compare_refreshed(files["Refreshed"], LIST, rows, "Город", "q5")
    endings = [row["ending"] for row in rows if row["answers"]]
    assert len(rows) == CONTACTS
    assert endings.count("complete") >= TALKS - 5, endings
    assert corrected, "somebody had moved"
    assert me.faults + them.faults == []


async def make_client(me: Newcomer) -> None:
    """Make a client, and work for it."""
    await me.look("first-page", phone=True)
    await me.follow("Make the client, and work there")
    await me.page.locator("summary", has_text="New client").click()
    await me.writes("Name", CLIENT)
    await me.writes("Time zone", "Europe/Moscow")
    await me.look("clients", phone=True)
    await me.press("Make the client")
    await me.press("Work here")
    await me.sees("First steps")
    await me.look("at-work")


async def upload_list(me: Newcomer) -> None:
    """Upload the list, look at what would become of it, and import it."""
    await me.follow("Upload a list")
    await me.page.get_by_label("File", exact=True).set_input_files(LIST)
    await me.chooses("Country of numbers without a country code", "Russia")
    await me.press("Upload and look")
    await me.sees(f"{CONTACTS:,}")
    await me.look("preview", phone=True)
    await me.press("Import")
    await me.sees("What became of the rows")
    await me.look("imported")


async def build_form(me: Newcomer) -> None:
    """Build a form of five questions, the last of which refreshes a column of the list, and publish it."""
    await me.follow("or first build the form that operators fill in")
    await me.writes("Name", FORM)
    await me.press("Make the form")
    for at, (kind, words, options) in enumerate(QUESTIONS, start=1):
        await me.press(kind, within=me.page.locator("#palette"))
        await expect(me.page.locator("#editor-title")).to_have_text(f"Question q{at}")
        await me.writes("Question", words)
        for place, option in enumerate(options):
            await me.page.locator(f"[name='options.{place}.text.en']").fill(option)
        await me.page.keyboard.press("Tab")
        # Each change is saved by itself, and redraws the outline when it is.
        await expect(me.page.locator("#outline li.chosen")).to_contain_text(words)
        await expect(me.page.locator("#editor-form.htmx-request")).to_have_count(0)
    await me.chooses("Column", "Город")
    await me.press("Add the question", within=me.page.locator("#record-fields"))
    await expect(me.page.locator("#editor-title")).to_have_text("Question q5")
    await me.look("form", phone=True)
    await me.follow("Publish…")
    await me.look("publish")
    await me.press("Publish version 1")
    await me.sees("Version 1 is published")
    await me.look("published")


async def start_campaign(me: Newcomer) -> None:
    """Make a predictive campaign of the survey's preset, and start it with virtual agents."""
    await me.follow("Make a campaign with it")
    await me.page.locator(".presets a", has_text="Survey").click()
    await me.page.wait_for_url("**preset=survey")
    await expect(me.page.locator("select[name=mode]")).to_have_value("predictive")
    await expect(me.page.locator("select[name=form]")).to_have_value("tariff_survey")
    await expect(me.page.get_by_role("checkbox", name=LIST.name)).to_be_checked()
    await me.writes("Name of the campaign", CAMPAIGN)
    await me.press("Make the draft")
    await me.sees("Before the start")
    await me.look("draft")
    await me.press("Use the simulated trunk: nobody real is called")
    await me.writes("Virtual agents", str(AGENTS))
    await me.press("Start with virtual agents")
    await me.sees("At work now")
    await me.look("started")
    await me.follow("To the live page")


async def watch_wall(me: Newcomer) -> None:
    """Watch the wall until people talk."""
    await me.follow("Live wall", within=me.page.locator("main"))
    talking = me.page.locator("#wall-agents tr", has_text="On a call")
    await expect(talking.first).to_be_visible(timeout=PATIENCE_MS)
    await me.look("wall", phone=True)
    await talking.first.get_by_role("link", name="Shift").click()


async def listen_in(me: Newcomer) -> None:
    """Listen to an operator."""
    await me.follow("Listen", within=me.page.locator("main"))  # it begins at once
    await me.page.locator("#phone[data-state='connected']").wait_for()
    await me.look("listening", phone=True)
    await me.page.keyboard.press("Alt+0")
    await me.page.locator("#phone[data-state='ready']").wait_for()


async def stop_campaign(me: Newcomer) -> None:
    """Stop the campaign after enough talks; calls on the line end by themselves."""
    await me.follow("Campaigns")
    await me.follow(CAMPAIGN)
    main = me.page.locator("main")
    done = re.compile(rf"Done: questions answered\s+({TALKS}|[2-9]\d|1[3-9])")
    await expect(main).to_contain_text(done, timeout=PATIENCE_MS * 2)
    await me.press("Stop")
    await me.sees("Stopped")
    for name in ("Calls on the line", "Agents signed in"):
        await expect(main).to_contain_text(re.compile(rf"{name}\s+0\b"), timeout=PATIENCE_MS)
    await me.look("stopped", phone=True)


async def see_report(me: Newcomer) -> None:
    """See the report of the campaign."""
    await me.follow("Campaigns")
    await me.follow(CAMPAIGN)
    await me.follow("Reports", within=me.page.locator("main"))
    await me.sees("Completed forms")
    await me.look("report", phone=True)


async def make_customer(me: Newcomer) -> str:
    """Make a user for the client; return the first password."""
    await me.follow("Administration")
    await me.follow("Users")
    await me.page.locator("summary", has_text="New user").click()
    await me.writes("Login", "customer")
    await me.page.locator("#new-role").select_option("client")
    await me.press("Make the user")
    await me.look("user-made")
    return await me.page.locator("code.secret").inner_text()


async def see_portal(them: Newcomer) -> None:
    """See the own campaigns with their figures, and nothing of how the call centre works."""
    await them.sees(CAMPAIGN)
    places = them.page.locator("nav.places").first
    await expect(places).to_contain_text("Deliveries")
    for closed in ("Desk", "Live", "Administration", "Quality"):
        await expect(places.get_by_role("link", name=closed, exact=True)).to_have_count(0)
    await them.look("first-page", phone=True)


async def take_files(them: Newcomer, folder: Path) -> dict[str, Path]:
    """Have three files made, and take them."""
    await them.follow(CAMPAIGN)
    files: dict[str, Path] = {}
    for key, name in FORMATS.items():
        await them.press(name)
        links = them.page.get_by_role("link", name="Download")
        await expect(links).to_have_count(len(files) + 1, timeout=PATIENCE_MS)
        label = await links.first.get_attribute("aria-label") or ""
        to = folder / label.removeprefix("Download ")
        files[key] = await them.downloads(links.first, to)
    await them.look("files", phone=True)
    return files
