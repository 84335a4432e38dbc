"""Pacing explained live: the section of a campaign's page, and the same from the API."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from api.zones import ZONE_COOKIE
from campaigns.pacing.memory import keep_trace
from campaigns.tenancy.models import Role
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world

HTMX = {"HX-Request": "true"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _trace(world: World, campaign_id: UUID, ages_s: range, **facts: Any) -> None:
    """Keep seconds that are ``ages_s`` old, the oldest first."""
    now = world.clock.now()
    usual = {
        "placed": 1,
        "ready": 2,
        "talking": 20,
        "wrapping": 3,
        "ringing": 9,
        "answered": 400,
        "abandoned": 8,
        "ceiling": 0.03,
        "target": 0.029,
        "limit": "risk",
        "risk": 0.021,
        "threshold": 0.029,
        "expected_free": 3.4,
        "budget_left": 3.8,
    }
    at_s = now.timestamp()
    seconds = [{**usual, **facts, "at_s": at_s - age} for age in ages_s]
    began, ended = now - timedelta(seconds=ages_s[0]), now - timedelta(seconds=ages_s[-1])
    async with transaction(world.sessions) as session:
        await keep_trace(
            session, campaign_id, world.client_id, seconds, began_at=began, ended_at=ended
        )


async def _answers(world: World, campaign_id: UUID, *, talks: int, lost: int) -> None:
    """Store calls that people answered ten minutes ago."""
    lead = await world.lead(campaign_id, row=1)
    at = world.clock.now() - timedelta(minutes=10)
    outcomes = [CallOutcome.CONNECTED] * talks + [CallOutcome.ABANDONED] * lost
    for number, outcome in enumerate(outcomes):
        await world.attempt(
            lead, number + 1, started_at=at, answered_at=at, ended_at=at, outcome=outcome
        )


async def test_the_api_says_the_decision_the_budget_and_the_seconds(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api())
    await _trace(world, campaign_id, range(1200, 60, -1), limit="learning")
    await _trace(world, campaign_id, range(60, 0, -1), note="stuck_wrap")
    await _answers(world, campaign_id, talks=19, lost=1)
    answer = await api.get(f"/api/v1/campaigns/{campaign_id}/pacing")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["step_s"], len(said["points"])) == (1.0, 900)
    assert said["points"][0]["abandoned_share"] == 0.02
    decision = said["decision"]
    assert (decision["limit"], decision["note"], decision["is_fresh"]) == (
        "risk",
        "stuck_wrap",
        True,
    )
    assert decision["words"][0] == "Calls placed: 1."
    assert "2.1%; 2.9% is allowed" in decision["words"][2]
    assert "wrap-up far longer" in decision["words"][3]
    budget = said["budget"]
    assert (budget["share"], budget["ceiling"], budget["left"]) == (0.02, 0.03, 3.8)
    assert budget["pace"] == {"minutes": 10.0, "answered": 20, "abandoned": 1, "share": 0.05}
    assert budget["share_in_an_hour"] == pytest.approx((8 + 6) / (400 + 120), abs=1e-5)


async def test_many_minutes_are_thinned_out(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    await _trace(world, campaign_id, range(1800, 0, -1))
    path = f"/api/v1/campaigns/{campaign_id}/pacing"
    said = (await api.get(path, params={"minutes": 30})).json()
    assert said["step_s"] == 2.0
    assert 900 <= len(said["points"]) <= 901
    assert said["points"][5]["placed"] == 2
    for minutes in (0, 181):
        assert (await api.get(path, params={"minutes": minutes})).status_code == 422


async def test_a_campaign_that_never_paced_has_the_budget_of_its_settings(world: World) -> None:
    api = await world.api()
    settings = {"abandon_ceiling": 0.02, "abandon_target": 0.01}
    campaign_id = await world.campaign(api, settings=settings)
    await _answers(world, campaign_id, talks=99, lost=1)
    said = (await api.get(f"/api/v1/campaigns/{campaign_id}/pacing")).json()
    assert (said["decision"], said["points"]) == (None, [])
    budget = said["budget"]
    assert (budget["answered"], budget["ceiling"], budget["target"]) == (100, 0.02, 0.01)
    assert budget["left"] == 1.0
    page = await (await world.browser()).get(f"/campaigns/{campaign_id}/pacing")
    assert "No decision in the last 15 minutes" in page.text
    assert "<figure" not in page.text


async def test_nobody_sees_the_pacing_of_another_client(world: World) -> None:
    campaign_id = await world.campaign(await world.api())
    await _trace(world, campaign_id, range(30, 0, -1))
    paths = (f"/api/v1/campaigns/{campaign_id}/pacing", f"/campaigns/{campaign_id}/pacing")
    stranger = await world.api(Role.ADMIN, client_id=world.other_client_id)
    strange_browser = await world.browser(Role.ADMIN, client_id=world.other_client_id)
    assert (await (await world.browser()).get(paths[1])).status_code == 200  # read, and kept
    assert (await stranger.get(paths[0])).status_code == 404
    assert (await strange_browser.get(paths[1])).status_code == 404
    assert (await (await world.api(Role.AGENT)).get(paths[0])).status_code == 403
    assert (await (await world.browser(Role.AGENT)).get(paths[1])).status_code == 403
    assert (await world.anonymous().get(paths[0])).status_code == 401


async def test_the_campaigns_page_loads_the_section_and_keeps_it_fresh(world: World) -> None:
    campaign_id = await world.campaign(await world.api())
    browser = await world.browser()
    page = await browser.get(f"/campaigns/{campaign_id}")
    assert f'hx-get="/campaigns/{campaign_id}/pacing" hx-trigger="load, every 5s"' in page.text
    assert '<div id="pacing-minutes"></div>' in page.text


async def test_the_section_draws_and_tells_the_same_in_a_table(world: World) -> None:
    campaign_id = await world.campaign(await world.api())
    await _trace(world, campaign_id, range(300, 0, -1), waiting=1)
    browser = await world.browser()
    browser.cookies.set(ZONE_COOKIE, "Europe/Kyiv")
    part = (await browser.get(f"/campaigns/{campaign_id}/pacing", headers=HTMX)).text
    assert "<html" not in part
    assert part.count("<figure") == 4
    for kind in ("talking", "wrapping", "free", "ringing", "waiting", "placed", "share", "ceiling"):
        assert f'<path class="{kind}" d="M' in part, kind
    assert '<div id="pacing-minutes" hx-swap-oob="true">' in part
    assert '<th scope="row">10:59</th>' in part
    assert "Abandoned: 2.00% of those who answered; 3.0% is the ceiling" in part
    assert " style=" not in part
    whole = (await browser.get(f"/campaigns/{campaign_id}/pacing")).text
    assert "<html" in whole
    assert "hx-swap-oob" not in whole


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "The abandonment budget is spent"),
        ("ru", "Бюджет потерянных исчерпан"),
        ("uk", "Бюджет втрачених вичерпано"),
    ],
)
async def test_the_decision_is_said_in_the_viewers_language(
    world: World, language: str, words: str
) -> None:
    campaign_id = await world.campaign(await world.api())
    await _trace(world, campaign_id, range(5, 0, -1), limit="budget", note="trunk_fails")
    browser = await world.browser()
    part = await browser.get(f"/campaigns/{campaign_id}/pacing?lang={language}", headers=HTMX)
    assert words in part.text
    assert '<p class="banner">' in part.text
    api = await world.api()
    said = await api.get(
        f"/api/v1/campaigns/{campaign_id}/pacing", headers={"Accept-Language": language}
    )
    assert any(words in one for one in said.json()["decision"]["words"])


async def test_an_old_decision_is_not_sold_as_the_present_one(world: World) -> None:
    campaign_id = await world.campaign(await world.api())
    await _trace(world, campaign_id, range(120, 60, -1), note="trunk_fails")
    browser = await world.browser()
    part = (await browser.get(f"/campaigns/{campaign_id}/pacing", headers=HTMX)).text
    assert "Nothing is decided now; the last decision was at 08:58:59." in part
    assert '<p class="banner">' not in part
