"""Erasure: filters, notes, proofs and the audit log do not name the person any more either."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from campaigns import lifecycle
from campaigns.law import consents, suppressions
from campaigns.law.consents import NewConsent
from campaigns.leads import segments
from campaigns.leads.models import Attempt, Callback, RefusalSample
from campaigns.leads.segments import SegmentWish
from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.lists.erasure.subject_key import mark_of
from campaigns.lists.models import ErasureReceipt, Segment
from campaigns.models import Campaign
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.imports_world import Importing, people
from tests.world import LAW

ANNA, BORIS = "+79430000001", "+79430000002"
KEY = "KL-4471"
FILE = people(
    f"{KEY};Анна Секретная;8 943 000-00-01", "B2;Борис;8 943 000-00-02", headings="id;name;phone"
)
#: Names the person, by number and by key, next to others.
FILTER: dict[str, Any] = {
    "any": [
        {"field": "phone", "op": "is", "value": ANNA},
        {"field": "phone", "op": "in", "value": ["8 (943) 000-00-01", BORIS]},
        {"field": "external_key", "op": "in", "value": [KEY, "B2"]},
        {"not": {"field": "fields.Handy", "op": "ge", "value": 79430000001}},
    ]
}
TRACES = ["9430000001", "943) 000-00-01", "943 000-00-01", KEY, "Секретная"]


@pytest.fixture
async def imports(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> Importing:
    return await Importing.begin(sessions, clock, tmp_path)


async def erased(imports: Importing, path: Path) -> ErasureReceipt:
    vault = Vault(b"k" * 32, path / "done", path / "raw")
    async with transaction(imports.sessions) as session:
        return await erase(
            session,
            Who(external_key=KEY),
            client_id=imports.client_id,
            reason=f"letter of Анна Секретная, {ANNA}",
            user_id=None,
            clock=imports.clock,
            vault=vault,
            keep_suppressed=False,
        )


async def everything(imports: Importing) -> str:
    """Return all rows but those of the do-not-call list, whose numbers stay."""
    rows = []
    for name in sorted(set(SQLModel.metadata.tables) - {"suppression"}):
        rows += await imports.rows(f"SELECT t::text FROM {name} t")  # noqa: S608
    return "\n".join(str(row) for row in rows)


def left(text: str) -> list[str]:
    return [trace for trace in TRACES if trace in text]


async def named_everywhere(imports: Importing) -> Campaign:
    """Bring the person in, and have people write about the person wherever they can."""
    campaign = await imports.campaign()
    proof = f"forms/{ANNA}.pdf"
    basis = {"kind": "prior_express_written", "proof": proof}
    await imports.bring_in(FILE, f"{ANNA}.csv", campaign_id=campaign.id, consent=basis)
    whose: dict[str, Any] = {"client_id": imports.client_id, "clock": imports.clock}
    async with transaction(imports.sessions) as session:
        wish = SegmentWish(f"All but {ANNA}", FILTER)
        await segments.save_segment(session, wish, user_id=None, **whose)
        changes = {"selection": {"filter": FILTER, "quotas": [FILTER["any"][0] | {"target": 3}]}}
        await lifecycle.update(session, campaign.id, settings=changes, by=None, **whose)
        told = NewConsent(
            ANNA, "prior_consent", imports.clock.now(), f"talk with Анна Секретная, {KEY}"
        )
        await consents.record(session, told, user_id=None, book=LAW.book, **whose)
        await suppressions.suppress(
            session, e164s=[ANNA], reason="Секретная asked", source="api", user_id=None, **whose
        )
    await called(imports, campaign, proof)
    return campaign


async def called(imports: Importing, campaign: Campaign, proof: str) -> None:
    """Store a call, a refusal and a promise to each of the two."""
    now, trunk_id = imports.clock.now(), campaign.trunk_id
    assert trunk_id is not None
    found = await imports.rows(
        "SELECT l.id, l.contact_id, p.e164 FROM lead l JOIN phone p ON p.contact_id = l.contact_id"
    )
    async with transaction(imports.sessions) as session:
        for lead_id, contact_id, e164 in found:
            used = {"rule": "us-tsr", "proof": proof if e164 == ANNA else "form 17"}
            decision = {"consents": [used], "zones": ["Europe/Moscow"]}
            whose: dict[str, Any] = {"client_id": imports.client_id, "lead_id": lead_id}
            whose["campaign_id"] = campaign.id
            session.add(
                Attempt(
                    **whose,
                    contact_id=contact_id,
                    e164=e164,
                    trunk_id=trunk_id,
                    fence=0,
                    number_in_lead=1,
                    started_at=now,
                    ended_at=now,
                    outcome=CallOutcome.CONNECTED,
                    decision=decision,
                )
            )
            session.add(
                RefusalSample(
                    **whose, e164=e164, refused_at=now, reasons=["dnc_listed"], decision=decision
                )
            )
            note = f"his wife: {ANNA}" if e164 == BORIS else "зовут Анна"
            session.add(
                Callback(**whose, promised_at=now, zone="Europe/Moscow", note=note, created_at=now)
            )


async def test_nobody_mentions_the_person_any_more(imports: Importing, tmp_path: Path) -> None:
    campaign = await named_everywhere(imports)
    assert left(await everything(imports)) == TRACES

    receipt = await erased(imports, tmp_path)

    kept = await everything(imports)
    assert left(kept) == []
    mark = mark_of(b"k" * 32, ANNA)
    assert receipt.reason == f"letter of [erased], {mark}"
    assert receipt.counts["attempt_receipt"] == receipt.counts["refusal_receipt"] == 1
    mine = "SELECT decision->'consents'->0->>'proof' FROM attempt WHERE e164 = :mark"
    assert await imports.scalar(mine, mark=mark) == f"forms/{mark}.pdf"
    proofs = "SELECT proof FROM consent_record WHERE e164 = :mark ORDER BY proof"
    key_mark = mark_of(b"k" * 32, KEY)
    assert await imports.rows(proofs, mark=mark) == [
        (f"forms/{mark}.pdf",),
        (f"talk with [erased], {key_mark}",),
    ]
    assert await imports.scalar("SELECT reason FROM suppression") == "[erased] asked"
    assert f"his wife: {mark}" in kept
    async with imports.sessions() as session:
        settings = (await session.get_one(Campaign, campaign.id)).settings
    assert settings["selection"]["quotas"][0]["value"] == mark


async def test_a_filter_selects_everybody_else_as_before(
    imports: Importing, tmp_path: Path
) -> None:
    await named_everywhere(imports)
    await erased(imports, tmp_path)
    async with imports.sessions() as session:
        segment = await session.get_one(
            Segment, await imports.scalar("SELECT id FROM segment"), populate_existing=True
        )
        found = segments.read_filter(segment.filter)
        fitting = await segments.count_matching(session, found, client_id=imports.client_id)
        handy = segment.filter["any"][3]["not"]
    assert fitting == 1  # Boris
    assert handy == {"field": "fields.Handy", "op": "ge", "value": 0}
    assert await imports.scalar("SELECT count(*) FROM lead WHERE state = 'waiting'") == 1


async def test_another_clients_filters_stay_as_they_are(imports: Importing, tmp_path: Path) -> None:
    await named_everywhere(imports)
    other = await Importing.begin(imports.sessions, imports.clock, tmp_path)
    async with transaction(imports.sessions) as session:
        session.add(
            Segment(
                client_id=other.client_id,
                name="Theirs",
                filter=FILTER["any"][0],
                created_at=imports.clock.now(),
            )
        )
    await erased(imports, tmp_path)
    theirs = "SELECT filter->>'value' FROM segment WHERE client_id = :id"
    assert await imports.scalar(theirs, id=other.client_id) == ANNA
