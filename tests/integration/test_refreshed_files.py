"""The client's own file comes back corrected: byte by byte where nothing changed, without the erased."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.delivery import exports, making
from campaigns.delivery.models import Export
from campaigns.delivery.words import ExportFormat, ExportState
from campaigns.delivery.writing import writer
from campaigns.leads.enrol import enrol
from campaigns.leads.models import Lead
from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.lists.models import Contact, OriginalFile
from campaigns.lists.staged.oneshot import import_upload
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.uploads import UploadFolder, one_chunk
from campaigns.states import LeadState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.interview_world import change, hang_up, operator, talk
from tests.world import LAW

PLAN = {
    "code": "records",
    "languages": ["ru"],
    "region": "RU",
    "fields": [{"heading": "Город"}, {"heading": "E-mail", "correction": "email"}],
}
CYRILLIC = (
    "Список клиентов;;;\r\n\r\nИмя;Телефон;Город;E-mail\r\n"
    'Анна;8 943 000-00-01;"Самара; обл";a@example.org\r\n'
    '"ООО ""Вектор""";+79430000002;Уфа;\r\n\r\n'
    "нет телефона;;Омск;\r\n"
    "Пётр;8(943)0000003;Пермь;p@example.org\r\nОльга;+79430000004;Тверь;o@example.org"
).encode("cp1251")


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


class Refreshing:
    """A campaign that refreshes a file's records."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.uploads = UploadFolder(folder / "uploads")

    async def begin(self, data: bytes, file_name: str) -> None:
        """Publish the form, import the file and enrol its contacts."""
        manager = await self.world.api()
        await manager.post("/api/v1/forms/refresh", json=PLAN)
        await manager.post("/api/v1/forms/records/publish")
        self.campaign_id = await self.world.campaign(manager, settings={"form": "records"})
        self.who = await operator(self.world, self.campaign_id)
        self.list_id = await self.upload(data, file_name)
        await self.enrol()

    async def upload(self, data: bytes, file_name: str, **options: Any) -> UUID:
        """Import a file as a client does."""
        upload = await self.uploads.keep(one_chunk(data), file_name=file_name)
        done = await import_upload(
            self.world.sessions, self.uploads, upload, client_id=self.world.client_id,
            file_name=file_name, name="list", options=ImportOptions.read({"region": "RU", **options}),
            user_id=None, clock=self.world.clock, book=LAW.book,
        )  # fmt: skip
        assert done.row.list_id is not None
        return done.row.list_id

    async def enrol(self) -> None:
        """Enrol every contact of the list."""
        async with transaction(self.world.sessions) as session:
            await enrol(
                session, self.campaign_id, self.list_id, client_id=self.world.client_id,
                clock=self.world.clock,
            )  # fmt: skip

    async def say(self, row: int, *answers: tuple[str, Any, dict[str, Any]]) -> None:
        """Talk to the contact of a row."""
        async with self.world.sessions() as session:
            lead = (
                await session.exec(
                    select(Lead).join(Contact, col(Contact.id) == Lead.contact_id)
                    .where(Contact.list_id == self.list_id, Contact.source_row == row)
                )
            ).one()  # fmt: skip
        await change(
            self.world, "UPDATE lead SET state = :state WHERE id = :id",
            id=lead.id, state=LeadState.DIALING.value,
        )  # fmt: skip
        call = await talk(self.world, lead, self.who)
        for code, value, more in answers:
            self.world.clock.advance(10)
            answer = await call.send(code, value, **more)
            assert answer.status_code == 200, answer.text
        await hang_up(self.world, call, "done")

    async def ask(self, **options: Any) -> Export:
        """Ask for the refreshed database and have it written."""
        async with transaction(self.world.sessions) as session:
            row = await exports.ask(
                session, self.campaign_id, ExportFormat.REFRESH, client_id=self.world.client_id,
                user_id=None, clock=self.world.clock, options=options,
            )  # fmt: skip

        write = writer(self.uploads.directory)
        await making.make(
            self.world.sessions,
            self.folder / "exports",
            row.id,
            clock=self.world.clock,
            write=write,
        )
        async with self.world.sessions() as session:
            return await exports.find_export(session, row.id, client_id=self.world.client_id)

    async def bare(self, **options: Any) -> bytes:
        """Return the client's file alone."""
        row = await self.ask(bare=True, **options)
        return exports.path_of(self.folder / "exports", row).read_bytes()

    def zip(self, row: Export) -> dict[str, bytes]:
        """Return what is in the ZIP."""
        with zipfile.ZipFile(exports.path_of(self.folder / "exports", row)) as file:
            return {name: file.read(name) for name in file.namelist()}


