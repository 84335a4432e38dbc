"""Why contacts wait: the section of the campaign's page, and the finder of one contact."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text

from api.zones import ZONE_COOKIE
from campaigns.leads.models import Lead
from campaigns.models import CampaignList
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_place
from tests.integration.api_world import BASE_URL, HOURS, World, api_world

SAME_ORIGIN = {"Origin": BASE_URL}
HTMX = {"HX-Request": "true"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _campaign(world: World) -> UUID:
    settings = {"hours": HOURS, "purpose": "survey"}
    return await world.campaign(await world.api(), settings=settings)


async def _contact(world: World, lead: Lead, name: str, key: str | None = None) -> None:
    async with transaction(world.sessions) as session:
        await session.execute(
            text("UPDATE contact SET name = :name, external_key = :key WHERE id = :id"),
            {"name": name, "key": key, "id": lead.contact_id},
        )


async def _find(world: World, browser: AsyncClient, campaign_id: UUID, words: str) -> str:
    answer = await browser.post(
        f"/campaigns/{campaign_id}/leads/find",
        data={"words": words},
        headers={**SAME_ORIGIN, **HTMX},
    )
    assert answer.status_code == 200
    return answer.text


async def test_the_section_counts_by_reason_with_the_moment_on_the_viewers_clock(
    world: World,
) -> None:
    campaign_id = await _campaign(world)
    for row in range(1, 4):
        await world.lead(campaign_id, row=row)
    stuck = {"next_attempt_at": None, "waiting_reason": "consent_missing"}
    await world.lead(campaign_id, row=4, **stuck)  # type: ignore[arg-type]
    world.clock.advance(9 * 3600)  # 21:00 in Moscow: closed till the morning
    browser = await world.browser(Role.SUPERVISOR)
    browser.cookies.set(ZONE_COOKIE, "Europe/Kyiv")
    part = await browser.get(f"/campaigns/{campaign_id}/why", headers=HTMX)
    assert "<html" not in part.text
    assert part.text.index("Outside of the calling hours") < part.text.index("No consent on record")
    assert 'title="2026-11-24 06:00 UTC">Tue 24 Nov, 08:00</time>' in part.text
    assert "Record the consent and its proof." in part.text
    assert "The campaign does not run" in part.text
    whole = await browser.get(f"/campaigns/{campaign_id}/why")
    assert "<html" in whole.text


async def test_a_strange_zone_is_utc(world: World) -> None:
    campaign_id = await _campaign(world)
    await world.lead(campaign_id, row=1)
    browser = await world.browser()
    for zone in ("Mars/Base", "../../etc/passwd", "A" * 500):
        browser.cookies.set(ZONE_COOKIE, zone)
        answer = await browser.get(f"/campaigns/{campaign_id}/why")
        assert answer.status_code == 200
        assert "Times are those of UTC." in answer.text


async def test_the_campaigns_page_loads_the_section_and_has_the_finder(world: World) -> None:
    campaign_id = await _campaign(world)
    page = (await (await world.browser()).get(f"/campaigns/{campaign_id}")).text
    assert f'hx-get="/campaigns/{campaign_id}/why" hx-trigger="load, every 10s"' in page
    assert '<label for="words">' in page


@pytest.mark.parametrize("words", ["8 (943) 000-00-01", "+79430000001", "9430000001"])
async def test_a_number_is_found_however_it_is_written(world: World, words: str) -> None:
    campaign_id = await _campaign(world)
    lead = await world.lead(campaign_id, row=1)
    await world.lead(campaign_id, row=2)
    async with transaction(world.sessions) as session:
        list_id = (
            await session.execute(text("SELECT min(id::text)::uuid FROM contact_list"))
        ).scalar_one()
        session.add(CampaignList(campaign_id=campaign_id, list_id=list_id))
    await _contact(world, lead, "Мария")
    found = await _find(world, await world.browser(), campaign_id, words)
    assert "Мария" in found
    assert found.count('<article class="lead">') == 1
    assert "9430000001" not in found  # masked: +79…01
    assert "+79…01" in found


async def test_a_name_or_key_finds_whatever_its_case(world: World) -> None:
    campaign_id = await _campaign(world)
    lead = await world.lead(campaign_id, row=1)
    await _contact(world, lead, "Петренко Ольга", key="K-7")
    browser = await world.browser()
    for words in ("петренко", "ОЛЬГА", "K-7"):
        assert "Петренко Ольга" in await _find(world, browser, campaign_id, words)
    for words in ("100%", "_", "Сидоров"):
        assert "Nobody in this campaign" in await _find(world, browser, campaign_id, words)


async def test_a_found_lead_has_one_reason_its_remedy_rules_and_both_clocks(world: World) -> None:
    campaign_id = await _campaign(world)
    async with transaction(world.sessions) as session:
        tokyo = await make_place(session, zones=("Asia/Tokyo",), jurisdictions=("US",))
    lead = await world.lead(campaign_id, row=1, place_id=tokyo)
    await _contact(world, lead, "Ann")
    world.clock.advance(3 * 3600)  # 21:00 in Tokyo
    browser = await world.browser()
    browser.cookies.set(ZONE_COOKIE, "Europe/Kyiv")
    found = await _find(world, browser, campaign_id, "Ann")
    assert "Outside of the calling hours" in found
    assert "The calling window opens by itself." in found
    assert "Tue 24 Nov, 02:00" in found
    assert "Tue 24 Nov, 09:00" in found
    assert "the campaign&#39;s calling hours" in found
    assert "Ann" in found


async def test_a_pack_row_that_refuses_leads_to_the_rules(world: World) -> None:
    campaign_id = await world.campaign(
        await world.api(), settings={"hours": HOURS, "purpose": "sales"}
    )
    async with transaction(world.sessions) as session:
        moscow = await make_place(session, jurisdictions=("RU",))
    lead = await world.lead(campaign_id, row=1, place_id=moscow)
    await _contact(world, lead, "Ann")
    browser = await world.browser()
    found = await _find(world, browser, campaign_id, "Ann")
    assert 'href="/law?rule=ru-consent#rules"' in found
    assert 'id="rule-ru-consent"' in (await browser.get("/law?rule=ru-consent")).text


async def test_many_of_a_name_are_cut_and_told(world: World) -> None:
    campaign_id = await _campaign(world)
    for row in range(1, 8):
        await _contact(world, await world.lead(campaign_id, row=row), "Ann")
    found = await _find(world, await world.browser(), campaign_id, "Ann")
    assert found.count('<article class="lead">') == 5
    assert "There are more" in found


async def test_without_scripts_the_finder_is_a_whole_page(world: World) -> None:
    campaign_id = await _campaign(world)
    browser = await world.browser()
    path = f"/campaigns/{campaign_id}/leads/find"
    answer = await browser.post(path, data={"words": "Nobody"}, headers=SAME_ORIGIN)
    assert answer.status_code == 404
    assert "Nobody in this campaign" in answer.text
    assert "<html" in answer.text
    assert f"/campaigns/{campaign_id}/why?lang=ru" in answer.text


async def test_hostile_names_stay_text(world: World) -> None:
    campaign_id = await _campaign(world)
    name = "<img src=x onerror=alert(1)>"
    await _contact(world, await world.lead(campaign_id, row=1), name)
    browser = await world.browser()
    found = await _find(world, browser, campaign_id, "<img src")
    assert name not in found
    assert "&lt;img src=x" in found
    strange = {"next_attempt_at": None, "waiting_reason": name}
    await world.lead(campaign_id, row=2, **strange)  # type: ignore[arg-type]
    section = (await browser.get(f"/campaigns/{campaign_id}/why")).text
    assert name not in section  # no message of ours, so no markup of ours either
    assert "&lt;img src=x" in section
    page = (await browser.get(f"/campaigns/{campaign_id}")).text
    assert name not in page


async def test_only_readers_of_the_client_ask_and_only_from_our_pages(world: World) -> None:
    campaign_id = await _campaign(world)
    await world.lead(campaign_id, row=1)
    why, find = f"/campaigns/{campaign_id}/why", f"/campaigns/{campaign_id}/leads/find"
    stranger = await world.browser(Role.ADMIN, client_id=world.other_client_id)
    assert (await stranger.get(why)).status_code == 404
    asked = {"words": "+79430000001"}
    assert (await stranger.post(find, data=asked, headers=SAME_ORIGIN)).status_code == 404
    assert (await (await world.browser(Role.AGENT)).get(why)).status_code == 403
    reader = await world.browser(Role.SUPERVISOR)
    assert (await reader.get(why)).status_code == 200
    assert (await reader.post(find, data=asked)).status_code == 403
    evil = {"Origin": "https://evil.test"}
    assert (await reader.post(find, data=asked, headers=evil)).status_code == 403


async def test_a_part_of_a_page_leads_a_signed_out_browser_to_the_sign_in(world: World) -> None:
    campaign_id = await _campaign(world)
    answer = await world.anonymous().get(f"/campaigns/{campaign_id}/why", headers=HTMX)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


async def test_the_section_speaks_ukrainian(world: World) -> None:
    campaign_id = await _campaign(world)
    later = world.clock.now() + timedelta(hours=1)
    await world.lead(campaign_id, row=1, next_attempt_at=later, waiting_reason="retry_busy")
    browser = await world.browser()
    answer = await browser.get(f"/campaigns/{campaign_id}/why?lang=uk")
    assert "Чекає наступної спроби" in answer.text
    assert "Пауза перед повтором мине сама." in answer.text
