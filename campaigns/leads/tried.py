"""What decides the fate of leads whose calls ended: read set-wise."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.recycle import AttemptFacts, Promise
from dialer.call.states import CallOutcome

_LEADS = text(
    """
    SELECT l.id, l.attempts_made, l.phone_position,
           ARRAY(SELECT p.position FROM phone p
                 WHERE p.contact_id = l.contact_id AND p.invalid_at IS NULL) AS alive,
           ARRAY(SELECT a.started_at FROM attempt a WHERE a.lead_id = l.id) AS tried,
           s.zones[1] AS zone, b.promised_at, b.agent
    FROM lead l JOIN place s ON s.id = l.place_id
    LEFT JOIN callback b ON b.lead_id = l.id AND b.state = 'open'
    WHERE l.id = ANY(CAST(:ids AS uuid[])) AND (l.state = 'dialing' OR NOT :in_hand)
    """
)


async def lead_facts(
    session: AsyncSession, outcomes: Mapping[UUID, CallOutcome], *, in_hand: bool = True
) -> dict[UUID, AttemptFacts]:
    """Return the facts about the leads in ``outcomes``; with ``in_hand`` only of those in a call.

    A callback that is open was promised during the call: older ones are closed when it is dialled.
    """
    rows = await session.execute(_LEADS, {"ids": list(outcomes), "in_hand": in_hand})
    return {
        row.id: AttemptFacts(
            outcome=outcomes[row.id],
            attempts_made=row.attempts_made,
            alive=tuple(row.alive),
            phone_position=row.phone_position,
            zone=row.zone,
            tried_at=tuple(row.tried),
            promise=Promise(row.promised_at, row.agent) if row.promised_at else None,
        )
        for row in rows
    }
