"""Do-not-call lists in force: loaded, changed, forced, and what a campaign's start needs of them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from campaigns import lifecycle
from campaigns.errors import DncNotFresh, NoPurpose
from campaigns.law import dnc_lists
from campaigns.law.dnc_lists import Loaded
from campaigns.law.list_sources import (
    DncListNotFound,
    ListFromTheFuture,
    ListSource,
    ListTerms,
    OlderList,
    Owner,
)
from campaigns.leads.models import Lead
from campaigns.models import Campaign
from campaigns.states import CampaignState
from campaigns.tenancy.models import AuditEntry
from compliance.dnc.errors import DncUnreadable
from compliance.dnc.shelf import DncShelf
from compliance.dnc.versions import DncVersionRef
from compliance.models import DncList
from compliance.rules import DncSemantics
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_campaign, make_client, make_place, numbers

CODE, LISTED, CLEAR = "US-NATIONAL", "+12125551234", "+12125551235"
DAY = timedelta(days=1)


class Shelves:
    """A client, and the directory of the lists."""

    def __init__(
        self, sessions: SessionFactory, clock: FrozenClock, client_id: UUID, path: Path
    ) -> None:
        self.sessions, self.clock, self.client_id, self.path = sessions, clock, client_id, path
        self.directory = path / "dnc"

    def source(self, text: str, obtained_at: datetime, code: str = CODE) -> ListSource:
        """Write a file and return it as a source."""
        file = self.path / "list.txt"
        file.write_text(text)
        return ListSource(code, file, obtained_at, "US")

    async def load(self, text: str, obtained_at: datetime, **how: Any) -> Loaded:
        """Load a full list."""
        code, everybody = how.pop("code", CODE), how.pop("everybody", False)
        async with transaction(self.sessions) as session:
            return await dnc_lists.load_list(
                session,
                self.source(text, obtained_at, code),
                directory=self.directory,
                owner=Owner(self.client_id, for_everybody=everybody),
                clock=self.clock,
                **how,
            )

    async def change(self, text: str, obtained_at: datetime) -> Loaded:
        """Apply a change list."""
        async with transaction(self.sessions) as session:
            return await dnc_lists.apply_changes(
                session,
                self.source(text, obtained_at),
                directory=self.directory,
                owner=Owner(self.client_id),
                clock=self.clock,
            )

    async def rows(self) -> list[DncList]:
        """Return what is in force."""
        async with self.sessions() as session:
            return list(await dnc_lists.find_lists(session, client_id=self.client_id))

    async def has(self, e164: str) -> bool:
        """Tell whether the one list in force has a number."""
        (row,) = await self.rows()
        return await dnc_lists.contains(row, e164, directory=self.directory)


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
    assert len(list(shelves.directory.rglob("*.roar"))) <= 3


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


async def _campaign(shelves: Shelves, **settings: Any) -> MadeCampaign:
    """Return a draft that sells to New York over a real trunk."""
    async with transaction(shelves.sessions) as session:
        place_id = await make_place(session, ["America/New_York"], ["US", "US-NY"])
        made = await make_campaign(
            session,
            shelves.clock.now(),
            leads=numbers(1),
            settings={"purpose": "sales"} | settings,
            trunk={"simulated": False},
            state=CampaignState.DRAFT,
            client_id=shelves.client_id,
        )
        (await session.get_one(Lead, made.lead_ids[0])).place_id = place_id
    return made


async def _start(shelves: Shelves, made: MadeCampaign) -> Campaign:
    async with transaction(shelves.sessions) as session:
        how: dict[str, Any] = {"client_id": made.client_id, "clock": shelves.clock, "by": None}
        return (await lifecycle.start(session, made.id, **how)).campaign


async def test_a_campaign_without_a_purpose_does_not_start(shelves: Shelves) -> None:
    made = await _campaign(shelves, purpose=None)
    with pytest.raises(NoPurpose):
        await _start(shelves, made)


async def test_a_campaign_starts_when_the_lists_the_law_asks_for_are_fresh(
    shelves: Shelves,
) -> None:
    made, now = await _campaign(shelves), shelves.clock.now()
    with pytest.raises(DncNotFresh) as refused:
        await _start(shelves, made)
    demanded = refused.value.facts["lists"]
    assert isinstance(demanded, list)
    assert CODE in demanded
    for code in demanded:
        age = 32 * DAY if code == CODE else DAY
        await shelves.load("212,5551234\n", now - age, code=code)
    with pytest.raises(DncNotFresh, match=f"{CODE} is 32 days old, at most 31") as refused:
        await _start(shelves, made)
    assert refused.value.facts["lists"] == [CODE]
    await shelves.load("212,5551234\n", now - DAY)
    assert (await _start(shelves, made)).state is CampaignState.RUNNING


async def test_an_own_list_that_is_too_old_blocks_too(shelves: Shelves) -> None:
    made = await _campaign(shelves, purpose="survey")
    terms = ListTerms(max_age_days=5, always_applies=True)
    await shelves.load("212,5551234\n", shelves.clock.now() - 6 * DAY, code="OWN", terms=terms)
    with pytest.raises(DncNotFresh, match="OWN is 6 days old"):
        await _start(shelves, made)


async def test_a_simulated_trunk_needs_neither(shelves: Shelves) -> None:
    async with transaction(shelves.sessions) as session:
        made = await make_campaign(
            session,
            shelves.clock.now(),
            leads=numbers(1),
            settings={"purpose": None},
            state=CampaignState.DRAFT,
        )
    assert (await _start(shelves, made)).state is CampaignState.RUNNING


async def test_leads_that_waited_for_a_list_are_asked_about_again(shelves: Shelves) -> None:
    async with transaction(shelves.sessions) as session:
        made = await make_campaign(
            session, shelves.clock.now(), leads=numbers(1), client_id=shelves.client_id
        )
        lead = await session.get_one(Lead, made.lead_ids[0])
        lead.next_attempt_at, lead.waiting_reason = None, "dnc_missing"
    done = await shelves.load("212,5551234\n", shelves.clock.now() - DAY)
    assert done.leads_woken == 1
