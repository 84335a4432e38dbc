"""Placing again: where a client's numbers may be, after new tables of ranges or zones.

In chunks, each a transaction of the caller's, so that campaigns go on meanwhile.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.waking import wake_campaigns
from campaigns.lists.columns.traits import Traits
from campaigns.lists.writing.placing import Places
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.db import affected

#: Numbers placed in one transaction: a fraction of a second.
CHUNK_PHONES = 5_000


_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to which number the work is done."""

    contact_id: UUID = _NOBODY
    position: int = -1


#: Where the numbers begin.
START = Cursor()


@dataclass(frozen=True, slots=True)
class Replaced:
    """What one chunk came to."""

    phones: int
    phones_moved: int  #: whose place is another now
    leads_moved: int
    cursor: Cursor | None  #: where to go on; None = done


# A postal code has no column of its own: the import's mapping says which of the client's has it.
_PHONES = text(
    """
    SELECT p.contact_id, p.position, p.e164, p.place_id, c.region, c.zone,
           (SELECT c.fields ->> (m ->> 'column')
            FROM jsonb_array_elements(coalesce(i.mapping -> 'columns', '[]')) AS m
            WHERE m ->> 'field' = 'postal_code' LIMIT 1) AS postal_code
    FROM phone p JOIN contact c ON c.id = p.contact_id
    LEFT JOIN list_import i ON i.id = c.import_id
    WHERE p.client_id = :client_id AND (p.contact_id, p.position) > (:contact_id, :position)
    ORDER BY p.contact_id, p.position LIMIT :most
    """
)

_MOVE = text(
    """
    UPDATE phone p SET place_id = n.place_id
    FROM unnest(CAST(:contacts AS uuid[]), CAST(:positions AS smallint[]),
                CAST(:places AS int[])) AS n(contact_id, position, place_id)
    WHERE p.contact_id = n.contact_id AND p.position = n.position AND p.client_id = :client_id
    """
)

# Leads follow their number even where it was right before: an interrupted run is completed so.
_FOLLOW = text(
    """
    UPDATE lead l SET place_id = p.place_id
    FROM phone p
    WHERE l.contact_id = ANY(CAST(:contacts AS uuid[])) AND p.contact_id = l.contact_id
      AND p.position = l.phone_position AND l.place_id <> p.place_id
    """
)


async def place_chunk(
    session: AsyncSession, places: Places, *, client_id: UUID, cursor: Cursor = START
) -> Replaced:
    """Place the next numbers of a client again; their leads follow.

    ``places`` is kept from chunk to chunk. New places are committed at once, in a transaction of
    their own.
    """
    facts = {
        "client_id": client_id,
        "contact_id": cursor.contact_id,
        "position": cursor.position,
        "most": CHUNK_PHONES,
    }
    rows = (await session.execute(_PHONES, facts)).all()
    if not rows:
        return Replaced(0, 0, 0, None)
    slots = await asyncio.to_thread(_slots, rows, places)
    await places.save(session)
    moved = [
        (row, places.ids[slot])
        for row, slot in zip(rows, slots, strict=True)
        if places.ids[slot] != row.place_id
    ]
    if moved:
        await session.execute(
            _MOVE,
            {
                "client_id": client_id,
                "contacts": [row.contact_id for row, _ in moved],
                "positions": [row.position for row, _ in moved],
                "places": [place_id for _, place_id in moved],
            },
        )
    contacts = sorted({row.contact_id for row in rows})
    leads = await session.execute(_FOLLOW, {"contacts": contacts})
    last = Cursor(rows[-1].contact_id, rows[-1].position)
    more = last if len(rows) == CHUNK_PHONES else None
    return Replaced(len(rows), len(moved), affected(leads), more)


def _slots(rows: Sequence[Row[Any]], places: Places) -> list[int]:
    return [
        places.slot(row.e164, Traits(region=row.region, postal_code=row.postal_code, zone=row.zone))
        for row in rows
    ]


async def finish(
    session: AsyncSession,
    *,
    client_id: UUID,
    user_id: UUID | None,
    phones: int,
    moved: int,
    clock: Clock,
) -> int:
    """Write the trace, and ask the gate again about waiting leads; return how many."""
    await audit.record(
        session,
        client_id=client_id,
        user_id=user_id,
        at=clock.now(),
        action="phone.placed_again",
        subject="phone",
        subject_id=client_id,
        facts={"phones": phones, "moved": moved},
    )
    return await wake_campaigns(session, client_id, now=clock.now())
