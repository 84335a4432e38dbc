"""The operator's desk, in every state of a shift."""

from datetime import timedelta
from typing import Any

from playwright.async_api import Page

from campaigns.agents.models import AgentSession
from campaigns.leads.models import Attempt, Lead
from campaigns.leads.part_models import CallPart
from campaigns.leads.preview_models import Preview
from campaigns.models import Campaign
from campaigns.states import LeadState, PreviewEnd
from campaigns.tenancy.models import Role
from dialer.agent.states import MISSED_OFFER, AgentState
from dialer.call.states import CallOutcome
from dialer.call.talks import PartKind
from dialer.db import transaction
from tests.browser.screens.day import promise
from tests.browser.screens.keys import faults_of_walk
from tests.browser.screens.shop import Shop
from tests.browser.screens.stage import Stage
from tests.browser.screens.telephone import put_on_desk

S = AgentState
#: The call's pieces are there.
TALKING = "#interview form.asked"


async def _be(
    shop: Shop, state: AgentState, call_id: Any = None, *, for_s: float, **facts: Any
) -> None:
    """Have the agent be in a state, and look at it when it has lasted a while."""
    await shop.desk.be(state, call_id, **facts)
    shop.clock.advance(for_s)


async def _wants(shop: Shop, **facts: Any) -> None:
    async with transaction(shop.world.sessions) as session:
        shift = await session.get_one(AgentSession, shop.desk.shift_id)
        for name, value in facts.items():
            setattr(shift, name, value)


async def before_calls(stage: Stage) -> Page:
    """Test the devices, begin a shift, be connected, be ready, take a break."""
    shop = stage.shop
    page = await stage.page(Role.AGENT)
    await put_on_desk(page, has_leg=False)
    await stage.show(page, "desk-devices", "/desk/phone/check", phone=True)
    await stage.show(page, "desk-begin", "/desk", phone=True)
    await shop.desk.begin()
    await stage.show(page, "desk-connecting", "/desk")
    await put_on_desk(page, has_leg=True)
    await _be(shop, S.READY, for_s=42)
    await stage.show(page, "desk-ready", "/desk", phone=True)
    await _wants(shop, wants=S.PAUSED, pause_code="lunch")
    await _be(shop, S.PAUSED, for_s=185, pause_code="lunch")
    await stage.show(page, "desk-paused", "/desk", phone=True)
    await _wants(shop, pause_code="meeting", forced_reason=shop.words.forced)
    await _be(shop, S.PAUSED, for_s=12, pause_code="meeting")
    await stage.show(page, "desk-forced", "/desk", wait="#state-notice .banner")
    await _wants(shop, wants=S.PAUSED, pause_code=MISSED_OFFER, forced_reason=None)
    await _be(shop, S.PAUSED, for_s=12, pause_code=MISSED_OFFER)
    await stage.show(page, "desk-missed", "/desk", wait="#state-notice .banner")
    await _wants(shop, wants=S.READY, pause_code=None)
    return page


async def preview(stage: Stage, page: Page) -> None:
    """Read who it is before the call."""
    shop = stage.shop
    lead, shift_id = shop.leads[8], shop.desk.shift_id
    assert shift_id is not None
    async with transaction(shop.world.sessions) as session:
        campaign = await session.get_one(Campaign, shop.campaign_ids[0])
        before = dict(campaign.settings)
        campaign.settings = before | {"mode": "preview", "preview_limit_s": 60}
        shown = Preview(
            client_id=shop.world.client_id,
            campaign_id=campaign.id,
            session_id=shift_id,
            lead_id=lead.id,
            shown_at=shop.clock.now(),
        )
        session.add(shown)
    await _be(shop, S.PREVIEWING, for_s=18)
    await stage.show(page, "desk-preview", "/desk", wait=".decide", phone=True)
    async with transaction(shop.world.sessions) as session:
        campaign = await session.get_one(Campaign, shop.campaign_ids[0])
        campaign.settings = before
        row = await session.get_one(Preview, shown.id)
        row.ended_at, row.ending = shop.clock.now(), PreviewEnd.DIALLED


async def calls(stage: Stage, page: Page) -> None:
    """Talk: greeting, questionnaire, script; hold; result; a callback; what comes after."""
    shop = stage.shop
    lead = shop.leads[0]
    await promise(shop, lead, shop.clock.now() - timedelta(minutes=3), shop.words.notes[0])
    async with transaction(shop.world.sessions) as session:
        row = await session.get_one(Lead, lead.id)
        row.state, row.attempts_made = LeadState.DIALING, 1
    attempt = await shop.call(lead, 0.3, agent_session_id=shop.desk.shift_id, number_in_lead=2)
    await _be(shop, S.RESERVED, attempt.id, for_s=4)
    await stage.show(page, "desk-reserved", "/desk", phone=True)
    now = shop.clock.now()
    async with transaction(shop.world.sessions) as session:
        row_ = await session.get_one(Attempt, attempt.id)
        row_.answered_at = row_.connected_at = now
    await _be(shop, S.ON_CALL, attempt.id, for_s=73)
    await stage.show(page, "desk-call", "/desk", wait=TALKING, phone=True, at="#talk")
    if shop.language == "en":
        await page.set_viewport_size({"width": 1440, "height": 900})
        stage.faults.extend(await faults_of_walk(page))
    async with transaction(shop.world.sessions) as session:
        session.add(
            CallPart(
                attempt_id=attempt.id,
                kind=PartKind.HELD,
                client_id=shop.world.client_id,
                began_at=shop.clock.now(),
            )
        )
    await stage.show(page, "desk-hold", "/desk", wait=TALKING)
    async with transaction(shop.world.sessions) as session:
        row_ = await session.get_one(Attempt, attempt.id)
        row_.ended_at, row_.outcome = shop.clock.now(), CallOutcome.CONNECTED
    await _be(shop, S.WRAP_UP, attempt.id, for_s=11)
    await stage.show(page, "desk-wrap-up", "/desk", wait=TALKING, phone=True)
    await page.locator("#callback summary").click()
    await page.locator("#calendar .times").first.wait_for()
    await page.locator("#callback").evaluate("(there) => there.scrollIntoView()")
    await stage.show(page, "desk-callback", phone=True, at="#callback")
    saved = await shop.desk.post(
        f"/calls/{attempt.id}/disposition", code="done", note=shop.words.notes[1]
    )
    assert "banner bad" not in saved.text, saved.text
    await stage.show(page, "desk-saved", "/desk", wait=".saved")
    await promise(shop, shop.leads[9], shop.clock.now() + timedelta(hours=4), shop.words.notes[0])
    await stage.show(page, "desk-calls", "/desk/calls", phone=True)
    await stage.show(page, "desk-one-call", f"/desk/calls/{attempt.id}")
    await stage.show(page, "interview", f"/desk/interview/{attempt.id}", phone=True)
