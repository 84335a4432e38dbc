"""Disputes: those that wait for a decision, and all that were decided."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from api import quality_words
from api.pages.asked import Asked, AskedToReviewDep
from api.quality_forms import NOT_APPLIED
from api.templating import render
from campaigns.quality import disputes, reviewing
from campaigns.quality.calls import logins_of
from campaigns.quality.scorecard import MOST_WORDS
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/quality/disputes")
DISPUTES = "/quality/disputes"


@router.get("")
async def disputes_page(asked: AskedToReviewDep) -> Response:
    """Show disputes: those that wait first."""
    rows = await disputes.disputes_of(asked.session, asked.who)
    shown = await reviewing.shown(asked.session, [one.review for one in rows])
    return render(
        asked.request,
        "quality/disputes.html",
        who=asked.who,
        words=quality_words,
        rows=list(zip(rows, shown, strict=True)),
    )


@router.get("/{dispute_id}")
async def dispute_page(dispute_id: UUID, asked: AskedToReviewDep) -> Response:
    """Show a dispute, with the form to decide it."""
    return await _show(asked, dispute_id)


async def _show(asked: Asked, dispute_id: UUID, problem: OutdialError | None = None) -> Response:
    found = await disputes.find_dispute(asked.session, dispute_id, who=asked.who)
    shown = (await reviewing.shown(asked.session, [found.review]))[0]
    dispute = found.row
    people = {dispute.opened_by, found.review.reviewer_id}
    if dispute.decided_by is not None:
        people.add(dispute.decided_by)
    return render(
        asked.request,
        "quality/dispute.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        path=f"{DISPUTES}/{dispute_id}",
        who=asked.who,
        words=quality_words,
        found=found,
        shown=shown,
        item=next((one for one in shown.sheet.items if one.code == dispute.item), None),
        people=await logins_of(asked.session, people),
        most=MOST_WORDS,
        problem=asked.words_of(problem) if problem else "",
    )


@router.post("/{dispute_id}/decide")
async def decide_dispute(
    dispute_id: UUID,
    asked: AskedToReviewDep,
    points: Annotated[str, Form(max_length=3)],
    words: Annotated[str, Form(max_length=MOST_WORDS)] = "",
) -> Response:
    """Decide a dispute: the points as they should be, and why."""
    number = None if points == NOT_APPLIED else int(points) if points.isdecimal() else -1
    try:
        await disputes.decide(
            asked.session,
            dispute_id,
            number,
            words,
            who=asked.who,
            clock=asked.services.clock,
        )
    except (Invalid, Conflict) as problem:
        return await _show(asked, dispute_id, problem)
    return RedirectResponse(f"{DISPUTES}/{dispute_id}", HTTPStatus.SEE_OTHER)
