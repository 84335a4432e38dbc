"""The contact's card of a call: who it is, in one statement, for it is on the way to the screen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import AttemptNotFound
from campaigns.states import PhoneKind
from dialer.call.states import CallOutcome

#: Earlier calls on the card, the newest first.
MOST_CALLS = 8

_CARD = text(
    """
    SELECT a.id, a.campaign_id, a.lead_id, a.contact_id, a.e164, a.number_in_lead,
           a.connected_at, a.ended_at, a.disposition, a.agent_session_id,
           c.name, c.fields, c.language, c.tags, n.text AS note, p.zones,
           (SELECT json_agg(json_build_object('kind', f.kind, 'e164', f.e164,
                                              'dead', f.invalid_at IS NOT NULL) ORDER BY f.position)
            FROM phone f WHERE f.contact_id = a.contact_id) AS phones,
           (SELECT json_agg(h) FROM (
                SELECT b.id, b.started_at, b.outcome, b.disposition, d.label, k.name AS campaign,
                       g.name AS agent, m.text AS note
                FROM attempt b
                JOIN campaign k ON k.id = b.campaign_id
                LEFT JOIN agent_session s ON s.id = b.agent_session_id
                LEFT JOIN agent g ON g.id = s.agent_id
                LEFT JOIN disposition d ON d.campaign_id = b.campaign_id AND d.code = b.disposition
                LEFT JOIN attempt_note m ON m.attempt_id = b.id
                WHERE b.contact_id = a.contact_id AND b.client_id = a.client_id AND b.id <> a.id
                ORDER BY b.started_at DESC, b.id DESC LIMIT :most) h) AS calls,
           (SELECT json_build_object('at', r.promised_at, 'zone', r.zone, 'agent', r.agent,
                                     'note', r.note)
            FROM callback r WHERE r.lead_id = a.lead_id AND r.state = 'open') AS promise,
           (SELECT count(*) FROM interview i WHERE i.contact_id = a.contact_id
                AND i.client_id = a.client_id
                AND i.attempt_id IS DISTINCT FROM a.id) AS interviews
    FROM attempt a
    JOIN contact c ON c.id = a.contact_id
    JOIN lead l ON l.id = a.lead_id
    LEFT JOIN place p ON p.id = l.place_id
    LEFT JOIN attempt_note n ON n.attempt_id = a.id
    WHERE a.id = :attempt_id AND a.client_id = :client_id
    """
)


@dataclass(frozen=True, slots=True)
class CardNumber:
    """One of the contact's numbers."""

    kind: PhoneKind
    e164: str
    is_dialled: bool
    is_dead: bool


@dataclass(frozen=True, slots=True)
class CardCall:
    """An earlier call to the contact, in any campaign of the client."""

    id: UUID
    started_at: datetime
    outcome: CallOutcome | None  #: None: it is on
    disposition: str | None
    label: str | None  #: of the disposition
    campaign: str
    agent: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class CardPromise:
    """The open callback of the lead."""

    at: datetime
    zone: str
    agent: str | None  #: None: anybody
    note: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything an agent reads of the person on the line."""

    attempt_id: UUID
    campaign_id: UUID
    lead_id: UUID
    contact_id: UUID
    session_id: UUID | None
    number_in_lead: int  #: 1 = the first attempt
    connected_at: datetime | None
    ended_at: datetime | None
    disposition: str | None
    name: str
    fields: dict[str, Any]
    language: str | None
    tags: tuple[str, ...]
    note: str
    zones: tuple[str, ...]
    numbers: tuple[CardNumber, ...]
    calls: tuple[CardCall, ...]
    promise: CardPromise | None
    interviews: int  #: begun in other calls

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the numbers that agents must not take away."""
        return tuple(one.e164 for one in self.numbers)


async def load_card(session: AsyncSession, attempt_id: UUID, *, client_id: UUID) -> Card:
    """Return the card of a client's call.

    Raises:
        AttemptNotFound: no such attempt, or it is another client's.
    """
    facts = {"attempt_id": attempt_id, "client_id": client_id, "most": MOST_CALLS}
    row: Any = (await session.execute(_CARD, facts)).one_or_none()
    if row is None:
        raise AttemptNotFound(attempt_id=attempt_id)
    return Card(
        attempt_id=row.id,
        campaign_id=row.campaign_id,
        lead_id=row.lead_id,
        contact_id=row.contact_id,
        session_id=row.agent_session_id,
        number_in_lead=row.number_in_lead,
        connected_at=row.connected_at,
        ended_at=row.ended_at,
        disposition=row.disposition,
        name=row.name,
        fields=row.fields,
        language=row.language,
        tags=tuple(row.tags),
        note=row.note or "",
        zones=tuple(row.zones or ()),
        numbers=tuple(_number(one, row.e164) for one in row.phones or ()),
        calls=tuple(_call(one) for one in row.calls or ()),
        promise=_promise(row.promise),
        interviews=row.interviews,
    )


def _number(one: dict[str, Any], dialled: str) -> CardNumber:
    return CardNumber(PhoneKind(one["kind"]), one["e164"], one["e164"] == dialled, one["dead"])


def _call(one: dict[str, Any]) -> CardCall:
    return CardCall(
        UUID(one["id"]),
        datetime.fromisoformat(one["started_at"]),
        CallOutcome(one["outcome"]) if one["outcome"] else None,
        one["disposition"],
        one["label"],
        one["campaign"],
        one["agent"],
        one["note"],
    )


def _promise(one: dict[str, Any] | None) -> CardPromise | None:
    if one is None:
        return None
    return CardPromise(datetime.fromisoformat(one["at"]), one["zone"], one["agent"], one["note"])
