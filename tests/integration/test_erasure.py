"""Erasure: a person's data go from every table and disk; what stays names nobody."""

import asyncio
import stat
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from campaigns import tables
from campaigns.leads.enrol import enrol
from campaigns.leads.models import Attempt, Callback, LeadClaim, RefusalSample
from campaigns.lists.erasure.erasers import ERASERS, KEPT
from campaigns.lists.erasure.erasing import OnTheLine, digest_of, erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.lists.erasure.subject_key import subject_hash, subject_key
from campaigns.lists.models import ErasureReceipt
from campaigns.lists.provenance import ContactNotFound
from dialer.call.recorded import greeting_name
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid
from dialer.ids import new_id
from tests.factories import make_client
from tests.imports_world import Importing, people
from tests.world import until

ANNA, OTHER = "+79430000001", "+79430000002"
FILE = people(
    "A1;Анна Секретная;8 (943) 000-00-01;Адрес Тайный",
    "B2;Борис;8 943 000-00-02;",
    "A1;Анна Секретная;8-943-000-00-01;Адрес Тайный",
    headings="id;name;phone;street",
)


@pytest.fixture
async def imports(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> Importing:
    return await Importing.begin(sessions, clock, tmp_path)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    for name in ("done", "raw"):
        (tmp_path / name).mkdir()
    return Vault(subject_key(tmp_path / "erasure.key"), tmp_path / "done", tmp_path / "raw")


async def erased(
    imports: Importing, vault: Vault, who: Who, *, keep_suppressed: bool = True
) -> ErasureReceipt:
    async with transaction(imports.sessions) as session:
        return await erase(
            session,
            who,
            client_id=imports.client_id,
            reason="letter of 2026-11-20",
            user_id=None,
            clock=imports.clock,
            vault=vault,
            keep_suppressed=keep_suppressed,
        )


async def call(imports: Importing, number: str, *, live: bool = False) -> Attempt:
    """Store a call to the contact who has the number, with everything a call leaves behind."""
    async with transaction(imports.sessions) as session:
        found = await session.execute(
            text(
                "SELECT l.id, l.campaign_id, l.contact_id, c.trunk_id FROM lead l"
                " JOIN phone p ON p.contact_id = l.contact_id"
                " JOIN campaign c ON c.id = l.campaign_id WHERE p.e164 = :number"
            ),
            {"number": number},
        )
        lead_id, campaign_id, contact_id, trunk_id = found.one()
        now = imports.clock.now()
        whose = {"client_id": imports.client_id, "campaign_id": campaign_id, "lead_id": lead_id}
        attempt = Attempt(
            **whose,
            contact_id=contact_id,
            e164=number,
            trunk_id=trunk_id,
            fence=0,
            number_in_lead=1,
            started_at=now,
            ended_at=None if live else now,
            outcome=None if live else CallOutcome.CONNECTED,
            recording="talk.wav",
        )
        sample = RefusalSample(**whose, e164=number, refused_at=now, reasons=["dnc_listed"])
        promise = Callback(
            **whose, promised_at=now, zone="Europe/Moscow", note="зовут Анна", created_at=now
        )
        session.add_all([attempt, sample, promise])
    return attempt


async def everything(imports: Importing) -> str:
    """Return all rows of all tables as one text."""
    rows = []
    for name in SQLModel.metadata.tables:
        rows += await imports.rows(f"SELECT t::text FROM {name} t")  # noqa: S608
    return "\n".join(str(row) for row in rows)


def holds(text_: str, traces: Sequence[str]) -> list[str]:
    return [trace for trace in traces if trace in text_]


async def test_nothing_of_the_person_stays(imports: Importing, vault: Vault) -> None:
    campaign = await imports.campaign()
    basis = {"kind": "prior_express_written", "proof": "form 17"}
    done = await imports.bring_in(FILE, campaign_id=campaign.id, consent=basis)
    await imports.bring_in(
        people("A1;Анна Другая;8 943 000-00-01", headings="id;name;phone"),
        duplicates_by="key",
        duplicates_scope="client",
        duplicates="update",
    )
    attempt = await call(imports, ANNA)
    (vault.recordings / "talk.wav").write_bytes(b"voice")
    (vault.raw_recordings / f"{attempt.id.hex}.raw").write_bytes(b"voice")
    (vault.raw_recordings / greeting_name(attempt.id)).write_bytes(b"voice")
    traces = ["9430000001", "943) 000-00-01", "943-000-00-01", "Секретная", "Другая", "зовут"]
    traces += ["Тайный", "A1"]
    assert holds(await everything(imports), traces) == traces

    receipt = await erased(imports, vault, Who(e164=ANNA), keep_suppressed=False)

    assert holds(await everything(imports), traces) == []
    assert not list(vault.recordings.iterdir()) + list(vault.raw_recordings.iterdir())
    assert receipt.counts == {
        **dict.fromkeys(ERASERS, 0),
        "attempt": 1,
        "callback": 1,
        "consent_record": 1,
        "contact": 1,
        "contact_change": 1,
        "lead": 1,
        "phone": 1,
        "recording": 3,
        "refusal_sample": 1,
        "refused_row": 1,
    }
    assert "Борис" in await everything(imports)
    lead = "SELECT state, result FROM lead WHERE contact_id = :id"
    assert await imports.rows(lead, id=attempt.contact_id) == [("done", "erased")]
    marks = "SELECT e164 FROM attempt UNION SELECT e164 FROM refusal_sample"
    [(mark,)] = await imports.rows(marks)
    assert mark == f"erased:{subject_hash(vault.key, ANNA)[:16]}"
    async with transaction(imports.sessions) as session:
        clock, client_id = imports.clock, imports.client_id
        again = await enrol(
            session, campaign.id, done.report.list_id, client_id=client_id, clock=clock
        )
    assert again == 0


async def test_the_receipt_proves_without_naming(imports: Importing, vault: Vault) -> None:
    await imports.bring_in(FILE)
    receipt = await erased(imports, vault, Who(e164=ANNA))
    async with imports.sessions() as session:
        stored = await session.get_one(ErasureReceipt, receipt.id)
    assert stored.digest == digest_of(stored)
    stored.counts = {**stored.counts, "contact": 2}
    assert stored.digest != digest_of(stored)
    assert stored.subject_hash == subject_hash(vault.key, ANNA)
    audit = "SELECT facts->>'digest' FROM audit_entry WHERE action = 'person.erased'"
    assert await imports.scalar(audit) == receipt.digest


async def test_the_number_is_not_called_again_when_it_comes_back(
    imports: Importing, vault: Vault
) -> None:
    await imports.bring_in(FILE)
    await erased(imports, vault, Who(external_key="A1"))
    suppressed = "SELECT e164, reason, source FROM suppression"
    assert await imports.rows(suppressed) == [(ANNA, "erased", "erasure")]
    again = await imports.bring_in(FILE)
    assert again.report.rows_accepted == 2


async def test_a_number_shared_with_somebody_else_stays_with_them(
    imports: Importing, vault: Vault
) -> None:
    family = people(
        "A1;Anna;8 943 000-00-01, 8 943 000-00-05",
        "B2;Boris;8 943 000-00-05",
        headings="id;name;phone",
    )
    await imports.bring_in(family)
    contact_id = await imports.scalar("SELECT id FROM contact WHERE name = 'Anna'")
    await erased(imports, vault, Who(contact_id=contact_id))
    assert await imports.rows("SELECT e164 FROM phone") == [("+79430000005",)]
    assert await imports.rows("SELECT e164 FROM suppression") == [(ANNA,)]


async def test_whoever_is_on_the_line_is_not_erased(imports: Importing, vault: Vault) -> None:
    campaign = await imports.campaign()
    await imports.bring_in(FILE, campaign_id=campaign.id)
    attempt = await call(imports, ANNA, live=True)
    before = await everything(imports)
    with pytest.raises(OnTheLine):
        await erased(imports, vault, Who(e164=ANNA))
    assert await everything(imports) == before
    async with transaction(imports.sessions) as session:
        held = await session.get_one(Attempt, attempt.id)
        held.ended_at, held.outcome = imports.clock.now(), CallOutcome.CONNECTED
        await session.execute(text("UPDATE campaign SET state = 'running'"))
        session.add(LeadClaim(lead_id=attempt.lead_id, campaign_id=attempt.campaign_id))
    before = await everything(imports)
    with pytest.raises(OnTheLine):
        await erased(imports, vault, Who(e164=ANNA))
    assert await everything(imports) == before


async def test_other_clients_and_unknown_people(imports: Importing, vault: Vault) -> None:
    await imports.bring_in(FILE)
    contact_id = await imports.scalar("SELECT id FROM contact LIMIT 1")
    mine = imports.client_id
    async with transaction(imports.sessions) as session:
        imports.client_id = (await make_client(session, imports.clock.now())).id
    with pytest.raises(ContactNotFound):
        await erased(imports, vault, Who(contact_id=contact_id))
    receipt = await erased(imports, vault, Who(e164=ANNA))
    assert receipt.counts == {**dict.fromkeys(ERASERS, 0), "suppression": 1}
    imports.client_id = mine
    assert await imports.scalar("SELECT count(*) FROM contact WHERE erased_at IS NULL") == 2


async def test_an_import_with_an_erased_contact_can_be_undone(
    imports: Importing, vault: Vault
) -> None:
    first = await imports.bring_in(FILE)
    update = people("A1;Anna Nova;8 943 000-00-07", headings="id;name;phone")
    later = await imports.bring_in(
        update, duplicates_by="key", duplicates_scope="client", duplicates="update"
    )
    await erased(imports, vault, Who(e164=ANNA))
    assert (await imports.undo(later.row.id)).restored == 0
    assert await imports.scalar("SELECT name FROM contact WHERE erased_at IS NOT NULL") == ""
    assert (await imports.undo(first.row.id)).contacts == 2


def test_a_request_names_one_person_by_one_thing() -> None:
    for wrong in ({}, {"e164": ANNA, "external_key": "A1"}):
        with pytest.raises(Invalid):
            Who(**wrong)  # type: ignore[arg-type]
    assert Who(contact_id=UUID(int=5)).subject() == str(UUID(int=5))


def test_the_key_is_made_once_and_is_the_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "run" / "erasure.key"
    key = subject_key(path)
    assert (len(key), subject_key(path)) == (32, key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["erasure.key"]
    assert subject_hash(key, ANNA) != subject_hash(new_id().bytes * 2, ANNA)


def test_every_table_that_knows_a_person_is_covered() -> None:
    """A new table with a number, a contact or a lead needs an eraser, or a reason why it has none."""
    assert tables.MODULES
    telling = {"e164", "contact_id", "lead_id"}
    found = {
        name
        for name, table in SQLModel.metadata.tables.items()
        if telling & set(table.columns.keys())
    }
    assert found - set(ERASERS) <= set(KEPT), found - set(ERASERS) - set(KEPT)
    assert set(KEPT) <= set(SQLModel.metadata.tables)
    assert {"contact", "refused_row", "report_run_file"} <= set(ERASERS)


async def test_an_erasure_waits_for_the_numbers_before_it_holds_anything(
    imports: Importing, vault: Vault
) -> None:
    """A runner that opens a call has the number and then needs the contact: nobody waits in a circle."""
    await imports.bring_in(FILE)
    async with transaction(imports.sessions) as runner:
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        await runner.execute(lock, {"key": int(ANNA[1:])})
        erasing = asyncio.create_task(erased(imports, vault, Who(e164=ANNA)))
        waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

        async def waiting() -> bool:
            return bool(await imports.rows(waits))

        await until(waiting, "the erasure waits for the number")
        held = await runner.execute(text("SELECT id FROM contact FOR KEY SHARE NOWAIT"))
        assert held.all()
    assert (await erasing).counts["phone"]
