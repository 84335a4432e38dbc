"""Saved reports: built on a page or by the API, shared, hidden, printed, against plain SQL."""

import re
from collections.abc import AsyncIterator
from html import unescape
from io import BytesIO
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from pypdf import PdfReader
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.reports_world import ReportsWorld, make_reports_world

ORIGIN = {"Origin": "http://outdial.test"}
BACKWARDS = {"period": None, "first": "2026-02-02", "last": "2026-02-01"}
BY_AGENT = {
    "measures": ["connected", "successes", "conversion"],
    "dimensions": ["agent"],
    "with_before": False,
    "sort": "connected",
}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def calls(sessions: SessionFactory, clock: FrozenClock) -> ReportsWorld:
    async with transaction(sessions) as session:
        return await make_reports_world(session, clock.now(), seed=11, calls=120)


async def _made(world: World, api: Any, name: str, **definition: Any) -> dict[str, Any]:
    del world
    answer = await api.post("/api/v1/saved-reports", json={"name": name, "definition": definition})
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_any_combination_equals_plain_sql_and_opens_its_calls(
    world: World, calls: ReportsWorld
) -> None:
    api = await world.api(Role.MANAGER, calls.client_id)
    first = str(calls.campaigns[0].id)
    made = await _made(
        world,
        api,
        "by outcome",
        measures=["attempts", "connected"],
        dimensions=["campaign", "outcome"],
        filters={"campaign": [first], "outcome": ["connected", "busy"]},
    )
    said = (await api.get(f"/api/v1/saved-reports/{made['id']}/figures")).json()
    async with world.sessions() as session:
        plain = await session.execute(
            text(
                "SELECT outcome, count(*) AS calls, count(connected_at) AS talks FROM attempt"
                " WHERE campaign_id = :id AND outcome IN ('connected', 'busy') GROUP BY 1"
            ),
            {"id": UUID(first)},
        )
        expected = {row.outcome: (row.calls, row.talks) for row in plain}
    assert {
        row["key"]["outcome"]: tuple(int(row["figures"][key]) for key in ("attempts", "connected"))
        for row in said["rows"]
    } == expected
    assert all(row["key"]["campaign"] == first for row in said["rows"])
    await api.put(f"/api/v1/saved-reports/{made['id']}/sharing", json={"sharing": "team"})
    browser = await world.browser(Role.MANAGER, calls.client_id)
    page = await browser.get(f"/saved-reports/{made['id']}")
    links = [unescape(one) for one in re.findall(r'href="(/reports/calls[^"]+)"', page.text)]
    behind = next(one for one in links if "outcome=busy" in one and "measure=attempts" in one)
    listed = (await api.get(f"/api/v1{behind}")).json()
    assert listed["total"] == expected["busy"][0]
    assert {call["campaign_id"] for call in listed["items"]} == {first}
    versions = await _made(
        world, api, "forms", measures=["forms_complete", "connected"], dimensions=["form"]
    )
    told = (await api.get(f"/api/v1/saved-reports/{versions['id']}/figures")).json()
    assert sum(int(row["figures"]["connected"]) for row in told["rows"]) == int(
        told["total"]["figures"]["connected"]
    )


