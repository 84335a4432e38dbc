"""Scorecards: listed, made from a preset, changed as drafts, published."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from api import quality_words
from api.languages import language_of
from api.pages.asked import Asked, AskedToReviewDep
from api.quality_forms import empty_rows, sheet_from
from api.quality_words import preset_in
from api.templating import render
from campaigns.quality import scorecards
from campaigns.quality.presets import Preset
from campaigns.quality.scorecard import MOST_POINTS, MOST_TEXT, Sheet, sheet_of
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/quality/scorecards")


@router.get("")
async def scorecards_page(asked: AskedToReviewDep) -> Response:
    """Show the client's scorecards."""
    return await _list(asked)


async def _list(asked: Asked, problem: OutdialError | None = None) -> Response:
    rows = await scorecards.scorecards_of(asked.session, asked.who.client_id)
    return render(
        asked.request,
        "quality/scorecards.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        who=asked.who,
        words=quality_words,
        cards=rows,
        sheet_of=sheet_of,
        presets=Preset,
        problem=asked.words_of(problem) if problem else "",
    )


@router.post("")
async def make_scorecard(
    asked: AskedToReviewDep,
    name: Annotated[str, Form(max_length=200)] = "",
    preset: Annotated[Preset, Form()] = Preset.EMPTY,
) -> Response:
    """Make a scorecard from a preset, in the language of whoever makes it."""
    sheet = preset_in(language_of(asked.request), preset)
    try:
        row = await scorecards.make(
            asked.session, name, sheet, who=asked.who, clock=asked.services.clock
        )
    except (Invalid, Conflict) as problem:
        return await _list(asked, problem)
    return RedirectResponse(f"/quality/scorecards/{row.id}", HTTPStatus.SEE_OTHER)


@router.get("/{scorecard_id}")
async def scorecard_page(scorecard_id: UUID, asked: AskedToReviewDep, saved: str = "") -> Response:
    """Show a scorecard's questions, to be changed, and its published versions."""
    return await _show(asked, scorecard_id, saved=saved)


async def _show(
    asked: Asked,
    scorecard_id: UUID,
    sheet: Sheet | None = None,
    problem: OutdialError | None = None,
    saved: str = "",
) -> Response:
    found = await scorecards.find_scorecard(
        asked.session, scorecard_id, client_id=asked.who.client_id
    )
    newest = found.draft or found.published
    if sheet is None:
        sheet = sheet_of(newest.content) if newest else Sheet(items=())
    return render(
        asked.request,
        "quality/scorecard.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        path=f"/quality/scorecards/{scorecard_id}",
        who=asked.who,
        found=found,
        sheet=sheet,
        sheet_of=sheet_of,
        rows=empty_rows(sheet),
        most_points=MOST_POINTS,
        most_text=MOST_TEXT,
        saved=saved if saved in {"draft", "published"} else "",
        problem=asked.words_of(problem) if problem else "",
    )


@router.post("/{scorecard_id}")
async def save_scorecard(
    scorecard_id: UUID, asked: AskedToReviewDep, publish: Annotated[str, Form()] = ""
) -> Response:
    """Save the questions as a draft; ``publish``: and publish it."""
    by: dict[str, Any] = {"who": asked.who, "clock": asked.services.clock}
    sheet: Sheet | None = None
    try:
        sheet = sheet_from(await asked.request.form())
        if publish:
            sheet.require_usable()
        await scorecards.save_draft(asked.session, scorecard_id, sheet, **by)
        if publish:
            await scorecards.publish(asked.session, scorecard_id, **by)
    except (Invalid, Conflict) as problem:
        return await _show(asked, scorecard_id, sheet, problem)
    done = "published" if publish else "draft"
    return RedirectResponse(
        f"/quality/scorecards/{scorecard_id}?saved={done}", HTTPStatus.SEE_OTHER
    )
