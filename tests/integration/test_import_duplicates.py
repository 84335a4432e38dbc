"""Who is known already, and what becomes of the row."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import col, select

from campaigns.leads.models import Lane, Lead
from campaigns.lists.models import ContactChange
from campaigns.lists.staged.plan import DuplicatePolicy, ImportPlan, SameBy, Scope, Then
from campaigns.lists.writing.importing import rehearse
from compliance.models import Place
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.imports import Desk, as_table

ONE, TWO, THREE = "+79430000001", "+79430000002", "+79430000003"


@pytest.fixture
async def desk(sessions: SessionFactory, clock: FrozenClock) -> AsyncIterator[Desk]:
    async with sessions() as session:
        yield await Desk.of(session, clock)


@pytest.mark.parametrize(
    ("by", "accepted"),
    [(SameBy.PHONE, ["a"]), (SameBy.KEY, ["a", "c"]), (SameBy.PERSON, ["a", "b", "c"])],
)
async def test_rows_of_one_file(desk: Desk, by: SameBy, accepted: list[str]) -> None:
    list_id = await desk.new_list()
    rows = [
        ["Anna", ONE, "", "k1", "a"],
        ["Boris", ONE, "", "k1", "b"],
        ["Clara", ONE, "", "k2", "c"],
        ["ANNA", "8 943 000-00-01", "", "k1", "d"],
    ]
    report = await desk.bring(list_id, rows, DuplicatePolicy(by=by))
    assert [contact.fields["City"] for contact in await desk.contacts(list_id)] == accepted
    refused = await desk.refused(list_id)
    assert {row.reason for row in refused} == {"duplicate"}
    assert refused[-1].detail.startswith("Row 1 has the same")
    assert report.warnings.get("shared_number", 0) == len(accepted) - 1


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (Scope.FILE, []),
        (Scope.LIST, ["list"]),
        (Scope.CAMPAIGN, ["list", "campaign"]),
        (Scope.CLIENT, ["list", "campaign", "client"]),
    ],
)
async def test_a_scope_reaches_as_far_as_it_says(
    desk: Desk, sessions: SessionFactory, scope: Scope, found: list[str]
) -> None:
    campaign_id, target = await desk.campaign(), await desk.new_list()
    await desk.bring(target, [["A", ONE, "", "", ""]])
    await desk.bring(
        await desk.new_list("Enrolled"), [["B", TWO, "", "", ""]], campaign_id=campaign_id
    )
    await desk.bring(await desk.new_list("Other"), [["C", THREE, "", "", ""]])
    stranger = await Desk.of(desk.session, desk.clock, "Stranger")
    await stranger.bring(await stranger.new_list(), [["D", "+79430000004", "", "", ""]])
    rows = [
        ["A", ONE, "", "", "list"],
        ["B", TWO, "", "", "campaign"],
        ["C", THREE, "", "", "client"],
        ["D", "+79430000004", "", "", "stranger"],
    ]
    policy = DuplicatePolicy(scope=scope)
    report = await desk.bring(target, rows, policy, campaign_id=campaign_id)
    refused = await desk.refused(target)
    assert [row.original[4] for row in refused] == found
    assert report.rows_accepted == 4 - len(found)
    if scope is Scope.CLIENT:
        assert refused[1].detail == "Row 1 of the list “Enrolled” has the same number."
    assert not any(ONE[2:] in row.detail for row in refused)


async def test_a_rehearsal_says_what_will_be_and_writes_nothing(desk: Desk) -> None:
    first, second = await desk.new_list(), await desk.new_list("Second")
    await desk.bring(first, [["A", ONE, "", "", ""]])
    table = as_table([["A", ONE, "", "", ""], ["B", TWO, "", "", ""], ["C", TWO, "", "", ""]])
    for policy, merged in (
        (DuplicatePolicy(scope=Scope.CLIENT), 0),
        (DuplicatePolicy(scope=Scope.CLIENT, then=Then.UPDATE), 2),
    ):
        plan = ImportPlan(client_id=desk.client_id, list_id=second, region="RU", duplicates=policy)
        said = await rehearse(desk.session, plan, table, clock=desk.clock)
        assert (said.merged, said.rows_refused) == (merged, 2 - merged)
        assert await desk.counts(second) == (0, 0, 0)
        assert await desk.contacts(second) == []
    done = await desk.bring(second, table, policy)
    assert (done.merged, done.rows_accepted, done.phones) == (said.merged, 3, 1)


async def test_an_update_merges_by_key_and_keeps_what_was(desk: Desk) -> None:
    list_id = await desk.new_list()
    await desk.bring(list_id, [["Anna", ONE, "", "k1", "Omsk"]])
    import_id = await desk.staged(list_id)
    policy = DuplicatePolicy(by=SameBy.KEY, scope=Scope.LIST, then=Then.UPDATE)
    rows = [["Anna B.", TWO, THREE, "k1", ""], ["New", "+79430000009", "", "k2", "Perm"]]
    report = await desk.bring(list_id, rows, policy, import_id=import_id)
    anna, new = await desk.contacts(list_id)
    assert (anna.name, anna.fields["City"], anna.fields["Phone"]) == ("Anna B.", "Omsk", TWO)
    assert await desk.numbers(anna.id) == [ONE, TWO, THREE]
    assert (report.merged, report.rows_accepted, report.phones) == (1, 2, 3)
    assert new.import_id == import_id
    [change] = (await desk.session.exec(select(ContactChange))).all()
    assert (change.contact_id, change.source_row) == (anna.id, 2)
    assert (change.before["name"], change.before["fields"]["Phone"]) == ("Anna", ONE)
    assert [phone["e164"] for phone in change.before["phones"]] == [ONE]
    assert await desk.counts(list_id) == (3, 3, 0)


async def test_adding_phones_changes_nothing_else(desk: Desk) -> None:
    list_id = await desk.new_list()
    await desk.bring(list_id, [["Anna", ONE, "", "", "Omsk"]])
    policy = DuplicatePolicy(scope=Scope.LIST, then=Then.ADD_PHONES)
    rows = [["Other", ONE, TWO, "", "Perm"], ["Third", ONE, f"{TWO} / {THREE}", "", ""]]
    report = await desk.bring(list_id, rows, policy)
    [anna] = await desk.contacts(list_id)
    assert (anna.name, anna.fields["City"]) == ("Anna", "Omsk")
    assert await desk.numbers(anna.id) == [ONE, TWO, THREE]
    assert (report.merged, report.phones) == (2, 2)


async def test_rows_of_one_file_are_merged_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the first row is in the same batch, in the one before or long written."""
    monkeypatch.setattr("campaigns.lists.writing.importing.BATCH_ROWS", 2)
    list_id = await desk.new_list()
    rows = [["Anna", ONE, "", "", str(at)] for at in range(3)]
    rows += [[f"N{at}", f"+7943000010{at}", "", "", ""] for at in range(8)]
    rows += [["Anna last", ONE, TWO, "", "late"]]
    report = await desk.bring(list_id, rows, DuplicatePolicy(then=Then.UPDATE))
    contacts = await desk.contacts(list_id)
    assert len(contacts) == 9
    assert (contacts[0].name, contacts[0].fields["City"]) == ("Anna last", "late")
    assert await desk.numbers(contacts[0].id) == [ONE, TWO]
    assert (report.merged, report.rows_accepted, report.rows_refused) == (3, 12, 0)
    assert (await desk.session.exec(select(ContactChange))).all() == []


