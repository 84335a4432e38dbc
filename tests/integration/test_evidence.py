"""Evidence: everything about a number or a period, with receipts, and nobody else's."""

import csv
import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from campaigns.law import consents
from campaigns.law.consents import NewConsent
from campaigns.law.evidence import EvidenceFormat, Scope, export
from campaigns.law.suppressions import suppress
from campaigns.leads.models import Attempt, Lead, RefusalSample
from campaigns.models import Campaign
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.world import LAW

FIRST, SECOND = numbers(2)
RECEIPT = {"packs": "abc", "tzdata": "2026f", "dnc": {"US-NATIONAL": "v1"}, "rules": ["us-x"]}


async def _history(sessions: SessionFactory, clock: FrozenClock) -> MadeCampaign:
    """A call and a refusal of two numbers, a consent and a suppression of the first one."""
    async with transaction(sessions) as session:
        made = await make_campaign(session, clock.now(), leads=[FIRST, SECOND])
        (await session.get_one(Campaign, made.id)).name = "=Spring sale"
        for e164, lead_id in zip((FIRST, SECOND), made.lead_ids, strict=True):
            lead = await session.get_one(Lead, lead_id)
            await session.flush()
            same: dict[str, Any] = {
                "client_id": made.client_id,
                "campaign_id": made.id,
                "lead_id": lead_id,
                "e164": e164,
                "decision": RECEIPT,
            }
            session.add(
                Attempt(
                    **same,
                    contact_id=lead.contact_id,
                    trunk_id=made.trunk_id,
                    fence=0,
                    number_in_lead=1,
                    started_at=clock.now(),
                    ended_at=clock.now() + timedelta(seconds=20),
                    outcome=CallOutcome.BUSY,
                )
            )
            refused_at = clock.now() + timedelta(days=1)
            session.add(RefusalSample(**same, refused_at=refused_at, reasons=["law_cap"]))
        who: dict[str, Any] = {"client_id": made.client_id, "user_id": None, "clock": clock}
        consent = NewConsent(FIRST, "prior_consent", clock.now(), "form 7")
        await consents.record(session, consent, book=LAW.book, **who)
        await suppress(session, e164s=[FIRST], reason="asked", source="test", **who)
    return made


async def _export(
    sessions: SessionFactory,
    clock: FrozenClock,
    out: Path,
    scope: Scope,
    form: EvidenceFormat = EvidenceFormat.JSONL,
) -> dict[str, Any]:
    async with sessions() as session:
        return await export(session, scope, out, law=LAW, clock=clock, form=form)


def _records(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text().splitlines()]


async def test_a_numbers_evidence_has_everything_and_adds_up(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    made, out = await _history(sessions, clock), tmp_path / "evidence.jsonl"
    manifest = await _export(sessions, clock, out, Scope(made.client_id, FIRST))
    records = _records(out)
    kinds = ["attempt", "refusal", "consent", "suppression", "change", "change"]
    assert [row["record"] for row in records] == kinds
    assert {row["number"] for row in records} == {FIRST, ""}
    assert records[0]["facts"]["decision"] == RECEIPT
    assert records[1]["summary"] == "law_cap"
    assert records[2]["facts"]["proof"] == "form 7"
    assert manifest["records"] == {name: kinds.count(name) for name in dict.fromkeys(kinds)}
    assert manifest["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert (manifest["packs"], manifest["dnc_versions"]) == (["abc"], {"US-NATIONAL": ["v1"]})
    assert manifest["packs_in_force"] == LAW.book.digest
    beside = json.loads((tmp_path / "evidence.jsonl.manifest.json").read_text())
    assert beside == manifest


async def test_a_period_holds_what_happened_in_it(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    made, out, now = await _history(sessions, clock), tmp_path / "e.jsonl", clock.now()
    day = timedelta(days=1)
    first = Scope(made.client_id, since=now, until=now + day)
    manifest = await _export(sessions, clock, out, first)
    assert manifest["records"]["attempt"] == 2
    assert "refusal" not in manifest["records"]
    assert manifest["records"]["consent"] == 1
    later = Scope(made.client_id, since=now + day)
    manifest = await _export(sessions, clock, out, later)
    assert manifest["records"] == {"refusal": 2}


async def test_another_client_finds_nothing(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    await _history(sessions, clock)
    async with transaction(sessions) as session:
        stranger = (await make_campaign(session, clock.now())).client_id
    manifest = await _export(sessions, clock, tmp_path / "e.jsonl", Scope(stranger, FIRST))
    assert manifest["records"] == {}


async def test_no_cell_of_the_csv_is_a_formula(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    made, out = await _history(sessions, clock), tmp_path / "evidence.csv"
    await _export(sessions, clock, out, Scope(made.client_id, FIRST), EvidenceFormat.CSV)
    heading, attempt, *_ = list(csv.reader(io.StringIO(out.read_text())))
    row = dict(zip(heading, attempt, strict=True))
    assert (row["number"], row["campaign"]) == (FIRST, "'=Spring sale")
    assert json.loads(row["facts"])["decision"] == RECEIPT


def test_a_question_needs_bounds(clock: FrozenClock) -> None:
    client_id = UUID(int=1)
    with pytest.raises(Invalid):
        Scope(client_id)
    with pytest.raises(Invalid):
        Scope(client_id, since=clock.now(), until=clock.now())


async def test_a_file_that_cannot_be_written_is_told(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match="cannot be written"):
        await _export(sessions, clock, tmp_path / "no" / "e", Scope(UUID(int=1), FIRST))
