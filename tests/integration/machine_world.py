"""What tests of verdicts start from: calls with verdicts, and judgements of them."""

from typing import Any
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import text

from campaigns.amd.models import AmdVerdict
from campaigns.leads.models import Attempt
from dialer.call.states import CallOutcome
from dialer.call.verdicts import Treatment, Verdict
from dialer.db import transaction
from tests.integration.api_world import HOURS, World

V1 = "/api/v1"
LISTENS = {"hours": HOURS, "purpose": "survey", "amd": {"max_false_positive_rate": 0.02}}


async def stored_call(
    world: World,
    campaign_id: UUID,
    row: int,
    treatment: Treatment = Treatment.ACTED,
    verdict: Verdict = Verdict.MACHINE,
    for_review: bool | None = None,
    **facts: Any,
) -> UUID:
    """Store a call that ended, with its recording and its verdict; those acted on were drawn."""
    lead = await world.lead(campaign_id, row=row)
    now = world.clock.now()
    outcome = CallOutcome.MACHINE if treatment is Treatment.ACTED else CallOutcome.CONNECTED
    ended = {"answered_at": now, "ended_at": now, "outcome": outcome}
    attempt: Attempt = await world.attempt(
        lead, row, **({"recording": f"{row}.wav"} | ended | facts)
    )
    async with transaction(world.sessions) as session:
        session.add(
            AmdVerdict(
                attempt_id=attempt.id,
                client_id=world.client_id,
                campaign_id=campaign_id,
                verdict=verdict,
                treatment=treatment,
                cause="MAXWORDS-5-4",
                analysed_ms=2600,
                found_at=now,
                for_review=treatment is Treatment.ACTED if for_review is None else for_review,
            )
        )
    return attempt.id


async def said(api: AsyncClient, attempt_id: UUID, was: str, **more: str) -> Any:
    """Send a judgement."""
    body = {"was": was, **more}
    return await api.post(f"{V1}/attempts/{attempt_id}/machine-judgement", json=body)


async def audit_of(world: World) -> list[str]:
    """Return what the audit log says of detection, in order."""
    async with world.sessions() as session:
        sql = "SELECT action FROM audit_entry WHERE action ~ '^(amd|recording)' ORDER BY id"
        return list((await session.execute(text(sql))).scalars())