def _table(data: bytes) -> Sequence[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


CONFIRMED: tuple[str, dict[str, Any]] = ("confirmed", {})


async def test_a_cyrillic_csv_comes_back_as_it_came(world: World, tmp_path: Path) -> None:
    work = Refreshing(world, tmp_path)
    await work.begin(CYRILLIC, "клиенты.csv")
    assert await work.bare() == CYRILLIC, "nothing was said yet"
    await work.say(
        1, ("field_1", "corrected", {"other": 'Москва; "центр"'}), ("e_mail", *CONFIRMED)
    )
    await work.say(
        4, ("field_1", *CONFIRMED), ("e_mail", "corrected", {"other": "new@example.org"})
    )
    # Row 2's number is dead.
    await change(
        world,
        "UPDATE phone SET invalid_at = now() WHERE e164 = '+79430000002' AND client_id = :client",
        client=world.client_id,
    )
    row = await work.ask(names=True)
    assert row.facts["corrected"] == 2
    assert row.facts["confirmed"] == 2
    assert row.facts["dead_numbers"] == 1
    files = work.zip(row)
    assert set(files) == {"клиенты.csv", "changes.csv", "summary.csv"}
    wanted = CYRILLIC.decode("cp1251").replace('"Самара; обл"', '"Москва; ""центр"""')
    wanted = wanted.replace("p@example.org", "new@example.org")
    assert files["клиенты.csv"].decode("cp1251") == wanted
    told = _table(files["changes.csv"])
    assert [
        (one["row"], one["field"], one["verdict"], one["old_value"], one["new_value"])
        for one in told
    ] == [
        ("1", "Город", "corrected", "Самара; обл", 'Москва; "центр"'),
        ("1", "E-mail", "confirmed", "a@example.org", "a@example.org"),
        ("2", "Телефон", "refuted", "+79430000002", ""),
        ("4", "Город", "confirmed", "Пермь", "Пермь"),
        ("4", "E-mail", "corrected", "p@example.org", "new@example.org"),
    ]
    assert told[0]["at"].endswith("Z")
    assert told[0]["agent"] == work.who.user.login
    assert told[0]["place_s"] == "10.0"
    coded = [one["agent"] for one in _table(work.zip(await work.ask())["changes.csv"])]
    assert (coded[0][:3], len(coded[0]), coded[2]) == ("op-", 11, ""), (
        "no name unless it was asked for"
    )
    assert {*coded} == {coded[0], ""}, "the same person has the same code"
    changed = (await work.bare(only_changed=True)).decode("cp1251")
    head, pyotr = (
        wanted[: wanted.index('"ООО')],
        wanted[wanted.index("Пётр") : wanted.index("Ольга")],
    )
    assert changed == head + pyotr


async def test_an_erased_person_does_not_come_back(world: World, tmp_path: Path) -> None:
    work = Refreshing(world, tmp_path)
    await work.begin(CYRILLIC, "клиенты.csv")
    before = await work.ask()
    kept = exports.path_of(work.folder / "exports", before)
    vault = Vault(b"k" * 32, tmp_path, tmp_path, work.uploads.directory, work.folder / "exports")
    async with transaction(world.sessions) as session:
        await erase(
            session, Who(e164="+79430000001"), client_id=world.client_id, reason="asked",
            user_id=None, clock=world.clock, vault=vault,
        )  # fmt: skip
    assert not kept.exists(), "an export from before would bring the person back"
    async with world.sessions() as session:
        row = await exports.find_export(session, before.id, client_id=world.client_id)
        file = (await session.exec(select(OriginalFile))).one()
    assert row.state is ExportState.GONE
    assert file.dropped == [1]
    on_disk = b"".join(path.read_bytes() for path in work.uploads.directory.iterdir())
    assert "Анна".encode("cp1251") not in on_disk
    assert "Ольга".encode("cp1251") in on_disk
    # The rows after it are still found.
    await work.say(4, ("field_1", "corrected", {"other": "Казань"}))
    wanted = CYRILLIC.decode("cp1251").replace("Пермь", "Казань")
    start, end = wanted.index("Анна"), wanted.index('"ООО')
    assert (await work.bare()).decode("cp1251") == wanted[:start] + wanted[end:]


async def test_a_workbook_comes_back_with_its_styles(world: World, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Имя", "Телефон", "Город", "E-mail", "С"])
    sheet.append(["Анна", 79430000001, "Самара", "a@example.org", world.clock.now().date()])
    sheet.append(["Пётр", "+79430000002", "Уфа", None, None])
    sheet["A1"].font = openpyxl.styles.Font(bold=True)
    book.create_sheet("Прочее")["A1"] = "не трогать"
    out = io.BytesIO()
    book.save(out)
    work = Refreshing(world, tmp_path)
    await work.begin(out.getvalue(), "клиенты.xlsx")
    await work.say(2, ("field_1", *CONFIRMED), ("e_mail", "corrected", {"other": "p@example.org"}))
    back = openpyxl.load_workbook(io.BytesIO(await work.bare()))
    assert [[cell.value for cell in row] for row in back["Sheet"].iter_rows(max_col=4)] == [
        ["Имя", "Телефон", "Город", "E-mail"],
        ["Анна", 79430000001, "Самара", "a@example.org"],
        ["Пётр", "+79430000002", "Уфа", "p@example.org"],
    ]
    assert back["Sheet"]["A1"].font.bold
    assert back["Sheet"]["E2"].number_format == "yyyy-mm-dd"
    assert back["Прочее"]["A1"].value == "не трогать"


async def test_two_files_of_a_list_come_back_as_two(world: World, tmp_path: Path) -> None:
    work = Refreshing(world, tmp_path)
    await work.begin(CYRILLIC, "клиенты.csv")
    second = "Имя\tТелефон\tГород\nИван\t+79430000009\tОмск\n".encode("utf-16")
    await work.upload(second, "клиенты.csv", list_id=str(work.list_id))
    await work.enrol()
    await work.say(6, ("field_1", "corrected", {"other": "Томск"}))
    row = await work.ask()
    files = work.zip(row)
    assert files["клиенты.csv"] == CYRILLIC
    assert files["клиенты (2).csv"].decode("utf-16") == second.decode("utf-16").replace(
        "Омск", "Томск"
    )
    failed = await work.ask(bare=True)
    assert failed.state is ExportState.FAILED
    assert "several files" in failed.state_reason
