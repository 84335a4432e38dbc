"""A third party's line: it takes a channel of its trunk, and one of its calls a second, as an attempt does.

The attempt's row says so until the third party, or the call, is over; rooms are counted from there.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.trunk_room import Room, hold_trunk

_TAKE = text(
    """
    WITH taken AS (
        UPDATE attempt SET party_id = :party_id, party_trunk_id = :trunk_id
        WHERE id = :attempt_id AND ended_at IS NULL RETURNING id
    )
    UPDATE trunk SET rate_at = :rate_at, rate_tokens = CAST(:tokens AS float8) - 1
    WHERE id = :trunk_id AND EXISTS (SELECT FROM taken)
    """
)
# Another third party may have come meanwhile: its line stays.
_GIVE_BACK = text(
    """
    UPDATE attempt SET party_id = NULL, party_trunk_id = NULL
    WHERE id = :attempt_id AND party_id = :party_id
    """
)


async def take_line(
    session: AsyncSession, trunk_id: UUID, attempt_id: UUID, party_id: UUID, now: datetime
) -> Room:
    """Take a line for a third party of a live call, if the returned room has one (``calls`` above 0)."""
    room = await hold_trunk(session, trunk_id, now=now)
    if room.calls > 0:
        bucket = room.bucket.refilled(now.timestamp())
        facts = {"tokens": bucket.tokens, "rate_at": now, "trunk_id": trunk_id}
        await session.execute(_TAKE, {**facts, "attempt_id": attempt_id, "party_id": party_id})
    return room


async def give_line_back(session: AsyncSession, attempt_id: UUID, party_id: UUID) -> None:
    """Note that a third party's leg is gone; one that had no line is fine."""
    await session.execute(_GIVE_BACK, {"attempt_id": attempt_id, "party_id": party_id})


_USED = text(
    """
    SELECT trunk, count(*) FILTER (WHERE NOT party) AS calls, count(*) FILTER (WHERE party) AS parties
    FROM (SELECT trunk_id AS trunk, FALSE AS party FROM attempt WHERE ended_at IS NULL
          UNION ALL
          SELECT party_trunk_id, TRUE FROM attempt
          WHERE ended_at IS NULL AND party_trunk_id IS NOT NULL) AS line
    GROUP BY trunk
    """
)


async def lines_in_use(session: AsyncSession) -> dict[UUID, tuple[int, int]]:
    """Return how many calls, and how many third parties, take a line now, of all clients, by trunk."""
    return {row.trunk: (row.calls, row.parties) for row in await session.execute(_USED)}
