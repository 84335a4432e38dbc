"""Writing fates: many leads in one statement."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.recycle import LeadFate
from dialer.call.states import CallOutcome

_STORE = text(
    """
    WITH freed AS (DELETE FROM lead_claim WHERE lead_id = ANY(CAST(:ids AS uuid[])))
    UPDATE lead SET state = f.state, next_attempt_at = f.due, waiting_reason = f.reason,
           result = f.result, phone_position = f.position,
           last_outcome = coalesce(f.outcome, lead.last_outcome),
           reserved_for = CASE WHEN f.state <> 'done' THEN coalesce(f.agent, lead.reserved_for) END,
           -- The number that is next decides the place; a lead that was tried waits in the odd lane.
           (place_id, e164) = (
               SELECT coalesce(min(p.place_id), lead.place_id), coalesce(min(p.e164), lead.e164)
               FROM phone p WHERE p.contact_id = lead.contact_id AND p.position = f.position),
           lane = CASE WHEN lead.attempts_made > 0 THEN lead.lane | 1 ELSE lead.lane END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:dues AS timestamptz[]),
                CAST(:reasons AS text[]), CAST(:results AS text[]), CAST(:positions AS int[]),
                CAST(:outcomes AS text[]), CAST(:agents AS text[]))
         AS f(id, state, due, reason, result, position, outcome, agent)
    WHERE lead.id = f.id
    """
)


async def store_fates(
    session: AsyncSession,
    fates: Mapping[UUID, LeadFate],
    outcomes: Mapping[UUID, CallOutcome] | None = None,
) -> None:
    """Write the fates of leads (by lead id), with the outcome that led to each where there is one."""
    if not fates:
        return
    found = outcomes or {}
    await session.execute(
        _STORE,
        {
            "ids": list(fates),
            "states": [fate.state.value for fate in fates.values()],
            "dues": [fate.next_attempt_at for fate in fates.values()],
            "reasons": [fate.waiting_reason for fate in fates.values()],
            "results": [fate.result for fate in fates.values()],
            "positions": [fate.phone_position for fate in fates.values()],
            "outcomes": [found[lead].value if lead in found else None for lead in fates],
            "agents": [fate.reserved_for for fate in fates.values()],
        },
    )
