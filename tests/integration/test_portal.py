"""The client's portal: own campaigns, files read back, reports without the centre's own, the white label."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pyreadstat
import pytest
from redis.asyncio import Redis

from campaigns.reports.standard import ReportKey
from campaigns.tenancy import looks
from campaigns.tenancy.looks import LookWish
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.portal_world import FILE, Portal, portal_world

PAGES = ("", "/deliveries", "/recordings", "/reports/overview", "/lists", "/requests", "/samples")


@pytest.fixture
async def portal(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[Portal]:
    async with portal_world(sessions, redis, clock, tmp_path) as made:
        yield made


async def test_a_client_signs_in_and_takes_its_results_with_one_click_each(portal: Portal) -> None:
    campaign_id = await portal.imported()
    await portal.settle(campaign_id, "sale", "refused", "sale")
    assert (await portal.boss.get("/")).headers["location"] == "/portal"
    home = (await portal.boss.get("/portal")).text
    assert f'href="/portal/campaigns/{campaign_id}"' in home

    book = openpyxl.load_workbook(io.BytesIO((await portal.take(campaign_id, "xlsx")).content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert "ФИО" in rows[0], rows[0]
    named = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [row["ФИО"] for row in named] == ["Анна", "Олег", "=1+1"]
    assert [row["result"] for row in named] == ["sale", "refused", "sale"]
    assert named[0]["Телефон"] == "+7 916 123-45-67", "a telephone number is text"
    assert "agent" not in rows[0], "who talked is the call centre's own"

    saved = portal.folder / "results.sav"
    saved.write_bytes((await portal.take(campaign_id, "sav")).content)
    frame, _ = pyreadstat.read_sav(str(saved))
    assert list(frame["result"]) == ["sale", "refused", "sale"]

    text = (await portal.take(campaign_id, "csv")).content.decode("utf-8-sig")
    cells = list(csv.DictReader(io.StringIO(text)))
    assert [row["result"] for row in cells] == ["sale", "refused", "sale"]
    assert cells[2]["ФИО"].startswith("'="), "a spreadsheet runs no cell"

    with zipfile.ZipFile(io.BytesIO((await portal.take(campaign_id, "refresh")).content)) as zipped:
        original = next(zipped.read(name) for name in zipped.namelist() if name == "may.csv")
    assert original.decode("cp1251") == FILE, "nothing was corrected: byte by byte the client's own"
    assert (await portal.audit()).count("export.downloaded") == 4


async def test_files_that_the_centre_made_for_itself_are_not_the_clients(portal: Portal) -> None:
    campaign_id = await portal.imported()
    await portal.manager.post(f"/campaigns/{campaign_id}/exports", data={"format": "csv"})
    export_id = portal.world.jobs.enqueued[-1][1]["export_id"]
    page = f"/portal/campaigns/{campaign_id}"
    assert export_id not in (await portal.boss.get(page)).text
    assert (await portal.boss.get(f"{page}/files/{export_id}")).status_code == 404
    api = await portal.world.api(Role.CLIENT)
    assert (await api.get(f"/api/v1/campaigns/{campaign_id}/exports")).json() == []
    for way in ("", "/file"):
        assert (await api.get(f"/api/v1/exports/{export_id}{way}")).status_code == 404
    for way in ("/cancel", "/again"):
        assert (await api.post(f"/api/v1/exports/{export_id}{way}")).status_code == 404
    mine = (await portal.manager.get(f"/campaigns/{campaign_id}/exports/list")).text
    assert export_id in mine


async def test_the_layout_that_the_centre_gave_is_the_clients(portal: Portal) -> None:
    campaign_id = await portal.imported()
    api = await portal.world.api()
    base = f"/api/v1/campaigns/{campaign_id}/export-layouts"
    picks = [{"column": "result", "name": "Итог"}, {"column": "Телефон", "name": ""}]
    drafted = await api.put(f"{base}/draft", json={"columns": picks})
    assert drafted.status_code == 200, drafted.text
    assert (await api.post(f"{base}/freeze")).status_code in {200, 201}
    text = (await portal.take(campaign_id, "csv")).content.decode("utf-8-sig")
    assert text.splitlines()[0] == "Итог,Телефон"


async def test_a_file_of_the_staff_gives_the_client_no_operators_names(portal: Portal) -> None:
    campaign_id = await portal.imported()
    made = await portal.manager.post(f"/campaigns/{campaign_id}/exports", data={"format": "csv"})
    assert made.status_code == 303, made.text
    heads = (await portal.take(campaign_id, "csv")).content.decode("utf-8-sig").splitlines()[0]
    assert {"dialled_phone", "result"} <= set(heads.split(","))
    assert "agent" not in heads.split(",")
    page = (await portal.manager.get(f"/campaigns/{campaign_id}/exports")).text
    assert "not these columns" not in page, "nobody is told to add them"
    api = await portal.world.api(Role.CLIENT)
    body = {"format": "refresh", "options": {"names": True}}
    asked = await api.post(f"/api/v1/campaigns/{campaign_id}/exports", json=body)
    assert (asked.status_code, asked.json()["code"]) == (422, "names_not_yours")
    # A manager may add them, and is told what that means.
    editor = (await portal.manager.get(f"/campaigns/{campaign_id}/export-layout")).text
    assert "files get this column, too" in editor
    base = f"/api/v1/campaigns/{campaign_id}/export-layouts"
    manager = await portal.world.api()
    await manager.put(f"{base}/draft", json={"columns": [{"column": "agent"}]})
    await manager.post(f"{base}/freeze")
    text = (await portal.take(campaign_id, "csv")).content.decode("utf-8-sig")
    assert text.splitlines()[0] == "agent"


async def test_a_client_reads_words_and_no_codes(portal: Portal) -> None:
    campaign_id = await portal.imported()
    page = f"/portal/campaigns/{campaign_id}"
    await portal.boss.post(f"{page}/files", data={"format": "csv"})
    shown = (await portal.boss.get(page)).text
    assert ("Being prepared" in shown, "worker" in shown) == (True, False)
    found = (await portal.boss.get("/portal/recordings?result=sale")).text
    assert '<option value="sale" selected>Agreed / sale</option>' in found
    editor = await portal.manager.get(f"/campaigns/{campaign_id}/export-layout?lang=ru")
    assert ("Список контактов" in editor.text, "The contact list" in editor.text) == (True, False)


async def test_a_client_freezes_no_draft_of_the_managers(portal: Portal) -> None:
    campaign_id = await portal.imported()
    manager, program = await portal.world.api(), await portal.world.api(Role.CLIENT)
    base = f"/api/v1/campaigns/{campaign_id}"
    draft = f"{base}/export-layouts/draft"
    await manager.put(draft, json={"columns": [{"column": "result"}]})
    page = f"/portal/campaigns/{campaign_id}/files"
    refused = await portal.boss.post(page, data={"format": "csv"})
    assert (refused.status_code, "preparing the columns" in refused.text) == (409, True)
    told = await program.post(f"{base}/exports", json={"format": "csv"})
    assert (told.status_code, told.json()["code"]) == (409, "layout_in_preparation")
    paths = (await manager.get("/api/v1/openapi.json")).json()["paths"]
    said = str(paths["/api/v1/campaigns/{campaign_id}/exports"]["post"]["responses"])
    assert ("layout_in_preparation" in said, "names_not_yours" in said) == (True, True)
    layouts = (await manager.get(f"{base}/export-layouts")).json()
    assert [one["frozen_at"] for one in layouts] == [None], "it is a draft still"
    assert (await portal.boss.post(page, data={"format": "refresh"})).status_code == 303
    # Beside a frozen layout a draft is in nobody's way.
    await manager.post(f"{base}/export-layouts/freeze")
    await manager.put(draft, json={"columns": [{"column": "attempts"}]})
    text = (await portal.take(campaign_id, "csv")).content.decode("utf-8-sig")
    assert text.splitlines()[0] == "result"


async def test_every_page_opens_in_every_language_and_has_the_clients_look(portal: Portal) -> None:
    campaign_id = await portal.imported()
    async with transaction(portal.world.sessions) as session:
        wish = LookWish("Ромашка", "#0b5d3b", "")
        await looks.change(session, portal.world.client_id, wish, by=None, clock=portal.world.clock)
    for language in ("en", "ru", "uk"):
        for path in (*PAGES, f"/campaigns/{campaign_id}", "/lists/upload", "/nothing"):
            answer = await portal.boss.get(f"/portal{path}?lang={language}")
            assert answer.status_code == (404 if path == "/nothing" else 200), (path, answer.text)
            assert "Ромашка" in answer.text, path
            assert "/look/colours.css" in answer.text, path
            assert "Outdial" not in answer.text, path
    closed = await portal.boss.get("/campaigns")
    assert (closed.status_code, "Ромашка" in closed.text) == (403, True)


async def test_a_clients_reports_hide_what_is_the_centres(portal: Portal) -> None:
    await portal.imported()
    for key in ReportKey:
        answer = await portal.boss.get(f"/portal/reports/{key.value}")
        hidden = key.value in {"agents", "trunks", "caller_ids", "causes", "scripts", "cost"}
        assert answer.status_code == (404 if hidden else 200), key
        assert "/reports/calls" not in answer.text
    # A filter by operator is not obeyed: it would tell of one.
    asked = await portal.boss.get(f"/portal/reports/periods?agent={new_id()}&campaign={new_id()}")
    assert asked.status_code == 200
    sheet = await portal.boss.get("/portal/reports/overview/table.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(sheet.content)).worksheets
    assert "report.downloaded" in await portal.audit()


async def test_another_clients_user_finds_nothing(portal: Portal) -> None:
    campaign_id = await portal.imported()
    await portal.settle(campaign_id, "sale")
    stranger = await portal.world.browser(Role.CLIENT, portal.world.other_client_id)
    stranger.headers["Origin"] = "http://outdial.test"
    page = f"/portal/campaigns/{campaign_id}"
    for path in (page, f"{page}/files", f"{page}/stream"):
        assert (await stranger.get(path)).status_code == 404, path
    drawn = await stranger.post(
        "/portal/samples", data={"campaign_id": str(campaign_id), "percent": "10"}
    )
    assert drawn.status_code == 404
    ordered = await stranger.post(f"{page}/files", data={"format": "xlsx"})
    assert ordered.status_code == 404
    assert str(campaign_id) not in (await stranger.get("/portal")).text
