"""Exports by API and pages: asked for, watched, cancelled, downloaded; layouts are frozen."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy.exc import DBAPIError

from campaigns.delivery import making
from campaigns.delivery.writing import writer
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.jobs import JobName
from tests.integration.api_world import BASE_URL, World, api_world
from tests.interview_world import change

SAME_ORIGIN = {"Origin": BASE_URL}


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        state = made.app.state
        changed = {"exports_dir": tmp_path, "uploads_dir": tmp_path / "uploads"}
        settings = state.services.settings.model_copy(update=changed)
        state.services = replace(state.services, settings=settings)
        yield made


async def _write(world: World, folder: Path, export_id: str) -> bool:
    write = writer(folder)
    return await making.make(
        world.sessions, folder, UUID(export_id), clock=world.clock, write=write
    )


async def test_a_program_asks_for_a_file_and_takes_it(world: World, tmp_path: Path) -> None:
    api = await world.api(Role.CLIENT)
    manager = await world.api()
    campaign_id = await world.campaign(manager, leads=3)
    base = f"/api/v1/campaigns/{campaign_id}"
    asked = await api.post(f"{base}/exports", json={"format": "csv", "options": {"bom": False}})
    assert asked.status_code == 202, asked.text
    export = asked.json()
    assert export["state"] == "waiting"
    assert (JobName.MAKE_EXPORT, {"export_id": export["id"]}) in world.jobs.enqueued
    early = await api.get(f"/api/v1/exports/{export['id']}/file")
    assert (early.status_code, early.json()["code"]) == (409, "export_not_done")
    assert await _write(world, tmp_path, export["id"])
    done = (await api.get(f"/api/v1/exports/{export['id']}")).json()
    assert (done["state"], done["rows_done"], done["rows_total"]) == ("done", 3, 3)
    file = await api.get(f"/api/v1/exports/{export['id']}/file")
    assert hashlib.sha256(file.content).hexdigest() == done["sha256"]
    assert file.headers["X-Content-SHA256"] == done["sha256"]
    assert file.text.count("\n") == 4
    wrong = await api.post(f"{base}/exports", json={"format": "xlsx", "options": {"bom": True}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_export_options")
    again = await api.post(f"/api/v1/exports/{export['id']}/again")
    assert again.json()["code"] == "export_not_over"
    other = (await api.post(f"{base}/exports", json={"format": "jsonl"})).json()
    cancelled = await api.post(f"/api/v1/exports/{other['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert not await _write(world, tmp_path, other["id"])
    anew = await api.post(f"/api/v1/exports/{other['id']}/again")
    assert anew.json()["state"] == "waiting"
    # Nobody else sees any of it.
    stranger = await world.api(client_id=world.other_client_id)
    for path in ("", "/file"):
        assert (await stranger.get(f"/api/v1/exports/{export['id']}{path}")).status_code == 404
    assert (await stranger.get(f"{base}/exports")).status_code == 404
    assert (await stranger.post(f"{base}/exports", json={"format": "csv"})).status_code == 404
    for step in ("cancel", "again"):
        assert (await stranger.post(f"/api/v1/exports/{export['id']}/{step}")).status_code == 404
    agent = await world.api(Role.AGENT)
    assert (await agent.post(f"{base}/exports", json={"format": "csv"})).status_code == 403


async def test_a_layout_is_picked_and_frozen_for_ever(world: World, tmp_path: Path) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api, leads=1)
    base = f"/api/v1/campaigns/{campaign_id}"
    known = [one["name"] for one in (await api.get(f"{base}/export-columns")).json()]
    assert {"dialled_phone", "called_at_local", "recording"} <= set(known)
    nothing = await api.post(f"{base}/export-layouts/freeze")
    assert nothing.json()["code"] == "no_draft_layout"
    picks = [{"column": "result"}, {"column": "attempts", "name": "Звонков"}]
    draft = await api.put(f"{base}/export-layouts/draft", json={"columns": picks})
    assert draft.status_code == 200, draft.text
    doubled = [{"column": "result"}, {"column": "attempts", "name": "result"}]
    bad = await api.put(f"{base}/export-layouts/draft", json={"columns": doubled})
    assert bad.json()["code"] == "bad_layout"
    frozen = (await api.post(f"{base}/export-layouts/freeze")).json()
    assert (frozen["number"], [one["name"] for one in frozen["columns"]]) == (
        1,
        ["result", "Звонков"],
    )
    await api.put(f"{base}/export-layouts/draft", json={"columns": [{"column": "agent"}]})
    export = (await api.post(f"{base}/exports", json={"format": "csv"})).json()
    await _write(world, tmp_path, export["id"])
    file = await api.get(f"/api/v1/exports/{export['id']}/file")
    assert file.text.removeprefix("\ufeff") == "result,Звонков\n,0\n", "the draft changes nothing"
    with pytest.raises(DBAPIError, match="never changes"):
        await change(world, "UPDATE export_layout SET content = '{}' WHERE frozen_at IS NOT NULL")
    second = (await api.post(f"{base}/export-layouts/freeze")).json()
    assert second["number"] == 2
    first = await api.post(f"{base}/exports", json={"format": "csv", "layout": 1})
    assert first.status_code == 202
    none = await api.post(f"{base}/exports", json={"format": "csv", "layout": 9})
    assert none.json()["code"] == "layout_not_found"


async def test_a_manager_makes_a_file_on_the_pages(world: World, tmp_path: Path) -> None:
    api, browser = await world.api(), await world.browser()
    campaign_id = await world.campaign(api, leads=2)
    base = f"/campaigns/{campaign_id}"
    assert f'href="{base}/exports"' in (await browser.get(base)).text
    empty = await browser.get(f"{base}/exports")
    assert "There are no files yet" in empty.text
    columns = await browser.get(f"{base}/export-layout")
    assert 'name="pick-0"' in columns.text
    given: dict[str, Any] = {
        "pick-0": "list", "place-0": "2", "name-0": "Список",
        "pick-1": "row", "place-1": "1", "name-1": "", "do": "freeze",
    }  # fmt: skip
    saved = await browser.post(f"{base}/export-layout", data=given, headers=SAME_ORIGIN)
    assert saved.status_code == 303, saved.text
    wrong = await browser.post(f"{base}/export-layout", data={"do": "save"}, headers=SAME_ORIGIN)
    assert "Pick a column" in wrong.text
    form = {"format": "csv", "layout": "1", "separator": ";", "bom": "true"}
    made = await browser.post(f"{base}/exports", data=form, headers=SAME_ORIGIN)
    assert made.status_code == 303, made.text
    page = await browser.get(f"{base}/exports")
    assert 'hx-trigger="every 1s"' in page.text
    assert "not these columns" in page.text, "the layout lacks what there is"
    (export_id,) = [facts["export_id"] for _, facts in world.jobs.enqueued if "export_id" in facts]
    await _write(world, tmp_path, export_id)
    page = await browser.get(f"{base}/exports/list")
    assert "hx-trigger" not in page.text
    file = await browser.get(f"{base}/exports/{export_id}/file")
    assert file.content.decode("utf-8-sig") == "row;Список\n1;list 1\n2;list 2\n"
    over = await browser.post(f"{base}/exports/{export_id}/cancel", headers=SAME_ORIGIN)
    assert "This export has ended already." in over.text
    stranger = await world.browser(client_id=world.other_client_id)
    assert (await stranger.get(f"{base}/exports/{export_id}/file")).status_code == 404
    for path in ("exports", "exports/list", "export-layout"):
        assert (await stranger.get(f"{base}/{path}")).status_code == 404
