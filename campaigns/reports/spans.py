"""Which days of which campaigns are rolled up, and which must be counted from the raw rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

#: The statement's table of spans, by the name of its parameters.
SPAN = (
    "SELECT * FROM unnest(CAST(:{0}_campaigns AS uuid[]), CAST(:{0}_sinces AS timestamptz[]),"
    " CAST(:{0}_untils AS timestamptz[])) AS x(campaign_id, since, until)"
)
# What is outside of them has no rows; a state of an agent counts for a week at most.
_BOUNDS = text(
    """
    SELECT c.id,
           least((SELECT min(started_at) FROM attempt WHERE campaign_id = c.id),
                 (SELECT min(started_at) FROM agent_state_entry WHERE campaign_id = c.id)) AS since,
           greatest((SELECT max(started_at) FROM attempt WHERE campaign_id = c.id),
                    (SELECT max(started_at) + interval '7 days' FROM agent_state_entry
                     WHERE campaign_id = c.id)) AS until
    FROM campaign c WHERE c.client_id = :client_id
      AND (CAST(:campaigns AS uuid[]) IS NULL OR c.id = ANY(CAST(:campaigns AS uuid[])))
    """
)
_ROLLED = text(
    """
    SELECT campaign_id, starts_at, ends_at FROM report_day
    WHERE client_id = :client_id AND campaign_id = ANY(CAST(:campaigns AS uuid[]))
      AND starts_at >= :since AND ends_at <= :until
    """
)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days of a campaign."""

    campaign_id: UUID
    since: datetime
    until: datetime  #: not included


@dataclass(frozen=True, slots=True)
class Spans:
    """A period's days, by where they are counted."""

    rolled: tuple[Span, ...]
    raw: tuple[Span, ...]
    raw_days: tuple[Span, ...]  #: the same, day by day

    def all(self) -> tuple[Span, ...]:
        """Return both kinds."""
        return (*self.rolled, *self.raw)


def facts(name: str, spans: Sequence[Span]) -> dict[str, Any]:
    """Return the parameters of ``SPAN``."""
    return {
        f"{name}_campaigns": [one.campaign_id for one in spans],
        f"{name}_sinces": [one.since for one in spans],
        f"{name}_untils": [one.until for one in spans],
    }


async def spans_of(
    session: AsyncSession,
    client_id: UUID,
    starts: Sequence[datetime],
    *,
    campaigns: Sequence[UUID] | None = None,
) -> Spans:
    """Return which days are rolled up and which are not.

    Args:
        session: Of the caller.
        client_id: Whose.
        starts: The instants at which the days begin, and the end of the last.
        campaigns: Only these of the client's; None: all.
    """
    asked = list(campaigns) if campaigns is not None else None
    bounds = (await session.execute(_BOUNDS, {"client_id": client_id, "campaigns": asked})).all()
    ids = [row.id for row in bounds]
    known = {"client_id": client_id, "campaigns": ids, "since": starts[0], "until": starts[-1]}
    days = {tuple(row) for row in (await session.execute(_ROLLED, known)).all()}
    rolled: list[Span] = []
    raw: list[Span] = []
    raw_days: list[Span] = []
    for row in bounds:
        if row.since is None:
            continue
        for since, until in pairwise(starts):
            if until <= row.since or since > row.until:
                continue
            kept = (row.id, since, until) in days
            _add(rolled if kept else raw, Span(row.id, since, until))
            if not kept:
                raw_days.append(Span(row.id, since, until))
    return Spans(tuple(rolled), tuple(raw), tuple(raw_days))


def _add(spans: list[Span], day: Span) -> None:
    """Add a day, to the span that it goes on with if there is one."""
    last = spans[-1] if spans else None
    if last is not None and last.campaign_id == day.campaign_id and last.until == day.since:
        spans[-1] = Span(day.campaign_id, last.since, day.until)
    else:
        spans.append(day)
