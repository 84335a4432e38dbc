"""Kept over restarts: what pacing learned; and read from the attempts: whom it abandoned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.pacing.models import PacingMemory, PacingTrace

#: Persons who answered, as most rules count them: machines are not among them.
_ANSWERED: Final = "outcome IN ('connected', 'abandoned', 'hung_up_early', 'interrupted')"
#: Of these: no agent in time, whatever became of the call then.
#: Source: 16 CFR 310.4(b)(1)(iv), two seconds.
_ABANDONED: Final = """(outcome = 'abandoned' OR (outcome = 'interrupted' AND connected_at IS NULL)
                         OR connected_at - answered_at > interval '2 seconds')"""
_BUCKETS = text(
    f"""
    SELECT date_bin('1 minute', answered_at, TIMESTAMPTZ '2000-01-01 00:00+00') AS at,
           count(*) AS answered, count(*) FILTER (WHERE {_ABANDONED}) AS abandoned
    FROM attempt
    WHERE campaign_id = :campaign_id AND started_at >= :dialled_since AND answered_at >= :since
      AND {_ANSWERED}
    GROUP BY 1 ORDER BY 1
    """  # noqa: S608 - our constant
)
#: A person whom analysis took for a machine, as somebody found out, had no agent either.
_MISTAKEN: Final = """(outcome = 'machine' AND EXISTS (SELECT FROM amd_verdict v
                        WHERE v.attempt_id = attempt.id AND v.judged = 'person'))"""
_ELSEWHERE = text(
    f"""
    SELECT count(*) AS answered,
           count(*) FILTER (WHERE {_ABANDONED} OR outcome = 'machine') AS abandoned
    FROM attempt
    WHERE client_id = ANY(CAST(:clients AS uuid[])) AND campaign_id <> :campaign_id
      AND started_at >= :dialled_since AND answered_at >= :since
      AND ({_ANSWERED} OR {_MISTAKEN})
    """  # noqa: S608 - our constant
)
#: A call is answered at most this long after it began.
_LONGEST_DIAL = timedelta(minutes=2)
#: A piece of the trace is this long at most: its runner keeps no more while the database is away.
_LONGEST_TRACE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class AnsweredMinute:
    """People who answered within a minute, and those of them who got no agent."""

    at: datetime
    answered: int
    abandoned: int


async def answered_since(
    session: AsyncSession, campaign_id: UUID, since: datetime
) -> Sequence[AnsweredMinute]:
    """Return the campaign's answers since an instant, minute by minute."""
    facts = {"campaign_id": campaign_id, "since": since, "dialled_since": since - _LONGEST_DIAL}
    rows = await session.execute(_BUCKETS, facts)
    return [AnsweredMinute(row.at, row.answered, row.abandoned) for row in rows]


async def answered_elsewhere(
    session: AsyncSession, campaign_id: UUID, clients: Iterable[UUID], since: datetime
) -> tuple[int, int]:
    """Return (answered, abandoned) of all other campaigns of some clients since an instant."""
    facts = {
        "campaign_id": campaign_id,
        "clients": list(clients),
        "since": since,
        "dialled_since": since - _LONGEST_DIAL,
    }
    row = (await session.execute(_ELSEWHERE, facts)).one()
    return row.answered, row.abandoned


async def learned_of(session: AsyncSession, campaign_id: UUID) -> Mapping[str, Any] | None:
    """Return what the campaign's pacing had learned when it was last saved; None: nothing."""
    found = await session.get(PacingMemory, campaign_id)
    return found.learned if found else None


async def remember(
    session: AsyncSession,
    campaign_id: UUID,
    client_id: UUID,
    learned: Mapping[str, Any],
    now: datetime,
) -> None:
    """Keep what the campaign's pacing has learned by now."""
    values = {"learned": dict(learned), "saved_at": now}
    statement = insert(PacingMemory).values(campaign_id=campaign_id, client_id=client_id, **values)
    await session.exec(statement.on_conflict_do_update(index_elements=["campaign_id"], set_=values))


async def keep_trace(
    session: AsyncSession,
    campaign_id: UUID,
    client_id: UUID,
    seconds: Sequence[dict[str, Any]],
    *,
    began_at: datetime,
    ended_at: datetime,
) -> None:
    """Store some seconds of decisions; the same seconds a second time are left out."""
    statement = insert(PacingTrace).values(
        campaign_id=campaign_id,
        client_id=client_id,
        began_at=began_at,
        ended_at=ended_at,
        seconds=list(seconds),
    )
    await session.exec(statement.on_conflict_do_nothing())


async def trace_of(
    session: AsyncSession, campaign_id: UUID, *, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    """Return the kept seconds between two instants, in order."""
    rows = await session.execute(
        text(
            "SELECT seconds FROM pacing_trace WHERE campaign_id = :campaign_id"
            " AND began_at >= :first AND ended_at >= :since AND began_at < :until ORDER BY began_at"
        ),
        {
            "campaign_id": campaign_id,
            "first": since - _LONGEST_TRACE,
            "since": since,
            "until": until,
        },
    )
    first, last = since.timestamp(), until.timestamp()
    return [one for row in rows for one in row.seconds if first <= one["at_s"] < last]


async def forget_traces(session: AsyncSession, before: datetime) -> int:
    """Delete the decisions of before an instant; what each call's placing rested on stays with it."""
    rows = await session.execute(
        text("DELETE FROM pacing_trace WHERE ended_at < :before RETURNING campaign_id"),
        {"before": before},
    )
    return len(rows.all())
