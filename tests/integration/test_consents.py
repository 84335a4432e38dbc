"""The consent ledger: nothing is ever deleted, and whoever waited for a consent is asked about again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from campaigns.law import consents
from campaigns.law.consent_files import NotAConsentFile, read_consents
from campaigns.law.consents import (
    AlreadyWithdrawn,
    ConsentNotFound,
    NewConsent,
    NumberNeeded,
    UnknownConsentKind,
)
from campaigns.law.kinds import OPERATOR_CONTRACT
from campaigns.leads.history import load_facts
from campaigns.leads.hopper import Candidate
from campaigns.leads.models import Lead
from campaigns.tenancy.models import AuditEntry
from compliance.consent import satisfying
from compliance.models import ConsentRecord
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid
from tests.factories import make_campaign, make_client, numbers
from tests.world import LAW

KIND = "prior_express_written"


async def _client(sessions: SessionFactory, clock: FrozenClock) -> UUID:
    async with transaction(sessions) as session:
        return (await make_client(session, clock.now())).id


async def _record(
    sessions: SessionFactory, clock: FrozenClock, client_id: UUID, **facts: Any
) -> ConsentRecord:
    given: dict[str, Any] = {
        "e164": numbers(1)[0],
        "kind": KIND,
        "granted_at": clock.now(),
        "proof": "form 7",
    }
    async with transaction(sessions) as session:
        return await consents.record(
            session,
            NewConsent(**(given | facts)),
            client_id=client_id,
            user_id=None,
            book=LAW.book,
            clock=clock,
        )


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"kind": "prior_expres"}, UnknownConsentKind),
        ({"kind": "all"}, UnknownConsentKind),
        ({"e164": None}, NumberNeeded),
        ({"proof": " "}, Invalid),
        ({"granted_at": 1}, Invalid),
        ({"expires_at": -1}, Invalid),
    ],
    ids=str,
)
async def test_what_could_not_be_shown_later_is_refused(
    sessions: SessionFactory, clock: FrozenClock, facts: dict[str, Any], error: type[Invalid]
) -> None:
    client_id = await _client(sessions, clock)
    for name in ("granted_at", "expires_at"):
        if name in facts:  # days from now
            facts = {name: clock.now() + timedelta(days=facts[name])}
    with pytest.raises(error):
        await _record(sessions, clock, client_id, **facts)
    async with sessions() as session:
        assert await consents.find(session, client_id=client_id) == []


async def test_a_withdrawn_consent_stays_in_the_ledger(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    client_id, other_id = await _client(sessions, clock), await _client(sessions, clock)
    row = await _record(sessions, clock, client_id)
    clock.advance(3600)
    how: dict[str, Any] = {"user_id": None, "reason": "a letter", "clock": clock}
    with pytest.raises(ConsentNotFound):
        async with transaction(sessions) as session:
            await consents.withdraw(session, row.id, client_id=other_id, **how)
    async with transaction(sessions) as session:
        await consents.withdraw(session, row.id, client_id=client_id, **how)
    with pytest.raises(AlreadyWithdrawn):
        async with transaction(sessions) as session:
            await consents.withdraw(session, row.id, client_id=client_id, **how)
    async with sessions() as session:
        (kept,) = await consents.find(session, client_id=client_id, e164=row.e164)
        trace = select(AuditEntry.action).where(col(AuditEntry.subject_id) == row.id)
        actions = (await session.exec(trace.order_by(col(AuditEntry.id)))).all()
    assert kept.withdrawn_at == clock.now()
    assert actions == ["consent.recorded", "consent.withdrawn"]


async def test_withdrawing_a_number_ends_the_kinds_that_are_named(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    client_id = await _client(sessions, clock)
    for kind in (KIND, "purchase"):
        await _record(sessions, clock, client_id, kind=kind)
    how: dict[str, Any] = {"user_id": None, "reason": "asked", "clock": clock}
    async with transaction(sessions) as session:
        number = numbers(1)[0]
        ended = [
            await consents.withdraw_all(session, number, client_id=client_id, kinds=kinds, **how)
            for kinds in (["purchase"], [], [])
        ]
    assert ended == [1, 1, 0]


async def test_a_lead_that_waited_for_its_consent_is_asked_about_again(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    """And the gate's facts have the consent."""
    waiting, other = numbers(2)
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=[waiting, other])
        for lead_id in made.lead_ids:
            lead = await session.get_one(Lead, lead_id)
            lead.next_attempt_at, lead.waiting_reason = None, "consent_missing"
    await _record(sessions, clock, made.client_id, e164=waiting)
    async with sessions() as session:
        due = [(await session.get_one(Lead, lead_id)).next_attempt_at for lead_id in made.lead_ids]
        lead = await session.get_one(Lead, made.lead_ids[0])
        candidate = Candidate(
            lead.id, lead.contact_id, 0, 0, waiting, lead.place_id, 2, "1", None, False
        )
        facts = await load_facts(
            session,
            [candidate],
            campaign_id=made.id,
            client_id=made.client_id,
            clients=[made.client_id],
            subject="",
        )
    assert due == [clock.now(), None]
    held = facts[lead.id].consents
    assert satisfying("prior_express", (), held, clock.now(), "") is not None