async def test_an_update_that_says_where_the_person_is_moves_its_numbers_and_leads(
    desk: Desk,
) -> None:
    campaign_id, list_id = await desk.campaign(), await desk.new_list()
    headings = ("Name", "Phone", "Region", "Priority")
    await desk.bring(
        list_id, as_table([["A", "+79031234567", "", "3"]], headings), campaign_id=campaign_id
    )
    [before] = (await desk.session.exec(select(Lead.place_id))).all()
    policy = DuplicatePolicy(scope=Scope.LIST, then=Then.UPDATE)
    moved = as_table([["A", "+79031234567", "Камчатский край", "4"]], headings)
    await desk.bring(list_id, moved, policy)
    [after] = (await desk.session.exec(select(Lead.place_id))).all()
    [contact] = await desk.contacts(list_id)
    assert (contact.region, contact.priority) == ("RU-KAM", 4)
    assert [(await desk.session.get_one(Place, one)).zones for one in (before, after)] == [
        ["Europe/Moscow"],
        ["Asia/Kamchatka", "Europe/Moscow"],
    ]


async def test_known_people_are_enrolled_with_the_file_that_names_them(desk: Desk) -> None:
    old, new, campaign_id = await desk.new_list(), await desk.new_list("New"), await desk.campaign()
    await desk.bring(old, [["A", ONE, "", "", ""], ["B", TWO, "", "", ""]])
    policy = DuplicatePolicy(scope=Scope.CLIENT, then=Then.UPDATE)
    rows = [["A", ONE, "", "", ""], ["A", ONE, "", "", ""], ["C", THREE, "", "", ""]]
    await desk.bring(new, rows, policy, campaign_id=campaign_id)
    people = [*(await desk.contacts(old))[:1], *await desk.contacts(new)]
    leads = (await desk.session.exec(select(Lead).order_by(col(Lead.sort_key)))).all()
    assert [lead.contact_id for lead in leads] == [person.id for person in people]
    [lane] = (await desk.session.exec(select(Lane))).all()
    assert {lead.lane for lead in leads} == {lane.lane}
    assert (lane.list_id, lane.lane % 2) == (new, 0)
