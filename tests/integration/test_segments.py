"""Filters on real contacts: what fits, what never fits, and whose contacts are counted."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import NameTaken
from campaigns.leads.filter_sql import matches
from campaigns.leads.models import Attempt
from campaigns.leads.segments import (
    BadFilter,
    SegmentNotFound,
    SegmentWish,
    count_matching,
    delete_segment,
    find_segment,
    list_segments,
    read_filter,
    save_segment,
)
from campaigns.lists.models import Contact
from campaigns.models import Campaign
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import make_campaign, make_client
from tests.people import enrol_list, make_list

PEOPLE: list[dict[str, Any]] = [
    {
        "name": "Анна Ёлкина",
        "fields": {"Город": "Москва", "Debt": "1 500,50", "Born": "23.04.1980"},
        "region": "RU-MOW",
        "language": "ru",
        "tags": ["vip", "Старый"],
        "priority": 5,
        "external_key": "A-1",
    },
    {
        "name": "Борис",
        "fields": {"Город": "москва ", "Debt": "no idea", "Born": "1975-12-31", "50% off": "x"},
        "owner": "Olga",
        "phones": 2,
        "zones": ("Asia/Omsk", "Asia/Yekaterinburg"),
    },
    {"name": "Carl", "fields": {"Город": "", "Debt": 200}, "tags": ["new"]},
    {"name": "Dora'; DROP TABLE lead;--", "fields": {"Debt": "99999999999999999999"}},
]


async def names(session: AsyncSession, raw: dict[str, Any], **about: Any) -> str:
    """The first letters of the contacts that fit."""
    rows = select(col(Contact.name)).where(matches(read_filter(raw), **about))
    return "".join(sorted(name[0] for name in (await session.execute(rows)).scalars()))


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock) -> tuple[UUID, UUID]:
    """A client with a list of four people."""
    async with transaction(sessions) as session:
        client = await make_client(session, clock.now())
        return client.id, await make_list(session, client.id, clock.now(), PEOPLE)


CASES: list[tuple[Any, ...]] = [
    ("fields.Город", "is", "МОСКВА", "АБ"),
    ("fields.Город", "is_not", "Москва", "CD"),
    ("fields.Город", "in", ["москва", "Казань"], "АБ"),
    ("fields.Город", "not_in", ["москва"], "CD"),
    ("fields.Город", "contains", "СКВ", "АБ"),
    ("fields.Город", "is_empty", None, "CD"),
    ("fields.Город", "not_empty", None, "АБ"),
    ("fields.No such", "is_empty", None, "CDАБ"),
    ("fields.50% off", "is", "X", "Б"),
    ("fields.Debt", "gt", 1000, "DА"),
    ("fields.Debt", "between", [200, 1500.5], "CА"),
    ("fields.Debt", "is", 200, "C"),
    ("fields.Debt", "is", "200", "C"),
    ("name", "starts_with", "анна Ё", "А"),
    ("name", "is", "Dora'; DROP TABLE lead;--", "D"),
    ("name", "contains", "%", ""),
    ("language", "is", "RU", "А"),
    ("region", "starts_with", "RU-", "А"),
    ("external_key", "not_empty", None, "А"),
    ("owner", "is", "olga", "Б"),
    ("priority", "ge", 5, "А"),
    ("priority", "lt", "5", "CDБ"),
    ("tags", "is", "VIP", "А"),
    ("tags", "is_not", "vip", "CDБ"),
    ("tags", "in", ["new", "старый"], "CА"),
    ("tags", "is_empty", None, "DБ"),
    ("zone", "is", "Asia/Omsk", "Б"),
    ("zone", "starts_with", "europe/", "CDА"),
    ("jurisdiction", "is", "XX", "CDАБ"),
    ("phone", "starts_with", "+7495", "CDАБ"),
    ("phone.region", "is", "ru", "CDАБ"),
    ("phone.kind", "is", "mobile", "Б"),
    ("phones", "gt", 1, "Б"),
    ("source_row", "le", 2, "АБ"),
    ("created_at", "is", "2026-11-23", "CDАБ"),
    ("created_at", "lt", "2026-11-23", ""),
    ("attempts_made", "is", 0, "CDАБ"),
    ("last_outcome", "is_empty", None, "CDАБ"),
    ("import", "is_empty", None, "CDАБ"),
]


async def test_each_condition_fits_whom_it_should(
    sessions: SessionFactory, world: tuple[UUID, UUID]
) -> None:
    async with sessions() as session:
        wrong = []
        for field, op, value, expected in CASES:
            found = await names(session, {"field": field, "op": op, "value": value})
            if found != expected:
                wrong.append(f"{field} {op} {value!r}: {found!r} instead of {expected!r}")
    assert not wrong


async def test_a_text_that_is_no_number_or_date_fits_nothing(
    sessions: SessionFactory, world: tuple[UUID, UUID]
) -> None:
    born = {"field": "fields.Born", "op": "lt", "value": "1980-01-01", "as": "date"}
    async with sessions() as session:
        assert await names(session, born) == "Б"
        assert await names(session, {"not": born}) == "CDА"
        low = {"field": "fields.Born", "op": "le", "value": 10**9, "as": "number"}
        assert await names(session, low) == ""


async def test_conditions_join(sessions: SessionFactory, world: tuple[UUID, UUID]) -> None:
    moscow = {"field": "fields.Город", "op": "is", "value": "Москва"}
    vip = {"field": "tags", "op": "is", "value": "vip"}
    async with sessions() as session:
        assert await names(session, {"all": [moscow, {"not": vip}]}) == "Б"
        assert (
            await names(session, {"any": [moscow, {"field": "name", "op": "is", "value": "carl"}]})
            == "CАБ"
        )
        assert await names(session, {"not": {"any": [moscow, vip]}}) == "CD"


async def test_earlier_calls_can_be_asked_for(
    sessions: SessionFactory, clock: FrozenClock, world: tuple[UUID, UUID]
) -> None:
    client_id, list_id = world
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), client_id=client_id)
        leads = await enrol_list(session, await session.get_one(Campaign, made.id), list_id, clock)
        for hours, outcome in ((5, CallOutcome.BUSY), (2, CallOutcome.CONNECTED)):
            at = clock.now() - timedelta(hours=hours)
            session.add(
                Attempt(
                    client_id=client_id,
                    campaign_id=made.id,
                    lead_id=leads[0].id,
                    contact_id=leads[0].contact_id,
                    e164="+74952000000",
                    trunk_id=made.trunk_id,
                    fence=0,
                    number_in_lead=1,
                    started_at=at,
                    ended_at=at,
                    outcome=outcome,
                    disposition="sale" if outcome is CallOutcome.CONNECTED else None,
                )
            )
    sold = {"field": "last_disposition", "op": "is", "value": "sale"}
    tried = {"field": "campaign.attempts_made", "op": "is", "value": 2}
    async with sessions() as session:
        assert await names(session, sold) == "А"
        assert await names(session, tried, campaign_id=made.id) == "А"
        assert await names(session, tried, campaign_id=client_id) == "", "another campaign"
        fresh = {"field": "last_attempt_at", "op": "ge", "value": "2026-11-23"}
        assert await names(session, fresh) == "А"
        busy = {"field": "last_outcome", "op": "is", "value": "busy"}
        assert await names(session, busy) == "", "only the newest call counts"


async def test_only_the_clients_own_contacts_are_counted(
    sessions: SessionFactory, clock: FrozenClock, world: tuple[UUID, UUID]
) -> None:
    client_id, list_id = world
    async with transaction(sessions) as session:
        other = await make_client(session, clock.now(), "Rival")
        theirs = await make_list(session, other.id, clock.now(), PEOPLE[:2], first_number=100)
        erased = (
            await session.execute(select(Contact).where(col(Contact.name) == "Carl"))
        ).scalar_one()
        erased.erased_at = clock.now()
    anybody = read_filter({"field": "name", "op": "not_empty"})
    async with sessions() as session:
        count = await count_matching(session, anybody, client_id=client_id)
        assert count == 3, "an erased contact fits nothing"
        assert await count_matching(session, anybody, client_id=client_id, list_ids=[list_id]) == 3
        assert await count_matching(session, anybody, client_id=client_id, list_ids=[theirs]) == 0


async def test_segments_are_saved_changed_and_deleted(
    sessions: SessionFactory, clock: FrozenClock, world: tuple[UUID, UUID]
) -> None:
    client_id, _ = world
    by: dict[str, Any] = {"client_id": client_id, "user_id": None, "clock": clock}
    first = SegmentWish("Moscow", {"field": "fields.Город", "op": "is", "value": "Москва"})
    async with transaction(sessions) as session:
        saved = await save_segment(session, first, **by)
        with pytest.raises(NameTaken):
            await save_segment(session, first, **by)
        renamed = SegmentWish("Capital", first.filter)
        assert (await save_segment(session, renamed, **by, segment_id=saved.id)).id == saved.id
    async with transaction(sessions) as session:
        assert [row.name for row in await list_segments(session, client_id=client_id)] == [
            "Capital"
        ]
        with pytest.raises(SegmentNotFound):
            await find_segment(session, saved.id, client_id=saved.id)
        await delete_segment(session, saved.id, **by)
        assert await list_segments(session, client_id=client_id) == []


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"field": "shoe_size", "op": "is", "value": 1}, "there is no field 'shoe_size'"),
        ({"all": []}, "all: List should have at least 1 item"),
        (
            {"all": [{"field": "name", "op": "resembles", "value": "x"}]},
            "all.0.op: Input should be",
        ),
        ({"not": {"field": "priority", "op": "contains", "value": "1"}}, "contains compares texts"),
        ({"field": "tags", "op": "gt", "value": "a"}, "tags has several values"),
        (
            {"field": "fields.Debt", "op": "gt", "value": "much", "as": "number"},
            "'much' is no number",
        ),
        ({"field": "fields.Born", "op": "gt", "value": "2026-02-30", "as": "date"}, "is no date"),
        ({"field": "name", "op": "is"}, "is takes one value"),
        ({"field": "name", "op": "between", "value": ["a"]}, "between takes two values"),
        ({"field": "name", "op": "is_empty", "value": "a"}, "is_empty takes no value"),
        ({"field": "name", "op": "in", "value": []}, "in takes a list"),
        ({"field": "priority", "op": "is", "value": "1", "as": "text"}, "compares as number"),
        ({"field": "fields.", "op": "is", "value": 1}, "there is no field 'fields.'"),
        ({"field": "name", "op": "is", "value": "a\0"}, "NUL"),
        ([], "filter: Input should be"),
    ],
)
def test_a_filter_that_makes_no_sense_is_explained(raw: Any, says: str) -> None:
    with pytest.raises(BadFilter) as refused:
        read_filter(raw)
    assert says in refused.value.detail


texts = st.text(st.characters(exclude_characters="\0"), max_size=40)


@given(texts.filter(bool), texts)
def test_no_name_and_no_value_becomes_sql(name: str, value: str) -> None:
    raw = {"field": f"fields.{name}", "op": "contains", "value": value}
    plain = {"field": "fields.City", "op": "contains", "value": "x"}
    statements = {str(matches(read_filter(each))) for each in (raw, plain)}
    assert len(statements) == 1, "the statement depends on what a client wrote"
