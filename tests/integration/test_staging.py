"""Staging: a file is uploaded, looked at, changed and rehearsed before anything of it is a contact."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from campaigns.errors import CampaignNotFound, ListNotFound
from campaigns.law.consents import UnknownConsentKind
from campaigns.law.suppressions import suppress
from campaigns.lists.columns.mapping import MappingFault, NoPhoneColumn
from campaigns.lists.models import ListImport
from campaigns.lists.reading.faults import FileTooLarge, UnknownSheet
from campaigns.lists.reading.limits import USUAL_LIMITS
from campaigns.lists.staged import staging
from campaigns.lists.staged.forecasting import Forecast, forecast
from campaigns.lists.staged.options import BadOptions, ImportOptions
from campaigns.lists.staged.preparing import UnknownRegion
from campaigns.lists.staged.previewing import PREVIEW_ROWS, preview
from campaigns.lists.staged.staging import ImportNotFound, ImportNotStaged, same_files
from campaigns.states import ImportState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid
from dialer.ids import new_id
from tests.factories import make_client
from tests.imports_world import Importing, many, people, stored
from tests.list_files import xlsx
from tests.world import LAW

FIRST = people("Anna;8 495 123-45-67", "Boris;8 343 123-45-67", "Vera;nonsense")
NOBODY = people("Anna;Rome", headings="name;city")
EMPTY = {"contact": 0, "phone": 0, "contact_list": 0}


@pytest.fixture
async def imports(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> Importing:
    return await Importing.begin(sessions, clock, tmp_path)


async def changed(imports: Importing, row: ListImport, **changes: object) -> ListImport:
    async with transaction(imports.sessions) as session:
        found = await staging.find_import(session, row.id, client_id=imports.client_id, lock=True)
        await staging.change(
            session,
            imports.folder,
            found,
            clock=imports.clock,
            book=LAW.book,
            **changes,  # type: ignore[arg-type]
        )
    return found


async def foretold(imports: Importing, row: ListImport) -> Forecast:
    async with transaction(imports.sessions) as session:
        found = await staging.find_import(session, row.id, client_id=imports.client_id)
        return await forecast(
            session, imports.folder, found, law=LAW, shelf=imports.shelf, clock=imports.clock
        )


async def test_an_upload_says_what_it_is_and_is_no_contact_yet(imports: Importing) -> None:
    row = await imports.stage(FIRST)
    assert (row.state, row.file_bytes) == (ImportState.STAGED, len(FIRST))
    assert row.file_sha256 == hashlib.sha256(FIRST).hexdigest()
    assert (row.shape["format"], row.shape["separator"]) == ("csv", ";")
    assert row.uploaded_at == imports.clock.now()
    assert stored(imports) == [row.stored_as]
    assert imports.folder.path(row.stored_as).read_bytes() == FIRST
    assert await imports.counts(*EMPTY) == EMPTY


async def test_the_same_file_again_is_allowed_and_told(imports: Importing) -> None:
    first = await imports.bring_in(FIRST)
    imports.clock.advance(60)
    again = await imports.stage(FIRST)
    other = await imports.stage(many(2))
    async with imports.sessions() as session:
        assert [one.id for one in await same_files(session, again)] == [first.row.id]
        assert await same_files(session, other) == []


async def test_a_preview_shows_rows_columns_and_what_they_are_for(imports: Importing) -> None:
    row = await imports.stage(many(30))
    seen = await preview(imports.folder, row)
    assert len(seen.rows) == PREVIEW_ROWS
    assert seen.rows[0] == ("Person 0", "89430000000")
    name, phone = seen.columns
    assert (name.name, name.field, phone.field) == ("name", "name", "phone")
    assert name.samples == tuple(f"Person {n}" for n in range(5))
    assert seen.is_mapped


async def test_a_mapping_is_remembered_for_the_same_headings_of_the_client(
    imports: Importing,
) -> None:
    mapping = {"columns": [{"column": "phone", "field": "phone", "kind": "work"}]}
    row = await imports.stage(FIRST, mapping=mapping)
    await imports.commit(row)
    again = await imports.stage(people("Dina;8 495 123-45-60"))
    fields = {one["column"]: one["field"] for one in again.mapping["columns"]}
    assert fields == {"phone": "phone", "name": "custom"}
    other = await imports.stage(people("x;8 495 123-45-61", headings="name;Phone"))
    assert {one["field"] for one in other.mapping["columns"]} == {"phone", "name"}
    async with transaction(imports.sessions) as session:
        imports.client_id = (await make_client(session, imports.clock.now())).id
    stranger = await imports.stage(FIRST)
    assert {one["field"] for one in stranger.mapping["columns"]} == {"phone", "name"}


async def test_a_file_without_a_phone_column_waits_for_a_person(imports: Importing) -> None:
    row = await imports.stage(people("Anna;8 495 123-45-67 moved;x", headings="name;memo;y"))
    row = await changed(imports, row, mapping={"columns": [{"column": "memo", "field": "phone"}]})
    assert row.mapping["columns"][0]["field"] == "phone"
    nobody = await imports.stage(NOBODY)
    assert nobody.mapping == {}
    assert not (await preview(imports.folder, nobody)).is_mapped
    with pytest.raises(NoPhoneColumn):
        await imports.begin_commit(nobody)
    assert await imports.state(nobody.id) is ImportState.STAGED


async def test_a_change_is_checked_and_forgets_the_rehearsal(imports: Importing) -> None:
    row = await imports.stage(FIRST)
    await foretold(imports, row)
    for wrong, error in (
        ({"mapping": {"columns": [{"column": "fax", "field": "phone"}]}}, MappingFault),
        ({"mapping": {"columns": [{"column": "phone", "field": "name"}]}}, MappingFault),
        ({"options": {"region": "XX"}}, UnknownRegion),
        ({"options": {"colour": "red"}}, BadOptions),
        ({"options": {"duplicates_scope": "campaign"}}, Invalid),
        ({"options": {"campaign_id": str(new_id())}}, CampaignNotFound),
        ({"options": {"list_id": str(new_id())}}, ListNotFound),
        ({"options": {"sheet": "Sheet1"}}, UnknownSheet),
        ({"options": {"consent": {"kind": "smile", "proof": "x"}}}, UnknownConsentKind),
    ):
        with pytest.raises(error):
            await changed(imports, row, **wrong)
    kept = await changed(imports, row, name="Renamed")
    assert (kept.name, kept.options["region"], kept.rows_in) == ("Renamed", "RU", 0)
    assert (await changed(imports, row, options={"region": "UA"})).options["region"] == "UA"


async def test_another_sheet_has_other_columns(imports: Importing) -> None:
    book = xlsx(
        [["name", "phone"], ["Anna", "+74951234567"], ["Boris", "+74951234568"]],
        [["Телефон", "Город"], ["+380501234567", "Київ"]],
    )
    row = await imports.stage(book, "book.xlsx")
    assert (row.shape["sheet"], row.shape["sheets"]) == ("S1", ["S1", "S2"])
    row = await changed(imports, row, options={"sheet": "S2"})
    assert row.shape["columns"] == ["Телефон", "Город"]
    done = await imports.commit(row)
    assert (done.report.rows_in, done.report.rows_accepted) == (1, 1)


async def test_a_forecast_counts_what_will_not_be_dialled(imports: Importing) -> None:
    campaign = await imports.campaign()
    async with transaction(imports.sessions) as session:
        await suppress(
            session,
            client_id=imports.client_id,
            e164s=["+74951234567"],
            reason="asked",
            source="test",
            user_id=None,
            clock=imports.clock,
        )
    await imports.bring_in(people("Old;8 812 123-45-67"))
    data = people(
        "Anna;+7 495 123-45-67", "Old;+7 812 123-45-67", "Nina;+1 808 555 2368", "Vera;nonsense"
    )
    row = await imports.stage(data, campaign_id=str(campaign.id), duplicates_scope="client")
    told = await foretold(imports, row)
    counts = told.rehearsal
    assert (counts.rows_in, counts.rows_accepted, counts.rows_refused) == (4, 2, 2)
    assert counts.refused_by_reason == {"duplicate": 1, "invalid_phone": 1}
    # Monday noon in Moscow is the small hours of Monday in Hawaii.
    assert told.window_closed == 1
    assert told.places == {"narrow": 2}
    expected = {"dnc_listed": 1, "dnc_listed:suppressed": 1, "window_closed": 1}
    assert told.warnings() == expected
    async with imports.sessions() as session:
        kept = await session.get_one(ListImport, row.id)
    assert (kept.state, kept.rows_in, kept.warnings) == (ImportState.STAGED, 4, expected)
    assert await imports.counts("contact") == {"contact": 1}


async def test_a_rehearsal_tells_what_the_commit_does(imports: Importing) -> None:
    await imports.bring_in(many(50))
    row = await imports.stage(
        many(80, first=30) + FIRST.split(b"\n", 1)[1], duplicates_scope="client"
    )
    told = (await foretold(imports, row)).rehearsal
    done = (await imports.commit(row)).report
    same = ("rows_in", "rows_accepted", "refused_by_reason", "phones", "merged")
    assert [getattr(told, name) for name in same] == [getattr(done, name) for name in same]
    assert done.refused_by_reason == {"duplicate": 20, "invalid_phone": 1}


async def test_a_commit_keeps_the_checksum_and_the_clients_file(imports: Importing) -> None:
    done = await imports.bring_in(FIRST)
    row = done.row
    assert (row.state, row.stored_as, len(stored(imports))) == (ImportState.COMMITTED, None, 1)
    assert row.file_sha256 == hashlib.sha256(FIRST).hexdigest()
    assert (row.rows_in, row.rows_accepted, row.rows_refused) == (3, 2, 1)
    whose = "SELECT DISTINCT import_id FROM contact UNION SELECT import_id FROM refused_row"
    assert await imports.rows(whose) == [(row.id,)]
    with pytest.raises(ImportNotStaged):
        await imports.begin_commit(row)
    with pytest.raises(ImportNotStaged):
        await changed(imports, row, name="Late")


async def test_a_file_that_fails_says_why_and_leaves_nothing(imports: Importing) -> None:
    rows = [f"P{n};8943{n:07}" for n in range(12_000)]
    imports.folder.limits = replace(USUAL_LIMITS, rows=11_000)
    row = await imports.stage(people(*rows))
    with pytest.raises(FileTooLarge, match="11,000 rows"):
        await imports.commit(row)
    async with imports.sessions() as session:
        failed = await session.get_one(ListImport, row.id)
    assert (failed.state, failed.rows_in) == (ImportState.FAILED, 0)
    assert "11,000 rows" in failed.state_reason
    assert await imports.counts(*EMPTY) == EMPTY
    assert stored(imports) == []


async def test_another_clients_import_does_not_exist(imports: Importing) -> None:
    row = await imports.stage(FIRST)
    async with transaction(imports.sessions) as session:
        imports.client_id = (await make_client(session, imports.clock.now())).id
    with pytest.raises(ImportNotFound):
        await changed(imports, row, name="Mine")
    with pytest.raises(ImportNotFound):
        await imports.begin_commit(row)


async def test_a_discarded_import_is_forgotten(imports: Importing) -> None:
    row = await imports.stage(FIRST)
    async with transaction(imports.sessions) as session:
        found = await session.get_one(ListImport, row.id)
        await staging.discard(session, found, user_id=None, clock=imports.clock)
    assert await imports.counts("list_import") == {"list_import": 0}
    last = "SELECT action FROM audit_entry ORDER BY id DESC LIMIT 1"
    assert await imports.scalar(last) == "import.discarded"


def test_options_keep_what_was_chosen() -> None:
    wish: dict[str, Any] = {
        "region": "ua",
        "list_id": str(UUID(int=7)),
        "duplicates": "update",
        "consent": {"kind": "customer_12m", "proof": "CRM", "granted_at": "2026-01-02T00:00:00Z"},
    }
    options = ImportOptions.read(wish)
    assert options.region == "UA"
    assert ImportOptions.read(options.as_json()) == options
    with pytest.raises(BadOptions, match=r"consent\.granted_at"):
        ImportOptions.read(
            {"region": "RU", "consent": {**wish["consent"], "granted_at": "2026-01-02T00:00:00"}}
        )
    assert timedelta(days=1) < staging.KEEP_STAGED
