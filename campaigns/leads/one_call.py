"""One call as its page shows it: whose it was, how it ended, its result and what follows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import AttemptNotFound
from campaigns.states import LeadState
from dialer.call.states import CallOutcome
from dialer.phone import masked


@dataclass(frozen=True, slots=True)
class OneCall:
    """A call and what is known around it."""

    id: UUID
    campaign_id: UUID
    campaign: str
    contact_id: UUID
    name: str  #: "": the person was erased, or has none
    number: str  #: masked; "": the person was erased
    erased: bool
    agent: str  #: "": nobody took it
    taken_by: UUID | None  #: the agent's user
    started_at: datetime
    connected_at: datetime | None
    ended_at: datetime | None
    talk_s: float | None
    outcome: CallOutcome | None
    disposition: str | None
    label: str | None  #: the disposition's, as the campaign has it
    note: str
    lead_state: LeadState
    lead_result: str | None
    next_attempt_at: datetime | None
    promised_at: datetime | None  #: of the contact's open callback
    promised_zone: str | None
    recorded: bool

    @property
    def talked(self) -> bool:
        """Tell whether there was a conversation that is over: only such a call has a result."""
        return self.connected_at is not None and self.ended_at is not None


_CALL = text(
    """
    SELECT a.id, a.campaign_id, k.name AS campaign, a.contact_id, c.erased_at IS NOT NULL AS erased, c.name,
           a.e164, coalesce(g.name, '') AS agent,
           g.user_id AS taken_by, a.started_at, a.connected_at, a.ended_at, a.outcome,
           extract(epoch FROM coalesce(a.left_at, a.ended_at) - a.connected_at) AS talk_s,
           a.disposition, d.label, coalesce(n.text, '') AS note,
           l.state, l.result, l.next_attempt_at, b.promised_at, b.zone,
           EXISTS (SELECT FROM recording r WHERE r.attempt_id = a.id AND r.client_id = :client_id) AS recorded
    FROM attempt a
    JOIN lead l ON l.id = a.lead_id
    JOIN contact c ON c.id = a.contact_id
    JOIN campaign k ON k.id = a.campaign_id
    LEFT JOIN agent_session s ON s.id = a.agent_session_id
    LEFT JOIN agent g ON g.id = s.agent_id
    LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
    LEFT JOIN attempt_note n ON n.attempt_id = a.id
    LEFT JOIN callback b ON b.lead_id = a.lead_id AND b.state = 'open'
    WHERE a.id = :attempt_id AND a.client_id = :client_id
    """
)


async def find_call(session: AsyncSession, attempt_id: UUID, *, client_id: UUID) -> OneCall:
    """Return a client's call.

    Raises:
        AttemptNotFound: there is none, or it is another client's.
    """
    facts = {"attempt_id": attempt_id, "client_id": client_id}
    row = (await session.execute(_CALL, facts)).mappings().first()
    if row is None:
        raise AttemptNotFound(attempt_id=str(attempt_id))
    return OneCall(
        id=row["id"],
        campaign_id=row["campaign_id"],
        campaign=row["campaign"],
        contact_id=row["contact_id"],
        name="" if row["erased"] else row["name"] or "",
        number="" if row["erased"] else masked(row["e164"]),
        erased=row["erased"],
        agent=row["agent"],
        taken_by=row["taken_by"],
        started_at=row["started_at"],
        connected_at=row["connected_at"],
        ended_at=row["ended_at"],
        talk_s=None if row["talk_s"] is None else float(row["talk_s"]),
        outcome=CallOutcome(row["outcome"]) if row["outcome"] else None,
        disposition=row["disposition"],
        label=row["label"],
        note=row["note"],
        lead_state=LeadState(row["state"]),
        lead_result=row["result"],
        next_attempt_at=row["next_attempt_at"],
        promised_at=row["promised_at"],
        promised_zone=row["zone"],
        recorded=row["recorded"],
    )
