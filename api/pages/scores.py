"""An operator's own scores: seen, heard, disputed; coaching, acknowledged."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from api import quality_words, recording_words, recordings
from api.auth import own_agent_ids
from api.pages.asked import Asked, AskedOwnScoresDep
from api.player import player_of
from api.templating import render
from campaigns.quality import disputes, notes, reviewing, work_list
from campaigns.quality.calls import CallNotFound
from campaigns.quality.models import NoteKind
from campaigns.quality.notes import ShownNote
from campaigns.quality.reviewing import ShownReview
from campaigns.quality.scorecard import MOST_WORDS, mean
from campaigns.recordings import finding, listening
from campaigns.recordings.finding import FoundRecording
from campaigns.recordings.links import Use
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/scores")


@router.get("")
async def scores_page(asked: AskedOwnScoresDep) -> Response:
    """Show the operator's own scores and what he or she was told."""
    session, client_id = asked.session, asked.who.client_id
    own = await own_agent_ids(session, asked.who)
    rows = await work_list.scored(session, client_id, agent_ids=own)
    return render(
        asked.request,
        "quality/scores.html",
        who=asked.who,
        rows=rows,
        shown=await reviewing.shown(session, [one.review for one in rows]),
        mean=mean([one.review.percent for one in rows]),
        notes=await notes.coaching_of(session, own, client_id=client_id),
    )


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A call of the operator's that was scored or talked about."""

    found: FoundRecording
    review: ShownReview | None
    notes: list[ShownNote]


async def _own(asked: Asked, attempt_id: UUID) -> OwnCall:
    """Return an own call; others', and those nobody scored, are not there.

    Raises:
        CallNotFound: it is not such a call.
    """
    session, client_id = asked.session, asked.who.client_id
    own = await own_agent_ids(session, asked.who)
    review = await reviewing.review_of_call(session, attempt_id, client_id=client_id)
    if review is not None and review.row.agent_id not in own:
        raise CallNotFound(attempt_id=str(attempt_id))
    said = [
        one
        for one in await notes.notes_of(session, attempt_id, client_id=client_id)
        if one.row.kind is NoteKind.COACHING and one.row.agent_id in own
    ]
    if review is None and not said:
        raise CallNotFound(attempt_id=str(attempt_id))
    found = await finding.find_one(session, attempt_id, client_id=client_id)
    return OwnCall(found, review, said)


@router.get("/calls/{attempt_id}")
async def own_score_page(attempt_id: UUID, asked: AskedOwnScoresDep) -> Response:
    """Show an own call: its score by question, its recording, what was said about it."""
    return await _show(asked, attempt_id)


async def _show(asked: Asked, attempt_id: UUID, problem: OutdialError | None = None) -> Response:
    call = await _own(asked, attempt_id)
    player = await player_of(
        asked.request, asked.session, asked.services, asked.who, call.found, at="/scores/calls"
    )
    return render(
        asked.request,
        "quality/own_score.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        path=f"/scores/calls/{attempt_id}",
        who=asked.who,
        words=quality_words,
        recording_words=recording_words,
        one=call.found,
        player=player,
        review=call.review,
        notes=call.notes,
        most=MOST_WORDS,
        problem=asked.words_of(problem) if problem else "",
    )


@router.get("/calls/{attempt_id}/audio")
async def own_score_audio(
    attempt_id: UUID,
    asked: AskedOwnScoresDep,
    until: int,
    sig: Annotated[str, Query(max_length=200)],
) -> Response:
    """Return the recording of an own call that was scored or talked about."""
    await _own(asked, attempt_id)
    return await recordings.answer(
        asked.request,
        asked.session,
        asked.services,
        asked.who,
        attempt_id,
        (Use.LISTEN, until, sig),
    )


@router.post("/calls/{attempt_id}/heard")
async def own_score_heard(
    attempt_id: UUID,
    asked: AskedOwnScoresDep,
    from_s: Annotated[float, Form(ge=0, le=86_400)],
    to_s: Annotated[float, Form(ge=0, le=86_400)],
    speed: Annotated[float, Form(ge=0.25, le=4)] = 1.0,
) -> Response:
    """Keep which stretch of the recording the operator's player has played."""
    call = await _own(asked, attempt_id)
    if to_s > from_s:
        await listening.note_stretch(
            asked.session,
            call.found.row,
            (from_s, to_s, speed),
            user_id=asked.who.user_id,
            clock=asked.services.clock,
        )
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/reviews/{review_id}/dispute")
async def dispute_score(
    review_id: UUID,
    asked: AskedOwnScoresDep,
    item: Annotated[str, Form(max_length=20)] = "",
    words: Annotated[str, Form(max_length=MOST_WORDS)] = "",
) -> Response:
    """Disagree with the points of a question."""
    own = await own_agent_ids(asked.session, asked.who)
    review = await reviewing.find_review(asked.session, review_id, client_id=asked.who.client_id)
    by: dict[str, Any] = {"who": asked.who, "clock": asked.services.clock}
    try:
        await disputes.open_dispute(asked.session, review_id, item, words, own, **by)
    except (Invalid, Conflict) as problem:
        return await _show(asked, review.attempt_id, problem)
    return RedirectResponse(f"/scores/calls/{review.attempt_id}", HTTPStatus.SEE_OTHER)


@router.post("/notes/{note_id}/acknowledge")
async def acknowledge_note(note_id: UUID, asked: AskedOwnScoresDep) -> Response:
    """Note that the operator has read what he or she was told."""
    own = await own_agent_ids(asked.session, asked.who)
    await notes.acknowledge(asked.session, note_id, own, who=asked.who, clock=asked.services.clock)
    return RedirectResponse("/scores", HTTPStatus.SEE_OTHER)
