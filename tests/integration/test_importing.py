import csv
import io
import random
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.enrol import enrol
from campaigns.leads.models import Lead
from campaigns.lists.columns.mapping import NoPhoneColumn
from campaigns.lists.models import Contact, ContactList, Phone, RefusedRow
from campaigns.lists.staged import mended
from campaigns.lists.writing.importing import (
    BATCH_ROWS,
    ImportReport,
    UnknownRegion,
    refused_csv,
)
from campaigns.models import Campaign, CampaignList
from campaigns.states import LeadState, PhoneKind
from campaigns.tenancy.models import Client
from compliance.models import Place
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import NotFound
from dialer.ids import new_id
from tests.imports import import_list
from tests.list_files import DirtyList, dirty_list, xlsx

HEADINGS = ["ФИО", "Телефон", "Доп. телефон", "Комментарий"]
DEMO = Path(__file__).parents[2] / "cli" / "data" / "demo_contacts.csv"


async def add_client(session: AsyncSession, clock: FrozenClock, name: str = "Acme") -> UUID:
    client = Client(name=name, created_at=clock.now())
    session.add(client)
    await session.flush()
    return client.id


async def add_campaign(session: AsyncSession, clock: FrozenClock, client_id: UUID) -> UUID:
    campaign = Campaign(client_id=client_id, name="Autumn", created_at=clock.now())
    session.add(campaign)
    await session.flush()
    return campaign.id


async def bring_in(
    session: AsyncSession, clock: FrozenClock, client_id: UUID, data: bytes, region: str = "RU"
) -> ImportReport:
    return await import_list(
        session,
        client_id=client_id,
        name="clients",
        file_name="clients.csv",
        data=data,
        region=region,
        clock=clock,
    )


async def zones_of(sessions: SessionFactory, phone: Phone) -> list[str]:
    async with sessions() as session:
        place = await session.get(Place, phone.place_id)
    assert place is not None
    return place.zones


def as_csv(rows: list[list[str]], encoding: str, separator: str = ";") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([HEADINGS, *rows])
    return out.getvalue().encode(encoding)


def as_file(dirty: DirtyList, kind: str) -> bytes:
    if kind != "xlsx":
        return as_csv(dirty.rows, kind)
    typed = [
        [float(cell) if cell.isdigit() and len(cell) > 9 else cell for cell in row]
        for row in dirty.rows
    ]
    return xlsx([HEADINGS, *typed])


@pytest.mark.parametrize("kind", ["cp1251", "utf-8-sig", "utf-16", "xlsx"])
async def test_a_dirty_list_is_sorted_to_the_row(
    sessions: SessionFactory, clock: FrozenClock, kind: str
) -> None:
    dirty = dirty_list(400, random.Random(7))
    async with transaction(sessions) as session:
        client_id = await add_client(session, clock)
        report = await bring_in(session, clock, client_id, as_file(dirty, kind))
    assert report.refused_by_reason == dirty.refused
    assert set(dirty.refused) == {"no_phone", "invalid_phone", "damaged_phone", "duplicate"}
    counts = (report.rows_in, report.rows_accepted, report.rows_refused, report.phones)
    assert counts == (400, dirty.accepted, dirty.refused.total(), dirty.phones)
    async with sessions() as session:
        stored = (await session.exec(select(ContactList))).one()
        contacts = (await session.exec(select(Contact))).all()
        phones = (await session.exec(select(Phone))).all()
        refused = (await session.exec(select(RefusedRow))).all()
    assert (stored.rows_in, stored.rows_accepted, stored.rows_refused) == counts[:3]
    assert [len(contacts), len(phones), len(refused)] == [counts[1], counts[3], counts[2]]
    seen = {contact.source_row for contact in contacts} | {row.source_row for row in refused}
    assert seen == set(range(1, 401))


