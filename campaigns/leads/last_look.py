"""Under the locks: which claimed leads are still what was claimed, and one call to a person and number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.hopper import Candidate

# A lead that an undo or a selection holds is not waited for: with it the whole campaign would wait. A
# person may be on the line by any contact and number; the same contact, or the same number, is kept apart
# by the attempts' own indexes as well.
_AS_IT_IS = text(
    """
    SELECT l.id, l.attempts_made, l.phone_position, l.lane, l.reserved_for, p.e164, p.place_id,
           coalesce(t.external_key, t.id::text) AS person_key, t.language,
           EXISTS (SELECT FROM callback b WHERE b.lead_id = l.id AND b.state = 'open') AS promised,
           EXISTS (SELECT FROM contact c JOIN attempt a ON a.contact_id = c.id AND a.ended_at IS NULL
                   WHERE c.client_id = l.client_id AND c.external_key = t.external_key) AS is_busy
    FROM lead l JOIN contact t ON t.id = l.contact_id
    LEFT JOIN phone p ON p.contact_id = l.contact_id AND p.position = l.phone_position
    WHERE l.id = ANY(CAST(:leads AS uuid[])) AND l.campaign_id = :campaign_id
      AND l.state = 'waiting' AND l.next_attempt_at <= :now
      AND EXISTS (SELECT FROM lead_claim k WHERE k.lead_id = l.id)
    ORDER BY l.id FOR NO KEY UPDATE OF l SKIP LOCKED
    """
)
_STILL_CLAIMED = text(
    """
    SELECT l.id FROM lead l JOIN lead_claim k ON k.lead_id = l.id
    WHERE l.id = ANY(CAST(:leads AS uuid[])) AND l.state = 'waiting' AND l.next_attempt_at <= :now
    """
)

_HOLD_WAITING = text(
    """
    SELECT id FROM lead WHERE id = ANY(CAST(:leads AS uuid[])) AND state = 'waiting'
      AND next_attempt_at <= :now
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    """
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of claimed leads since they were claimed."""

    fit: tuple[Candidate, ...]  #: with the place and the counts they have now
    changed: tuple[
        UUID, ...
    ]  #: gone, not due any more, or for another number, lane, agent or person
    held: tuple[Candidate, ...]  #: somebody else's transaction has them at this moment
    busy: frozenset[str] = frozenset()  #: keys of persons of whom a contact has a live call


async def look_again(
    session: AsyncSession, campaign_id: UUID, candidates: Sequence[Candidate], *, now: datetime
) -> Looked:
    """Lock the candidates' leads until the commit and read them anew; ``keys_of`` them are held."""
    if not candidates:
        return Looked((), (), ())
    leads = [candidate.lead_id for candidate in candidates]
    facts = {"leads": leads, "campaign_id": campaign_id, "now": now}
    rows = {row.id: row for row in await session.execute(_AS_IT_IS, facts)}
    missing = [lead for lead in leads if lead not in rows]
    held = set[UUID]()
    if missing:
        asked = {"leads": missing, "now": now}
        held = set((await session.execute(_STILL_CLAIMED, asked)).scalars())
    fit = {c.lead_id for c in candidates if c.lead_id in rows and _is_same(c, rows[c.lead_id])}
    return Looked(
        tuple(_as_now(c, rows[c.lead_id]) for c in candidates if c.lead_id in fit),
        tuple(c.lead_id for c in candidates if c.lead_id not in fit | held),
        tuple(candidate for candidate in candidates if candidate.lead_id in held),
        frozenset(row.person_key for row in rows.values() if row.is_busy),
    )


async def hold_waiting(
    session: AsyncSession, lead_ids: Sequence[UUID], *, now: datetime
) -> set[UUID]:
    """Lock the leads that are still due until the commit; what others hold or changed is left out."""
    rows = await session.execute(_HOLD_WAITING, {"leads": list(lead_ids), "now": now})
    return set(rows.scalars())


def one_call_each(candidates: Sequence[Candidate], busy: Collection[str]) -> list[Candidate]:
    """Return the first candidate of each person and each number; none of the ``busy`` persons.

    The gate answers for all of a batch before any call of it is written: a second call to somebody
    would be counted against a history without the first.
    """
    persons, numbers = set(busy), set[str]()
    firsts = []
    for candidate in candidates:
        if candidate.person_key not in persons and candidate.e164 not in numbers:
            firsts.append(candidate)
            persons.add(candidate.person_key)
            numbers.add(candidate.e164)
    return firsts


def with_their_agents(
    candidates: Sequence[Candidate], free_agents: Collection[str]
) -> tuple[list[Candidate], list[UUID]]:
    """Part the candidates from the leads whose own agent is not free; each agent gets one call."""
    free = set(free_agents)
    fit: list[Candidate] = []
    without: list[UUID] = []
    for candidate in candidates:
        own = candidate.reserved_for
        if own is not None and own not in free:
            without.append(candidate.lead_id)
            continue
        fit.append(candidate)
        if own is not None:
            free.remove(own)
    return fit, without


def keys_of(candidates: Sequence[Candidate]) -> set[int]:
    """Return the lock keys of numbers (positive) and persons (negative)."""
    numbers = {int(candidate.e164[1:]) for candidate in candidates}
    digests = (sha256(c.person_key.encode()).digest()[:8] for c in candidates)
    return numbers | {-(int.from_bytes(digest, "big") >> 1) - 1 for digest in digests}


def _is_same(candidate: Candidate, row: Row[Any]) -> bool:
    claimed = (candidate.e164, candidate.phone_position, candidate.lane)
    person = (candidate.reserved_for, candidate.person_key)
    stored = (row.e164, row.phone_position, row.lane, row.reserved_for, row.person_key)
    return (*claimed, *person) == stored


def _as_now(candidate: Candidate, row: Row[Any]) -> Candidate:
    return replace(
        candidate,
        place_id=row.place_id,
        attempts_made=row.attempts_made,
        promised=row.promised,
        language=row.language,
    )
