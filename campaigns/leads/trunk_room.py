"""What a trunk has room for over all campaigns: asked with its row locked, last thing before the calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer.pacing.limits import Bucket

# Statement after statement: after the wait for a lock a count needs a snapshot of its own, else it does
# not see what the other owner opened. Source: PostgreSQL 18, "Read Committed Isolation Level".
_HOLD_TRUNK = text(
    """
    SELECT max_channels, calls_per_s, rate_tokens, rate_at, paused_until FROM trunk
    WHERE id = :trunk_id FOR NO KEY UPDATE
    """
)
# Nobody adds a live attempt to a trunk that we hold: the count may be as old as the wait that follows.
_LIVE = text(
    """
    WITH in_turn AS MATERIALIZED (
        SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(:keys AS bigint[])) AS k
    )
    SELECT (SELECT count(*) FROM attempt WHERE trunk_id = :trunk_id AND ended_at IS NULL)
           + (SELECT count(*) FROM attempt WHERE party_trunk_id = :trunk_id AND ended_at IS NULL)
           AS live,
           (SELECT count(*) FROM in_turn) AS held
    """
)


@dataclass(frozen=True, slots=True)
class Room:
    """What a trunk has room for at this instant, over all campaigns."""

    calls: int  #: may start now: 0 while the trunk is paused
    bucket: Bucket  #: of its calls a second
    selection_due: bool = False  #: the campaign's leads wait for their selection
    paused_until: datetime | None = None  #: nobody's calls go out before


async def hold_trunk(
    session: AsyncSession, trunk_id: UUID, *, now: datetime, in_turn: Iterable[int] = ()
) -> Room:
    """Lock a trunk until the commit and return its room; then wait for the locks ``in_turn``, too.

    Who counts something else of the calls takes its advisory locks with it, at no cost of their own.
    """
    trunk = (await session.execute(_HOLD_TRUNK, {"trunk_id": trunk_id})).one()
    held = {"trunk_id": trunk_id, "keys": sorted(in_turn)}
    live: int = (await session.execute(_LIVE, held)).one().live
    full = max(1.0, trunk.calls_per_s)  # a trunk that was never used has a full second's worth
    tokens, since = (trunk.rate_tokens, trunk.rate_at) if trunk.rate_at else (full, now)
    bucket = Bucket(trunk.calls_per_s, tokens, since.timestamp())
    paused = trunk.paused_until is not None and trunk.paused_until > now
    calls = min(trunk.max_channels - live, bucket.available(now.timestamp()))
    return Room(
        0 if paused else max(0, calls), bucket, paused_until=trunk.paused_until if paused else None
    )
