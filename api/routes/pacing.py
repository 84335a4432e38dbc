"""Pacing explained live: the last decisions with their reasons, and the abandonment budget."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from api.auth import ReaderDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.languages import language_of
from api.pacing_figures import Point, Spending, step_of, thinned
from api.pacing_words import decision_words, note_words
from api.pages.pacing import Pacing, read_pacing
from api.schemas.pacing import (
    PacingBudgetOut,
    PacingDecisionOut,
    PacingOut,
    PacingPaceOut,
    PacingPointOut,
)
from campaigns import lifecycle
from campaigns.errors import CampaignNotFound
from dialer.errors import Forbidden, Unauthenticated

#: Points of an answer at most: the last quarter of an hour second by second.
MOST_POINTS = 900
#: A second is kept as some 500 bytes; of three hours that is 5 MB to read.
MOST_MINUTES = 180

router = APIRouter(
    prefix="/campaigns/{campaign_id}",
    tags=["campaigns"],
    responses=problems(Unauthenticated, Forbidden, CampaignNotFound),
)


@router.get("/pacing")
async def campaign_pacing(
    request: Request,
    campaign_id: UUID,
    who: ReaderDep,
    session: SessionDep,
    clock: ClockDep,
    minutes: Annotated[
        int, Query(ge=1, le=MOST_MINUTES, description="How far back the points go.")
    ] = 15,
) -> PacingOut:
    """Return the last decisions of the pacing with their reasons, and the abandonment budget.

    Sentences are in the language of ``Accept-Language``, English without one.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    pacing = await read_pacing(session, campaign, minutes=minutes, now=clock.now())
    step_s = step_of(minutes, MOST_POINTS)
    return PacingOut(
        at=pacing.at,
        decision=_decision(pacing, language_of(request)),
        budget=_budget(pacing.spending),
        step_s=step_s,
        points=[_point(one) for one in thinned(pacing.seconds, step_s)],
    )


def _decision(pacing: Pacing, language: str) -> PacingDecisionOut | None:
    last = pacing.last
    if last is None:
        return None
    words = decision_words(language, last)
    odd = note_words(language, last)
    return PacingDecisionOut(
        **last.model_dump(include=set(PacingDecisionOut.model_fields)),
        at=_instant(last.at_s),
        is_fresh=pacing.is_fresh,
        words=[*words, odd] if odd else words,
    )


def _budget(spending: Spending) -> PacingBudgetOut:
    pace = spending.pace
    return PacingBudgetOut(
        answered=round(spending.answered, 2),
        abandoned=round(spending.abandoned, 2),
        share=_rounded(spending.share),
        ceiling=spending.ceiling,
        target=spending.target,
        left=round(spending.left, 2),
        pace=PacingPaceOut(
            minutes=round(pace.minutes, 1),
            answered=pace.answered,
            abandoned=pace.abandoned,
            share=_rounded(pace.share),
        ),
        share_in_an_hour=_rounded(spending.share_in_an_hour),
    )


def _point(point: Point) -> PacingPointOut:
    return PacingPointOut(
        at=_instant(point.at_s),
        placed=point.placed,
        cancelled=point.cancelled,
        ready=round(point.ready, 2),
        talking=round(point.talking, 2),
        wrapping=round(point.wrapping, 2),
        ringing=round(point.ringing, 2),
        waiting=point.waiting,
        abandoned_share=_rounded(point.share),
        ceiling=point.ceiling,
    )


def _instant(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 5)
