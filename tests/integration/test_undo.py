"""Undo: all an import wrote is taken back, until the first call; what was there before is as it was."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from campaigns.leads.models import Attempt
from campaigns.lists.staged.mended import refused_csv
from campaigns.lists.undo.undoing import AlreadyDialled, BeingDialled, ImportNotCommitted, StoodUpon
from campaigns.states import ImportState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.imports_world import Importing, people

ALL = ("contact", "phone", "lead", "refused_row", "contact_change")
CONTACTS = "SELECT name, fields, external_key, tags, priority, import_id FROM contact ORDER BY name"
PHONES = "SELECT e164, position, kind, place_id FROM phone ORDER BY e164"
LEADS = "SELECT id, state, place_id, phone_position FROM lead ORDER BY id"
LISTS = "SELECT rows_in, rows_accepted, rows_refused FROM contact_list ORDER BY id"
FIRST = people(
    "1;Anna;8 943 000-00-01;vip",
    "2;Boris;8 943 000-00-02;",
    "3;Vera;nonsense;",
    headings="id;name;phone;tags",
)


@pytest.fixture
async def imports(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> Importing:
    return await Importing.begin(sessions, clock, tmp_path)


async def snapshot(imports: Importing) -> list[list[tuple[object, ...]]]:
    return [await imports.rows(sql) for sql in (CONTACTS, PHONES, LEADS, LISTS)]


async def attempt_of(imports: Importing, lead_id: UUID) -> None:
    async with transaction(imports.sessions) as session:
        facts = await session.execute(
            text(
                "SELECT l.campaign_id, l.contact_id, c.trunk_id FROM lead l"
                " JOIN campaign c ON c.id = l.campaign_id WHERE l.id = :id"
            ),
            {"id": lead_id},
        )
        campaign_id, contact_id, trunk_id = facts.one()
        session.add(
            Attempt(
                client_id=imports.client_id,
                campaign_id=campaign_id,
                lead_id=lead_id,
                contact_id=contact_id,
                e164="+79430000001",
                trunk_id=trunk_id,
                fence=0,
                number_in_lead=1,
                started_at=imports.clock.now(),
                ended_at=imports.clock.now(),
                outcome=CallOutcome.NO_ANSWER,
            )
        )


async def test_an_undo_leaves_nothing_but_the_trace(imports: Importing) -> None:
    campaign = await imports.campaign()
    done = await imports.bring_in(FIRST, campaign_id=campaign.id)
    assert done.leads_enrolled == 2
    undone = await imports.undo(done.row.id)
    assert (undone.contacts, undone.refused, undone.restored) == (2, 1, 0)
    assert await imports.counts(*ALL) == dict.fromkeys(ALL, 0)
    assert await imports.rows(LISTS) == [(0, 0, 0)]
    linked = "SELECT count(*) FROM campaign_list WHERE list_id = :list_id"
    assert await imports.scalar(linked, list_id=done.row.list_id) == 0
    assert await imports.state(done.row.id) is ImportState.UNDONE
    actions = await imports.rows("SELECT action FROM audit_entry ORDER BY id")
    assert [action for (action,) in actions] == [
        "import.staged",
        "import.commit_started",
        "import.committed",
        "import.undone",
    ]
    with pytest.raises(ImportNotCommitted):
        await imports.undo(done.row.id)


async def test_what_was_there_before_is_as_it_was(imports: Importing) -> None:
    campaign = await imports.campaign()
    await imports.bring_in(FIRST, campaign_id=campaign.id)
    before = await snapshot(imports)
    other = await imports.campaign()
    second = people(
        "1;Anna Nova;8 943 000-00-09;new",
        "9;Zoya;8 943 000-00-10;",
        headings="id;name;phone;tags",
    )
    done = await imports.bring_in(
        second,
        campaign_id=other.id,
        duplicates_by="key",
        duplicates_scope="client",
        duplicates="update",
    )
    assert (done.report.merged, done.leads_enrolled) == (1, 2)
    assert await snapshot(imports) != before
    assert (await imports.rows("SELECT name FROM contact ORDER BY name"))[0] == ("Anna Nova",)
    undone = await imports.undo(done.row.id)
    assert (undone.contacts, undone.restored) == (1, 1)
    after = await snapshot(imports)
    assert after[:3] == before[:3]
    assert sorted(after[3]) == sorted([*before[3], (0, 0, 0)])
    assert await imports.counts("contact_change") == {"contact_change": 0}


async def test_a_known_person_who_was_in_the_campaign_stays_in_it(imports: Importing) -> None:
    campaign = await imports.campaign()
    await imports.bring_in(FIRST, campaign_id=campaign.id)
    leads = await imports.rows(LEADS)
    done = await imports.bring_in(
        people("Anna;8 943 000-00-01"),
        campaign_id=campaign.id,
        duplicates_scope="client",
        duplicates="add_phones",
    )
    assert (done.report.merged, done.leads_enrolled) == (1, 0)
    await imports.undo(done.row.id)
    assert await imports.rows(LEADS) == leads


async def test_after_the_first_attempt_the_import_stays(imports: Importing) -> None:
    campaign = await imports.campaign()
    done = await imports.bring_in(FIRST, campaign_id=campaign.id)
    before = await snapshot(imports)
    lead_id = await imports.scalar("SELECT id FROM lead ORDER BY id LIMIT 1")
    await attempt_of(imports, lead_id)
    with pytest.raises(AlreadyDialled) as refused:
        await imports.undo(done.row.id)
    assert refused.value.facts == {"leads": 1}
    assert await snapshot(imports) == before


async def test_claimed_leads_keep_an_import_and_the_campaign_is_to_be_paused(
    imports: Importing,
) -> None:
    campaign = await imports.campaign()
    done = await imports.bring_in(FIRST, campaign_id=campaign.id)
    async with transaction(imports.sessions) as session:
        claim = "INSERT INTO lead_claim (lead_id, campaign_id) SELECT id, campaign_id FROM lead"
        await session.execute(text(claim))
        await session.execute(text("UPDATE campaign SET state = 'running'"))
    with pytest.raises(BeingDialled, match="pause"):
        await imports.undo(done.row.id)
    async with transaction(imports.sessions) as session:
        await session.execute(text("UPDATE campaign SET state = 'paused'"))
    assert (await imports.undo(done.row.id)).contacts == 2


async def test_a_later_import_that_changed_the_same_persons_goes_first(imports: Importing) -> None:
    first = await imports.bring_in(FIRST)
    later = await imports.bring_in(
        people("Anna B;8 943 000-00-01"), duplicates_scope="client", duplicates="update"
    )
    with pytest.raises(StoodUpon) as refused:
        await imports.undo(first.row.id)
    assert refused.value.facts["import_id"] == str(later.row.id)
    await imports.undo(later.row.id)
    assert (await imports.undo(first.row.id)).contacts == 2


async def test_mended_rows_are_refused_again_when_their_import_is_undone(
    imports: Importing,
) -> None:
    first = await imports.bring_in(FIRST)
    async with imports.sessions() as session:
        refused = await refused_csv(session, first.report.list_id, imports.client_id)
    mended = refused.replace("nonsense", "8 943 000-00-03").encode()
    done = await imports.bring_in(mended, list_id=str(first.report.list_id))
    assert (done.report.mended, await imports.rows(LISTS)) == (1, [(3, 3, 0)])
    with pytest.raises(StoodUpon):
        await imports.undo(first.row.id)
    undone = await imports.undo(done.row.id)
    assert (undone.contacts, undone.reopened) == (1, 1)
    assert await imports.rows(LISTS) == [(3, 2, 1)]
    async with imports.sessions() as session:
        assert await refused_csv(session, first.report.list_id, imports.client_id) == refused


async def test_consents_that_came_with_the_file_end_with_it(imports: Importing) -> None:
    basis = {"kind": "prior_express_written", "proof": "forms of 2026-10"}
    done = await imports.bring_in(FIRST, consent=basis)
    assert done.consents == 2
    ledger = "SELECT e164, kind, proof, withdrawn_at IS NULL FROM consent_record ORDER BY e164"
    expected = [
        ("+79430000001", "prior_express_written", "forms of 2026-10"),
        ("+79430000002", "prior_express_written", "forms of 2026-10"),
    ]
    assert await imports.rows(ledger) == [(*entry, True) for entry in expected]
    assert (await imports.undo(done.row.id)).consents == 2
    assert await imports.rows(ledger) == [(*entry, False) for entry in expected]


async def test_a_consent_that_came_with_a_file_wakes_who_waited_for_it(imports: Importing) -> None:
    campaign_id = (await imports.campaign()).id
    await imports.bring_in(FIRST, campaign_id=campaign_id)
    async with transaction(imports.sessions) as session:
        stuck = (
            "UPDATE lead SET next_attempt_at = NULL, waiting_reason = 'consent_missing'"
            " WHERE campaign_id = :id RETURNING id"
        )
        assert len((await session.execute(text(stuck), {"id": campaign_id})).all()) == 2
    basis = {"kind": "prior_express_written", "proof": "forms of 2026-10"}
    await imports.bring_in(
        people("7;Anna Maria;8 943 000-00-01;", headings="id;name;phone;tags"), consent=basis
    )
    due = (
        "SELECT c.name FROM lead l JOIN contact c ON c.id = l.contact_id WHERE next_attempt_at > :t"
    )
    assert await imports.rows(due, t=datetime(2000, 1, 1, tzinfo=UTC)) == [("Anna",)]
