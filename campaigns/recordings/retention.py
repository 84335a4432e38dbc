"""How long recordings are kept: as long as the law wants, as long as the client wants, and no longer.

The law's row says how long a recording must be kept at least; the client says after how many days it
goes. The later of the two holds. What is in dispute is held until a person lets it go.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.models import Attempt
from campaigns.recordings.models import Reason, Recording, RecordingState
from campaigns.tenancy import audit
from compliance.facts import Law
from compliance.rulebook.rules import RetentionTerms, Rule
from dialer.clock import Clock
from dialer.db import affected
from dialer.errors import Conflict, Invalid

#: What rows of law call recordings; other sorts of records are kept in tables.
WHAT = "recordings"
LEAST_REASON, MOST_REASON = 3, 300

_DUE = """
    SELECT r.attempt_id FROM recording r LEFT JOIN recording_policy p ON p.client_id = r.client_id
    WHERE r.state = 'kept' AND r.held_at IS NULL
      AND ((p.keep_days IS NOT NULL
            AND r.talked_at < CAST(:now AS timestamptz) - make_interval(days => p.keep_days)
            AND (r.law_until IS NULL OR r.law_until <= CAST(:now AS timestamptz)))
           OR r.erase_asked_at IS NOT NULL)
    ORDER BY r.talked_at LIMIT :most
"""


class RecordingHeld(Conflict):
    """Somebody keeps the recording because of a dispute."""

    code = "recording_held"
    message = "This recording is in dispute: let it go first."


def law_until(
    rules: Iterable[Rule], receipt: dict[str, object], talked_at: datetime
) -> tuple[datetime | None, list[str]]:
    """Return until when rows of law want a call's recording kept, and which rows.

    ``receipt`` is the gate's: it names the rows that bound the call.
    """
    named = receipt.get("rules")
    bound = set(named) if isinstance(named, list) else set()
    found = [
        (rule.terms.keep_days, rule.id)
        for rule in rules
        if rule.id in bound and isinstance(rule.terms, RetentionTerms) and rule.terms.what == WHAT
    ]
    if not found:
        return None, []
    return talked_at + timedelta(days=max(days for days, _ in found)), sorted(r for _, r in found)


async def until_of(
    session: AsyncSession, attempt_id: UUID, law: Law
) -> tuple[datetime | None, list[str]]:
    """Return until when the law wants a call's recording kept, by the packs of today."""
    attempt = await session.get_one(Attempt, attempt_id)
    talked_at = attempt.ended_at or attempt.started_at
    return law_until(law.book.rules, attempt.decision, talked_at)


async def due(session: AsyncSession, *, now: datetime, most: int) -> list[UUID]:
    """Return recordings whose time is over, the oldest first."""
    found = await session.execute(text(_DUE), {"now": now, "most": most})
    return list(found.scalars())


async def drop(session: AsyncSession, attempt_id: UUID, law: Law, *, clock: Clock) -> bool:
    """Take a recording's key away if its time is over; its file goes after the commit.

    Asked again under a lock: the law's row may be another one by now, or somebody holds it since.
    """
    now = clock.now()
    row = await session.get(Recording, attempt_id, with_for_update=True, populate_existing=True)
    if row is None or row.state is not RecordingState.KEPT or row.held_at is not None:
        return False
    erased = row.erase_asked_at is not None
    until, rules = await until_of(session, attempt_id, law)
    if until is not None and until > now and not erased:
        row.law_until, row.law_rules = until, rules
        session.add(row)
        return False
    reason = Reason.ERASED if erased else Reason.RETENTION
    _take_key(row, reason)
    session.add(row)
    await session.execute(
        update(Attempt).where(col(Attempt.id) == attempt_id).values(recording=None)
    )
    await _trace(
        session,
        row,
        "recording.deleted",
        {"reason": reason.value, "talked_at": row.talked_at.isoformat(), "law": rules},
        None,
        clock,
    )
    return True


def _take_key(row: Recording, reason: Reason) -> None:
    row.state, row.reason = RecordingState.DELETING, reason
    row.sealed_key = row.peaks = row.claimed_until = row.next_try_at = None


async def deleting(session: AsyncSession, *, most: int) -> list[tuple[UUID, str | None]]:
    """Return recordings whose file must go: the attempt and the file's name."""
    found = await session.execute(
        text(
            "SELECT attempt_id, object FROM recording WHERE state = 'deleting'"
            " ORDER BY attempt_id LIMIT :most"
        ),
        {"most": most},
    )
    return [(attempt_id, name) for attempt_id, name in found]


async def deleted(session: AsyncSession, attempt_id: UUID, *, now: datetime) -> None:
    """Note that a recording's file is gone."""
    await session.execute(
        update(Recording)
        .where(
            col(Recording.attempt_id) == attempt_id,
            col(Recording.state) == RecordingState.DELETING,
        )
        .values(state=RecordingState.DELETED, deleted_at=now, object=None)
    )


async def hold(
    session: AsyncSession, row: Recording, reason: str, *, user_id: UUID | None, clock: Clock
) -> None:
    """Keep a recording whatever its time says: it is in dispute.

    Raises:
        Invalid: no reason was given.
        Conflict: it is held already, or not kept any more.
    """
    if not LEAST_REASON <= len(reason.strip()) <= MOST_REASON:
        raise Invalid("Say why the recording is kept, in 3 to 300 letters.")
    done = await session.execute(
        update(Recording)
        .where(
            col(Recording.attempt_id) == row.attempt_id,
            col(Recording.state) == RecordingState.KEPT,
            col(Recording.held_at).is_(None),
        )
        .values(held_at=clock.now(), hold_reason=reason.strip())
    )
    if not affected(done):
        raise Conflict("This recording is held already, or is not kept any more.")
    await _trace(session, row, "recording.held", {"reason": reason.strip()}, user_id, clock)


async def let_go(
    session: AsyncSession, row: Recording, *, user_id: UUID | None, clock: Clock
) -> None:
    """Let retention have a recording again that was held.

    Raises:
        Conflict: nobody holds it.
    """
    done = await session.execute(
        update(Recording)
        .where(col(Recording.attempt_id) == row.attempt_id, col(Recording.held_at).is_not(None))
        .values(held_at=None, hold_reason=None)
    )
    if not affected(done):
        raise Conflict("Nobody holds this recording.")
    await _trace(session, row, "recording.let_go", {}, user_id, clock)


async def _trace(
    session: AsyncSession,
    row: Recording,
    action: str,
    facts: dict[str, object],
    user_id: UUID | None,
    clock: Clock,
) -> None:
    await audit.record(
        session,
        client_id=row.client_id,
        user_id=user_id,
        at=clock.now(),
        action=action,
        subject="attempt",
        subject_id=row.attempt_id,
        facts=facts,
    )
