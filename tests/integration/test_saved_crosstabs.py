"""Saved cross-tables: like saved reports, shared, printed, made by the clock; the same figures everywhere."""

import threading
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from pypdf import PdfReader
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import select

from campaigns.crosstabs.weighting import weigh
from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.lists.erasure.subject_key import subject_key
from campaigns.saved_reports.models import ReportRun, ReportRunFile
from campaigns.saved_reports.words import RunState
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.integration.reporting_world import worker_deps
from tests.survey_world import SurveyWorld
from workers.jobs.saved_reports import sweep

ORIGIN = {"Origin": "http://outdial.test"}
MOOD = {"form": "survey", "rows": "mood", "columns": "sex", "targets": "sex: m=50, f=50"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def survey(sessions: SessionFactory, clock: FrozenClock) -> SurveyWorld:
    return await SurveyWorld.build(sessions, clock)


def _shares(content: bytes) -> list[tuple[Any, ...]]:
    rows = openpyxl.load_workbook(BytesIO(content))["Table"].iter_rows(values_only=True)
    return [row[2:5] for row in rows if row[1] in ("Share of the column", "Доля по столбцу")]


async def test_a_table_is_saved_on_its_page_and_opened_from_the_list(
    world: World, survey: SurveyWorld
) -> None:
    browser = await world.browser(Role.MANAGER, survey.client_id)
    fields = {"form": "survey", "rows": "mood", "columns": "sex", "target": MOOD["targets"]}
    nameless = await browser.post("/crosstabs", data=fields, headers=ORIGIN)
    assert nameless.status_code == 422
    assert "Give the report a name" in nameless.text
    assert "Mood b" in nameless.text, "the table is still there"
    for wrong, said in (
        ({"rows": ""}, "Choose the question of the rows."),
        ({"target": "sex: m=40"}, "Write targets as"),
    ):
        refused = await browser.post(
            "/crosstabs", data=fields | {"name": "Mood"} | wrong, headers=ORIGIN
        )
        assert refused.status_code == 422
        assert said in refused.text
    saved = await browser.post("/crosstabs", data=fields | {"name": "Mood"}, headers=ORIGIN)
    place = saved.headers["location"]
    listed = (await browser.get("/saved-reports")).text
    assert place in listed
    assert "Cross-table" in listed
    page = (await browser.get(place)).text
    assert "Mood b" in page
    assert "Weighted base" in page
    edit = (await browser.get(f"{place}/edit")).headers["location"]
    form = (await browser.get(edit)).text
    assert 'value="Mood"' in form
    assert "sex: m=50, f=50" in form
    report = place.rpartition("/")[2]
    again = fields | {"name": "Mood", "report": report, "target": "", "period": "last_month"}
    await browser.post("/crosstabs", data=again, headers=ORIGIN)
    page = (await browser.get(place)).text
    assert "Version 2" in page
    assert "Nobody who completed the form so" in page, "nobody did last month"
    await browser.post(f"{place}/versions/1", headers=ORIGIN)
    assert "Mood b" in (await browser.get(place)).text
    other = await world.browser(Role.MANAGER)
    assert (await other.get(place)).status_code == 404
    taken = again | {"name": "Mine now"}
    assert (await other.post("/crosstabs", data=taken, headers=ORIGIN)).status_code == 404


async def test_the_clients_people_save_and_see_shared_tables(
    world: World, survey: SurveyWorld
) -> None:
    manager = await world.api(Role.MANAGER, survey.client_id)
    client = await world.api(Role.CLIENT, survey.client_id)
    address = "/api/v1/saved-reports"
    mine = await client.post(address, json={"name": "mine", "table": MOOD})
    assert mine.status_code == 201, mine.text
    theirs = (await manager.post(address, json={"name": "theirs", "table": MOOD})).json()
    assert (theirs["kind"], theirs["definition"]) == ("crosstab", None)
    one = f"{address}/{theirs['id']}"
    assert (await client.get(one)).status_code == 404
    await manager.put(f"{one}/sharing", json={"sharing": "client"})
    now = (await client.get(f"{one}/table")).json()
    asked = MOOD | {"target": MOOD["targets"]}
    del asked["targets"]
    direct = (await client.get("/api/v1/crosstabs", params=asked)).json()
    assert {name: now[name] for name in direct} == direct
    assert (await manager.get(f"{one}/figures")).json()["code"] == "report_kind_differs"
    figures = {"measures": ["attempts"]}
    changed = await manager.put(one, json={"name": "x", "definition": figures})
    assert changed.json()["code"] == "report_kind_differs"
    plain = await manager.post(address, json={"name": "calls", "definition": figures})
    wrong = await manager.get(f"{address}/{plain.json()['id']}/table")
    assert wrong.json()["code"] == "report_kind_differs"
    for body, code in (
        ({"table": MOOD | {"rows": "gone"}}, "variable_unknown"),
        ({"table": MOOD | {"rows": ""}}, "no_rows_chosen"),
        ({"table": MOOD | {"form": "gone"}}, "form_not_found"),
        ({"table": MOOD, "definition": figures}, "invalid_request"),
        ({}, "invalid_request"),
        ({"name": "a\0b", "table": MOOD}, "invalid_request"),
        ({"table": MOOD | {"targets": "\0"}}, "invalid_request"),
        ({"table": MOOD | {"rows": "contact:\0"}}, "invalid_request"),
    ):
        refused = await manager.post(address, json={"name": "wrong", **body})
        assert refused.json()["code"] == code, body


async def test_the_clock_prints_a_table_with_the_figures_of_the_page(
    world: World, survey: SurveyWorld, clock: FrozenClock, tmp_path: Path
) -> None:
    api = await world.api(Role.MANAGER, survey.client_id)
    address = "/api/v1/saved-reports"
    made = (await api.post(address, json={"name": "=Mood", "table": MOOD})).json()
    one = f"{address}/{made['id']}"
    schedule = {"rhythm": "hourly", "zone": "UTC", "formats": ["xlsx", "pdf"], "language": "ru"}
    assert (await api.put(f"{one}/schedule", json=schedule)).status_code == 200
    said = (await api.get(f"{one}/table")).json()
    clock.advance(3600)
    assert await sweep(worker_deps(world, clock, tmp_path)) == 1
    async with world.sessions() as session:
        run = (await session.exec(select(ReportRun))).one()
        rows = await session.exec(select(ReportRunFile))
        files = {row.format.value: row.content or b"" for row in rows}
    assert (run.state, run.first, run.rows) == (RunState.DONE, None, len(said["lines"]))
    assert run.last == run.ended_at.date()
    shares = [tuple(cell["of_column"] for cell in line["cells"]) for line in said["lines"]]
    for got, expected in zip(_shares(files["xlsx"]), shares, strict=True):
        assert got == pytest.approx(expected)
    shown = " ".join(page.extract_text() for page in PdfReader(BytesIO(files["pdf"])).pages)
    assert "=Mood" in shown
    assert "Взвешенная база" in shown
    await api.put(f"{one}/sharing", json={"sharing": "team"})
    browser = await world.browser(Role.MANAGER, survey.client_id)
    page = (await browser.get(f"/saved-reports/{made['id']}")).text
    assert f"… – {run.last}" in page
    now = await browser.get(f"/saved-reports/{made['id']}/table.xlsx")
    for got, expected in zip(_shares(now.content), shares, strict=True):
        assert got == pytest.approx(expected)
    async with world.sessions() as session:
        kept = text("SELECT subject_id FROM audit_entry WHERE action = 'saved_report.downloaded'")
        assert (await session.execute(kept)).scalars().all() == [UUID(made["id"])]


async def test_an_erased_person_is_in_no_kept_table(
    world: World, survey: SurveyWorld, clock: FrozenClock, tmp_path: Path
) -> None:
    api = await world.api(Role.MANAGER, survey.client_id)
    async with transaction(world.sessions) as session:
        naming = text("UPDATE contact SET fields = CAST(:fields AS jsonb) WHERE id = :id")
        found = text("SELECT contact_id FROM interview WHERE ending = 'complete' LIMIT 1")
        contact_id = (await session.execute(found)).scalar_one()
        fields = '{"Город": "anna@example.com"}'
        await session.execute(naming, {"id": contact_id, "fields": fields})
    table = {"form": "survey", "rows": "contact:Город"}
    kept, waits = [
        (await api.post("/api/v1/saved-reports", json={"name": name, "table": table})).json()["id"]
        for name in ("kept", "waits")
    ]
    plain = {"rhythm": "hourly", "zone": "UTC", "formats": ["xlsx"], "carries": "attachment"}
    for report, recipients in ((kept, []), (waits, ["boss@example.com"])):
        await api.put(
            f"/api/v1/saved-reports/{report}/schedule", json=plain | {"recipients": recipients}
        )
    clock.advance(3600)
    deps = worker_deps(world, clock, tmp_path)  # nobody takes letters

    async def contents() -> dict[str, str | None]:
        async with world.sessions() as session:
            rows = await session.exec(
                select(ReportRun.report_id, ReportRunFile.content).join(ReportRun)
            )
            return {str(one): _words_of(content) for one, content in rows}

    await sweep(deps)
    before = await contents()
    assert all("anna@example.com" in (before[report] or "") for report in (kept, waits))
    vault = Vault(subject_key(tmp_path / "erasure.key"), tmp_path, tmp_path)
    async with transaction(world.sessions) as session:
        receipt = await erase(
            session,
            Who(contact_id=contact_id),
            client_id=survey.client_id,
            reason="letter",
            user_id=None,
            clock=clock,
            vault=vault,
        )
    assert receipt.counts["report_run_file"] == 2
    assert await contents() == {kept: None, waits: None}
    (run,) = (await api.get(f"/api/v1/saved-reports/{kept}/runs")).json()
    assert [one["is_gone"] for one in run["files"]] == [True]
    clock.advance(1200)  # within the hour: no other run is due
    await sweep(deps)
    after = await contents()
    assert after[kept] is None
    assert "Київ" in (after[waits] or ""), "what was not sent yet is made anew"
    assert "anna@example.com" not in (after[waits] or "")


def _words_of(content: bytes | None) -> str | None:
    if content is None:
        return None
    book = openpyxl.load_workbook(BytesIO(content))
    return "\n".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    )


async def test_weights_are_worked_out_beside_the_event_loop(
    world: World, survey: SurveyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def watched(*args: Any) -> Any:
        threads.append(threading.current_thread())
        return weigh(*args)

    monkeypatch.setattr("campaigns.crosstabs.making.weigh", watched)
    api = await world.api(Role.MANAGER, survey.client_id)
    asked = {"form": "survey", "rows": "mood", "target": MOOD["targets"]}
    assert (await api.get("/api/v1/crosstabs", params=asked)).status_code == 200
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
