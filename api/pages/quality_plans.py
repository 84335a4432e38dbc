"""Sampling plans: made, ended, and what they drew."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select

from api import quality_words
from api.pages.asked import Asked, AskedToReviewDep
from api.templating import render
from campaigns.models import Campaign
from campaigns.quality import plans, sampling, work_list
from campaigns.quality.blindness import hidden_calls
from campaigns.quality.calls import reviewers_of
from campaigns.quality.drawing import Mix
from campaigns.quality.plans import MOST_LEAST_S, MOST_PER_AGENT, PlanIn
from campaigns.quality.scorecards import scorecards_of
from dialer.errors import Invalid, OutdialError

router = APIRouter(prefix="/quality/plans")
PLANS = "/quality/plans"


@router.get("")
async def sampling_plans_page(asked: AskedToReviewDep) -> Response:
    """Show the client's plans, and the form for one."""
    return await _list(asked)


async def _list(asked: Asked, problem: OutdialError | None = None) -> Response:
    session, client_id = asked.session, asked.who.client_id
    cards = await scorecards_of(session, client_id)
    campaigns = await session.exec(
        select(Campaign.id, Campaign.name)
        .where(col(Campaign.client_id) == client_id)
        .order_by(col(Campaign.name))
    )
    names = dict(campaigns.all())
    return render(
        asked.request,
        "quality/plans.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        path=PLANS,
        who=asked.who,
        words=quality_words,
        plans=await plans.plans_of(session, client_id),
        cards={one.row.id: one for one in cards},
        campaigns=names,
        reviewers=await reviewers_of(session, client_id),
        mixes=Mix,
        most={"per_agent": MOST_PER_AGENT, "least_s": MOST_LEAST_S},
        problem=asked.words_of(problem) if problem else "",
    )


@router.post("")
async def make_sampling_plan(
    asked: AskedToReviewDep,
    scorecard_id: Annotated[UUID, Form()],
    name: Annotated[str, Form(max_length=200)] = "",
    per_agent: Annotated[int, Form()] = 3,
    least_s: Annotated[int, Form()] = 30,
    mix: Annotated[Mix, Form()] = Mix.SPREAD,
    reviewers: Annotated[list[UUID] | None, Form()] = None,
    campaign_id: Annotated[str, Form(max_length=36)] = "",
) -> Response:
    """Make a plan, and draw the week that is over at once."""
    clock = asked.services.clock
    try:
        campaign = UUID(campaign_id) if campaign_id else None
        wish = PlanIn(name, scorecard_id, per_agent, least_s, mix, tuple(reviewers or ()), campaign)
        plan = await plans.make_plan(asked.session, wish, who=asked.who, clock=clock)
    except Invalid as problem:
        return await _list(asked, problem)
    except ValueError:
        return await _list(asked, plans.PlanNotFound())
    await sampling.draw_due(asked.session, plan.id, now=clock.now())
    return RedirectResponse(f"{PLANS}/{plan.id}", HTTPStatus.SEE_OTHER)


@router.get("/{sampling_id}")
async def sampling_plan_page(sampling_id: UUID, asked: AskedToReviewDep) -> Response:
    """Show what a plan drew."""
    session, client_id = asked.session, asked.who.client_id
    plan = await plans.find_plan(session, sampling_id, client_id=client_id)
    return render(
        asked.request,
        "quality/plan.html",
        who=asked.who,
        words=quality_words,
        plan=plan,
        hidden=await hidden_calls(session, asked.who),
        drawn=await work_list.sampled(session, client_id, plan_id=plan.id),
        reviewers=await reviewers_of(session, client_id),
    )


@router.post("/{sampling_id}/end")
async def end_sampling_plan(sampling_id: UUID, asked: AskedToReviewDep) -> Response:
    """Draw no more by a plan."""
    await plans.end_plan(asked.session, sampling_id, who=asked.who, clock=asked.services.clock)
    return RedirectResponse(PLANS, HTTPStatus.SEE_OTHER)
