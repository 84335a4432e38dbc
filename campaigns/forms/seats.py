"""Places in a campaign's quotas on answers: taken when an answer fits, counted while they may be needed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.answer_quotas import AnswerQuota
from campaigns.forms.answering.engine import Walk
from campaigns.forms.expressions.evaluating import is_true
from campaigns.forms.models import Interview
from campaigns.forms.words import Ending
from dialer.clock import Clock

# Whoever takes a place counts first: two interviews must not both find the last one free. The lock is held
# until the transaction ends; it is taken only by answers that reach a quota.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('quotas ' || :campaign_id, 0))")

#: SQL: the interview ``i`` is complete, or its call is in hand: it talks, or its result is still to come.
_COUNTS = """
    (i.ending = 'complete' OR EXISTS (
        SELECT FROM interview_call c JOIN attempt a ON a.id = c.attempt_id
        JOIN lead l ON l.id = a.lead_id
        WHERE c.interview_id = i.id AND coalesce(i.ending, 'complete') = 'complete'
          AND (a.ended_at IS NULL OR (a.disposition IS NULL AND l.state = 'dialing'))))
"""

_TAKEN = text(
    f"""
    SELECT s.quota, count(*) AS taken, count(*) FILTER (WHERE i.ending = 'complete') AS complete
    FROM quota_seat s JOIN interview i ON i.id = s.interview_id
    WHERE s.campaign_id = :campaign_id AND s.interview_id IS DISTINCT FROM :but AND {_COUNTS}
    GROUP BY s.quota
    """  # noqa: S608 - put together from constants only
)

_HELD = text("SELECT quota FROM quota_seat WHERE interview_id = :interview_id")

_LEAVE = text(
    "DELETE FROM quota_seat WHERE interview_id = :interview_id"
    " AND quota <> ALL(CAST(:wanted AS text[]))"
)

_SIT = text(
    """
    INSERT INTO quota_seat (interview_id, quota, client_id, campaign_id, taken_at)
    SELECT :interview_id, q, :client_id, :campaign_id, :now FROM unnest(CAST(:quotas AS text[])) q
    ON CONFLICT DO NOTHING
    """
)


def fitting(quotas: Sequence[AnswerQuota], now: Walk) -> list[AnswerQuota]:
    """Return the quotas that an interview fits with what it has come to."""
    return [quota for quota in quotas if is_true(quota.node(), now.facts)]


async def take_seats(
    session: AsyncSession,
    row: Interview,
    campaign_id: UUID,
    quotas: Sequence[AnswerQuota],
    now: Walk,
    *,
    clock: Clock,
) -> tuple[str, ...]:
    """Give an interview its places and return the codes of the quotas that have none left.

    Places of quotas that it does not fit any more are left. One that is without a place in one quota takes
    none in the others: it is not going on.
    """
    if not quotas:
        return ()
    wanted = {quota.code: quota.target for quota in fitting(quotas, now)}
    held = set((await session.execute(_HELD, {"interview_id": row.id})).scalars())
    # Somebody else may have the place by now: that is looked at when the interview becomes complete.
    if held == set(wanted) and (now.ending is None or row.ending is Ending.COMPLETE):
        return ()
    full: tuple[str, ...] = ()
    if wanted:
        await session.execute(_LOCK, {"campaign_id": str(campaign_id)})
        taken = await _taken(session, campaign_id, but=row.id)
        full = tuple(code for code, target in wanted.items() if taken.get(code, 0) >= target)
    keep = [] if full else list(wanted)
    facts = {"interview_id": row.id, "client_id": row.client_id, "campaign_id": campaign_id}
    await session.execute(_LEAVE, {"interview_id": row.id, "wanted": keep})
    if keep:
        await session.execute(_SIT, {**facts, "quotas": keep, "now": clock.now()})
    return full


async def leave_seats(session: AsyncSession, interview_id: UUID) -> None:
    """Give an interview's places back: it broke off, and goes on only if there still are some."""
    await session.execute(_LEAVE, {"interview_id": interview_id, "wanted": []})


async def _taken(session: AsyncSession, campaign_id: UUID, *, but: UUID | None) -> dict[str, int]:
    rows = await session.execute(_TAKEN, {"campaign_id": campaign_id, "but": but})
    return {row.quota: row.taken for row in rows}


async def seats_taken(session: AsyncSession, campaign_id: UUID) -> dict[str, tuple[int, int]]:
    """Return by quota how many interviews are complete, and how many places are taken in all."""
    rows = await session.execute(_TAKEN, {"campaign_id": campaign_id, "but": None})
    return {row.quota: (row.complete, row.taken) for row in rows}
