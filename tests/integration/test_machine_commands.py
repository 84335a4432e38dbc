"""``outdial amd``: how detection does, what waits, judgements and the switch, on the command line."""

import json
from functools import partial

import pytest
from sqlalchemy import text

from campaigns.amd.models import AmdVerdict, Judgement
from campaigns.leads.models import Attempt, Lead
from dialer.call.states import CallOutcome
from dialer.call.verdicts import Treatment, Verdict
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction
from tests.commands import Outdial
from tests.factories import MadeCampaign, make_campaign, numbers

NOW = SystemClock().now()
AMD = {"max_false_positive_rate": 0.05}


@pytest.fixture
def amd(outdial: Outdial) -> Outdial:
    """Run ``outdial amd``."""
    return partial(outdial, "amd")


async def _campaign(sessions: SessionFactory, calls: int) -> tuple[MadeCampaign, str]:
    """Store a campaign whose calls were all taken for machines', all but the last two wrongly."""
    async with transaction(sessions) as session:
        made = await make_campaign(session, NOW, leads=numbers(calls), settings={"amd": AMD})
        for number, lead_id in enumerate(made.lead_ids):
            lead = await session.get_one(Lead, lead_id)
            attempt = Attempt(
                client_id=made.client_id,
                campaign_id=made.id,
                lead_id=lead.id,
                contact_id=lead.contact_id,
                e164=numbers(1, number)[0],
                trunk_id=made.trunk_id,
                fence=0,
                number_in_lead=1,
                started_at=NOW,
                answered_at=NOW,
                ended_at=NOW,
                outcome=CallOutcome.MACHINE,
                recording=f"{number}.wav",
            )
            session.add(attempt)
            await session.flush()
            session.add(
                AmdVerdict(
                    attempt_id=attempt.id,
                    client_id=made.client_id,
                    campaign_id=made.id,
                    verdict=Verdict.MACHINE,
                    treatment=Treatment.ACTED,
                    cause="MAXWORDS-5-4",
                    analysed_ms=2600,
                    found_at=NOW,
                    for_review=True,
                    judged=Judgement.PERSON if number < calls - 2 else None,
                    judged_at=NOW if number < calls - 2 else None,
                )
            )
        client = await session.execute(text("SELECT name FROM client"))
        return made, client.scalar_one()


async def test_a_reviewer_works_through_the_queue_until_detection_goes_off_and_on(
    amd: Outdial, sessions: SessionFactory
) -> None:
    made, client = await _campaign(sessions, 6)
    name, whose = str(made.id), ("--client", client)
    rows = json.loads(amd("waiting", name, *whose, "--json")[1])
    assert len(rows) == 2
    assert rows[0]["recording"] == f"/recordings/{rows[0]['call']}"
    call = rows[0]["call"]
    assert amd("judge", call, "cannot_tell", *whose)[0] == 0
    status, said = amd("judge", call, "person", *whose)
    assert (status, said.startswith("already_judged:")) == (2, True)
    mended = amd("judge", call, "machine", "--instead-of", "cannot_tell", *whose, "--json")
    assert json.loads(mended[1])["switched_off"] is True
    shown = json.loads(amd("show", name, *whose, "--json")[1])
    assert (shown["on"], shown["off_reason"]) == (False, "too_many_people_taken_for_machines")
    assert (shown["judged"], shown["people"], shown["waiting"]) == (5, 4, 1)
    assert shown["by_kind"] == [{"verdict": "machine", "treatment": "acted", "calls": 6}]
    _, table = amd("show", name, *whose)
    assert "80.0 % (37.6 % to 96.4 %)" in table
    status, said = amd("switch-on", name, "--reason", "no", *whose)
    assert (status, said.startswith("reason_missing:")) == (2, True)
    on = amd("switch-on", name, "--reason", "another carrier", *whose, "--json")
    assert json.loads(on[1])["on"] is True
    async with sessions() as session:
        sql = "SELECT action, facts ->> 'reason' AS why FROM audit_entry WHERE action = :a"
        (entry,) = (await session.execute(text(sql), {"a": "amd.switched_on"})).all()
    assert entry.why == "another carrier"


async def test_another_clients_campaign_and_calls_are_not_there(
    amd: Outdial, sessions: SessionFactory
) -> None:
    made, _ = await _campaign(sessions, 2)
    async with sessions() as session:
        sql = "SELECT attempt_id::text FROM amd_verdict LIMIT 1"
        call = (await session.execute(text(sql))).scalar_one()
    for arguments in (
        ("show", str(made.id)),
        ("judge", call, "person"),
    ):
        status, said = amd(*arguments, "--client", "Somebody Else")
        assert (status, "not_found" in said) == (2, True), arguments
