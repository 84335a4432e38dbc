"""Charts in a browser: accessible, at both widths, read and left by the keyboard alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import async_playwright
from redis.asyncio import Redis

from api.browsers import COOKIE
from api.charts.words import ChartKey
from campaigns.models import Campaign
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.browser.chromium import FLAGS, executable
from tests.browser.reader import Reader
from tests.browser.screens.stage import DESKTOP, PHONE
from tests.integration.api_world import api_world
from tests.reports_world import make_reports_world
from tests.serving import serve

QUOTAS = [
    {"field": "source_row", "op": "lt", "value": 4, "target": 12},
    {"field": "source_row", "op": "ge", "value": 4, "target": 3},
]


@asynccontextmanager
async def reading(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[Reader]:
    async with api_world(sessions, redis, clock) as world, serve(world.app) as url:
        async with transaction(sessions) as session:
            calls = await make_reports_world(session, clock.now(), seed=11, calls=900)
            for made in calls.campaigns:
                campaign = await session.get_one(Campaign, made.id)
                campaign.settings = campaign.settings | {"selection": {"quotas": QUOTAS}}
        user = await world.user(Role.MANAGER, client_id=calls.client_id)
        token = await world.session_token(user)
        async with async_playwright() as player:
            browser = await player.chromium.launch(
                executable_path=executable(), headless=True, args=list(FLAGS)
            )
            context = await browser.new_context()
            await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
            yield Reader(await context.new_page(), url)
            await browser.close()


@pytest.fixture
async def reader(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[Reader]:
    async with reading(sessions, redis, clock) as made:
        yield made


async def test_charts_keep_to_the_rules_at_both_widths_in_both_lights(reader: Reader) -> None:
    faults = []
    for chart in ChartKey:
        await reader.page.goto(f"{reader.url}/reports/charts/{chart.value}")
        for light in ("light", "dark"):
            await reader.page.emulate_media(color_scheme=light)
            for size in (DESKTOP, PHONE):
                await reader.page.set_viewport_size(size)  # type: ignore[arg-type]
                faults += [
                    f"{chart} {light} {size['width']}: {one}" for one in await reader.faults()
                ]
    assert faults == []
