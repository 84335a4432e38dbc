"""Sampling plans for programs: made, ended, and what they drew."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import ReviewerDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.quality_plans import DrawnCallOut, SamplingPlanIn, SamplingPlanOut
from campaigns.errors import CampaignNotFound
from campaigns.quality import plans, sampling, work_list
from campaigns.quality.blindness import hidden_calls
from campaigns.quality.plans import PlanNotFound
from campaigns.quality.scorecards import ScorecardNotFound
from campaigns.quality.work_list import SampledRow
from dialer.errors import Forbidden, Invalid, Unauthenticated

router = APIRouter(
    prefix="/quality/plans", tags=["quality"], responses=problems(Unauthenticated, Forbidden)
)


@router.get("")
async def list_sampling_plans(who: ReviewerDep, session: SessionDep) -> list[SamplingPlanOut]:
    """Return the client's sampling plans: those that draw first."""
    return [
        SamplingPlanOut.model_validate(one) for one in await plans.plans_of(session, who.client_id)
    ]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(Invalid, ScorecardNotFound, CampaignNotFound),
)
async def add_sampling_plan(
    body: SamplingPlanIn, who: ReviewerDep, session: SessionDep, clock: ClockDep
) -> SamplingPlanOut:
    """Make a plan; the week that is over is drawn at once."""
    plan = await plans.make_plan(session, body.wish(), who=who, clock=clock)
    await sampling.draw_due(session, plan.id, now=clock.now())
    return SamplingPlanOut.model_validate(plan)


@router.post("/{sampling_id}/end", responses=problems(PlanNotFound))
async def stop_sampling_plan(
    sampling_id: UUID, who: ReviewerDep, session: SessionDep, clock: ClockDep
) -> SamplingPlanOut:
    """Draw no more by a plan; what was drawn stays."""
    await plans.end_plan(session, sampling_id, who=who, clock=clock)
    plan = await plans.find_plan(session, sampling_id, client_id=who.client_id)
    return SamplingPlanOut.model_validate(plan)


@router.get("/{sampling_id}/calls", responses=problems(PlanNotFound))
async def list_drawn_calls(
    sampling_id: UUID, who: ReviewerDep, session: SessionDep, waiting: bool = False
) -> list[DrawnCallOut]:
    """Return what a plan drew, the newest week first, 200 calls; ``waiting``: those without a score."""
    plan = await plans.find_plan(session, sampling_id, client_id=who.client_id)
    hidden = await hidden_calls(session, who)
    drawn = await work_list.sampled(session, who.client_id, plan_id=plan.id, waiting=waiting)
    return [_drawn(one, one.drawn.attempt_id in hidden) for one in drawn]


def _drawn(one: SampledRow, hidden: bool) -> DrawnCallOut:
    review = None if hidden else one.review
    return DrawnCallOut(
        attempt_id=one.drawn.attempt_id,
        week=one.drawn.week,
        agent_id=one.drawn.agent_id,
        reviewer_id=one.drawn.reviewer_id,
        ticket=one.drawn.ticket,
        review_id=review.id if review else None,
        percent=review.percent if review else None,
        hidden=hidden,
    )
