"""The hopper: claim the leads that are due, only from lanes that are drawn and places that are open."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

#: Up to this many ranges of the index each is asked for as many leads as are wanted.
_FEW_RANGES = 4
#: With more, each is asked for its even share times this, and for this many at least.
_MORE_THAN_FAIR = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claimed lead and the number to dial."""

    lead_id: UUID
    contact_id: UUID
    attempts_made: int
    phone_position: int
    e164: str
    place_id: int
    lane: int
    person_key: str  #: the client's own key of the person, else the contact's id
    reserved_for: str | None  #: name of the agent to whom the call belongs
    suppressed: bool
    promised: bool = False  #: a callback: the campaign's own limit of attempts does not break it
    language: str | None = None  #: the contact's, ISO 639-1; known from the last look on


@dataclass(frozen=True, slots=True)
class Draw:
    """What to draw: lanes with how many leads each may give, and the places that are open."""

    lanes: Mapping[int, int]
    places: Sequence[int]
    limit: int  #: over all lanes
    by_due: bool = False  #: the longest due first over all lanes; else lane by lane as given
    free_agents: Sequence[str] = ()  #: names; leads reserved for others stay


# Each (lane, place) is one short range of the index, in the order in which leads are due; nothing that
# is not due, not drawn or not open is ever looked at. The claim's key sees to it that two owners never
# claim one lead; what another transaction changes meanwhile, the last look before the call finds.
_CLAIM = text(
    """
    WITH picked AS (
        SELECT d.* FROM unnest(CAST(:lanes AS smallint[]), CAST(:wanted AS int[])) AS l(lane, wanted)
        CROSS JOIN LATERAL (
            SELECT x.*
            FROM unnest(CAST(:places AS int[])) AS p(place_id)
            CROSS JOIN LATERAL (
                SELECT id, client_id, contact_id, attempts_made, phone_position, e164, place_id,
                       lane, person_key, reserved_for, next_attempt_at, sort_key FROM lead
                WHERE campaign_id = :campaign_id AND lane = l.lane AND place_id = p.place_id
                  AND state = 'waiting' AND next_attempt_at <= :now
                  AND (reserved_for IS NULL OR reserved_for = ANY(CAST(:free_agents AS text[])))
                  AND NOT EXISTS (SELECT FROM lead_claim c WHERE c.lead_id = lead.id)
                ORDER BY next_attempt_at, sort_key LIMIT least(l.wanted, :per_range)
            ) x
            ORDER BY x.next_attempt_at, x.sort_key LIMIT l.wanted
        ) d
        ORDER BY CASE WHEN NOT :by_due THEN array_position(CAST(:lanes AS smallint[]), l.lane) END,
                 d.next_attempt_at, d.sort_key
        LIMIT :limit
    ), claimed AS (
        INSERT INTO lead_claim (lead_id, campaign_id)
        SELECT id, :campaign_id FROM picked
        WHERE NOT (SELECT selection_due FROM campaign WHERE id = :campaign_id)
        ON CONFLICT DO NOTHING RETURNING lead_id
    )
    SELECT d.id AS lead_id, d.contact_id, d.attempts_made, d.phone_position, d.e164, d.place_id, d.lane,
           coalesce(d.person_key, d.contact_id::text) AS person_key, d.reserved_for,
           EXISTS (SELECT FROM suppression s WHERE s.client_id = d.client_id AND s.e164 = d.e164
                   AND (s.campaign_id IS NULL OR s.campaign_id = :campaign_id)) AS suppressed,
           EXISTS (SELECT FROM callback b WHERE b.lead_id = d.id AND b.state = 'open') AS promised
    FROM claimed c JOIN picked d ON d.id = c.lead_id
    ORDER BY CASE WHEN NOT :by_due THEN array_position(CAST(:lanes AS smallint[]), d.lane) END,
             d.next_attempt_at, d.sort_key, d.id
    """
)

# What an import changed of the number or the person meanwhile is read anew.
_RETURN = text(
    """
    WITH freed AS (
        DELETE FROM lead_claim
        WHERE campaign_id = :campaign_id AND (lead_id = ANY(CAST(:ids AS uuid[]))) = :listed
        RETURNING lead_id
    )
    UPDATE lead SET place_id = p.place_id, e164 = p.e164, person_key = t.external_key
    FROM freed f, phone p, contact t
    WHERE lead.id = f.lead_id AND t.id = lead.contact_id AND p.contact_id = lead.contact_id
      AND p.position = lead.phone_position AND lead.state = 'waiting'
      AND (lead.place_id, lead.e164, lead.person_key)
          IS DISTINCT FROM (p.place_id, p.e164, t.external_key)
    """
)


async def claim(
    session: AsyncSession, campaign_id: UUID, draw: Draw, *, now: datetime
) -> list[Candidate]:
    """Claim due leads, lane by lane in the order given; the same order for the same data.

    Each range of the index, a lane at a place, is first asked for a few, so that the cost does not
    grow with their number; what is then missing is taken wherever it is.
    """
    if not draw.lanes or not draw.places:
        return []
    few = _of_each_range(draw)
    found = await _claim(session, campaign_id, draw, few, now)
    if len(found) >= draw.limit or few >= max(draw.lanes.values()):
        return found
    taken = Counter(candidate.lane for candidate in found)
    lanes = {lane: wanted - taken[lane] for lane, wanted in draw.lanes.items()}
    rest = replace(
        draw,
        lanes={lane: wanted for lane, wanted in lanes.items() if wanted > 0},
        limit=draw.limit - len(found),
    )
    return (
        found + await _claim(session, campaign_id, rest, draw.limit, now) if rest.lanes else found
    )


