"""Charts: their figures are those of the reports and of plain SQL, and each part opens exactly its calls."""

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text

from api.charts.words import ChartKey
from campaigns.charts.timeline import seconds_by_state
from campaigns.models import Campaign
from campaigns.reports import funnel as funnels
from campaigns.reports.asking import Question
from campaigns.reports.dimensions import Dimension
from campaigns.reports.drill import calls_behind
from campaigns.reports.funnel import MEASURE_OF, Stage, Step, funnel
from campaigns.reports.measures import MEASURES
from campaigns.reports.pace import pace
from campaigns.reports.periods import Period
from campaigns.reports.query import figures
from campaigns.reports.quota_progress import quota_calls, quota_progress
from campaigns.reports.shifts import shifts
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.integration.test_report_figures import TODAY, WEEK, roll
from tests.reports_world import ReportsWorld, make_reports_world

QUOTAS = [
    {"field": "source_row", "op": "lt", "value": 4, "target": 12},
    {"field": "source_row", "op": "in", "value": [4, 5, 6], "target": 3},
]
_LINK = re.compile(r'<a (?:class="mark" )?href="(/reports/(?:calls|quota-calls)[^"]*)"')


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def calls(sessions: SessionFactory, clock: FrozenClock) -> ReportsWorld:
    async with transaction(sessions) as session:
        made = await make_reports_world(session, clock.now(), seed=5, calls=160)
        campaign = await session.get_one(Campaign, made.campaigns[0].id)
        campaign.settings = campaign.settings | {"selection": {"quotas": QUOTAS}}
    return made


async def _stages(sessions: SessionFactory, calls: ReportsWorld) -> tuple[Step, ...]:
    async with sessions() as session:
        return await funnel(session, calls.client_id, WEEK, {}, now=calls.now)


_PLAIN = """
    WITH far AS (
        SELECT l.id, max(CASE
            WHEN a.id IS NULL THEN 0
            WHEN d.success THEN 6
            WHEN a.connected_at IS NOT NULL AND (d.refuses OR d.aapor LIKE '2.1%') THEN 5
            WHEN a.connected_at IS NOT NULL THEN 4
            WHEN a.answered_at IS NOT NULL AND a.outcome <> 'machine' THEN 3
            WHEN a.answered_at IS NOT NULL THEN 2 ELSE 1 END) AS stage
        FROM lead l LEFT JOIN attempt a ON a.lead_id = l.id
        LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
        WHERE l.client_id = :client_id GROUP BY l.id)
    SELECT count(*) FILTER (WHERE stage >= 0), count(*) FILTER (WHERE stage >= 1),
           count(*) FILTER (WHERE stage >= 2), count(*) FILTER (WHERE stage >= 3),
           count(*) FILTER (WHERE stage >= 4), count(*) FILTER (WHERE stage >= 5),
           count(*) FILTER (WHERE stage >= 6)
    FROM far
"""


