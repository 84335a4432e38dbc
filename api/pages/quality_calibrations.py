"""Calibrations: two reviewers score a call blind, then their agreement is shown."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from api.pages.asked import AskedToReviewDep
from api.templating import render
from campaigns.quality import calibrating
from campaigns.quality.calls import logins_of

router = APIRouter(prefix="/quality/calibrations")
CALIBRATIONS = "/quality/calibrations"


@router.get("")
async def calibrations_page(asked: AskedToReviewDep) -> Response:
    """Show calibrations, and how far reviewers agree by question."""
    rows = await calibrating.calibrations_of(asked.session, asked.who)
    people = {one for row in rows for one in (row.row.first_id, row.row.second_id)}
    return render(
        asked.request,
        "quality/calibrations.html",
        who=asked.who,
        rows=rows,
        items=calibrating.by_item(rows),
        people=await logins_of(asked.session, people),
    )


@router.post("")
async def begin_calibration(
    asked: AskedToReviewDep,
    attempt_id: Annotated[UUID, Form()],
    version_id: Annotated[UUID, Form()],
    first_id: Annotated[UUID, Form()],
    second_id: Annotated[UUID, Form()],
) -> Response:
    """Have two reviewers score a call blind."""
    row = await calibrating.begin(
        asked.session,
        attempt_id,
        version_id,
        (first_id, second_id),
        who=asked.who,
        clock=asked.services.clock,
    )
    return RedirectResponse(f"{CALIBRATIONS}/{row.id}", HTTPStatus.SEE_OTHER)


@router.get("/{calibration_id}")
async def calibration_page(calibration_id: UUID, asked: AskedToReviewDep) -> Response:
    """Show who has scored, and once both have, how far they agree."""
    found = await calibrating.find_calibration(asked.session, calibration_id, who=asked.who)
    people = {found.row.first_id, found.row.second_id}
    return render(
        asked.request,
        "quality/calibration.html",
        who=asked.who,
        found=found,
        people=await logins_of(asked.session, people),
    )
