"""Placing again: numbers and leads follow new tables, and what the client said still counts."""

from typing import Any

from sqlalchemy import text

from campaigns.law import replace_places
from campaigns.law.replace_places import Replaced, place_chunk
from campaigns.leads.models import Lead
from campaigns.lists.models import Contact, ListImport
from campaigns.lists.writing.placing import Places
from campaigns.states import ImportState
from compliance.models import Place
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_campaign, numbers


async def _place_all(sessions: SessionFactory, made: MadeCampaign) -> list[Replaced]:
    places, done = Places(), list[Replaced]()
    cursor: replace_places.Cursor | None = replace_places.START
    while cursor is not None:
        async with transaction(sessions) as session:
            done.append(await place_chunk(session, places, client_id=made.client_id, cursor=cursor))
        cursor = done[-1].cursor
    return done


async def _place_of_lead(sessions: SessionFactory, made: MadeCampaign) -> Place:
    async with sessions() as session:
        lead = await session.get_one(Lead, made.lead_ids[0])
        return await session.get_one(Place, lead.place_id)


async def _with_contact(
    sessions: SessionFactory, clock: FrozenClock, e164: str, **facts: Any
) -> MadeCampaign:
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=[e164])
        lead = await session.get_one(Lead, made.lead_ids[0])
        contact = await session.get_one(Contact, lead.contact_id)
        postal = facts.pop("postal", None)
        if postal is not None:
            loaded = ListImport(
                client_id=made.client_id,
                list_id=made.list_id,
                state=ImportState.COMMITTED,
                name="List",
                file_name="list.csv",
                file_sha256="0" * 64,
                file_bytes=1,
                mapping={"columns": [{"column": "ZIP code", "field": "postal_code"}]},
                uploaded_at=clock.now(),
            )
            session.add(loaded)
            await session.flush()
            contact.import_id = loaded.id
            contact.fields = {**contact.fields, "ZIP code": postal}
        for name, value in facts.items():
            setattr(contact, name, value)
    return made


async def test_numbers_and_their_leads_get_their_places(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    made = await _with_contact(sessions, clock, "+79011344567")
    assert (await _place_of_lead(sessions, made)).jurisdictions == ["XX"]
    (done,) = await _place_all(sessions, made)
    assert (done.phones, done.phones_moved, done.leads_moved) == (1, 1, 1)
    place = await _place_of_lead(sessions, made)
    assert place.zones == ["Asia/Vladivostok"]
    assert place.jurisdictions == ["RU", "RU-PRI"]
    (again,) = await _place_all(sessions, made)
    assert (again.phones_moved, again.leads_moved) == (0, 0)


async def test_what_the_client_said_still_counts(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    made = await _with_contact(sessions, clock, "+79161234567", region="RU-PRI")
    await _place_all(sessions, made)
    assert (await _place_of_lead(sessions, made)).jurisdictions == [
        "RU",
        "RU-MOS",
        "RU-MOW",
        "RU-PRI",
    ]
    made = await _with_contact(sessions, clock, "+13055551234", postal="90001")
    await _place_all(sessions, made)
    assert (await _place_of_lead(sessions, made)).jurisdictions == ["US", "US-CA", "US-FL"]


async def test_chunks_cover_all_numbers_and_no_other_clients(
    sessions: SessionFactory, clock: FrozenClock, monkeypatch: Any
) -> None:
    monkeypatch.setattr(replace_places, "CHUNK_PHONES", 2)
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=numbers(5))
        other = await make_campaign(session, clock.now(), leads=numbers(3, 10))
    done = await _place_all(sessions, made)
    assert sum(chunk.phones_moved for chunk in done) == 5
    assert len(done) == 3
    assert (await _place_of_lead(sessions, other)).jurisdictions == ["XX"]


async def test_a_lead_left_behind_by_an_interrupted_run_follows(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    made = await _with_contact(sessions, clock, "+79011344567")
    await _place_all(sessions, made)
    async with transaction(sessions) as session:
        sql = "UPDATE lead SET place_id = (SELECT id FROM place WHERE jurisdictions = '{XX}')"
        await session.execute(text(sql))
    (done,) = await _place_all(sessions, made)
    assert (done.phones_moved, done.leads_moved) == (0, 1)


async def test_the_end_is_traced_and_waiting_leads_are_asked_about_again(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    made = await _with_contact(sessions, clock, "+79011344567")
    async with transaction(sessions) as session:
        lead = await session.get_one(Lead, made.lead_ids[0])
        lead.next_attempt_at, lead.waiting_reason = None, "zone_unknown"
    async with transaction(sessions) as session:
        woken = await replace_places.finish(
            session, client_id=made.client_id, user_id=None, phones=1, moved=1, clock=clock
        )
    async with sessions() as session:
        sql = text("SELECT action, facts FROM audit_entry WHERE client_id = :c")
        row = (await session.execute(sql, {"c": made.client_id})).one()
    assert (woken, row.action, row.facts) == (
        1,
        "phone.placed_again",
        {"phones": 1, "moved": 1},
    )
