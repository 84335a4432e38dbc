"""An operator at the desk who uses the keyboard alone, and what the campaign of that day is made of."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext
from playwright.async_api import Error as BrowserError
from sqlalchemy import text
from sqlmodel import col, select

from campaigns.forms import publishing as forms
from campaigns.lists.models import Contact
from campaigns.models import Campaign, Disposition
from campaigns.scripts import drafts
from campaigns.scripts import publishing as scripts
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.browser.chromium import Tab
from tests.browser.conftest import AGENT_HZ
from tests.browser.hall import PASSWORD, Hall, Operator
from tests.exchange import CLEAR, ENDPOINT
from tests.factories import MadeCampaign
from tests.interview_browser import Desk
from tests.questionnaires import form_of, question
from tests.scripts import script, step
from tests.world import until

CUSTOMER_HZ = 440
#: A page that comes back while two processors run five programs takes its time.
SLOW_S = 60.0

FORM = form_of(
    question("consent", text="Have you got three minutes, {{ contact.name }}?"),
    question("used", text="Have you used the new tariff?", show_if="consent = 'a'"),
    question("aspects", "multiple", text="What did you use?", show_if="used = 'a'"),
    question("grade", "nps", text="Would you recommend us?", show_if="consent = 'a'"),
    question("why", "text", text="Why only {{ answers.grade }}?", show_if="grade < 7"),
    question("praise", "text", text="What was best?", show_if="grade >= 9"),
    question("age", "number", text="How old are you?", least=18),
    contact_fields=["name"],
    title="Tariff survey",
)
SCRIPT = script(
    step("hello", "Good day, {{ contact.name }}!", "Go on>ask", "No>bye"),
    step("ask", "I have a few questions.", "Done>bye"),
    step("bye", "Thank you, goodbye.", ends=True),
)
SETTINGS: dict[str, Any] = {
    "mode": "progressive",
    "wrap_up_s": 300,
    "ring_timeout_s": 15,
    "retry": {},
    "record": True,
    "form": FORM.code,
    "script": "tariff",
    "form_dispositions": {"complete": "sale"},
    "desk": {"greeting": "Acme, good day!", "pauses": ["lunch"], "fields": {"Phone": "hidden"}},
}
#: How each result is saved: what it wants, and its key.
RESULTS: dict[str, dict[str, Any]] = {
    "sale": {"hot_key": "1"},
    "callback": {"hot_key": "2", "requires_callback": True},
    "refused": {"hot_key": "3", "requires_note": True, "refuses": True},
}
NEVER = "never_again"


async def campaign_of_the_day(hall: Hall, *e164s: str) -> MadeCampaign:
    """Make a paused campaign of people who talk until somebody hangs up."""
    manner = f"t-answer-r300-t280000-gtone_{CUSTOMER_HZ}"
    await hall.exchange.people(dict.fromkeys(e164s, manner))
    trunk = {"endpoint": ENDPOINT}
    made = await hall.place.campaign(0, 0, e164s=list(e164s), settings=SETTINGS, trunk=trunk)
    await hall.place.set_state(made, "paused")
    async with transaction(hall.place.sessions) as session:
        for row in await session.exec(
            select(Disposition).where(col(Disposition.campaign_id) == made.id)
        ):
            for name, value in RESULTS[row.code].items():
                setattr(row, name, value)
        never = Disposition(
            client_id=made.client_id,
            campaign_id=made.id,
            code=NEVER,
            label="Never again",
            suppresses=True,
        )
        session.add(never)
        names = ("Anna", "Boris", "Vera")
        people = select(Contact).where(col(Contact.list_id) == made.list_id)
        for person in await session.exec(people.order_by(col(Contact.source_row))):
            person.name = names[person.source_row - 1]
        await _write(session, made)
    return made


async def _write(session: Any, made: MadeCampaign) -> None:
    """Publish the form and the script."""
    clock = SystemClock()
    user = await bootstrap.create_user(
        session, client_id=made.client_id, login="vera", role=Role.MANAGER, clock=clock
    )
    owner: dict[str, Any] = {"client_id": made.client_id, "user_id": user.id, "clock": clock}
    await forms.save_draft(session, FORM, **owner)
    await forms.publish(session, FORM.code, **owner)
    who = Identity(user.id, made.client_id, Role.MANAGER, user.login)
    code = str(SETTINGS["script"])
    await drafts.create(session, code, "Tariff", SCRIPT, who=who, clock=clock)
    await scripts.publish(session, code, revision=None, who=who, clock=clock)


async def campaign_name(hall: Hall, made: MadeCampaign) -> str:
    """Return what agents read."""
    async with hall.place.sessions() as session:
        return (await session.get_one(Campaign, made.id)).name


class AtDesk:
    """A tab with the desk. Everything is done by keys; locators only look."""

    def __init__(self, hall: Hall, tab: Tab) -> None:
        """Sit down at a tab."""
        self.hall, self.tab, self.page = hall, tab, tab.page
        self.form = Desk(tab.page, tab.faults)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, words: str) -> None:
        """Type words."""
        await self.page.keyboard.type(words)

    async def shows(self, selector: str, words: str = "", within_s: float = SLOW_S) -> None:
        """Wait until something is seen, with words in it."""
        found = (
            self.page.locator(selector, has_text=words) if words else self.page.locator(selector)
        )

        async def seen() -> bool:
            with suppress(BrowserError):  # the page is just being replaced
                return bool(await found.count()) and await found.first.is_visible()
            return False

        try:
            await until(seen, f"{selector} {words!r} is seen", within_s=within_s)
        except AssertionError as error:
            error.add_note(f"{self.tab.faults}\n{await self.page.inner_text('body')}")
            raise

    async def is_in(self, state: str, within_s: float = SLOW_S) -> None:
        """Wait until the desk shows a state."""
        await self.shows(f"#state [data-state='{state}']", within_s=within_s)

    async def talks_with(self, name: str) -> None:
        """Wait until the call is there with all that belongs to it: card, questionnaire, script, keys."""
        await self.is_in("on_call")
        await self.shows("#contact-name", name)
        await self.shows("#script-panel", f"Good day, {name}!")
        await self.shows("#control-X")
        await self.form.wait_for("consent")

    async def hear_each_other(self, number: str, within_s: float = SLOW_S) -> None:
        """Wait until the customer and the page hear each other's tone."""

        async def both() -> bool:
            customer = await self.hall.exchange.heard_by_customer(number, AGENT_HZ)
            said = customer.get("tone_shares", {}).get(str(AGENT_HZ), 0.0)
            return said > CLEAR and await self.tab.hears(CUSTOMER_HZ) > CLEAR

        await until(
            both, f"customer and agent hear each other; {self.tab.faults}", within_s=within_s
        )

    async def focus_is(self, look: str, value: str) -> bool:
        """Tell whether what has the focus says so."""
        return str(await self.page.evaluate(f"document.activeElement?.{look}")) == value

    async def tab_to(
        self, fact: Callable[[], Awaitable[bool]], what: str, key: str = "Tab"
    ) -> None:
        """Press a key until what is wanted has the focus."""
        for _ in range(60):
            if await fact():
                return
            await self.press(key)
        raise AssertionError(f"{key} never leads to {what}")

    async def look(self, path: Path) -> None:
        """Take a picture."""
        await self.page.screenshot(
            path=path, full_page=True, caret="initial"
        )  # hiding it needs a style