async def test_without_a_number_only_facts_of_the_client_reach_the_gate(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    """Even when the ledger has an entry of before that says everybody consented."""
    (number,) = numbers(1)
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=[number])
        old: dict[str, Any] = {"granted_at": clock.now(), "recorded_at": clock.now(), "proof": "x"}
        session.add(ConsentRecord(client_id=made.client_id, e164=None, kind=KIND, **old))
    await _record(sessions, clock, made.client_id, e164=None, kind=OPERATOR_CONTRACT)
    async with sessions() as session:
        lead = await session.get_one(Lead, made.lead_ids[0])
        asked = Candidate(
            lead.id, lead.contact_id, 0, 0, number, lead.place_id, 2, "1", None, False
        )
        facts = await load_facts(
            session,
            [asked],
            campaign_id=made.id,
            client_id=made.client_id,
            clients=[made.client_id],
            subject="",
        )
    assert [one.kind for one in facts[lead.id].consents] == [OPERATOR_CONTRACT]


CSV = """number;kind;granted_at;proof;scope;note
+7 495 200-00-00;prior_consent;2026-11-01;form 1;;x
+7 495 200-00-01;prior_consent;2026-11-01T10:00:00+03:00;form 2;loans;
+7 495 200-00-00;prior_consent;2026-11-01;form 1;;again
12;prior_consent;2026-11-01;form 3;;
+7 495 200-00-02;consent;2026-11-01;form 4;;
+7 495 200-00-03;prior_consent;1 November;form 5;;
+7 495 200-00-04;prior_consent;2026-11-01;;;

"""


def test_every_row_of_a_file_is_accounted_for(clock: FrozenClock) -> None:
    rows = read_consents(CSV.encode("cp1251"), region="RU", book=LAW.book, now=clock.now())
    assert [(one.e164, one.scope) for one in rows.accepted] == [
        ("+74952000000", "*"),
        ("+74952000001", "loans"),
    ]
    assert rows.repeated == 1
    assert [(one.line, one.code) for one in rows.refused] == [
        (5, "invalid_phone"),
        (6, "unknown_consent_kind"),
        (7, "bad_instant"),
        (8, "invalid"),
    ]


def test_a_file_without_the_columns_is_refused(clock: FrozenClock) -> None:
    with pytest.raises(NotAConsentFile) as refused:
        read_consents(b"phone,kind\n1,2\n", region="RU", book=LAW.book, now=clock.now())
    assert refused.value.facts["missing"] == ["number", "granted_at", "proof"]


async def test_the_rows_of_a_file_are_one_import(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    client_id = await _client(sessions, clock)
    rows = read_consents(CSV.encode(), region="RU", book=LAW.book, now=clock.now())
    async with transaction(sessions) as session:
        recorded = await consents.record_many(
            session,
            rows.accepted,
            client_id=client_id,
            user_id=None,
            clock=clock,
            proof_of_import="consents.csv",
        )
    async with sessions() as session:
        found = await consents.find(session, client_id=client_id)
        trace = select(AuditEntry).where(col(AuditEntry.client_id) == client_id)
        (entry,) = (await session.exec(trace)).all()
    assert recorded == len(found) == 2
    assert {row.import_id for row in found} == {entry.subject_id}
    assert entry.facts == {"count": 2, "file": "consents.csv"}
