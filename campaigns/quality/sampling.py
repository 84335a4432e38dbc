"""The weekly draw: one for each plan and week, whole or not at all. Nothing here commits."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.models import Attempt
from campaigns.quality.drawing import Candidate, Share, Shares, draw
from campaigns.quality.models import SampledCall, SampledWeek, SamplingPlan
from campaigns.quality.weeks import bounds, drawable
from campaigns.recordings.models import Recording, RecordingState
from campaigns.reports.settings import terms_of

#: A call ends at most so long after it began: bounds the search by the recordings' index.
_LONGEST = timedelta(days=1)


async def active_plans(session: AsyncSession) -> Sequence[UUID]:
    """Return the plans of all clients that draw."""
    statement = select(SamplingPlan.id).where(col(SamplingPlan.ended_at).is_(None))
    return (await session.exec(statement.order_by(col(SamplingPlan.id)))).all()


async def due_weeks(session: AsyncSession, plan: SamplingPlan, now: datetime) -> list[date]:
    """Return the weeks that a plan has to draw now, the oldest first."""
    zone = (await terms_of(session, plan.client_id)).zone
    drawn = select_columns(col(SampledWeek.week)).where(col(SampledWeek.plan_id) == plan.id)
    known = set((await session.execute(drawn)).scalars())
    return [week for week in drawable(plan.first_week, now, zone) if week not in known]


async def draw_due(session: AsyncSession, plan_id: UUID, *, now: datetime) -> int:
    """Draw what is due by a plan, and return how many calls were drawn.

    Safe to repeat, and beside another process: the week's row and its calls are stored together, and of a
    week there is one row. Whoever is second waits for the first, and then draws nothing.
    """
    plan = await session.get(SamplingPlan, plan_id)
    if plan is None or plan.ended_at is not None:
        return 0
    weeks = await due_weeks(session, plan, now)
    return sum([await _draw_week(session, plan, week, now) for week in weeks])


async def _draw_week(session: AsyncSession, plan: SamplingPlan, week: date, now: datetime) -> int:
    taken = await session.execute(
        insert(SampledWeek)
        .values(plan_id=plan.id, week=week, client_id=plan.client_id, drawn_at=now, shares={})
        .on_conflict_do_nothing()
        .returning(col(SampledWeek.week))
    )
    if taken.first() is None:
        return 0
    drawn, shares = draw(
        await _candidates(session, plan, week),
        seed=plan.seed,
        week=week,
        per_agent=plan.per_agent,
        mix=plan.mix,
        reviewers=plan.reviewers,
    )
    row = await session.get_one(SampledWeek, (plan.id, week))
    row.shares = _stored(shares)
    whose: dict[str, Any] = {"plan_id": plan.id, "week": week, "client_id": plan.client_id}
    for one in drawn:
        session.add(
            SampledCall(
                **whose,
                attempt_id=one.attempt_id,
                agent_id=one.agent_id,
                reviewer_id=one.reviewer_id,
                ticket=one.ticket,
            )
        )
    await session.flush()
    return len(drawn)


async def _candidates(session: AsyncSession, plan: SamplingPlan, week: date) -> list[Candidate]:
    zone = (await terms_of(session, plan.client_id)).zone
    begin, end = bounds(week, zone)
    columns = (col(Attempt.id), col(Agent.id), col(Attempt.disposition), col(Agent.user_id))
    statement = (
        select_columns(*columns)
        .join(Recording, col(Recording.attempt_id) == col(Attempt.id))
        .join(AgentSession, col(AgentSession.id) == col(Attempt.agent_session_id))
        .join(Agent, col(Agent.id) == col(AgentSession.agent_id))
        .where(
            col(Recording.client_id) == plan.client_id,
            col(Recording.state) == RecordingState.KEPT,
            col(Recording.duration_s) >= plan.least_s,
            col(Recording.talked_at) >= begin,
            col(Recording.talked_at) < end + _LONGEST,
            col(Attempt.connected_at) >= begin,
            col(Attempt.connected_at) < end,
            # A zone that changed puts a night's calls into two weeks: each is drawn once.
            col(Attempt.id).not_in(
                select_columns(col(SampledCall.attempt_id)).where(
                    col(SampledCall.plan_id) == plan.id
                )
            ),
        )
    )
    if plan.campaign_id is not None:
        statement = statement.where(col(Recording.campaign_id) == plan.campaign_id)
    rows = await session.execute(statement)
    return [
        Candidate(attempt_id, agent_id, said or "", user_id)
        for attempt_id, agent_id, said, user_id in rows
    ]


def _stored(shares: Shares) -> dict[str, Any]:
    return {
        str(agent_id): {group: [one.calls, one.drawn, one.last] for group, one in groups.items()}
        for agent_id, groups in shares.items()
    }


def share_of(row: SampledWeek, agent_id: UUID, group: str) -> Share | None:
    """Return what a week's draw had of an operator's calls; None: nothing of that kind."""
    found = row.shares.get(str(agent_id), {}).get(group)
    return Share(*found) if found is not None else None
