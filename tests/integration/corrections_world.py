"""What tests of corrected results start from: a conversation that is over, and its correction."""

from datetime import timedelta
from typing import Any

from httpx import AsyncClient

from campaigns.leads.models import Attempt, Lead
from campaigns.states import LeadState
from dialer.call.states import CallOutcome
from tests.integration.api_world import World

V1 = "/api/v1"


async def talk(world: World, code: str | None = "sale", **facts: Any) -> tuple[Lead, Attempt]:
    """Store a conversation that ended an hour ago, closed with a code."""
    campaign_id = facts.pop("campaign_id", None) or await world.campaign(await world.api())
    ended = world.clock.now() - timedelta(hours=1)
    usual: dict[str, Any] = {"state": LeadState.DONE, "attempts_made": 1}
    usual["result"] = code or "no_disposition"
    lead = await world.lead(campaign_id, row=1, **{**usual, **facts})
    begun = ended - timedelta(minutes=3)
    attempt = await world.attempt(
        lead, 1, started_at=begun, answered_at=begun, connected_at=begun, ended_at=ended,
        outcome=CallOutcome.CONNECTED, disposition=code, disposed_at=ended if code else None,
    )  # fmt: skip
    return lead, attempt


async def corrected(
    api: AsyncClient, attempt: Attempt, code: str, was: str | None = "sale", **body: Any
) -> Any:
    """Correct a result; return the answer."""
    wish = {"code": code, "instead_of": was, "reason": "Heard again", **body}
    return await api.post(f"{V1}/attempts/{attempt.id}/corrections", json=wish)


async def lead_now(world: World, lead: Lead) -> Lead:
    async with world.sessions() as session:
        return await session.get_one(Lead, lead.id)
