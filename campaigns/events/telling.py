"""Telling: what programs get of an event. Numbers are put in now: an erased person has none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.delivery.operators import code_of
from campaigns.events.kinds import EventKind, version_of
from campaigns.events.models import Event
from campaigns.leads.models import Attempt
from campaigns.lists.models import Contact
from compliance.models import Suppression
from dialer.phone import masked

#: How the id of an event's subject is called, by the noun of its kind.
SUBJECTS = {
    "attempt": "attempt_id",
    "result": "attempt_id",
    "form": "interview_id",
    "callback": "callback_id",
    "lead": "lead_id",
    "opt_out": "suppression_id",
    "contact": "contact_id",
    "import": "import_id",
    "campaign": "campaign_id",
}
_CALLS = ("attempt", "result")
#: Of the client's contacts with a suppressed number so many are named.
_MOST_KEYS = 20

_KEYS_OF_NUMBERS = text(
    """
    SELECT DISTINCT p.e164, c.external_key FROM phone p JOIN contact c ON c.id = p.contact_id
    WHERE p.client_id = :client_id AND c.client_id = :client_id AND c.external_key IS NOT NULL
      AND p.e164 = ANY(CAST(:numbers AS text[]))
    ORDER BY p.e164, c.external_key
    """
)


@dataclass(slots=True)
class _Known:
    """What is known by now of the people and things of some events."""

    contacts: dict[UUID, tuple[str | None, UUID, int]] = field(default_factory=dict)
    numbers: dict[UUID, str] = field(default_factory=dict)  #: of attempts and suppressions
    keys: dict[str, list[str]] = field(default_factory=dict)  #: by number
    agents: dict[str, str] = field(default_factory=dict)  #: by session


async def tell(
    session: AsyncSession,
    client_id: UUID,
    events: Sequence[Event],
    *,
    with_numbers: bool,
    with_names: bool,
) -> list[dict[str, Any]]:
    """Return what is told of a client's events, as JSON, in their order.

    Args:
        session: Of any transaction.
        client_id: Whose events they are.
        events: Some of them.
        with_numbers: Whole phone numbers; else all but the last digits are hidden.
        with_names: Operators' names; else the codes that files have in their place.
    """
    known = await _known(session, client_id, events, with_names=with_names)
    return [_told(event, known, with_numbers=with_numbers) for event in events]


def _told(event: Event, known: _Known, *, with_numbers: bool) -> dict[str, Any]:
    kind = EventKind(event.kind)
    noun = kind.value.partition(".")[0]
    data: dict[str, Any] = {SUBJECTS[noun]: str(event.subject_id)}
    if event.lead_id is not None:
        data["lead_id"] = str(event.lead_id)
    if event.contact_id is not None:
        key, list_id, row = known.contacts.get(event.contact_id, (None, None, None))
        data["contact_id"] = str(event.contact_id)
        data |= {"external_id": key, "list_id": str(list_id) if list_id else None, "row": row}
    own = dict(event.data)
    if (session_id := own.pop("session_id", None)) is not None:
        data["agent"] = known.agents.get(session_id)
    if noun in _CALLS or noun == "opt_out":
        number = known.numbers.get(event.subject_id, "")
        is_known = number.startswith("+")  # an erased number left a mark in its place
        data["phone"] = (number if with_numbers else masked(number)) if is_known else None
        if noun == "opt_out":
            data["external_ids"] = known.keys.get(number, []) if is_known else []
    return {
        "id": f"evt_{event.client_id.hex}_{event.position}",
        "position": event.position,
        "type": kind.value,
        "version": version_of(kind),
        "at": event.at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "client_id": str(event.client_id),
        "campaign_id": str(event.campaign_id) if event.campaign_id else None,
        "data": data | own,
    }


async def _known(
    session: AsyncSession, client_id: UUID, events: Sequence[Event], *, with_names: bool
) -> _Known:
    known = _Known()
    contacts = {event.contact_id for event in events if event.contact_id is not None}
    if contacts:
        statement = select(
            Contact.id, Contact.external_key, Contact.list_id, Contact.source_row
        ).where(col(Contact.client_id) == client_id, col(Contact.id).in_(contacts))
        for contact_id, key, list_id, row in await session.exec(statement):
            known.contacts[contact_id] = (key, list_id, row)
    calls = {event.subject_id for event in events if event.kind.partition(".")[0] in _CALLS}
    if calls:
        of_calls = select(Attempt.id, Attempt.e164).where(
            col(Attempt.client_id) == client_id, col(Attempt.id).in_(calls)
        )
        known.numbers |= dict((await session.exec(of_calls)).all())
    opt_outs = {event.subject_id for event in events if event.kind.startswith("opt_out.")}
    if opt_outs:
        await _know_opt_outs(session, client_id, opt_outs, known)
    sessions = {UUID(one) for event in events if (one := event.data.get("session_id"))}
    if sessions:
        of_agents = (
            select(AgentSession.id, Agent.id, Agent.name)
            .join(Agent, col(Agent.id) == col(AgentSession.agent_id))
            .where(col(AgentSession.client_id) == client_id, col(AgentSession.id).in_(sessions))
        )
        for one, agent_id, name in await session.exec(of_agents):
            known.agents[str(one)] = name if with_names else code_of(agent_id)
    return known


async def _know_opt_outs(
    session: AsyncSession, client_id: UUID, ids: set[UUID], known: _Known
) -> None:
    statement = select(Suppression.id, Suppression.e164).where(
        col(Suppression.client_id) == client_id, col(Suppression.id).in_(ids)
    )
    found = dict((await session.exec(statement)).all())
    known.numbers |= found
    facts = {"client_id": client_id, "numbers": sorted(set(found.values()))}
    for number, key in await session.execute(_KEYS_OF_NUMBERS, facts):
        keys = known.keys.setdefault(number, [])
        if len(keys) < _MOST_KEYS:
            keys.append(key)