async def test_the_funnel_equals_a_plain_count_and_its_calls_those_of_the_reports(
    calls: ReportsWorld, sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(
        sessions
    ) as session:  # some know whom they spoke to, and some were left out
        told = "UPDATE disposition SET aapor = '2.11' WHERE code = 'refused'"
        await session.execute(text(told))
        # Six contacts whose every call rang in vain, and one that no call was made to.
        for row in (3, 4, 5):
            for made in calls.campaigns:
                known: dict[str, Any] = {"lead_id": made.lead_ids[row]}
                await session.execute(
                    text(
                        "UPDATE attempt SET answered_at = NULL, connected_at = NULL, disposition = NULL,"
                        " outcome = 'busy', agent_session_id = NULL WHERE lead_id = :lead_id"
                    ),
                    known,
                )
    steps = await _stages(sessions, calls)
    async with sessions() as session:
        plain = (await session.execute(text(_PLAIN), {"client_id": calls.client_id})).one()
        measures = tuple(dict.fromkeys(MEASURE_OF.values()))
        table = await figures(session, calls.client_id, Question(measures, WEEK), now=calls.now)
    assert [step.contacts for step in steps] == list(plain)
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        lost = step.contacts - after.contacts if after else 0
        assert sum(one.contacts for one in step.left) == lost, step.stage
        if step.stage not in (Stage.LISTED, Stage.DECIDED):
            assert step.calls == table.total.counts[MEASURE_OF[step.stage]]
    dialled = next(step for step in steps if step.stage is Stage.DIALLED)
    assert {one.reason for one in dialled.left} >= {"busy"}
    rolled = await roll(sessions, clock)
    assert rolled > 0
    assert await _stages(sessions, calls) == steps


async def test_each_reason_and_stage_of_the_funnel_opens_exactly_its_calls(
    calls: ReportsWorld, sessions: SessionFactory
) -> None:
    steps = await _stages(sessions, calls)
    async with sessions() as session:
        for step in steps[1:]:
            for count, filters in (
                (step.calls, step.filters),
                *((one.calls, one.filters) for one in step.left),
            ):
                measure = MEASURES[MEASURE_OF[step.stage]]
                found = await calls_behind(
                    session, calls.client_id, measure, WEEK, filters, page=0, now=calls.now
                )
                assert found.total == count, (step.stage, filters)
    everyone = {Dimension.CAMPAIGN: (str(calls.campaigns[0].id),)}
    async with sessions() as session:
        one = await funnel(session, calls.client_id, WEEK, everyone, now=calls.now)
        listed = {Dimension.LIST: (str(calls.campaigns[0].list_id),)}
        same = await funnel(session, calls.client_id, WEEK, listed, now=calls.now)
    assert [step.contacts for step in one] == [step.contacts for step in same]
    assert one[0].contacts == 12


async def test_a_funnel_of_too_many_calls_says_so(
    world: World, calls: ReportsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(funnels, "MOST_CALLS", 10)
    browser = await world.browser(Role.MANAGER, calls.client_id)
    page = await browser.get("/reports/charts/funnel")
    assert page.status_code == 200
    assert "choose a shorter period or one campaign" in page.text


async def test_agents_days_last_as_long_as_the_report_says(
    calls: ReportsWorld, sessions: SessionFactory
) -> None:
    names = {"on_call": "talk_s", "wrap_up": "wrap_up_s", "paused": "pause_s", "ready": "wait_s"}
    day = Period(TODAY, TODAY)
    async with sessions() as session:
        asked = Question(tuple(names.values()), day, (Dimension.AGENT,))
        table = await figures(session, calls.client_id, asked, now=calls.now)
        told = await shifts(session, calls.client_id, TODAY, {}, page=0, now=calls.now)
        beyond = await shifts(session, calls.client_id, TODAY, {}, page=9, now=calls.now)
    logged = ("on_call_ms", "wrap_up_ms", "paused_ms", "ready_ms")
    said = {row.key[0]: row for row in table.rows if any(row.counts[one] for one in logged)}
    assert {str(one.agent_id) for one in told.days} == set(said)
    assert told.agents == len(told.days) > 0
    assert beyond.days == ()
    for one in told.days:
        spent = seconds_by_state(one.stretches)
        assert all(a.to_s >= a.from_s >= 0 for a in one.stretches)
        for state, key in names.items():
            due = float(MEASURES[key].value(said[str(one.agent_id)].counts) or 0)
            assert spent.get(state, 0.0) == pytest.approx(due, abs=0.01), state


async def test_pace_has_every_call_and_the_lowest_ceiling(
    calls: ReportsWorld, sessions: SessionFactory
) -> None:
    async with transaction(sessions) as session:
        campaign = await session.get_one(Campaign, calls.campaigns[1].id)
        campaign.settings = campaign.settings | {"abandon_ceiling": 0.02, "abandon_target": 0.01}
    async with sessions() as session:
        found = await pace(session, calls.client_id, WEEK, {}, now=calls.now)
        by_hour = await pace(session, calls.client_id, Period(TODAY, TODAY), {}, now=calls.now)
        asked = {"client_id": calls.client_id}
        total = "SELECT count(*) FROM attempt WHERE client_id = :client_id"
        calls_made = (await session.execute(text(total), asked)).scalar_one()
    assert sum(row.counts.get("attempts", 0) for row in found.rows) == calls_made == 160
    assert found.ceiling == 0.02
    counts = found.table.total.counts
    assert found.may_be_abandoned == int(0.02 * int(counts["persons"])) - int(counts["lost"])
    hours = [int(row.key[1]) for row in by_hour.rows]
    assert hours == list(range(hours[0], hours[-1] + 1))


async def test_quotas_open_the_calls_that_fill_them(
    world: World, calls: ReportsWorld, sessions: SessionFactory
) -> None:
    async with sessions() as session:
        quotas = await quota_progress(session, calls.client_id, None, now=calls.now)
        assert [one.name for one in quotas] == ["source_row lt 4", "source_row in 4, 5, 6"]
        assert any(one.reached for one in quotas)
        for one in quotas:
            _, found = await quota_calls(
                session, one.campaign_id, one.number, client_id=calls.client_id, page=0
            )
            assert (found.total, len(found.calls)) == (one.reached, one.reached)
            assert {call.disposition for call in found.calls} <= {"sale"}
            assert {call.campaign_id for call in found.calls} <= {one.campaign_id}
    browser = await world.browser(Role.MANAGER, calls.client_id)
    path = f"/reports/quota-calls?campaign_id={calls.campaigns[0].id}&number="
    assert (await browser.get(f"{path}2")).status_code == 404
    stranger = await world.browser(Role.MANAGER)
    assert (await stranger.get(f"{path}0")).status_code == 404


async def _count_said(browser: AsyncClient, href: str) -> int:
    """Return how many calls a list of calls has, as its heading says."""
    page = await browser.get(href)
    assert page.status_code == 200, href
    found = re.search(r"<h1>.*: ([0-9,]+) calls</h1>", page.text)
    assert found, href
    return int(found[1].replace(",", ""))


async def test_every_link_of_every_chart_opens_the_calls_it_stands_for(
    world: World, calls: ReportsWorld
) -> None:
    browser = await world.browser(Role.SUPERVISOR, calls.client_id)
    assert (await browser.get("/reports/charts")).headers["location"] == "/reports/charts/heat"
    assert (await browser.get("/reports/charts/pie")).status_code == 404
    for chart in ChartKey:
        page = await browser.get(f"/reports/charts/{chart.value}")
        assert page.status_code == 200, page.text
        assert "Figures as a table" in page.text
        assert 'style="' not in page.text  # our policy forbids it
        links = sorted({unescape(one) for one in _LINK.findall(page.text)})
        assert links, chart
        for href in links[:6]:
            assert await _count_said(browser, href) > 0, href
    cells = re.findall(
        r'<a href="(/reports/calls\?[^"]*)"[^>]*>([0-9,]+)</a>',
        (await browser.get("/reports/charts/funnel")).text,
    )
    assert len(cells) > 5
    for href, said in cells:
        assert await _count_said(browser, unescape(href)) == int(said.replace(",", "")), href


async def test_charts_of_a_client_without_calls_say_what_to_do(world: World) -> None:
    browser = await world.browser(Role.MANAGER)
    for chart, said in (
        ("heat", "Choose another period or another campaign."),
        ("funnel", "add a contact list to the campaign"),
        ("pace", "Choose another period or another campaign."),
        ("timeline", "Nobody was signed in on this day."),
        ("quotas", "No campaign here has quotas."),
    ):
        page = await browser.get(f"/reports/charts/{chart}")
        assert page.status_code == 200
        assert said in unescape(page.text), chart


async def test_a_measure_is_explained_alike_on_page_api_and_list_of_calls(
    world: World, calls: ReportsWorld
) -> None:
    browser = await world.browser(Role.MANAGER, calls.client_id)
    api = await world.api(Role.MANAGER, calls.client_id)
    told = {one["key"]: one for one in (await api.get("/api/v1/reports/measures")).json()}
    report = unescape((await browser.get("/reports/periods")).text)
    chart = unescape((await browser.get("/reports/charts/pace")).text)
    listed = unescape((await browser.get("/reports/calls?measure=dials_per_talk")).text)
    for page in (report, chart, listed):
        assert "Unit: " in page
    for key in ("unanswered_rate", "time_per_contact", "active_base"):
        assert told[key]["name"] in report
        assert told[key]["formula"] in report
    for page in (chart, listed):
        assert told["dials_per_talk"]["formula"] in page
    overview = unescape((await browser.get("/reports/overview")).text)
    for key in ("turnover", "agents_per_supervisor"):
        assert told[key]["formula"] in overview
