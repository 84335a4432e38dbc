"""What a sample holds: each result with who it is about, its recording, and what was said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.words import DisputeReason, Verdict
from campaigns.portal.intervals import Estimate, estimated
from campaigns.portal.models import AcceptanceSample

#: A delivery's verdicts are its own; those of other samples stand beside the result.
_LINES = """
    SELECT s.sample_id, s.lead_id, s.place, s.result, t.name AS list, c.source_row AS row,
           c.external_key, m.campaign_id,
           CASE WHEN m.delivery_id IS NULL THEN s.verdict ELSE v.verdict END AS verdict,
           CASE WHEN m.delivery_id IS NULL THEN s.reason ELSE v.reason END AS reason,
           CASE WHEN m.delivery_id IS NULL THEN s.comment ELSE v.comment END AS comment,
           CASE WHEN m.delivery_id IS NULL THEN s.answer ELSE v.answer END AS answer,
           CASE WHEN m.delivery_id IS NULL THEN s.answered_at ELSE v.answered_at END AS answered_at,
           (SELECT r.attempt_id FROM recording r JOIN attempt a ON a.id = r.attempt_id
            WHERE a.lead_id = s.lead_id AND r.client_id = s.client_id AND r.state = 'kept'
            ORDER BY a.started_at DESC LIMIT 1) AS recording
    FROM sampled_result s
    JOIN acceptance_sample m ON m.id = s.sample_id
    JOIN lead l ON l.id = s.lead_id
    JOIN contact c ON c.id = l.contact_id
    JOIN contact_list t ON t.id = c.list_id
    LEFT JOIN result_verdict v ON v.delivery_id = m.delivery_id AND v.lead_id = s.lead_id
    WHERE s.client_id = :client_id
"""
_OF_SAMPLE = text(f"{_LINES} AND s.sample_id = :sample_id ORDER BY s.place")
#: Disputes of samples of deliveries are answered where the delivery's are.
_DISPUTED = text(
    f"{_LINES} AND m.delivery_id IS NULL AND s.verdict = 'disputed' ORDER BY s.said_at LIMIT 200"
)


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One drawn result."""

    sample_id: UUID
    lead_id: UUID
    campaign_id: UUID
    place: int
    result: str
    list: str
    row: int
    external_key: str | None
    recording: UUID | None  #: of the newest call that is kept
    verdict: Verdict | None
    reason: DisputeReason | None
    comment: str
    answer: str
    answered_at: datetime | None

    @property
    def is_bad(self) -> bool:
        """Tell whether the result counts as wrong: disputed, and not defended."""
        return self.verdict in {Verdict.DISPUTED, Verdict.CONCEDED}


async def lines_of(session: AsyncSession, sample: AcceptanceSample) -> Sequence[SampleLine]:
    """Return what a sample holds, in the order of the draw."""
    facts = {"client_id": sample.client_id, "sample_id": sample.id}
    return [_line(row) for row in await session.execute(_OF_SAMPLE, facts)]


async def disputed(session: AsyncSession, client_id: UUID) -> Sequence[SampleLine]:
    """Return results of samples that the client disputes and nobody has answered, the oldest first."""
    return [_line(row) for row in await session.execute(_DISPUTED, {"client_id": client_id})]


def estimate_of(sample: AcceptanceSample, lines: Sequence[SampleLine]) -> Estimate:
    """Return what a sample says so far of all results."""
    judged = [one for one in lines if one.verdict is not None]
    return estimated(sum(one.is_bad for one in judged), len(judged), sample.population)


def _line(row: Any) -> SampleLine:
    return SampleLine(
        row.sample_id,
        row.lead_id,
        row.campaign_id,
        row.place,
        row.result,
        row.list,
        row.row,
        row.external_key,
        row.recording,
        Verdict(row.verdict) if row.verdict else None,
        DisputeReason(row.reason) if row.reason else None,
        row.comment or "",
        row.answer or "",
        row.answered_at,
    )
