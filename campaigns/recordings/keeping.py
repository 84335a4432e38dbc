"""How a recording's row goes from a WAV to what is kept. Nothing here touches a file or commits.

Whoever works on a recording claims its row and writes down under which name it will store. Killed at any
moment, the name says what may lie in the storage, and the claim runs out. Two that work on the same one
use two names: the row takes the first, and the other one removes its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.models import Attempt
from campaigns.recordings.models import Reason, Recording, RecordingState
from campaigns.recordings.opus import Encoded
from dialer.db import affected
from dialer.ids import new_id

#: An hour of talk is converted in a quarter of a minute; who has been silent this long is dead.
CLAIM_LIVES = timedelta(minutes=10)
#: After the first failure, doubled with each further one.
RETRY_AFTER, RETRY_AT_LATEST = timedelta(seconds=15), timedelta(hours=1)
SUFFIX = ".opus"

_PUT = """
    INSERT INTO recording (attempt_id, client_id, campaign_id, state, reason, talked_at, tries, has_wav)
    SELECT id, client_id, campaign_id, :state, :reason, coalesce(ended_at, :now), 0, :has_wav
    FROM attempt WHERE id = :attempt_id
    ON CONFLICT (attempt_id) DO UPDATE
        SET state = excluded.state, reason = excluded.reason, has_wav = excluded.has_wav
        WHERE recording.state IN ('raw', 'failed') AND recording.reason <> 'erased'
"""
# Installations that kept WAV files before there was this table.
_ADOPT = """
    INSERT INTO recording (attempt_id, client_id, campaign_id, state, reason, talked_at, tries, has_wav)
    SELECT id, client_id, campaign_id, 'waiting', '', coalesce(ended_at, started_at), 0, true
    FROM attempt WHERE recording LIKE '%.wav'
      AND NOT EXISTS (SELECT FROM recording r WHERE r.attempt_id = attempt.id)
    LIMIT :most
    ON CONFLICT (attempt_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A recording that is ours to keep, for a while."""

    attempt_id: UUID
    client_id: UUID
    object: str  #: under which it will be stored
    left_over: str | None  #: under which somebody before us may have stored


async def put_state(
    session: AsyncSession,
    attempt_id: UUID,
    state: RecordingState,
    reason: Reason,
    *,
    now: datetime,
) -> None:
    """Make the row of an attempt's recording, or correct it while there is no WAV."""
    has_wav = state is RecordingState.WAITING
    facts = {"attempt_id": attempt_id, "state": state, "reason": reason, "now": now}
    await session.execute(text(_PUT), {**facts, "has_wav": has_wav})


async def adopt(session: AsyncSession, *, most: int) -> int:
    """Make rows for WAV files from before there were rows, and return how many."""
    return affected(await session.execute(text(_ADOPT), {"most": most}))


async def claim(session: AsyncSession, attempt_id: UUID, *, now: datetime) -> Claimed | None:
    """Take a recording that waits; None: it does not, or somebody is at work on it."""
    row = await session.get(Recording, attempt_id, with_for_update=True, populate_existing=True)
    if row is None or row.state is not RecordingState.WAITING:
        return None
    if row.claimed_until is not None and row.claimed_until > now:
        return None
    left_over, row.object = row.object, f"kept/{row.client_id}/{attempt_id}-{new_id().hex}.odr"
    row.claimed_until, row.next_try_at = now + CLAIM_LIVES, now + CLAIM_LIVES
    session.add(row)
    await session.flush()
    return Claimed(attempt_id, row.client_id, row.object, left_over)


async def settle(
    session: AsyncSession,
    claimed: Claimed,
    encoded: Encoded,
    sealed_key: str,
    law: tuple[datetime | None, list[str]],
    *,
    now: datetime,
) -> bool:
    """Note that a recording is kept; False: it was erased or kept by another meanwhile."""
    done = await session.execute(
        update(Recording)
        .where(
            col(Recording.attempt_id) == claimed.attempt_id,
            col(Recording.state) == RecordingState.WAITING,
            col(Recording.object) == claimed.object,
        )
        .values(
            state=RecordingState.KEPT,
            reason=Reason.NONE,
            sealed_key=sealed_key,
            size=len(encoded.data),
            duration_s=encoded.duration_s,
            peaks=encoded.peaks,
            kept_at=now,
            claimed_until=None,
            next_try_at=None,
            law_until=law[0],
            law_rules=law[1],
        )
    )
    if not affected(done):
        return False
    name = f"{claimed.attempt_id}{SUFFIX}"
    await session.execute(
        update(Attempt)
        .where(col(Attempt.id) == claimed.attempt_id, col(Attempt.recording).is_not(None))
        .values(recording=name)
    )
    return True


async def postpone(
    session: AsyncSession, claimed: Claimed, reason: Reason, *, now: datetime
) -> None:
    """Note why a recording could not be kept now, and when to try again."""
    row = await session.get(
        Recording, claimed.attempt_id, with_for_update=True, populate_existing=True
    )
    if row is None or row.state is not RecordingState.WAITING or row.object != claimed.object:
        return
    wait = min(RETRY_AFTER * 2 ** min(row.tries, 10), RETRY_AT_LATEST)
    row.reason, row.tries = reason, row.tries + 1
    row.claimed_until, row.next_try_at = None, now + wait
    session.add(row)


async def give_up(session: AsyncSession, claimed: Claimed, reason: Reason) -> None:
    """Note that there is no audio any more."""
    await session.execute(
        update(Recording)
        .where(
            col(Recording.attempt_id) == claimed.attempt_id,
            col(Recording.state) == RecordingState.WAITING,
        )
        .values(
            state=RecordingState.FAILED,
            reason=reason,
            claimed_until=None,
            has_wav=False,
            object=None,
        )
    )


async def waiting(session: AsyncSession, *, now: datetime, most: int) -> list[UUID]:
    """Return recordings to be kept now, those that waited longest first."""
    statement = (
        select(Recording.attempt_id)
        .where(
            col(Recording.state) == RecordingState.WAITING,
            or_(col(Recording.next_try_at).is_(None), col(Recording.next_try_at) <= now),
        )
        .order_by(col(Recording.next_try_at).nulls_first(), col(Recording.attempt_id))
        .limit(most)
    )
    return list(await session.exec(statement))


async def with_wav(session: AsyncSession, *, most: int) -> list[UUID]:
    """Return recordings that are kept or gone, and whose WAV may still lie there."""
    statement = (
        select(Recording.attempt_id)
        .where(
            col(Recording.has_wav),
            col(Recording.state).not_in((RecordingState.WAITING, RecordingState.RAW)),
        )
        .limit(most)
    )
    return list(await session.exec(statement))


async def wav_gone(session: AsyncSession, attempt_id: UUID) -> None:
    """Note that the WAV is deleted."""
    await session.execute(
        update(Recording).where(col(Recording.attempt_id) == attempt_id).values(has_wav=False)
    )


async def states(session: AsyncSession) -> dict[tuple[str, str], int]:
    """Return how many recordings have no audio yet, or never will, by state and reason."""
    found: Any = await session.execute(
        text(
            "SELECT state, reason, count(*) FROM recording"
            " WHERE state IN ('raw', 'waiting', 'failed', 'deleting') GROUP BY 1, 2"
        )
    )
    return {(state, reason): count for state, reason, count in found}
