"""The lists' pages: what there is, the upload, who may, and what stays text."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.states import ImportState
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World
from tests.integration.list_browsing import (
    DIRTY,
    SAME_ORIGIN,
    list_world,
    press,
    row,
    staged,
    upload,
)


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[World]:
    async with list_world(sessions, redis, clock, tmp_path / "up") as made:
        yield made


async def test_without_lists_the_page_says_what_to_do(world: World) -> None:
    page = (await (await world.browser()).get("/lists")).text
    assert "There are no lists yet." in page
    assert 'href="/lists/upload"' in page
    reader = (await (await world.browser(Role.SUPERVISOR)).get("/lists")).text
    assert "A manager uploads them." in reader
    assert 'href="/lists/upload"' not in reader


async def test_the_header_leads_to_every_part(world: World) -> None:
    page = (await (await world.browser()).get("/lists")).text
    for place in ("/campaigns", "/lists", "/law"):
        assert f'<a href="{place}"' in page
    assert '<a href="/lists" aria-current="page">' in page
    assert 'class="places"' not in (await world.anonymous().get("/sign-in")).text


async def test_pasted_rows_are_a_file_too(world: World) -> None:
    browser = await world.browser()
    pasted = {"name": "", "region": "RU", "text": "Имя\tТелефон\nАнна\t8 916 123 45 67\n"}
    for files in ({"file": ("", b"")}, None):  # a browser sends an empty file, or none
        form = {name: (None, value) for name, value in pasted.items()} | (files or {})
        answer = await browser.post("/lists/upload", files=form, headers=SAME_ORIGIN)
        assert answer.status_code == 303, answer.text
        assert "separator: tab" in (await browser.get(answer.headers["location"])).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00", "cannot be read as a table"),
        (b"Name,Phone\n", "no rows with contacts"),
        (b"", "no rows with contacts"),
    ],
)
async def test_what_is_no_table_is_told_at_once(world: World, data: bytes, said: str) -> None:
    browser = await world.browser()
    answer = await upload(browser, data)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="May"' in answer.text
    services = world.app.state.services
    assert list(services.settings.uploads().glob("*")) == []


async def test_nothing_and_too_much_are_told(world: World) -> None:
    browser = await world.browser()
    nothing = await browser.post(
        "/lists/upload", data={"region": "RU"}, files={"file": ("", b"")}, headers=SAME_ORIGIN
    )
    assert nothing.status_code == 422
    assert "Send either a file or text." in nothing.text
    huge = {**SAME_ORIGIN, "Content-Length": str(2 << 30), "Content-Type": "multipart/form-data"}
    answer = await browser.post("/lists/upload", content=b"", headers=huge)
    assert answer.status_code == 422
    assert "at most 1 GB" in answer.text


async def test_hostile_cells_headings_and_names_stay_text(world: World) -> None:
    evil = '<script>alert("x")</script>'
    browser = await world.browser()
    data = f"{evil},Phone,{{{{7*7}}}}\n{evil},+79161234567,=1+1\n{evil},нет,%(row)s\n"
    address = await staged(browser, data, name=f"{evil}.csv")
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE list_import SET name = :name"), {"name": evil})
    pages = [
        (await browser.get(address)).text,
        (await browser.get(f"{address}/check")).text,
        (await browser.get("/lists")).text,
    ]
    await press(browser, f"{address}/commit")
    pages += [(await browser.get(address)).text, (await browser.get("/lists")).text]
    for page in pages:
        assert "<script>alert" not in page
        assert " style=" not in page
        assert "49" not in re.sub(r"[0-9a-f-]{32,}|[0-9a-f]{12}…", "", page)
    assert "&lt;script&gt;alert" in pages[0]
    assert "%(row)s" in pages[1]


async def test_another_clients_import_and_list_do_not_exist(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser)
    list_address = await staged(browser, DIRTY + "Ещё;89031112233;Москва;1\n")
    await press(browser, f"{list_address}/commit")
    list_id = (await row(world, list_address)).list_id
    stranger = await world.browser(Role.ADMIN, client_id=world.other_client_id)
    for way in ("", "/check", "/progress", "/refused.csv"):
        assert (await stranger.get(f"{address}{way}")).status_code == 404
    for way in ("", "/commit", "/undo", "/discard"):
        assert (await press(stranger, f"{address}{way}")).status_code == 404
    assert (await stranger.get(f"/lists/{list_id}/refused.csv")).status_code == 404
    assert (await stranger.get(f"/lists/upload?list_id={list_id}")).status_code == 404
    assert "There are no lists yet." in (await stranger.get("/lists")).text
    onto = await upload(stranger, list_id=str(list_id))
    assert onto.status_code == 404
    assert (await row(world, address)).state is ImportState.STAGED


async def test_forms_of_another_site_do_nothing(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser)
    for headers in ({}, {"Origin": "https://evil.test"}, {"Origin": "null"}):
        for path in ("/lists/upload", *(f"{address}{w}" for w in ("", "/commit", "/discard"))):
            answer = await browser.post(path, data={"name": "x"}, headers=headers)
            assert answer.status_code == 403
    assert (await row(world, address)).state is ImportState.STAGED


async def test_readers_look_managers_import_and_agents_see_no_page(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser)
    reader = await world.browser(Role.SUPERVISOR)
    page = (await reader.get(address)).text
    assert "A manager checks this file" in page
    assert "/commit" not in page
    assert "Иванова" not in page
    for path in (f"{address}/check", "/lists/upload"):
        assert (await reader.get(path)).status_code == 403
    for path in (address, f"{address}/commit", f"{address}/undo", f"{address}/discard"):
        assert (await press(reader, path)).status_code == 403
    assert (await upload(reader)).status_code == 403
    agent = await world.browser(Role.AGENT)
    for path in ("/lists", address):
        assert (await agent.get(path)).status_code == 403
    away = await world.anonymous().get(address)
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in")


async def test_every_control_has_a_label(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser)
    for path in (address, "/lists/upload", "/law"):
        page = (await browser.get(path)).text
        controls = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*>', page)
        assert len(controls) > 3
        for control in controls:
            found = re.search(r'id="([^"]+)"', control)
            assert found, control
            assert f'<label for="{found[1]}"' in page, control
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), path
