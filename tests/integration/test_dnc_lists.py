"""Do-not-call lists in force: loaded, changed, forced, and what a campaign's start needs of them."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from campaigns.law import dnc_lists
from campaigns.law.list_sources import (
    DncListNotFound,
    ListFromTheFuture,
    ListTerms,
    OlderList,
)
from campaigns.tenancy.models import AuditEntry
from compliance.dnc.errors import DncUnreadable
from compliance.dnc.shelf import DncShelf
from compliance.dnc.versions import DncVersionRef
from compliance.rules import DncSemantics
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_client
from tests.integration.dnc_world import CODE, Shelves

LISTED, CLEAR = "+12125551234", "+12125551235"
DAY = timedelta(days=1)


@pytest.fixture
async def shelves(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> Shelves:
    async with transaction(sessions) as session:
        client_id = (await make_client(session, clock.now())).id
    return Shelves(sessions, clock, client_id, tmp_path)


async def test_a_list_is_in_force_with_its_facts_and_a_worker_can_read_it(
    shelves: Shelves,
) -> None:
    terms = ListTerms(DncSemantics.BLOCK_LIST, 20, always_applies=True)
    done = await shelves.load("212,5551234\nnonsense\n", shelves.clock.now() - DAY, terms=terms)
    assert (done.row.numbers, done.report.refused) == (1, 1)
    (row,) = await shelves.rows()
    assert (row.max_age_days, row.always_applies, row.client_id) == (20, True, shelves.client_id)
    assert [await shelves.has(number) for number in (LISTED, CLEAR)] == [True, False]
    shelf = DncShelf(shelves.directory)
    await shelf.sync({str(row.id): DncVersionRef(row.file_name, row.sha256)})
    held = shelf.get(str(row.id))
    assert held is not None
    assert held.contains(LISTED)
    async with shelves.sessions() as session:
        trace = select(AuditEntry).where(col(AuditEntry.subject_id) == row.id)
        (entry,) = (await session.exec(trace)).all()
    assert (entry.action, entry.facts["numbers"]) == ("dnc_list.loaded", 1)
    assert dnc_lists.shown(row, shelves.clock.now())["age_days"] == 1.0


async def test_an_older_list_needs_force(shelves: Shelves) -> None:
    now = shelves.clock.now()
    await shelves.load("212,5551234\n", now - DAY)
    with pytest.raises(OlderList):
        await shelves.load("212,5551235\n", now - 2 * DAY)
    assert await shelves.has(LISTED)
    await shelves.load("212,5551235\n", now - 2 * DAY, force=True)
    assert not await shelves.has(LISTED)
    for n in range(4):  # the version in force stays, however old, and others go
        await shelves.load(f"212,555123{n}\n", now - (3 + n) * DAY, force=True)
    assert await shelves.has("+12125551233")
    assert len(list(shelves.directory.rglob("*.roar"))) <= 4
    await shelves.load("212,5559999\n", now, code="OWN")  # nor does another list sweep it
    row = next(row for row in await shelves.rows() if row.code == CODE)
    assert await dnc_lists.contains(row, "+12125551233", directory=shelves.directory)


async def test_a_list_keeps_its_terms_when_only_its_numbers_change(shelves: Shelves) -> None:
    now = shelves.clock.now()
    await shelves.load("212,5551234\n", now - 2 * DAY, terms=ListTerms(max_age_days=7))
    await shelves.load("212,5551235\n", now - DAY)
    (row,) = await shelves.rows()
    assert row.max_age_days == 7


async def test_changes_make_the_next_version(shelves: Shelves) -> None:
    now = shelves.clock.now()
    with pytest.raises(DncListNotFound):
        await shelves.change("212,5551235,A\n", now)
    await shelves.load("212,5551234\n", now - 2 * DAY)
    done = await shelves.change("212,5551235,A\n212,5551234,D\n", now - DAY)
    assert [await shelves.has(number) for number in (LISTED, CLEAR)] == [False, True]
    assert done.row.obtained_at == now - DAY
    with pytest.raises(OlderList):
        await shelves.change("212,5551234,A\n", now - 2 * DAY)


async def test_a_wrong_file_or_date_leaves_the_old_list_in_force(shelves: Shelves) -> None:
    now = shelves.clock.now()
    await shelves.load("212,5551234\n", now - DAY)
    with pytest.raises(DncUnreadable):
        await shelves.load("name,city\nAnna,Rome\n", now)
    with pytest.raises(ListFromTheFuture):
        await shelves.load("212,5551235\n", now + DAY)
    assert await shelves.has(LISTED)


async def test_a_client_sees_its_own_lists_and_everybodys(
    shelves: Shelves, sessions: SessionFactory
) -> None:
    now = shelves.clock.now()
    await shelves.load("212,5551234\n", now, everybody=True)
    await shelves.load("212,5551235\n", now, code="OWN")
    async with transaction(sessions) as session:
        stranger = (await make_client(session, now)).id
    async with sessions() as session:
        found = await dnc_lists.find_lists(session, client_id=stranger)
    assert [row.code for row in found] == [CODE]
    assert [row.code for row in await shelves.rows()] == ["OWN", CODE]
