"""Pages, files and API of reports: one figure everywhere, and exactly its calls behind it."""

import csv
import json
from collections.abc import AsyncIterator
from io import BytesIO, StringIO

import openpyxl
import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import select, update

from campaigns.leads.models import Attempt
from campaigns.lists.models import Contact
from campaigns.reports.drill import component_of
from campaigns.reports.measures import MEASURES
from campaigns.reports.standard import REPORTS
from campaigns.tenancy.models import AuditEntry, Client, Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.commands import Outdial
from tests.integration.api_world import World, api_world
from tests.reports_world import ReportsWorld, make_reports_world

ORIGIN = {"Origin": "http://outdial.test"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def calls(sessions: SessionFactory, clock: FrozenClock) -> ReportsWorld:
    async with transaction(sessions) as session:
        return await make_reports_world(session, clock.now(), seed=7, calls=130)


async def test_every_standard_report_is_shown_and_said_by_the_api(
    world: World, calls: ReportsWorld
) -> None:
    browser = await world.browser(Role.SUPERVISOR, calls.client_id)
    api = await world.api(Role.SUPERVISOR, calls.client_id)
    for key, report in REPORTS.items():
        page = await browser.get(f"/reports/{key.value}", params={"sort": report.measures[0]})
        assert page.status_code == 200, page.text
        said = (await api.get(f"/api/v1/reports/{key.value}")).json()
        assert said["rows"], key
        for row in said["rows"]:
            assert set(row["figures"]) == set(report.measures)
    assert (await browser.get("/reports")).headers["location"] == "/reports/overview"
    assert (await browser.get("/reports/nothing")).status_code == 404
    assert (
        await browser.get("/reports/overview?first=2026-11-23&last=2026-11-01")
    ).status_code == 422
    empty = await browser.get("/reports/agents?first=2020-01-01&last=2020-01-31")
    assert "No calls in this period." in empty.text
    ours = await world.browser(Role.MANAGER)
    assert "No calls in this period." in (await ours.get("/reports/overview")).text
    steps = (await api.get("/api/v1/reports/periods?step=week")).json()
    assert all("W" in row["key"]["week"] for row in steps["rows"])


async def test_a_figure_opens_exactly_its_calls(
    world: World, calls: ReportsWorld, sessions: SessionFactory
) -> None:
    api = await world.api(Role.SUPERVISOR, calls.client_id)
    keys = ("attempts", "persons", "connected", "successes")
    assert all(component_of(MEASURES[key]) == MEASURES[key].over[0] for key in keys)
    for by in ("agent", "region", "hour"):
        told = await api.get("/api/v1/reports/figures", params={"measures": keys, "by": by})
        for row in told.json()["rows"][:2]:
            for key in keys:
                asked = {"measure": key, by: row["key"][by] or "-"}
                listed = (await api.get("/api/v1/reports/calls", params=asked)).json()
                assert listed["total"] == int(row["figures"][key]), (key, row["key"])
                rest = [
                    (await api.get("/api/v1/reports/calls", params={**asked, "page": n})).json()
                    for n in range(listed["pages"])
                ]
                ids = [call["id"] for page in rest for call in page["items"]]
                assert len(set(ids)) == len(ids) == listed["total"]
                starts = [call["started_at"] for page in rest for call in page["items"]]
                assert starts == sorted(starts, reverse=True)
    async with transaction(sessions) as session:
        one = (await session.exec(select(Attempt).limit(1))).one()
        erased = update(Contact).where(Contact.id == one.contact_id)  # type: ignore[arg-type]
        await session.exec(erased.values(erased_at=calls.now, name=""))
    browser = await world.browser(Role.SUPERVISOR, calls.client_id)
    page = await browser.get("/reports/calls", params={"measure": "attempts", "page": "0"})
    assert "130 calls" in page.text
    assert "erased" in page.text
    assert one.e164 not in page.text


async def test_files_hold_what_the_page_shows(world: World, calls: ReportsWorld) -> None:
    browser = await world.browser(Role.MANAGER, calls.client_id)
    api = await world.api(Role.MANAGER, calls.client_id)
    said = (await api.get("/api/v1/reports/agents")).json()
    book = await browser.get("/reports/agents/table.xlsx")
    sheet = openpyxl.load_workbook(BytesIO(book.content)).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    column = 1 + said["measures"].index("connected")
    assert [row[column] for row in rows] == [
        float(row["figures"]["connected"]) for row in said["rows"]
    ]
    plain = (await browser.get("/reports/agents/table.csv")).content.decode("utf-8-sig")
    listed = list(csv.reader(StringIO(plain)))
    assert [float(row[column]) for row in listed[1:]] == [row[column] for row in rows]
    async with world.sessions() as session:
        kept = select(AuditEntry).where(AuditEntry.action == "report.downloaded")
        assert len((await session.exec(kept)).all()) == 2


async def test_settings_change_targets_costs_and_days(world: World, calls: ReportsWorld) -> None:
    browser = await world.browser(Role.MANAGER, calls.client_id)
    form = {
        **{"zone": "Asia/Vladivostok", "currency": "RUB", "hour_rate": "600", "csat_from": "4"},
        **{"minute_tariff": "1.5", "service_level_s": "5", "peak_hours": "10, 11,17"},
        **{"csat_question": "", "peak-abandoned_rate": "0,5", "quiet-abandoned_rate": "0.6"},
    }
    bad = await browser.post("/reports/settings", data=form | {"zone": "Mars/Base"}, headers=ORIGIN)
    assert bad.status_code == 422
    assert "zone" in bad.text
    saved = await browser.post("/reports/settings", data=form, headers=ORIGIN)
    assert "Saved." in saved.text
    api = await world.api(Role.MANAGER, calls.client_id)
    kept = (await api.get("/api/v1/reports/settings")).json()
    assert kept["peak_hours"] == [10, 11, 17]
    assert kept["targets"]["abandoned_rate"] == {"peak": 0.5, "quiet": 0.6}
    assert (await api.put("/api/v1/reports/settings", json=kept)).json() == kept
    page = await browser.get("/reports/overview")
    assert "Peak hours" in page.text
    assert "Target met" in page.text
    cost = (await api.get("/api/v1/reports/cost")).json()
    assert float(cost["total"]["figures"]["cost"]) > 0
    rate = {"hour_rate": "0", "minute_tariff": "0"}
    for made in calls.campaigns:
        done = await api.put(f"/api/v1/reports/rates/{made.id}", json=rate)
        assert done.status_code == 204
    free = (await api.get("/api/v1/reports/cost")).json()
    assert float(free["total"]["figures"]["cost"]) == 0
    assert (await api.get("/api/v1/reports/measures")).json()[0]["key"] == "attempts"


async def test_the_command_line_shows_rolls_up_and_checks(
    world: World, calls: ReportsWorld, outdial: Outdial, sessions: SessionFactory
) -> None:
    async with sessions() as session:
        name = (await session.get_one(Client, calls.client_id)).name
    whose = ("--client", name, "--json", "--from", "2026-11-10", "--to", "2026-11-23")
    api = await world.api(Role.MANAGER, calls.client_id)
    said = (await api.get("/api/v1/reports/hours?first=2026-11-10&last=2026-11-23")).json()
    code, told = outdial("report", "show", "hours", *whose)
    assert (code, len(json.loads(told))) == (0, len(said["rows"]))
    code, told = outdial("report", "roll-up", "--client", name, "--json")
    assert json.loads(told)["days"] > 5
    async with transaction(sessions) as session:
        changed = "UPDATE report_cell SET attempts = attempts + 1 WHERE cube = 'outcome'"
        await session.execute(text(changed))
        cells = (
            await session.execute(text("SELECT count(*) FROM report_cell WHERE cube = 'outcome'"))
        ).scalar_one()
    code, told = outdial("report", "check", *whose)
    assert code == 1
    assert json.loads(told.splitlines()[0])["wrong_cells"] == cells
