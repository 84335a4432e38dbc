"""Refused rows go out, are mended, and come back to their places."""

import csv
import io
import random

from campaigns.lists.reading.tables import open_table
from campaigns.lists.writing.importing import refused_csv
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.imports import Desk, as_table
from tests.list_files import dirty_list

HEADINGS = ("ФИО", "Телефон", "Доп. телефон", "Комментарий")


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def file_of(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


async def test_mended_rows_complete_the_list(sessions: SessionFactory, clock: FrozenClock) -> None:
    dirty = dirty_list(300, random.Random(11))
    async with sessions() as session:
        desk = await Desk.of(session, clock)
        list_id = await desk.new_list()
        await desk.bring(list_id, as_table(dirty.rows, HEADINGS))
        bad = dirty.refused.total()
        assert await desk.counts(list_id) == (300, 300 - bad, bad)
        back = rows_of(await refused_csv(session, list_id, desk.client_id))
        assert back[0] == [*HEADINGS, "Refused because", "Row in the file"]
        for at, row in enumerate(back[1:]):
            row[1:3] = [f"8 926 {at:07d}", ""]
        table = open_table(file_of(back), "mended.csv")
        report = await desk.bring(list_id, table)
        assert (report.rows_in, report.rows_accepted, report.mended) == (bad, bad, bad)
        assert await desk.counts(list_id) == (300, 300, 0)
        assert await desk.refused(list_id) == []
        contacts = await desk.contacts(list_id)
        assert [contact.source_row for contact in contacts] == list(range(1, 301))
        comments = [contact.fields["Комментарий"] for contact in contacts]
        assert comments == [row[3] for row in dirty.rows]
        assert {frozenset(contact.fields) for contact in contacts} == {frozenset(HEADINGS)}


async def test_a_row_that_is_still_bad_keeps_its_place_with_its_new_reason(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        desk = await Desk.of(session, clock)
        list_id = await desk.new_list()
        rows = [["A", "8 943 000-00-01"], ["B", "12345"], ["C", "-"], ["D", "7.9E+10"]]
        await desk.bring(list_id, as_table(rows, ("Name", "Phone")))
        back = rows_of(await refused_csv(session, list_id, desk.client_id))
        back[1][1], back[2][1] = "8 943 000-00-02", "8 943 000-00-02"
        again = [*back, back[1], ["E", "8 943 000-00-05", "", "77"]]
        again[4] = ["B2", "8 943 000-00-04", *back[1][2:]]
        report = await desk.bring(list_id, open_table(file_of(again), "mended.csv"))
        # B is mended, C is B's double now, D was left alone, B2 claims a row that is taken, E one
        # that never was: both are new.
        assert (report.rows_in, report.rows_accepted, report.mended) == (5, 3, 1)
        assert [(row.source_row, row.reason) for row in await desk.refused(list_id)] == [
            (3, "duplicate"),
            (4, "damaged_phone"),
        ]
        assert [(one.name, one.source_row) for one in await desk.contacts(list_id)] == [
            ("A", 1),
            ("B", 2),
            ("B2", 8),
            ("E", 9),
        ]
        assert await desk.counts(list_id) == (6, 4, 2)


async def test_in_another_list_mended_rows_are_rows_like_others(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        desk = await Desk.of(session, clock)
        first, second = await desk.new_list(), await desk.new_list("Second")
        await desk.bring(first, as_table([["A", "1"], ["B", "2"]], ("Name", "Phone")))
        text = await refused_csv(session, first, desk.client_id)
        mended = text.replace("A,1,", "A,89430000001,").replace("B,2,", "B,89430000002,")
        report = await desk.bring(second, open_table(mended.encode(), "mended.csv"))
        assert (report.mended, await desk.counts(second)) == (0, (2, 2, 0))
        assert await desk.counts(first) == (2, 0, 2)
        assert [one.fields for one in await desk.contacts(second)] == [
            {"Name": "A", "Phone": "89430000001"},
            {"Name": "B", "Phone": "89430000002"},
        ]


async def test_a_second_file_with_other_columns_gives_its_refusals_under_the_lists_headings(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        desk = await Desk.of(session, clock)
        list_id = await desk.new_list()
        await desk.bring(list_id, as_table([["A", "1"]], ("Name", "Phone")))
        await desk.bring(list_id, as_table([["2", "Omsk", "B"]], ("Phone", "City", "Name")))
        back = rows_of(await refused_csv(session, list_id, desk.client_id))
        assert [row[:3] for row in back] == [
            ["Name", "Phone", "City"],
            ["A", "1", ""],
            ["B", "2", "Omsk"],
        ]
        assert [row[4] for row in back[1:]] == ["1", "2"]
