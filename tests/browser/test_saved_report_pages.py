"""Saved reports with their charts, and cross-tables, in a browser: accessible, at both widths."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Browser, async_playwright
from redis.asyncio import Redis

from api.browsers import COOKIE
from api.languages import COOKIE as LANGUAGE_COOKIE
from campaigns.crosstabs.definition import TableDefinition
from campaigns.saved_reports import keeping
from campaigns.saved_reports.definition import Definition
from campaigns.saved_reports.definitions import AnyDefinition
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.browser.chromium import FLAGS, executable
from tests.browser.reader import Reader
from tests.browser.screens.stage import DESKTOP, PHONE
from tests.integration.api_world import World, api_world
from tests.reports_world import make_reports_world
from tests.serving import serve
from tests.survey_world import SurveyWorld

DAYS = Definition.model_validate({"measures": ["attempts", "answer_rate"], "dimensions": ["day"]})
OUTCOMES = Definition.model_validate({"measures": ["attempts"], "dimensions": ["outcome"]})
MOOD = TableDefinition(form="survey", rows="mood", columns="sex", targets="sex: m=50, f=50")


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as player:
        made = await player.chromium.launch(
            executable_path=executable(), headless=True, args=list(FLAGS)
        )
        yield made
        await made.close()


async def _signed_in(
    world: World, browser: Browser, url: str, client_id: UUID, language: str
) -> tuple[Reader, Identity]:
    user = await world.user(Role.MANAGER, client_id=client_id)
    cookies: Any = {COOKIE: await world.session_token(user), LANGUAGE_COOKIE: language}
    context = await browser.new_context()
    await context.add_cookies([{"name": k, "value": v, "url": url} for k, v in cookies.items()])
    who = Identity(user.id, client_id, Role.MANAGER, user.login)
    return Reader(await context.new_page(), url), who


async def _saved(world: World, who: Identity, definition: AnyDefinition) -> str:
    async with transaction(world.sessions) as session:
        row = await keeping.make(session, f"Report {who.login}", definition, who, world.clock)
        return f"/saved-reports/{row.id}"


async def _faults(reader: Reader, *paths: str) -> list[str]:
    found = []
    for path in paths:
        await reader.page.goto(f"{reader.url}{path}")
        for size in (DESKTOP, PHONE):
            await reader.page.set_viewport_size(size)  # type: ignore[arg-type]
            found += [f"{path} {size['width']}: {one}" for one in await reader.faults()]
    return found


async def test_saved_reports_keep_to_the_rules(
    world: World, browser: Browser, clock: FrozenClock
) -> None:
    async with transaction(world.sessions) as session:
        calls = await make_reports_world(session, clock.now(), seed=11, calls=300)
    faults: list[str] = []
    async with serve(world.app) as url:
        for language, asked in (("en", DAYS), ("ru", OUTCOMES)):
            reader, who = await _signed_in(world, browser, url, calls.client_id, language)
            path = await _saved(world, who, asked)
            faults += await _faults(reader, path, "/saved-reports", "/reports/settings")
            assert await reader.page.locator(".chart").count() == 0, "settings draw nothing"
            await reader.page.goto(f"{url}{path}")
            shown = [await one.is_visible() for one in await reader.page.locator(".chart").all()]
            assert shown == [False, True], "the narrow one on a telephone"
    assert faults == []


async def test_a_cross_table_is_saved_and_changed_on_its_page(
    world: World, browser: Browser, clock: FrozenClock
) -> None:
    survey = await SurveyWorld.build(world.sessions, clock)
    async with serve(world.app) as url:
        reader, who = await _signed_in(world, browser, url, survey.client_id, "ru")
        page, path = reader.page, await _saved(world, who, MOOD)
        faults = await _faults(reader, path, f"{path}/edit")
        assert "/crosstabs" in page.url
        await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        await page.select_option("#columns", "")
        await page.fill("#name", "Настроение")
        await page.click("button[formmethod=post]")
        await page.wait_for_url(f"{url}{path}")
        assert "Настроение" in await page.locator("h1").inner_text()
        assert await page.locator(".crossed thead tr:first-child th").count() == 1
    assert faults == []
