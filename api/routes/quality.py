"""Quality for programs: scorecards, scores, notes, why a call was drawn, the board."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.auth import ReviewerDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.quality import (
    BoardOut,
    BoardRowOut,
    ExplainedOut,
    NoteIn,
    NoteOut,
    ReviewIn,
    ReviewOut,
    ReviewsPage,
    ScorecardOut,
)
from campaigns.quality import notes, reviewing, work_list
from campaigns.quality.blindness import hidden_calls
from campaigns.quality.board import BoardBy, board
from campaigns.quality.calls import CallNotFound, NobodyTalked, find_taken
from campaigns.quality.explaining import explain
from campaigns.quality.reviewing import AlreadyScored, OwnCall
from campaigns.quality.scorecard import AnswersWrong, sheet_of
from campaigns.quality.scorecards import ScorecardNotFound, scorecards_of
from campaigns.recordings import finding
from campaigns.recordings.finding import RecordingNotFound
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/quality", tags=["quality"], responses=problems(Unauthenticated, Forbidden)
)


@router.get("/scorecards")
async def list_scorecards(who: ReviewerDep, session: SessionDep) -> list[ScorecardOut]:
    """Return the client's scorecards with what calls are scored by."""
    return [
        ScorecardOut(
            id=one.row.id,
            name=one.row.name,
            version_id=one.published.id if one.published else None,
            number=one.published.number if one.published else None,
            sheet=sheet_of(one.published.content) if one.published else None,
        )
        for one in await scorecards_of(session, who.client_id)
    ]


@router.get("/reviews")
async def list_reviews(
    who: ReviewerDep,
    session: SessionDep,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    agent_id: UUID | None = None,
) -> ReviewsPage:
    """Return scores that count (none of calibrations), the latest first."""
    of = frozenset({agent_id}) if agent_id is not None else None
    # Whoever is to score a call blind is not told its score here either.
    hidden = await hidden_calls(session, who)
    rows = await work_list.scored(
        session, who.client_id, agent_ids=of, without=hidden, offset=offset, limit=limit + 1
    )
    return ReviewsPage(
        items=[ReviewOut.model_validate(one.review) for one in rows[:limit]],
        next_offset=offset + limit if len(rows) > limit else None,
    )


@router.post(
    "/reviews",
    status_code=HTTPStatus.CREATED,
    responses=problems(
        *(CallNotFound, RecordingNotFound, ScorecardNotFound, AnswersWrong),
        *(NobodyTalked, OwnCall, AlreadyScored),
    ),
)
async def make_review(
    body: ReviewIn, who: ReviewerDep, session: SessionDep, clock: ClockDep
) -> ReviewOut:
    """Score a recorded call. Of a call there is one score; only the decision of a dispute changes it."""
    await finding.find_one(session, body.attempt_id, client_id=who.client_id)
    row = await reviewing.record(
        session,
        body.attempt_id,
        body.version_id,
        body.answers,
        body.words,
        who=who,
        clock=clock,
    )
    return ReviewOut.model_validate(row)


@router.get("/calls/{attempt_id}/notes", responses=problems(CallNotFound, NobodyTalked))
async def list_notes(attempt_id: UUID, who: ReviewerDep, session: SessionDep) -> list[NoteOut]:
    """Return a call's notes in the order of the recording; none while one is to score it blind."""
    await find_taken(session, attempt_id, client_id=who.client_id)
    if await reviewing.awaited_calibration(session, attempt_id, who) is not None:
        return []
    found = await notes.notes_of(session, attempt_id, client_id=who.client_id)
    return [NoteOut.model_validate(one.row) for one in found]


@router.post(
    "/calls/{attempt_id}/notes",
    status_code=HTTPStatus.CREATED,
    responses=problems(CallNotFound, NobodyTalked),
)
async def make_note(
    attempt_id: UUID, body: NoteIn, who: ReviewerDep, session: SessionDep, clock: ClockDep
) -> NoteOut:
    """Write a comment, or coaching for the operator, about a moment of a call."""
    row = await notes.add(
        session, attempt_id, body.kind, body.at_s, body.words, who=who, clock=clock
    )
    return NoteOut.model_validate(row)


@router.get("/calls/{attempt_id}/draws", responses=problems(CallNotFound, NobodyTalked))
async def explain_draws(
    attempt_id: UUID, who: ReviewerDep, session: SessionDep
) -> list[ExplainedOut]:
    """Return why each sampling plan drew a call, or did not."""
    return [
        ExplainedOut(
            plan_id=one.plan.id,
            plan=one.plan.name,
            why=one.why,
            ticket=one.ticket,
            calls=one.share.calls if one.share else None,
            drawn=one.share.drawn if one.share else None,
            last_ticket=one.share.last if one.share else None,
        )
        for one in await explain(session, attempt_id, client_id=who.client_id)
    ]


@router.get("/board")
async def read_board(
    who: ReviewerDep,
    session: SessionDep,
    clock: ClockDep,
    week: Annotated[date, Query(ge=date(2000, 1, 1), le=date(2999, 1, 1))],
    by: BoardBy = BoardBy.SCORE,
    least: Annotated[int | None, Query(ge=1, le=9_999)] = None,
) -> BoardOut:
    """Return the leaders' board of the week that a day falls in; who has fewer calls has no place."""
    monday = week - timedelta(days=week.weekday())
    hidden = await hidden_calls(session, who)
    found = await board(
        session, who.client_id, monday, now=clock.now(), by=by, least=least, without=hidden
    )
    rows = [
        BoardRowOut(
            place=place,
            agent_id=row.agent_id,
            name=row.name,
            score=row.score,
            scored=row.scored,
            failed=row.failed,
            calls=row.calls,
            figures=dict(row.figures),
        )
        for place, row in found.rows
    ]
    return BoardOut(week=found.week, least=found.least, rows=rows)