async def test_the_builder_tries_out_saves_and_keeps_versions(
    world: World, calls: ReportsWorld
) -> None:
    browser = await world.browser(Role.SUPERVISOR, calls.client_id)
    assert "No report is saved yet." in (await browser.get("/saved-reports")).text
    empty = await browser.get("/saved-reports/new")
    assert "Choose measures" in empty.text
    fields = {"measures": ["attempts", "answer_rate"], "by": ["hour", ""], "period": "days_30"}
    tried = await browser.get("/saved-reports/new", params=fields)
    assert "Calls dialled" in tried.text
    nameless = await browser.post("/saved-reports/new", data=fields, headers=ORIGIN)
    assert nameless.status_code == 422
    assert "Give the report a name" in nameless.text
    saved = await browser.post(
        "/saved-reports/new", data=fields | {"name": "Hours"}, headers=ORIGIN
    )
    place = saved.headers["location"]
    twice = await browser.post(
        "/saved-reports/new", data=fields | {"name": " Hours "}, headers=ORIGIN
    )
    assert "You have a report of this name already." in twice.text
    edited = fields | {"name": "Hours", "by": ["weekday"], "with_before": "1"}
    await browser.post(f"{place}/edit", data=edited, headers=ORIGIN)
    page = (await browser.get(place)).text
    assert "Version 2" in page
    assert "Weekday" in page
    await browser.post(f"{place}/edit", data=edited, headers=ORIGIN)
    assert "Version 2" in (await browser.get(place)).text, "the same is no new version"
    await browser.post(f"{place}/versions/1", headers=ORIGIN)
    assert "Version 3" in (await browser.get(place)).text
    sorted_page = await browser.get(place, params={"sort": "attempts", "rising": "1"})
    assert 'aria-sort="ascending"' in sorted_page.text
    await browser.post(f"{place}/removal", headers=ORIGIN)
    assert (await browser.get(place)).status_code == 404
    listed = (await browser.get("/saved-reports")).text
    assert "Removed reports" in listed
    assert f'action="{place}/return"' in listed
    assert (await browser.post(f"{place}/return", headers=ORIGIN)).headers["location"] == place
    assert "Version 3" in (await browser.get(place)).text
    assert "Removed reports" not in (await browser.get("/saved-reports")).text
    async with world.sessions() as session:
        kept = await session.execute(
            text("SELECT action FROM audit_entry WHERE subject = 'saved_report' ORDER BY id")
        )
        assert list(kept.scalars()) == [
            *("saved_report.made", *("saved_report.changed",) * 3, "saved_report.removed"),
            "saved_report.brought_back",
        ]


async def test_reports_are_the_owners_until_they_are_shared(
    world: World, calls: ReportsWorld
) -> None:
    manager = await world.api(Role.MANAGER, calls.client_id)
    colleague = await world.api(Role.SUPERVISOR, calls.client_id)
    client = await world.api(Role.CLIENT, calls.client_id)
    stranger = await world.api(Role.ADMIN)
    made = await _made(world, manager, "staff", **BY_AGENT)
    address = f"/api/v1/saved-reports/{made['id']}"

    async def seen() -> list[int]:
        return [(await one.get(address)).status_code for one in (colleague, client, stranger)]

    assert await seen() == [404, 404, 404]
    await manager.put(f"{address}/sharing", json={"sharing": "team"})
    assert await seen() == [200, 404, 404]
    assert (await colleague.delete(address)).json()["code"] == "not_your_report"
    refused = await manager.put(f"{address}/sharing", json={"sharing": "client"})
    assert (refused.status_code, refused.json()["code"]) == (403, "report_shows_internal")
    assert refused.json()["facts"]["internal"] == ["agent"]
    plain = {"measures": ["attempts"], "dimensions": ["day"]}
    await manager.put(address, json={"name": "days", "definition": plain})
    await manager.put(f"{address}/sharing", json={"sharing": "client"})
    assert await seen() == [200, 200, 404]
    back = await manager.put(address, json={"name": "days", "definition": BY_AGENT})
    assert back.json()["code"] == "report_shows_internal", "the client sees it"
    assert (await client.put(f"{address}/sharing", json={"sharing": "own"})).status_code == 403


async def test_a_removed_report_comes_back_with_its_schedule_at_rest(
    world: World, calls: ReportsWorld
) -> None:
    """By whoever might have removed it; not over another one that has its name meanwhile."""
    owner = await world.api(Role.SUPERVISOR, calls.client_id)
    manager = await world.api(Role.MANAGER, calls.client_id)
    stranger = await world.api(Role.ADMIN)
    made = await _made(world, owner, "days", measures=["attempts"], dimensions=["day"])
    address = f"/api/v1/saved-reports/{made['id']}"
    assert (await owner.post(f"{address}/return")).status_code == 404, "it is there"
    await owner.delete(address)
    for one in (manager, stranger):
        assert (await one.post(f"{address}/return")).status_code == 404
    other = await _made(world, owner, "days", measures=["connected"], dimensions=["day"])
    taken = await owner.post(f"{address}/return")
    assert taken.json()["code"] == "report_name_taken"
    await owner.delete(f"/api/v1/saved-reports/{other['id']}")
    assert (await owner.post(f"{address}/return")).json()["name"] == "days"
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE saved_report SET sharing = 'team'"))
    schedule = {"rhythm": "hourly", "zone": "UTC", "formats": ["xlsx"], "language": "en"}
    await manager.put(f"{address}/schedule", json=schedule)
    await manager.delete(address)
    assert (await manager.post(f"{address}/return")).status_code == 200
    assert (await manager.get(f"{address}/schedule")).json()["paused_at"] is not None


