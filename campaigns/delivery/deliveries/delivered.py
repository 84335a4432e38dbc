"""What a delivery brought, result by result, with what was said of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.models import Delivery, ResultVerdict
from campaigns.delivery.deliveries.words import DisputeReason, Verdict

#: What a delivery brought: for each contact the plan's latest row up to its turn.
_ROWS = """
    FROM (
        SELECT DISTINCT ON (lead_id) lead_id, change, result, result_before, delivery_id
        FROM delivered_result
        WHERE plan_id = :plan_id AND client_id = :client_id AND turn <= :turn
        ORDER BY lead_id, turn DESC
    ) d
    JOIN lead l ON l.id = d.lead_id
    JOIN contact c ON c.id = l.contact_id
    JOIN contact_list t ON t.id = c.list_id
    LEFT JOIN result_verdict v ON v.delivery_id = :delivery_id AND v.lead_id = d.lead_id
    WHERE (d.change <> 'removed' OR d.delivery_id = :delivery_id)
      AND (CAST(:verdict AS text) IS NULL OR v.verdict = :verdict)
      AND (CAST(:change AS text) IS NULL OR (d.change = :change AND d.delivery_id = :delivery_id))
"""
_PAGE = text(
    f"""
    SELECT d.lead_id, t.name AS list, c.source_row AS row, c.external_key, d.result,
           CASE WHEN d.delivery_id = :delivery_id THEN d.change END AS change,
           d.result_before, v.verdict, v.reason, v.comment, v.said_at, v.answer, v.answered_at
    {_ROWS}
    ORDER BY v.verdict = 'disputed' DESC NULLS LAST, t.name, c.list_id, c.source_row
    LIMIT :limit OFFSET :offset
    """
)


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One delivered result and what was said of it."""

    lead_id: UUID
    list: str
    row: int  #: in the client's file; 1 = the first below the headings
    external_key: str | None  #: the client's own key of the person
    result: str | None  #: None: it was taken back
    change: str | None  #: None: as in the delivery before
    result_before: str | None
    verdict: Verdict | None
    reason: DisputeReason | None
    comment: str
    said_at: datetime | None
    answer: str
    answered_at: datetime | None


async def results_of(
    session: AsyncSession,
    delivery: Delivery,
    *,
    verdict: Verdict | None = None,
    change: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Sequence[ResultLine]:
    """Return what a delivery brought, disputed results first, then in the order of lists and rows."""
    facts = {
        **scope_of(delivery),
        "verdict": verdict.value if verdict else None,
        "change": change,
        "limit": limit,
        "offset": offset,
    }
    return [_line(row) for row in await session.execute(_PAGE, facts)]


def _line(row: Any) -> ResultLine:
    return ResultLine(
        row.lead_id,
        row.list,
        row.row,
        row.external_key,
        row.result,
        row.change,
        row.result_before,
        Verdict(row.verdict) if row.verdict else None,
        DisputeReason(row.reason) if row.reason else None,
        row.comment or "",
        row.said_at,
        row.answer or "",
        row.answered_at,
    )


async def counts_of(
    session: AsyncSession, delivery_ids: Sequence[UUID], *, client_id: UUID
) -> Mapping[UUID, Mapping[Verdict, int]]:
    """Return how many results have each verdict, by delivery."""
    statement = (
        select(ResultVerdict.delivery_id, ResultVerdict.verdict, func.count())
        .where(
            col(ResultVerdict.delivery_id).in_(delivery_ids),
            col(ResultVerdict.client_id) == client_id,
        )
        .group_by(col(ResultVerdict.delivery_id), col(ResultVerdict.verdict))
    )
    counted: dict[UUID, dict[Verdict, int]] = {}
    for delivery_id, verdict, number in await session.exec(statement):
        counted.setdefault(delivery_id, {})[Verdict(verdict)] = number
    return counted


def scope_of(delivery: Delivery) -> dict[str, Any]:
    """Return what binds a query to what a delivery brought."""
    return {
        "plan_id": delivery.plan_id,
        "client_id": delivery.client_id,
        "delivery_id": delivery.id,
        "turn": delivery.turn or 0,
    }
