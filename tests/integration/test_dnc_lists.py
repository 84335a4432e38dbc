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
from campaigns.leads.asking import load_client_law
from campaigns.leads.keeping import look_up_on, sync_lists, unread_lists
from campaigns.leads.models import Lead
from campaigns.leads.requeue import LIST_REASONS, requeue_reasons
from campaigns.tenancy.models import AuditEntry
from compliance.dnc.errors import DncUnreadable
from compliance.dnc.shelf import DncShelf
from compliance.dnc.versions import DncVersionRef
from compliance.rulebook.rules import DncSemantics
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_campaign, make_client, numbers
from tests.integration.dnc_world import CODE, Shelves
from tests.world import LAW

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


async def test_the_gate_is_told_of_every_list_of_a_code_with_its_meaning(
    shelves: Shelves, sessions: SessionFactory
) -> None:
    now = shelves.clock.now()
    await shelves.load("212,5551234\n", now - DAY, everybody=True)
    allow = ListTerms(DncSemantics.ALLOW_LIST, always_applies=True)
    await shelves.load("212,5551235\n", now - DAY, terms=allow)
    async with sessions() as session:
        client = await load_client_law(session, shelves.client_id, LAW)
    shelf = DncShelf(shelves.directory)
    assert unread_lists(shelf, client) == {row.id for row in client.lists}
    await sync_lists(shelf, client)
    assert unread_lists(shelf, client) == frozenset()
    look_up = look_up_on(shelf)
    told = [look_up(row, LISTED) for row in client.lists]
    assert [(fact.listed, fact.semantics) for fact in told if fact] == [
        (True, DncSemantics.BLOCK_LIST),
        (False, DncSemantics.ALLOW_LIST),
    ]


async def test_a_version_that_cannot_be_read_is_missing_and_not_the_one_before(
    shelves: Shelves, sessions: SessionFactory
) -> None:
    now = shelves.clock.now()
    await shelves.load("212,5551235\n", now - 2 * DAY)
    async with sessions() as session:
        before = await load_client_law(session, shelves.client_id, LAW)
    shelf = DncShelf(shelves.directory)
    await sync_lists(shelf, before)
    done = await shelves.load("212,5551234\n", now - DAY)
    (shelves.directory / done.row.file_name).unlink()
    async with sessions() as session:
        client = await load_client_law(session, shelves.client_id, LAW)
    assert (await sync_lists(shelf, client)).failed
    assert look_up_on(shelf)(client.lists[0], LISTED) is None
    assert unread_lists(shelf, client) == {client.lists[0].id}


async def test_what_waits_for_a_list_is_asked_about_again(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    reasons = ("dnc_missing", "dnc_stale", "consent_missing")
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=numbers(3))
        for lead_id, reason in zip(made.lead_ids, reasons, strict=True):
            lead = await session.get_one(Lead, lead_id)
            lead.next_attempt_at, lead.waiting_reason = None, reason
    async with transaction(sessions) as session:
        assert await requeue_reasons(session, made.id, LIST_REASONS, now=clock.now()) == 2
    async with sessions() as session:
        due = [(await session.get_one(Lead, lead_id)).next_attempt_at for lead_id in made.lead_ids]
    assert due == [clock.now(), clock.now(), None]