async def test_clients_build_their_own_without_what_is_internal(
    world: World, calls: ReportsWorld
) -> None:
    client = await world.api(Role.CLIENT, calls.client_id)
    await _made(world, client, "mine", measures=["attempts"], dimensions=["region"])
    for definition in (
        {"measures": ["cost_per_call"]},
        {"measures": ["turnover"]},
        {"measures": ["attempts"], "dimensions": ["agent"]},
        {"measures": ["attempts"], "filters": {"agent": [str(calls.client_id)]}},
    ):
        body = {"name": "not mine", "definition": definition}
        refused = await client.post("/api/v1/saved-reports", json=body)
        assert refused.json()["code"] == "report_shows_internal", definition
    browser = await world.browser(Role.CLIENT, calls.client_id)
    page = (await browser.get("/saved-reports/new")).text
    assert "Cost per call" not in page
    assert 'value="agent"' not in page
    tried = await browser.get("/saved-reports/new?measures=cost")
    assert "This report shows what is internal" in tried.text
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"measures": []}, "no_measure_chosen"),
        ({"measures": ["nothing"]}, "measure_unknown"),
        ({"measures": ["attempts"], **BACKWARDS}, "period_wrong"),
    )
    for wrong, code in cases:
        body = {"name": "wrong", "definition": wrong}
        assert (await client.post("/api/v1/saved-reports", json=body)).json()["code"] == code


async def test_workbook_and_pdf_hold_the_figures_in_the_readers_language(
    world: World, calls: ReportsWorld
) -> None:
    api = await world.api(Role.MANAGER, calls.client_id)
    async with transaction(world.sessions) as session:
        await session.execute(
            text("UPDATE campaign SET name = '=Звонки, їжак' WHERE id = :id"),
            {"id": calls.campaigns[0].id},
        )
    made = await _made(
        world,
        api,
        "=Отчёт",
        measures=["attempts", "answer_rate", "asa"],
        dimensions=["campaign"],
    )
    said = (await api.get(f"/api/v1/saved-reports/{made['id']}/figures")).json()
    browser = await world.browser(Role.MANAGER, calls.client_id)
    browser.cookies.set("outdial_lang", "ru")
    shared = await api.put(f"/api/v1/saved-reports/{made['id']}/sharing", json={"sharing": "team"})
    assert shared.status_code == 200
    file = await browser.get(f"/saved-reports/{made['id']}/table.xlsx")
    book = openpyxl.load_workbook(BytesIO(file.content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    top = next(at for at, row in enumerate(rows) if row[0] == "Кампания")
    assert rows[0][0] == "'=Отчёт"
    names = [row["names"]["campaign"] for row in said["rows"]]
    assert [row[0] for row in rows[top + 1 : top + 3]] == [
        f"'{one}" if one.startswith("=") else one for one in names
    ]
    for got, row in zip(rows[top + 1 :], [*said["rows"], said["total"]], strict=False):
        for at, key in enumerate(("attempts", "answer_rate", "asa")):
            now, before = row["figures"][key], row["before"][key]
            assert got[1 + 2 * at] == pytest.approx(None if now is None else float(now))
            assert got[2 + 2 * at] == (None if before is None else pytest.approx(float(before)))
    assert "f" not in {c.data_type for sheet in book for r in sheet.iter_rows() for c in r}
    pdf = await browser.get(f"/saved-reports/{made['id']}/table.pdf")
    assert pdf.content.startswith(b"%PDF")
    shown = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)
    words = " ".join(shown.split())
    for expected in ("=Отчёт", "=Звонки, їжак", "Кампания", "Всего"):
        assert expected in words, expected
    assert f"{int(said['total']['figures']['attempts'])} " in words
    assert "–" in words


async def test_a_report_without_dimensions_is_its_total(world: World, calls: ReportsWorld) -> None:
    browser = await world.browser(Role.MANAGER, calls.client_id)
    form = {"name": "all", "measures": ["attempts", "turnover"], "period": "days_30"}
    saved = await browser.post("/saved-reports/new", data=form, headers=ORIGIN)
    page = await browser.get(saved.headers["location"])
    assert "<strong>Calls dialled</strong>" in page.text
    for kind in ("xlsx", "pdf"):
        file = await browser.get(f"{saved.headers['location']}/table.{kind}")
        assert file.status_code == 200
    many = await browser.get(f"{saved.headers['location']}/table.csv")
    assert many.status_code == 404
