"""A supervisor in a real browser listens to an operator's talk with sound, whispers and joins in."""

import pytest

from campaigns.accounts import people
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.simulator.sip.phone import tone_of
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import AGENT_HZ
from tests.browser.hall import PASSWORD, Hall
from tests.exchange import ENDPOINT, see_clear_talk
from tests.factories import numbers
from tests.supervising import make_user
from tests.world import until

pytestmark = pytest.mark.timeout(300)

CUSTOMER_HZ = 440
OPERATOR_HZ = tone_of(0)
SETTINGS = {"wrap_up_s": 0, "retry": {}}


async def _supervisor(hall: Hall, browser: Chromium, client_id: object) -> Tab:
    """Sign a supervisor in and return the page."""
    async with transaction(hall.place.sessions) as session:
        user = await make_user(session, client_id, "boss")  # type: ignore[arg-type]
        await people.set_password(session, user, PASSWORD, SystemClock(), by=None)
    tab = Tab(await (await browser.person()).new_page()).watch()
    await tab.page.goto(f"{hall.url}/sign-in")
    await tab.page.fill("input[name=login]", "boss")
    await tab.page.fill("input[name=password]", PASSWORD)
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url(lambda url: "sign-in" not in url)
    await tab.page.goto(f"{hall.url}/listen", wait_until="domcontentloaded")
    return tab


async def test_a_supervisor_listens_whispers_and_joins_in(hall: Hall, browser: Chromium) -> None:
    (number,) = numbers(1, first=950)
    await hall.exchange.people({number: f"t-answer-r300-t280000-gtone_{CUSTOMER_HZ}"})
    made = await hall.place.campaign(
        0, 1, e164s=[number], settings=SETTINGS, trunk={"endpoint": ENDPOINT}
    )
    await see_clear_talk(hall.exchange, hall.place, made, number, CUSTOMER_HZ)
    tab = await _supervisor(hall, browser, made.client_id)
    await tab.see("ready")
    await tab.page.click("#listen-start")
    await tab.see("connected")

    async def heard(*, page: bool, agent: bool, customer: bool) -> bool:
        theirs = await tab.hears(CUSTOMER_HZ) > 0.2 and await tab.hears(OPERATOR_HZ) > 0.2
        to_agent = await hall.exchange.heard_by_agent(1, AGENT_HZ)
        to_customer = await hall.exchange.heard_by_customer(number, AGENT_HZ)
        shares = [
            one.get("tone_shares", {}).get(str(AGENT_HZ), 0.0) for one in (to_agent, to_customer)
        ]
        return (theirs, shares[0] > 0.1, shares[1] > 0.1) == (page, agent, customer)

    for key, agent, customer in (
        ("Alt+1", False, False),
        ("Alt+2", True, False),
        ("Alt+3", True, True),
        ("Alt+1", False, False),
    ):
        await tab.page.keyboard.press(key)
        wanted = {"page": True, "agent": agent, "customer": customer}
        await until(lambda wanted=wanted: heard(**wanted), f"after {key}: {wanted}")  # type: ignore[misc]
    await tab.page.reload(wait_until="domcontentloaded")
    await until(lambda: heard(page=True, agent=False, customer=False), "after a refresh it goes on")
    await tab.page.keyboard.press("Alt+0")
    await tab.see("ready")
    assert tab.faults == []