async def test_a_contact_keeps_its_cells_its_numbers_and_their_zones(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    row = ["Д&#39;Образцов  Пётр", "8 (495) 000-00-12 доб. 4", "+380501234567", "=1+1"]
    async with transaction(sessions) as session:
        client_id = await add_client(session, clock)
        await bring_in(session, clock, client_id, as_csv([row], "utf-8"), region="ru")
    async with sessions() as session:
        contact = (await session.exec(select(Contact))).one()
        phones = (await session.exec(select(Phone).order_by(col(Phone.position)))).all()
        contact_list = (await session.exec(select(ContactList))).one()
    assert contact.name == "Д'Образцов Пётр"
    assert contact.fields == dict(zip(HEADINGS, row, strict=True))
    assert contact.created_at == clock.now()
    assert [(phone.e164, phone.region, phone.kind) for phone in phones] == [
        ("+74950000012", "RU", PhoneKind.PRIMARY),
        ("+380501234567", "UA", PhoneKind.OTHER),
    ]
    assert await zones_of(sessions, phones[0]) == ["Europe/Moscow"]
    assert (contact_list.columns, contact_list.region) == (HEADINGS, "RU")


async def test_progress_counts_every_row_over_several_batches(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    rows = [["x", f"8943{at:07d}", "", ""] for at in range(BATCH_ROWS + 5)]
    told: list[tuple[int, int | None]] = []
    async with sessions() as session:
        report = await import_list(
            session,
            client_id=await add_client(session, clock),
            name="clients",
            file_name="clients.csv",
            data=as_csv([*rows, rows[0]], "utf-8"),
            region="RU",
            clock=clock,
            progress=lambda done, total: told.append((done, total)),
        )
    rows_in = BATCH_ROWS + 6
    assert told == [(BATCH_ROWS, None), (rows_in, None), (rows_in, rows_in)]
    assert report.refused_by_reason == {"duplicate": 1}


async def test_an_import_is_undone_with_its_transaction(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        client_id = await add_client(session, clock)
        await bring_in(session, clock, client_id, as_csv([["x", "89430000001", "", ""]], "utf-8"))
        assert len((await session.exec(select(Contact))).all()) == 1
        await session.rollback()
    async with sessions() as session:
        assert (await session.exec(select(Contact))).all() == []
        assert (await session.exec(select(Phone))).all() == []


@pytest.mark.parametrize("region", ["", "XX", "RUS", "Russia"])
async def test_an_unknown_region_is_refused(
    sessions: SessionFactory, clock: FrozenClock, region: str
) -> None:
    async with sessions() as session:
        with pytest.raises(UnknownRegion):
            await bring_in(session, clock, new_id(), as_csv([["x", "1", "", ""]], "utf-8"), region)


async def test_a_file_without_phones_leaves_no_list(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        client_id = await add_client(session, clock)
        with pytest.raises(NoPhoneColumn):
            await bring_in(session, clock, client_id, b"name;city\nAnn;Samara\n")
        assert (await session.exec(select(ContactList))).all() == []


async def test_refused_rows_can_be_mended_and_sent_again(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    rows = [["Анна", "12345", "", "=1+1"], ["Пётр", "89430000001", "", ""], ["Яна", "-", "", ""]]
    async with sessions() as session:
        client_id = await add_client(session, clock)
        first = await bring_in(session, clock, client_id, as_csv(rows, "cp1251"))
        text = await refused_csv(session, first.list_id, client_id)
        back = list(csv.reader(io.StringIO(text)))
        assert [row[:3] for row in back[1:]] == [rows[0][:3], rows[2][:3]]
        assert back[1][3] == "'=1+1"
        assert [row[4].split(":")[0] for row in back[1:]] == ["invalid_phone", "no_phone"]
        sent_again = text.replace("12345", "8 943 000-00-02")
        again = await bring_in(session, clock, client_id, sent_again.encode("utf-8-sig"))
        contact = (await session.exec(select(Contact).where(Contact.name == "Анна"))).one()
    assert again.rows_accepted == 1
    assert list(contact.fields) == HEADINGS
    assert contact.fields["Комментарий"] == "=1+1"


async def test_another_clients_refusals_are_not_found(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        client_id = await add_client(session, clock)
        report = await bring_in(session, clock, client_id, as_csv([["x", "1", "", ""]], "utf-8"))
        with pytest.raises(NotFound):
            await refused_csv(session, report.list_id, await add_client(session, clock, "Other"))


async def test_the_demo_list_is_dirty_and_mostly_good(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        client_id = await add_client(session, clock)
        report = await bring_in(session, clock, client_id, DEMO.read_bytes())
        named = (await session.exec(select(Contact.name))).all()
    assert (report.rows_in, report.rows_accepted, report.phones) == (240, 204, 230)
    assert report.refused_by_reason == Counter(
        duplicate=16, invalid_phone=9, no_phone=8, damaged_phone=3
    )
    assert all(named)


async def test_enrolment_makes_each_contact_a_lead_once(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    rows = [[f"n{at}", f"8943{at:07d}", "", ""] for at in range(5)]
    async with transaction(sessions) as session:
        client_id = await add_client(session, clock)
        campaign_id = await add_campaign(session, clock, client_id)
        report = await bring_in(session, clock, client_id, as_csv(rows, "utf-8"))
        first = await enrol(session, campaign_id, report.list_id, client_id=client_id, clock=clock)
        clock.advance(60)
        again = await enrol(session, campaign_id, report.list_id, client_id=client_id, clock=clock)
    assert (first, again) == (5, 0)
    async with sessions() as session:
        leads = (await session.exec(select(Lead).order_by(col(Lead.id)))).all()
        contacts = (await session.exec(select(Contact).order_by(col(Contact.source_row)))).all()
        links = (await session.exec(select(CampaignList))).all()
    assert [lead.contact_id for lead in leads] == [contact.id for contact in contacts]
    assert {lead.next_attempt_at for lead in leads} == {contacts[0].created_at}
    assert {lead.state for lead in leads} == {LeadState.WAITING}
    assert {lead.id.version for lead in leads} == {7}
    assert [link.list_id for link in links] == [report.list_id]


async def test_nobody_enrols_anothers_list_or_campaign(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        mine, other = await add_client(session, clock), await add_client(session, clock, "Other")
        campaigns = {owner: await add_campaign(session, clock, owner) for owner in (mine, other)}
        report = await bring_in(session, clock, mine, as_csv([["x", "1", "", ""]], "utf-8"))
        for client_id, campaign_id in ((other, campaigns[other]), (mine, campaigns[other])):
            with pytest.raises(NotFound):
                await enrol(session, campaign_id, report.list_id, client_id=client_id, clock=clock)


async def test_refused_rows_go_out_in_pieces(
    sessions: SessionFactory, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mended, "_CHUNK_ROWS", 2)
    rows = [[f"name {number}", "12345", "", ""] for number in range(7)]
    async with sessions() as session:
        client_id = await add_client(session, clock)
        report = await bring_in(session, clock, client_id, as_csv(rows, "utf-8"))
        whole = await refused_csv(session, report.list_id, client_id)
        with await mended.refused_file(session, report.list_id, client_id) as file:
            assert file.read().decode("utf-8-sig") == whole
    assert [row[0] for row in csv.reader(io.StringIO(whole))][1:] == [row[0] for row in rows]
