"""An import's page: preview, columns, check, commit, undo, and mended rows sent again."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import col, select

from campaigns.leads.models import Lead
from campaigns.lists.models import Contact, ContactList
from campaigns.lists.staged import progress
from campaigns.states import ImportState
from compliance.models import ConsentRecord
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World
from tests.integration.list_browsing import (
    HTMX,
    chosen,
    count,
    list_world,
    press,
    row,
    staged,
)
from tests.list_files import xlsx


@pytest.fixture
async def world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[World]:
    async with list_world(sessions, redis, clock, tmp_path / "up") as made:
        yield made


async def test_a_dirty_file_is_shown_before_anything_is_imported(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser)
    page = (await browser.get(address)).text
    assert "cp1251" in page
    assert "separator: semicolon" in page
    assert chosen(page, "ФИО") == "Full name"
    assert chosen(page, "Телефон") == "Phone"
    assert chosen(page, "Регион") == "Region"
    assert chosen(page, "Сумма") == "Own field: money"
    assert "Иванова Мария" in page
    assert f'hx-get="{address}/check" hx-trigger="load"' in page
    assert await count(world, Contact) == 0
    listed = (await browser.get("/lists")).text
    assert "Waits for your check" in listed
    assert f'href="{address}"' in listed


async def test_the_check_counts_every_row_and_says_why_each_is_refused(world: World) -> None:
    browser = await world.browser()
    campaign_id = await world.campaign(await world.api())
    address = await staged(browser, campaign_id=str(campaign_id))
    world.clock.advance(6 * 3600)  # 18:00 in Moscow, 19:00 in Samara: open
    world.clock.advance(2.5 * 3600)  # 20:30: closed
    part = await browser.get(f"{address}/check", headers=HTMX)
    assert "<html" not in part.text
    for words in ("Duplicate", "No phone number", "Number damaged by a spreadsheet"):
        assert words in part.text
    assert "The same as row 2." in part.text
    assert "Exact: the list or the region says it" in part.text
    assert "Contacts outside of the calling hours now: they wait" in part.text
    kept = await row(world, address)
    assert (kept.rows_in, kept.rows_accepted, kept.rows_refused) == (5, 2, 3)
    whole = await browser.get(f"{address}/check?lang=ru")
    assert "Номер испорчен таблицей" in whole.text
    assert "То же, что в строке 2." in whole.text
    assert "<html" in whole.text
    assert await count(world, Contact) == 0


async def test_import_undo_and_the_first_call(world: World) -> None:
    browser = await world.browser()
    campaign_id = await world.campaign(await world.api())
    address = await staged(browser)
    done = await press(browser, f"{address}/commit", campaign_id=str(campaign_id), name="June")
    assert (done.status_code, done.headers["location"]) == (303, address)
    page = (await browser.get(address)).text
    assert "Imported" in page
    assert "<h1>June</h1>" in page
    assert "Undo the import" in page
    assert (await count(world, Contact), await count(world, Lead)) == (2, 2)
    async with world.sessions() as session:
        lead = (await session.exec(select(Lead).limit(1))).one()
    await world.attempt(lead, 1)
    page = (await browser.get(address)).text
    assert "It cannot be undone any more." in page
    assert "Somebody in this file was called already" in page
    assert "Undo the import" not in page
    refused = await press(browser, f"{address}/undo")
    assert refused.status_code == 409
    assert await count(world, Contact) == 2


async def test_undo_takes_everything_back(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser)
    await press(browser, f"{address}/commit")
    assert await count(world, Contact) == 2
    assert (await press(browser, f"{address}/undo")).status_code == 303
    page = (await browser.get(address)).text
    assert "everything it brought was taken back" in page
    assert await count(world, Contact) == 0
    assert (await press(browser, f"{address}/undo")).status_code == 409


async def test_refused_rows_mended_and_sent_again_complete_the_list(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser)
    await press(browser, f"{address}/commit")
    file = await browser.get(f"{address}/refused.csv")
    assert "attachment" in file.headers["content-disposition"]
    assert file.content.startswith(b"\xef\xbb\xbf")
    list_id = (await row(world, address)).list_id
    again = (await browser.get(f"/lists/upload?list_id={list_id}")).text
    assert "Add to the list “May”" in again
    assert (await browser.get(f"/lists/{list_id}/refused.csv")).content == file.content
    mended = file.text.replace("нет", "8 903 111-22-33").replace("7,9E+10", "79031112244")
    second = await staged(browser, mended.encode(), list_id=str(list_id))
    assert "The rows go into the list “May”." in (await browser.get(second)).text
    await press(browser, f"{second}/commit")
    assert await count(world, ContactList) == 1
    assert await count(world, Contact) == 4
    assert "4 of 5 rows accepted" in (await browser.get("/lists")).text


@pytest.mark.parametrize("where", ["imports", "lists"])
async def test_refused_rows_go_out_piece_by_piece_and_formulas_stay_text(
    world: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr("campaigns.lists.staged.mended._CHUNK_ROWS", 2)
    monkeypatch.setattr("api.downloading._CHUNK_BYTES", 16)
    browser = await world.browser()
    rows = "".join(f"=HYPERLINK({n}),@SUM{n},нет\n" for n in range(5))
    address = await staged(browser, f"Name,Note,Phone\nAnn,,+79161234567\n{rows}")
    await press(browser, f"{address}/commit")
    list_id = (await row(world, address)).list_id
    place = f"/lists/{list_id}" if where == "lists" else address
    async with browser.stream("GET", f"{place}/refused.csv") as answer:
        assert "content-length" not in answer.headers
        whole = await answer.aread()
    lines = whole.decode("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [
        [f"'=HYPERLINK({n})", f"'@SUM{n}"] for n in range(5)
    ]


async def test_a_person_says_what_the_columns_are(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser, "Цвет,Размер,Контакт\nкрасный,12,+79161234567\n")
    form = {"column-0": "company", "column-1": "custom:decimal", "column-2": "phone:work"}
    saved = await press(browser, address, **form)
    assert saved.headers["location"] == f"{address}#check"
    page = (await browser.get(address)).text
    assert chosen(page, "Цвет") == "Company"
    assert chosen(page, "Размер") == "Own field: number"
    assert chosen(page, "Контакт") == "Phone: work"
    twice = await press(browser, address, **{**form, "column-1": "company"})
    assert twice.status_code == 422
    assert "are mapped to company" in twice.text
    assert chosen(twice.text, "Размер") == "Company"  # what was chosen is not lost
    strange = await press(browser, address, **{**form, "column-1": "drop table"})
    assert strange.status_code == 422


async def test_a_file_without_phones_asks_where_they_are(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser, "colour,size\nred,12\n")
    page = (await browser.get(address)).text
    assert "No column looks like phone numbers" in page
    refused = await press(browser, f"{address}/commit")
    assert refused.status_code == 422
    assert (await row(world, address)).state is ImportState.STAGED


async def test_another_sheet_has_other_columns(world: World) -> None:
    browser = await world.browser()
    book = xlsx(
        [["Name", "Phone"], ["Ann", "+79161234567"], ["Bob", "+79161234568"]],
        [["Firma", "Telefon"], ["Acme", "+79161234569"]],
    )
    address = await staged(browser, book, name="book.xlsx")
    page = (await browser.get(address)).text
    assert chosen(page, "Sheet (columns are taken anew when you change it)") == "S1 (3)"
    await press(browser, address, sheet="S2", **{"column-0": "name", "column-1": "phone"})
    page = (await browser.get(address)).text
    assert "Telefon" in page
    assert (await row(world, address)).shape["sheet"] == "S2"


async def test_consent_needs_its_proof_and_is_recorded(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser)
    form = {"consent_kind": "prior_consent", "consent_proof": ""}
    refused = await press(browser, f"{address}/commit", **form)
    assert refused.status_code == 422
    assert "Say where the proof of the consent is." in refused.text
    assert chosen(refused.text, "Consent under which all of them are called") == (
        "consent given before"
    )
    await press(browser, f"{address}/commit", **{**form, "consent_proof": "contract 7"})
    async with world.sessions() as session:
        kinds = (await session.exec(select(col(ConsentRecord.kind)))).all()
    assert kinds == ["prior_consent", "prior_consent"]
    assert "contract 7" in (await browser.get(address)).text


async def test_a_large_file_is_left_to_a_worker_and_its_progress_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await world.browser()
    address = await staged(browser)
    monkeypatch.setattr("campaigns.lists.staged.committing.is_small", lambda row: False)
    page = (await browser.get(address)).text
    assert "run `outdial import FILE --dry-run`" in page
    assert "/check" not in page
    asked = await browser.get(f"{address}/check", headers=HTMX)
    assert "too large to be checked here" in asked.text
    assert (await row(world, address)).rows_in == 0
    await press(browser, f"{address}/commit")
    import_id = UUID(address.split("/")[2])
    assert world.jobs.enqueued == [("import_list", {"import_id": str(import_id)})]
    page = (await browser.get(address)).text
    assert f'hx-get="{address}/progress" hx-trigger="every 2s"' in page
    assert "Waits for a worker." in page
    await progress.show_progress(world.redis, import_id, 43_000, None)
    part = await browser.get(f"{address}/progress", headers=HTMX)
    assert "43,000 rows are written." in part.text
    assert "hx-refresh" not in part.headers
    async with transaction(world.sessions) as session:
        await session.execute(
            text("UPDATE list_import SET state = 'failed', state_reason = 'It <b>broke</b>.'")
        )
    assert (await browser.get(f"{address}/progress")).headers["hx-refresh"] == "true"
    failed = (await browser.get(address)).text
    assert "It &lt;b&gt;broke&lt;/b&gt;." in failed


async def test_discarding_forgets_the_file(world: World) -> None:
    browser = await world.browser()
    address = await staged(browser)
    folder = world.app.state.services.settings.uploads()
    assert len(list(folder.glob("*"))) == 1
    gone = await press(browser, f"{address}/discard")
    assert (gone.status_code, gone.headers["location"]) == (303, "/lists")
    assert list(folder.glob("*")) == []
    assert (await browser.get(address)).status_code == 404


async def test_the_same_file_again_is_told(world: World) -> None:
    browser = await world.browser()
    first = await staged(browser)
    page = (await browser.get(await staged(browser))).text
    assert "The same file was uploaded before:" in page
    assert f'href="{first}"' in page
