"""Retention: one page shows and changes how long things are kept, and jobs follow."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Services
from campaigns.accounts.permissions import Permission, may
from campaigns.delivery import retention
from campaigns.lists.models import Contact, ContactList, ErasureReceipt, ListImport, OriginalFile
from campaigns.recordings.models import RecordingPolicy
from campaigns.registers import keeping, old_contacts
from campaigns.registers.models import KeepingTime, Kept
from campaigns.tenancy.models import Role
from compliance.law import load_law
from dialer.clock import FrozenClock
from dialer.db import transaction
from tests.integration.api_world import World
from tests.integration.test_registers import actions, browser, sent, world
from workers.deps import BackgroundDeps
from workers.jobs.old_contacts import sweep_old_contacts

__all__ = ["browser", "world"]


async def times(world: World) -> dict[Kept, int]:
    async with world.sessions() as session:
        return await keeping.days_of(session, world.client_id)


async def test_all_times_are_on_one_page_and_what_is_wrong_is_told_beside_its_field(
    world: World, browser: AsyncClient
) -> None:
    shown = await browser.get("/retention")
    for words in (
        "Recordings",
        "Files of exports",
        "Uploaded files",
        "Contacts",
        "Files of deliveries",
    ):
        assert words in shown.text
    saved = await sent(
        browser, "/retention", recordings="90", exports="7", originals="", contacts="730"
    )
    assert "Saved." in saved.text
    assert await times(world) == {Kept.EXPORTS: 7, Kept.CONTACTS: 730}
    async with world.sessions() as session:
        assert (await session.exec(select(RecordingPolicy))).one().keep_days == 90
    assert (await actions(world))[-3:] == [
        "recording_policy.changed",
        "keeping_time.changed",
        "keeping_time.changed",
    ]
    wrong = await browser.post("/retention", data={"exports": "soon", "contacts": "0"})
    assert wrong.status_code == 422
    assert "This is no number." in wrong.text
    assert "This is out of range." in wrong.text
    assert await times(world) == {Kept.EXPORTS: 7, Kept.CONTACTS: 730}
    await sent(browser, "/retention", exports="", contacts="")
    assert await times(world) == {}


async def test_readers_see_it_and_only_managers_change_it(world: World) -> None:
    supervisor = await world.browser(Role.SUPERVISOR)
    assert (await supervisor.get("/retention")).status_code == 200
    answer = await supervisor.post(
        "/retention", data={"contacts": "1"}, headers={"Origin": "http://outdial.test"}
    )
    assert answer.status_code == 403
    assert not may(await world.user(Role.SUPERVISOR), Permission.CHANGE)


async def test_files_go_when_their_client_says_so(
    world: World, clock: FrozenClock, tmp_path: Path
) -> None:
    api = await world.api(Role.MANAGER)
    await world.campaign(api, leads=1)
    kept = tmp_path / "list.csv"
    kept.write_text("phone\n")
    async with transaction(world.sessions) as session:
        own = (await session.exec(select(ContactList))).one()
        session.add(
            OriginalFile(
                client_id=world.client_id,
                import_id=await _import(session, own),
                list_id=own.id,
                first_row=1,
                stored_as=kept.name,
                kept_at=clock.now(),
            )
        )
    clock.advance(timedelta(days=8).total_seconds())
    await retention.let_go(world.sessions, tmp_path / "exports", tmp_path, clock=clock)
    assert kept.exists()
    async with transaction(world.sessions) as session:
        session.add(
            KeepingTime(
                client_id=world.client_id, what=Kept.ORIGINALS, keep_days=7, changed_at=clock.now()
            )
        )
    async with world.sessions() as session:
        rules = load_law().book.rules
        lines = await keeping.lines(session, world.client_id, rules, clock=clock)
    line = next(one for one in lines if one.what == Kept.ORIGINALS.value)
    assert (line.days, line.is_own, line.kept, line.next_count) == (7, True, 1, 1)
    assert line.next_at == clock.now()  # it is over already: the next turn takes it
    await retention.let_go(world.sessions, tmp_path / "exports", tmp_path, clock=clock)
    assert not kept.exists()


async def _import(session: AsyncSession, own: ContactList) -> UUID:
    row = ListImport(
        client_id=own.client_id,
        list_id=own.id,
        name="x",
        file_name="x",
        file_sha256="0" * 64,
        file_bytes=1,
        uploaded_at=own.imported_at,
    )
    session.add(row)
    await session.flush()
    return row.id


async def test_contacts_whose_time_is_over_are_found_but_not_those_who_wait(
    world: World, clock: FrozenClock
) -> None:
    api = await world.api(Role.MANAGER)
    campaign = await world.campaign(api, leads=2)
    async with transaction(world.sessions) as session:
        session.add(
            KeepingTime(
                client_id=world.client_id, what=Kept.CONTACTS, keep_days=30, changed_at=clock.now()
            )
        )

    async def due() -> int:
        async with world.sessions() as session:
            return len(await old_contacts.due(session, now=clock.now(), proofs=0, most=10))

    assert await due() == 0
    clock.advance(timedelta(days=31).total_seconds())
    for state, found in (("draft", 0), ("stopped", 2), ("paused", 0)):
        async with transaction(world.sessions) as session:
            await session.execute(text("UPDATE campaign SET state = :state"), {"state": state})
        assert await due() == found, state
    async with transaction(world.sessions) as session:
        done = text("UPDATE lead SET state = 'done', result = 'sale' WHERE campaign_id = :id")
        await session.execute(done, {"id": campaign})
    assert await due() == 2
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE contact SET external_key = 'K' || source_row"))
        old = (await session.exec(select(Contact).order_by(col(Contact.id)).limit(1))).one()
        session.add(
            Contact(
                client_id=old.client_id,
                list_id=old.list_id,
                source_row=99,
                external_key=old.external_key,
                created_at=clock.now(),
            )
        )
    assert await due() == 1, "the same person came again today, into the old list"
    async with transaction(world.sessions) as session:
        await session.execute(
            text("DELETE FROM contact WHERE created_at = :now"), {"now": clock.now()}
        )
    assert await due() == 2
    async with transaction(world.sessions) as session:
        first = (await session.exec(select(Contact).order_by(col(Contact.id)).limit(1))).one()
        young = select(ContactList).where(col(ContactList.id) == first.list_id)
        own = (await session.exec(young)).one()
        own.imported_at = clock.now()
        session.add(own)
    assert await due() == 1
    settings = services_of_world(world).settings
    assert await sweep_old_contacts({"deps": BackgroundDeps(settings, world.sessions, clock)}) == 1
    async with world.sessions() as session:
        left = (await session.exec(select(Contact.name).order_by(col(Contact.id)))).all()
        assert len((await session.exec(select(ErasureReceipt))).all()) == 1
    assert len([name for name in left if name]) <= 1
    assert await due() == 0


def services_of_world(world: World) -> Services:
    services: Services = world.app.state.services
    return services
