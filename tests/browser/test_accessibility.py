"""Every page, in each language, at the width of a desk and of a telephone: WCAG 2.2 AA, and its picture."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from redis.asyncio import Redis

from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.browser.screens import client, day, office, results, shift, tour
from tests.browser.screens.shop import open_shop
from tests.browser.screens.stage import Stage, open_stage


@pytest.fixture(params=["en", "ru", "uk"])
async def stage(
    request: pytest.FixtureRequest,
    sessions: SessionFactory,
    redis: Redis,
    clock: FrozenClock,
    tmp_path: Path,
) -> AsyncIterator[Stage]:
    async with (
        open_shop(str(request.param), sessions, redis, clock, tmp_path) as shop,
        open_stage(shop) as made,
    ):
        await day.enrol(shop)
        await day.put_others_to_work(shop)
        await day.live_the_day_so_far(shop)
        yield made


async def test_accounts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(1)  # a key that is the same in each picture
    fake = SimpleNamespace(token_bytes=chance.randbytes, choice=chance.choice)
    monkeypatch.setattr("campaigns.accounts.factors.secrets", fake)
    await office.accounts(stage)


async def test_campaigns(stage: Stage) -> None:
    await office.campaigns(stage)


async def test_lists_and_the_law(stage: Stage) -> None:
    await office.lists(stage)


async def test_forms(stage: Stage) -> None:
    await office.forms(stage)


async def test_scripts(stage: Stage) -> None:
    await office.scripts(stage)


async def test_the_clients_portal(stage: Stage) -> None:
    await client.portal(stage)


async def test_watching_and_handing_over(stage: Stage) -> None:
    await results.results(stage)


async def test_refusals(stage: Stage) -> None:
    await office.refusals(stage)


async def test_the_desk(stage: Stage) -> None:
    page = await shift.before_calls(stage)
    await shift.preview(stage, page)
    await shift.calls(stage, page)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("stage", ["en", "ru"], indirect=True)
@pytest.mark.parametrize("part", [tour.registers, tour.results, tour.reports, tour.live])
async def test_the_other_pages(stage: Stage, part: Callable[[Stage], Awaitable[None]]) -> None:
    await part(stage)
