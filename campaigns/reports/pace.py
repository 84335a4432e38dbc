"""Pace over time: what was dialled, how much for one talk, and what was abandoned of what may be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.asking import Filters, Question, Row, Table
from campaigns.reports.dimensions import Dimension
from campaigns.reports.periods import Period
from campaigns.reports.query import figures
from campaigns.reports.settings import terms_of
from campaigns.settings import CampaignSettings

MEASURES = ("attempts", "dials_per_talk", "abandoned_rate", "persons")
#: Periods up to so many days are shown by hours, days, weeks; longer ones by months.
_BY_HOURS, _BY_DAYS, _BY_WEEKS = 2, 92, 400

_SETTINGS = text(
    """
    SELECT c.settings FROM campaign c WHERE c.client_id = :client_id
      AND (CAST(:campaigns AS uuid[]) IS NULL OR c.id = ANY(CAST(:campaigns AS uuid[])))
      AND EXISTS (SELECT FROM attempt a WHERE a.campaign_id = c.id
                  AND a.started_at >= :since AND a.started_at < :until)
    """
)


@dataclass(frozen=True, slots=True)
class Pace:
    """The table by time without gaps, and the lowest ceiling of its campaigns."""

    table: Table
    rows: tuple[Row, ...]  #: in order; hours and days without calls are there, too
    ceiling: float | None  #: share of answered people who may be abandoned, 0..1

    @property
    def may_be_abandoned(self) -> int | None:
        """Return how many people the ceiling leaves room for in the period; below 0: too many."""
        if self.ceiling is None:
            return None
        counts = self.table.total.counts
        return int(self.ceiling * int(counts.get("persons", 0))) - int(counts.get("lost", 0))


def steps_of(period: Period) -> tuple[Dimension, ...]:
    """Return by what a period is shown: the longer, the coarser."""
    if period.days <= _BY_HOURS:
        return (Dimension.DAY, Dimension.HOUR)
    if period.days <= _BY_DAYS:
        return (Dimension.DAY,)
    return (Dimension.WEEK,) if period.days <= _BY_WEEKS else (Dimension.MONTH,)


def without_gaps(
    rows: tuple[Row, ...], period: Period, by: tuple[Dimension, ...]
) -> tuple[Row, ...]:
    """Return rows for each hour or day from the first that has calls to the last one."""
    if by[0] is not Dimension.DAY or not rows:
        return rows
    known = {row.key: row for row in rows}
    days = [(period.first + timedelta(days=n)).isoformat() for n in range(period.days)]
    keys: list[tuple[str, ...]] = [(day,) for day in days]
    if Dimension.HOUR in by:
        keys = [(day, str(hour)) for day in days for hour in range(24)]
    called = [n for n, key in enumerate(keys) if key in known]
    if not called:
        return rows
    return tuple(known.get(key, Row(key, {})) for key in keys[called[0] : called[-1] + 1])


async def pace(
    session: AsyncSession, client_id: UUID, period: Period, filters: Filters, *, now: datetime
) -> Pace:
    """Return the pace of a period."""
    by = steps_of(period)
    table = await figures(session, client_id, Question(MEASURES, period, by, filters), now=now)
    chosen = filters.get(Dimension.CAMPAIGN)
    starts = period.starts((await terms_of(session, client_id)).zone)
    known: dict[str, Any] = {
        **{"since": starts[0], "until": starts[-1]},
        "client_id": client_id,
        "campaigns": None if chosen is None else [UUID(one) for one in chosen],
    }
    kept = (await session.execute(_SETTINGS, known)).scalars().all()
    ceilings = [CampaignSettings.model_validate(one).abandon_ceiling for one in kept]
    return Pace(table, without_gaps(table.rows, period, by), min(ceilings, default=None))
