"""Disputes for programs: an operator disagrees with points, a second reviewer decides."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import OwnScoresDep, ReviewerDep, own_agent_ids
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.quality_disputes import DecisionIn, DisputeIn, DisputeOut
from campaigns.quality import disputes
from campaigns.quality.blindness import ScoreBlindFirst
from campaigns.quality.disputes import (
    DecidedAlready,
    DisputedAlready,
    DisputeNotFound,
    SecondReviewer,
)
from campaigns.quality.reviewing import ReviewNotFound
from campaigns.quality.scorecard import AnswersWrong
from dialer.errors import Forbidden, Invalid, Unauthenticated

router = APIRouter(
    prefix="/quality", tags=["quality"], responses=problems(Unauthenticated, Forbidden)
)


@router.get("/disputes")
async def list_disputes(who: ReviewerDep, session: SessionDep) -> list[DisputeOut]:
    """Return disputes, those that wait first; none of calls that you are to score blind."""
    return [DisputeOut.model_validate(one.row) for one in await disputes.disputes_of(session, who)]


@router.get("/disputes/{dispute_id}", responses=problems(DisputeNotFound, ScoreBlindFirst))
async def read_dispute(dispute_id: UUID, who: ReviewerDep, session: SessionDep) -> DisputeOut:
    """Return a dispute with its decision."""
    return DisputeOut.model_validate(
        (await disputes.find_dispute(session, dispute_id, who=who)).row
    )


@router.post(
    "/disputes/{dispute_id}/decision",
    responses=problems(
        *(DisputeNotFound, DecidedAlready, SecondReviewer, ScoreBlindFirst, AnswersWrong, Invalid)
    ),
)
async def make_decision(
    dispute_id: UUID, body: DecisionIn, who: ReviewerDep, session: SessionDep, clock: ClockDep
) -> DisputeOut:
    """Decide a dispute: by somebody else than who scored or took the call; a decision is final."""
    row = await disputes.decide(session, dispute_id, body.points, body.words, who=who, clock=clock)
    return DisputeOut.model_validate(row)


@router.post(
    "/reviews/{review_id}/disputes",
    status_code=HTTPStatus.CREATED,
    responses=problems(ReviewNotFound, DisputedAlready, Invalid),
)
async def open_own_dispute(
    review_id: UUID, body: DisputeIn, who: OwnScoresDep, session: SessionDep, clock: ClockDep
) -> DisputeOut:
    """Disagree with the points of a question of one's own call, as its operator."""
    own = await own_agent_ids(session, who)
    row = await disputes.open_dispute(
        session, review_id, body.item, body.words, own, who=who, clock=clock
    )
    return DisputeOut.model_validate(row)
