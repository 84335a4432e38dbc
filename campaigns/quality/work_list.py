"""What waits for reviewers: calls that were drawn and have no score, and what was scored lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent
from campaigns.leads.models import Attempt
from campaigns.models import Disposition
from campaigns.quality.models import Calibration, Dispute, Review, SampledCall, SamplingPlan
from campaigns.recordings.models import Recording
from campaigns.tenancy.tokens import Identity

PAGE = 200


@dataclass(frozen=True, slots=True)
class SampledRow:
    """A call that was drawn, as a list shows it."""

    drawn: SampledCall
    plan: SamplingPlan
    attempt: Attempt
    agent: str
    duration_s: float | None
    review: Review | None
    label: str | None = None  #: of the result, as the campaign has it


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A scored call, as a list shows it."""

    review: Review
    agent: str


async def sampled(
    session: AsyncSession,
    client_id: UUID,
    *,
    reviewer_id: UUID | None = None,
    plan_id: UUID | None = None,
    waiting: bool = False,
) -> list[SampledRow]:
    """Return drawn calls, the newest week first; ``waiting``: only those without a score."""
    statement = (
        select_columns(
            SampledCall,
            SamplingPlan,
            Attempt,
            col(Agent.name),
            col(Recording.duration_s),
            Review,
            col(Disposition.label),
        )
        .join(SamplingPlan, col(SamplingPlan.id) == col(SampledCall.plan_id))
        .join(Attempt, col(Attempt.id) == col(SampledCall.attempt_id))
        .join(Agent, col(Agent.id) == col(SampledCall.agent_id))
        .outerjoin(Recording, col(Recording.attempt_id) == col(SampledCall.attempt_id))
        .outerjoin(
            Review,
            (col(Review.attempt_id) == col(SampledCall.attempt_id))
            & col(Review.calibration_id).is_(None),
        )
        .outerjoin(
            Disposition,
            (col(Disposition.campaign_id) == col(Attempt.campaign_id))
            & (col(Disposition.code) == col(Attempt.disposition)),
        )
        .where(col(SampledCall.client_id) == client_id)
        .order_by(col(SampledCall.week).desc(), col(Agent.name), col(SampledCall.ticket))
        .limit(PAGE)
    )
    if reviewer_id is not None:
        statement = statement.where(col(SampledCall.reviewer_id) == reviewer_id)
    if plan_id is not None:
        statement = statement.where(col(SampledCall.plan_id) == plan_id)
    if waiting:
        statement = statement.where(col(Review.id).is_(None))
    return [SampledRow(*row) for row in (await session.execute(statement)).all()]


async def scored(
    session: AsyncSession,
    client_id: UUID,
    *,
    agent_ids: frozenset[UUID] | None = None,
    without: frozenset[UUID] = frozenset(),
    offset: int = 0,
    limit: int = PAGE,
) -> list[ScoredRow]:
    """Return scores that count, the latest first; ``agent_ids``: of these operators only.

    ``without``: the calls that whoever looks is to score blind.
    """
    statement = (
        select(Review, Agent.name)
        .join(Agent, col(Agent.id) == col(Review.agent_id))
        .where(
            col(Review.client_id) == client_id,
            col(Review.calibration_id).is_(None),
            col(Review.attempt_id).not_in(without),
        )
        .order_by(col(Review.reviewed_at).desc(), col(Review.id).desc())
    )
    if agent_ids is not None:
        statement = statement.where(col(Review.agent_id).in_(agent_ids))
    rows = await session.exec(statement.offset(offset).limit(limit))
    return [ScoredRow(*row) for row in rows.all()]


async def open_disputes(session: AsyncSession, client_id: UUID) -> int:
    """Return how many disputes wait for a decision."""
    statement = select(func.count()).where(
        col(Dispute.client_id) == client_id, col(Dispute.decided_at).is_(None)
    )
    return (await session.exec(statement)).one()


async def my_calibrations(session: AsyncSession, who: Identity) -> Sequence[Calibration]:
    """Return the calibrations for which a person has yet to score."""
    done = select(Review.id).where(
        col(Review.calibration_id) == col(Calibration.id),
        col(Review.reviewer_id) == who.user_id,
    )
    mine = (col(Calibration.first_id) == who.user_id) | (col(Calibration.second_id) == who.user_id)
    statement = select(Calibration).where(
        col(Calibration.client_id) == who.client_id, mine, ~done.exists()
    )
    return (await session.exec(statement.order_by(col(Calibration.id)).limit(PAGE))).all()