async def _claim(
    session: AsyncSession, campaign_id: UUID, draw: Draw, per_range: int, now: datetime
) -> list[Candidate]:
    rows = await session.execute(
        _CLAIM,
        {
            "campaign_id": campaign_id,
            "lanes": list(draw.lanes),
            "wanted": list(draw.lanes.values()),
            "places": sorted(draw.places),
            "per_range": per_range,
            "limit": draw.limit,
            "by_due": draw.by_due,
            "free_agents": list(draw.free_agents),
            "now": now,
        },
    )
    return [Candidate(**row) for row in rows.mappings()]


def _of_each_range(draw: Draw) -> int:
    """Return how many leads one range may give at first: all while they are few, then a fair part."""
    ranges = len(draw.places) * (len(draw.lanes) if draw.by_due else 1)
    wanted = draw.limit if draw.by_due else max(draw.lanes.values())
    if ranges <= _FEW_RANGES:
        return wanted
    return max(_MORE_THAN_FAIR, ceil(_MORE_THAN_FAIR * wanted / ranges))


async def give_back(session: AsyncSession, campaign_id: UUID, lead_ids: Iterable[UUID]) -> None:
    """Return claimed leads undialled."""
    facts = {"campaign_id": campaign_id, "ids": list(lead_ids), "listed": True}
    if facts["ids"]:
        await session.execute(_RETURN, facts)


async def let_go(session: AsyncSession, lead_ids: Iterable[UUID]) -> None:
    """Delete claims without a look at their leads, which somebody else may hold."""
    await session.execute(
        text("DELETE FROM lead_claim WHERE lead_id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(lead_ids)},
    )


async def give_back_all_but(
    session: AsyncSession, campaign_id: UUID, lead_ids: Iterable[UUID]
) -> None:
    """Return every claimed lead of the campaign but these: nobody remembers the others."""
    facts = {"campaign_id": campaign_id, "ids": list(lead_ids), "listed": False}
    await session.execute(_RETURN, facts)


#: SQL: the campaign has a lead that is not done and may be drawn, from any lane but ``:closed``; what
#: was promised counts wherever it is. A loose index scan: a step for each lane, not for each lead.
#: Source: PostgreSQL wiki, "Loose indexscan".
HAS_OPEN: Final = """
    (EXISTS (
        WITH RECURSIVE step AS (
            SELECT (SELECT min(lane) FROM lead WHERE campaign_id = :campaign_id
                    AND state = 'waiting') AS lane
            UNION ALL
            SELECT (SELECT min(lane) FROM lead WHERE campaign_id = :campaign_id
                    AND state = 'waiting' AND lane > s.lane)
            FROM step s WHERE s.lane IS NOT NULL
        )
        SELECT FROM step WHERE lane IS NOT NULL AND lane <> ALL(CAST(:closed AS smallint[]))
    ) OR EXISTS (
        SELECT FROM callback b JOIN lead l ON l.id = b.lead_id
        WHERE b.campaign_id = :campaign_id AND b.state = 'open'
          AND l.state = 'waiting' AND l.lane IS NOT NULL
    ) OR EXISTS (
        SELECT FROM lead WHERE campaign_id = :campaign_id AND state = 'dialing'
    ))
"""


async def has_open_leads(
    session: AsyncSession, campaign_id: UUID, closed: Iterable[int] = ()
) -> bool:
    """Tell whether any lead that is drawn is not done yet, those of the lanes ``closed`` left out."""
    facts = {"campaign_id": campaign_id, "closed": sorted(closed)}
    row = await session.execute(text(f"SELECT {HAS_OPEN}"), facts)
    return bool(row.scalar_one())


_EARLIEST = text(
    """
    SELECT p.place_id, min(x.next_attempt_at) AS due
    FROM unnest(CAST(:lanes AS smallint[])) AS l(lane)
    CROSS JOIN unnest(CAST(:places AS int[])) AS p(place_id)
    CROSS JOIN LATERAL (
        SELECT next_attempt_at FROM lead
        WHERE campaign_id = :campaign_id AND lane = l.lane AND place_id = p.place_id
          AND state = 'waiting' AND next_attempt_at IS NOT NULL
        ORDER BY next_attempt_at LIMIT 1
    ) x
    GROUP BY p.place_id
    """
)


async def earliest_due(
    session: AsyncSession, campaign_id: UUID, lanes: Iterable[int], places: Iterable[int]
) -> dict[int, datetime]:
    """Return for each place when its next waiting lead is due, its window left aside."""
    rows = await session.execute(
        _EARLIEST,
        {"campaign_id": campaign_id, "lanes": sorted(lanes), "places": sorted(places)},
    )
    return {row.place_id: row.due for row in rows}
