"""Calls to score: the list, and one call with its recording, its notes and its score."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from api import quality_words, recording_words
from api.pages.asked import Asked, AskedToReviewDep
from api.player import player_of
from api.quality_forms import answers_of
from api.templating import render
from campaigns.quality import calibrating, notes, reviewing, work_list
from campaigns.quality.blindness import hidden_calls
from campaigns.quality.calls import find_taken, reviewers_of
from campaigns.quality.explaining import Explained, explain
from campaigns.quality.models import Calibration, NoteKind, ScorecardVersion
from campaigns.quality.scorecard import MOST_WORDS, sheet_of
from campaigns.quality.scorecards import ShownScorecard, find_published, scorecards_of
from campaigns.recordings import finding
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/quality")
CALLS = "/quality/calls"


@router.get("")
async def quality_page(asked: AskedToReviewDep) -> Response:
    """Lead to what waits for the reviewer."""
    del asked
    return RedirectResponse(CALLS, HTTPStatus.SEE_OTHER)


@router.get("/calls")
async def quality_calls_page(asked: AskedToReviewDep) -> Response:
    """Show what waits for the reviewer, what waits for others, and what was scored lately."""
    session, client_id = asked.session, asked.who.client_id
    waiting = await work_list.sampled(session, client_id, waiting=True)
    cards = await scorecards_of(session, client_id)
    hidden = await hidden_calls(session, asked.who)
    return render(
        asked.request,
        "quality/calls.html",
        who=asked.who,
        words=quality_words,
        mine=[one for one in waiting if one.drawn.reviewer_id == asked.who.user_id],
        others=[one for one in waiting if one.drawn.reviewer_id != asked.who.user_id],
        scored=await work_list.scored(session, client_id, without=hidden, limit=50),
        disputes=await work_list.open_disputes(session, client_id),
        calibrations=await work_list.my_calibrations(session, asked.who),
        reviewers=await reviewers_of(session, client_id),
        can_score=any(one.published for one in cards),
    )


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was refused, as it was filled in."""

    answers: Mapping[str, int | None]
    words: str
    problem: OutdialError


@router.get("/calls/{attempt_id}")
async def quality_call_page(
    attempt_id: UUID, asked: AskedToReviewDep, version: Annotated[UUID | None, Query()] = None
) -> Response:
    """Show a call: its recording, its notes, its score or the form for one."""
    return await _show(asked, attempt_id, version)


async def _show(
    asked: Asked, attempt_id: UUID, version_id: UUID | None, filled: Filled | None = None
) -> Response:
    session, who = asked.session, asked.who
    call = await find_taken(session, attempt_id, client_id=who.client_id)
    found = await finding.find_one(session, attempt_id, client_id=who.client_id)
    review = await reviewing.review_of_call(session, attempt_id, client_id=who.client_id)
    blind = await reviewing.awaited_calibration(session, attempt_id, who)
    why = await explain(session, attempt_id, client_id=who.client_id)
    cards = [one for one in await scorecards_of(session, who.client_id) if one.published]
    version = await _version(asked, cards, version_id, blind, why)
    # Whoever is to score blind sees neither the score nor what others noted.
    said = [] if blind else await notes.notes_of(session, attempt_id, client_id=who.client_id)
    return render(
        asked.request,
        "quality/call.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if filled else HTTPStatus.OK,
        path=f"{CALLS}/{attempt_id}",  # also after a form
        who=who,
        words=quality_words,
        recording_words=recording_words,
        NoteKind=NoteKind,
        one=found,
        call=call,
        player=await player_of(asked.request, session, asked.services, who, found),
        cards=cards,
        version=version,
        sheet=sheet_of(version.content) if version else None,
        blind=blind,
        review=None if blind else review,
        own=call.agent.user_id == who.user_id,
        notes=said,
        why=why,
        reviewers=await reviewers_of(session, who.client_id),
        most=MOST_WORDS,
        **_filled(asked, filled),
    )


def _filled(asked: Asked, filled: Filled | None) -> dict[str, Any]:
    if filled is None:
        return {"answers": {}, "said": "", "problem": "", "missing": ()}
    return {
        "answers": filled.answers,
        "said": filled.words,
        "problem": asked.words_of(filled.problem),
        "missing": filled.problem.facts.get("items", ()),
    }


async def _version(
    asked: Asked,
    cards: list[ShownScorecard],
    version_id: UUID | None,
    blind: Calibration | None,
    why: list[Explained],
) -> ScorecardVersion | None:
    """Return by what the call is scored: the calibration's, the chosen one, the plan's, the first."""
    wanted = blind.version_id if blind else version_id
    if wanted is not None:
        return await find_published(asked.session, wanted, client_id=asked.who.client_id)
    planned = {one.plan.scorecard_id for one in why if one.reviewer_id is not None}
    ordered = sorted(cards, key=lambda one: one.row.id not in planned)
    return ordered[0].published if ordered else None


@router.post("/calls/{attempt_id}/score")
async def score_call(
    attempt_id: UUID,
    asked: AskedToReviewDep,
    version_id: Annotated[UUID, Form()],
    words: Annotated[str, Form(max_length=MOST_WORDS)] = "",
    calibration_id: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Store a call's score, or one reviewer's part of a calibration."""
    version = await find_published(asked.session, version_id, client_id=asked.who.client_id)
    answers = answers_of(await asked.request.form(), sheet_of(version.content))
    by: dict[str, Any] = {"who": asked.who, "clock": asked.services.clock}
    try:
        if calibration_id is not None:
            await calibrating.score_blind(asked.session, calibration_id, answers, words, **by)
            return RedirectResponse(f"/quality/calibrations/{calibration_id}", HTTPStatus.SEE_OTHER)
        await reviewing.record(asked.session, attempt_id, version_id, answers, words, **by)
    except (Invalid, Conflict) as problem:
        return await _show(asked, attempt_id, version_id, Filled(answers, words, problem))
    return RedirectResponse(f"{CALLS}/{attempt_id}#score", HTTPStatus.SEE_OTHER)


@router.post("/calls/{attempt_id}/notes")
async def note_call(
    attempt_id: UUID,
    asked: AskedToReviewDep,
    kind: Annotated[NoteKind, Form()],
    at_s: Annotated[float, Form(ge=0, le=notes.MOST_AT_S)],
    words: Annotated[str, Form(max_length=MOST_WORDS)],
) -> Response:
    """Write a comment, or coaching, about a moment of a call."""
    try:
        await notes.add(
            asked.session,
            attempt_id,
            kind,
            at_s,
            words,
            who=asked.who,
            clock=asked.services.clock,
        )
    except Invalid as problem:
        return await _show(asked, attempt_id, None, Filled({}, "", problem))
    return RedirectResponse(f"{CALLS}/{attempt_id}#notes", HTTPStatus.SEE_OTHER)
