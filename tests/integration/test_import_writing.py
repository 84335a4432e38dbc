"""What an import stores, to the character and to the row, and that it stores all of it or nothing."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal_column
from sqlalchemy import select as core_select
from sqlmodel import col, select

from campaigns.leads.enrol import enrol, lane_of
from campaigns.leads.models import Lane, Lead
from campaigns.lists.columns.values import typed_sql
from campaigns.lists.models import Contact, ContactList, Phone, RefusedRow
from campaigns.lists.staged.plan import DuplicatePolicy, NumberLimits, SameBy, Scope, Then
from campaigns.lists.writing.copying import copy_batch
from campaigns.states import PhoneKind
from compliance.models import Place
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import NotFound
from tests.imports import Desk, as_table
from tests.unit.test_list_values import CASES

NASTY = [
    "tab\there",
    "back\\slash \\N \\.",
    "two\nlines\r\nthree",
    "quote \" and ' and {braces}, commas",
    "emoji 🦉 and Ґонта «Їжак»",
    "\\t \\n literally",
    "a\u2028b\x85c\x0bd",
    "=1+1",
]


async def test_nasty_text_arrives_as_it_was(sessions: SessionFactory, clock: FrozenClock) -> None:
    headings = ("Name", "Phone", "Tags", "Key", "Owner", "back\\slash\ttab")
    rows = [[text, f"8943{at:07d}", text, text, text, text] for at, text in enumerate(NASTY)]
    rows += [[text, "none at all", text, text, text, text] for text in NASTY]
    async with sessions() as session:
        desk = await Desk.of(session, clock)
        list_id = await desk.new_list()
        table = as_table(rows, headings)
        stored_rows = next(table.batches(100))
        await desk.bring(list_id, table)
        contacts = await desk.contacts(list_id)
        refused = await desk.refused(list_id)
    for contact, row in zip(contacts, stored_rows, strict=False):
        assert [contact.fields[column] for column in table.columns] == row
        plain = " ".join(row[0].split())
        assert (contact.name, contact.external_key, contact.owner) == (plain, plain, plain)
    assert contacts[3].tags == ["quote \" and ' and {braces}", "commas"]
    assert [row.original for row in refused] == stored_rows[len(NASTY) :]
    assert len(contacts) == len(NASTY)


async def test_an_import_that_fails_in_the_middle_leaves_nothing(
    sessions: SessionFactory, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.lists.writing.importing.BATCH_ROWS", 10)
    copied: list[int] = []

    async def failing(*args: Any) -> None:
        await copy_batch(*args)
        copied.append(1)
        if len(copied) == 3:
            raise RuntimeError("killed")

    monkeypatch.setattr("campaigns.lists.writing.pipeline.copy_batch", failing)
    rows = [["x", f"8943{at:07d}", "", "", ""] for at in range(100)] + [["x", "-", "", "", ""]]
    async with transaction(sessions) as session:
        desk = await Desk.of(session, clock)
        list_id, campaign_id = await desk.new_list(), await desk.campaign()
    with pytest.raises(RuntimeError, match="killed"):
        async with transaction(sessions) as session:
            await Desk(session, clock, desk.client_id).bring(list_id, rows, campaign_id=campaign_id)
    assert len(copied) == 3
    async with sessions() as session:
        for table in (Contact, Phone, Lead, Lane, RefusedRow):
            assert (await session.exec(select(func.count()).select_from(table))).one() == 0
        assert (await session.get_one(ContactList, list_id)).rows_in == 0
    monkeypatch.undo()
    async with transaction(sessions) as session:
        again = Desk(session, clock, desk.client_id)
        report = await again.bring(list_id, rows, campaign_id=campaign_id)
        assert (report.rows_accepted, report.rows_refused) == (100, 1)


async def test_an_import_enrols_as_enrolment_does(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    headings = ("Name", "Phone", "Priority")
    rows = [[f"n{at}", f"8943{at:07d}", str(at % 3 or "")] for at in range(9)] + [["x", "-", ""]]
    async with sessions() as session:
        desk = await Desk.of(session, clock)
        at_once, later = await desk.campaign(), await desk.campaign("Later")
        list_id = await desk.new_list()
        await desk.bring(list_id, as_table(rows, headings), campaign_id=at_once, priority=7)
        added = await enrol(session, later, list_id, client_id=desk.client_id, clock=clock)
        facts: dict[Any, list[Any]] = {}
        for campaign_id in (at_once, later):
            statement = (
                core_select(
                    *(col(getattr(Lead, name)) for name in ("contact_id", "place_id", "sort_key")),
                    *(col(getattr(Lead, name)) for name in ("state", "next_attempt_at")),
                    *(col(getattr(Lead, name)) for name in ("waiting_reason", "attempts_made")),
                    col(Lane.priority),
                    col(Lane.list_id),
                    col(Contact.priority),
                )
                .join(Contact, col(Contact.id) == col(Lead.contact_id))
                .join(
                    Lane,
                    (col(Lane.campaign_id) == col(Lead.campaign_id))
                    & (col(Lane.lane) == col(Lead.lane)),
                )
                .where(col(Lead.campaign_id) == campaign_id)
                .order_by(col(Lead.sort_key))
            )
            connection = await session.connection()
            facts[campaign_id] = list((await connection.execute(statement)).all())
        lanes = (await session.exec(select(Lane).order_by(col(Lane.lane)))).all()
    assert added == 9
    assert facts[at_once] == facts[later]
    assert [row.sort_key for row in facts[later]] == list(range(1, 10))
    assert {(row[7], row[9]) for row in facts[later]} == {(7, 7), (1, 1), (2, 2)}
    assert sorted(lane.lane for lane in lanes) == [2, 2, 4, 4, 6, 6]


async def test_two_imports_into_one_campaign_do_not_wait_for_each_others_lane(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with transaction(sessions) as session:
        desk = await Desk.of(session, clock)
        campaign_id = await desk.campaign()
        lists = [await desk.new_list(name) for name in ("A", "B")]
    async with sessions() as one, sessions() as other:
        first = await lane_of(one, campaign_id, lists[0], 0)
        second = await lane_of(other, campaign_id, lists[1], 0)
        assert (first, second) == (2, 4)
        assert await lane_of(one, campaign_id, lists[0], 0) == first
        await one.rollback()
        await other.rollback()


async def test_erased_people_are_not_enrolled(sessions: SessionFactory, clock: FrozenClock) -> None:
    async with sessions() as session:
        desk = await Desk.of(session, clock)
        list_id, campaign_id = await desk.new_list(), await desk.campaign()
        await desk.bring(list_id, [[f"n{at}", f"8943{at:07d}", "", "", ""] for at in range(3)])
        (await desk.contacts(list_id))[1].erased_at = clock.now()
        await session.flush()
        added = await enrol(session, campaign_id, list_id, client_id=desk.client_id, clock=clock)
    assert added == 2


async def test_columns_give_kinds_places_and_warnings(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    headings = ("Phone", "Mobile phone", "Work phone", "Region", "Time zone")
    rows = [
        ["", "89430000001", "84950000012", "", "Asia/Omsk"],
        ["84950000013", "", "", "Нарния", "Somewhere"],
    ]
    async with sessions() as session:
        desk = await Desk.of(session, clock)
        list_id = await desk.new_list()
        listed = {"OWN": lambda numbers: {79430000001} & set(numbers)}
        report = await desk.bring(list_id, as_table(rows, headings), dnc=listed)
        phones = (await session.exec(select(Phone).order_by(col(Phone.e164)))).all()
        zones = [(await session.get_one(Place, phone.place_id)).zones for phone in phones]
    assert [phone.kind for phone in phones] == [
        PhoneKind.WORK,
        PhoneKind.PRIMARY,
        PhoneKind.MOBILE,
    ]
    assert zones == [["Asia/Omsk"], ["Europe/Moscow"], ["Asia/Omsk"]]
    assert report.warnings == {
        "unknown_region": 1,
        "unknown_zone": 1,
        "dnc_listed": 1,
        "dnc_listed:OWN": 1,
    }


async def test_numbers_a_client_may_not_call_are_refused_or_left_out(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    rows = [
        ["abroad", "+380501234567", "", "", ""],
        ["both", "+380501234567", "89430000001", "", ""],
        ["premium", "8 809 123 45 67", "", "", ""],
    ]
    async with sessions() as session:
        desk = await Desk.of(session, clock)
        list_id = await desk.new_list()
        report = await desk.bring(list_id, rows, limits=NumberLimits.of(["RU"], []))
        [contact] = await desk.contacts(list_id)
        assert await desk.numbers(contact.id) == ["+79430000001"]
    assert report.refused_by_reason == {"country_not_allowed": 1, "premium_number": 1}
    assert report.numbers_skipped == 1


async def test_nobody_imports_into_anothers_list(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        mine, other = await Desk.of(session, clock), await Desk.of(session, clock, "Other")
        list_id, foreign = await mine.new_list(), await other.campaign()
        with pytest.raises(NotFound):
            await other.bring(list_id, [["A", "89430000001", "", "", ""]])
        with pytest.raises(NotFound):
            await mine.bring(list_id, [["A", "89430000001", "", "", ""]], campaign_id=foreign)


CELLS = st.sampled_from(
    ["", "-", "12345", "7.9E+10", "89430000001", "8 943 000-00-02", "+79430000003 / 89430000004"]
)
ROWS = st.lists(
    st.tuples(st.sampled_from(["", "A", "Б"]), CELLS, CELLS, st.sampled_from(["", "k1", "k2"])),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    files=st.lists(ROWS, min_size=1, max_size=3),
    policy=st.builds(
        DuplicatePolicy,
        st.sampled_from(SameBy),
        st.sampled_from([Scope.FILE, Scope.LIST, Scope.CLIENT]),
        st.sampled_from(Then),
    ),
)
async def test_every_row_is_accounted_for(
    sessions: SessionFactory, clock: FrozenClock, files: list[Any], policy: DuplicatePolicy
) -> None:
    async with sessions() as session:
        desk = await Desk.of(session, clock, f"C{random.random()}")
        list_id = await desk.new_list()
        rows_in, merged, phones = 0, 0, 0
        for rows in files:
            table = as_table([[*row, "x"] for row in rows])
            report = await desk.bring(list_id, table, policy)
            assert report.rows_in == len(rows) == report.rows_accepted + report.rows_refused
            assert sum(report.refused_by_reason.values()) == report.rows_refused
            rows_in, merged = rows_in + len(rows), merged + report.merged
            phones += report.phones
        contacts, refused = await desk.contacts(list_id), await desk.refused(list_id)
        assert await desk.counts(list_id) == (rows_in, rows_in - len(refused), len(refused))
        assert len(contacts) + merged + len(refused) == rows_in
        seen = Counter([one.source_row for one in contacts] + [one.source_row for one in refused])
        assert set(seen.values()) <= {1}
        assert sum([len(await desk.numbers(one.id)) for one in contacts]) == phones
        await session.rollback()


async def test_sql_understands_values_as_python_does(sessions: SessionFactory) -> None:
    async with sessions() as session:
        connection = await session.connection()
        for text, value_type, value in CASES:
            quoted = text.replace("'", "''")
            cell = typed_sql(literal_column(f"CAST('{quoted}' AS varchar)"), value_type)
            found = (await connection.execute(core_select(cell))).scalar_one()
            assert found == value, (text, value_type)