async def sign_in(hall: Hall, context: BrowserContext, who: Operator) -> AtDesk:
    """Sign in by keyboard."""
    tab = Tab(await context.new_page()).watch()
    desk = AtDesk(hall, tab)
    await tab.page.goto(f"{hall.url}/sign-in")
    await desk.tab_to(lambda: desk.focus_is("name", "login"), "the login")
    await desk.type(who.login)
    await desk.press("Tab")
    await desk.type(PASSWORD)
    await desk.press("Enter")
    await tab.page.wait_for_url(f"{hall.url}/desk")
    return desk


async def begin_shift(desk: AtDesk) -> None:
    """Begin a shift on the page, take a break, and be ready."""
    await desk.shows("section.begin")
    assert await desk.focus_is("tagName", "BUTTON")
    await desk.press("Enter")
    await desk.tab.see("connected", within_s=60)
    await desk.is_in("ready")
    await desk.press("p")
    await desk.is_in("paused")
    await desk.press("r")
    await desk.is_in("ready")


async def open_desk(hall: Hall, context: BrowserContext) -> AtDesk:
    """Open the desk in a new tab."""
    tab = Tab(await context.new_page()).watch()
    await tab.page.goto(f"{hall.url}/desk", wait_until="domcontentloaded")
    return AtDesk(hall, tab)


async def rows(hall: Hall, statement: str, **facts: Any) -> list[dict[str, Any]]:
    """Return rows of the database."""
    async with hall.place.sessions() as session:
        found = (await session.execute(text(statement), facts)).mappings()
        return [dict(row) for row in found]
