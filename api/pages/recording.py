"""One recording: listened to, taken away, kept in a dispute."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from api import recording_words, recordings
from api.auth import Permission, may
from api.pages.asked import Asked, AskedDep, AskedToChangeDep, AskedToExportDep
from api.player import player_of
from api.templating import render
from campaigns.recordings import finding, listening, policies, retention
from campaigns.recordings.links import Use
from campaigns.recordings.models import RecordingState
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/recordings")


@router.get("/{attempt_id}")
async def recording_page(attempt_id: UUID, asked: AskedDep) -> Response:
    """Show one recording with its player."""
    return await _show(asked, attempt_id)


async def _show(asked: Asked, attempt_id: UUID, problem: OutdialError | None = None) -> Response:
    found = await finding.find_one(asked.session, attempt_id, client_id=asked.who.client_id)
    request, services, who = asked.request, asked.services, asked.who
    policy = await policies.policy_of(asked.session, who.client_id, clock=services.clock)
    download = ""
    if found.can_be_heard and may(who, Permission.EXPORT):
        download = recordings.link(request, services, who, attempt_id, Use.DOWNLOAD)
    return render(
        request,
        "recordings/page.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        path=f"/recordings/{attempt_id}",  # also after a form
        who=who,
        recording_words=recording_words,
        one=found,
        player=await player_of(request, asked.session, services, who, found),
        download=download,
        goes_at=policies.goes_at(found.row, policy),
        manages=may(who, Permission.CHANGE),
        reviews=may(who, Permission.REVIEW) and found.agent is not None,
        kept=RecordingState.KEPT,
        problem=asked.words_of(problem) if problem else "",
    )


@router.get("/{attempt_id}/audio")
async def recording_audio(
    attempt_id: UUID, asked: AskedDep, until: int, sig: Annotated[str, Query(max_length=200)]
) -> Response:
    """Return the recording to be listened to, or the range of it that a player asks for."""
    return await recordings.answer(
        asked.request,
        asked.session,
        asked.services,
        asked.who,
        attempt_id,
        (Use.LISTEN, until, sig),
    )


@router.get("/{attempt_id}/download")
async def recording_download(
    attempt_id: UUID,
    asked: AskedToExportDep,
    until: int,
    sig: Annotated[str, Query(max_length=200)],
) -> Response:
    """Return the recording as a file to be taken away."""
    return await recordings.answer(
        asked.request,
        asked.session,
        asked.services,
        asked.who,
        attempt_id,
        (Use.DOWNLOAD, until, sig),
    )


@router.post("/{attempt_id}/heard")
async def recording_heard(
    attempt_id: UUID,
    asked: AskedDep,
    from_s: Annotated[float, Form(ge=0, le=86_400)],
    to_s: Annotated[float, Form(ge=0, le=86_400)],
    speed: Annotated[float, Form(ge=0.25, le=4)] = 1.0,
) -> Response:
    """Keep which stretch of a recording a person's player has played."""
    return await note_played(asked, attempt_id, from_s, to_s, speed)


async def note_played(
    asked: Asked, attempt_id: UUID, from_s: float, to_s: float, speed: float
) -> Response:
    """Write down which stretch was played; also asked by the client's own pages.

    Raises:
        RecordingNotFound: there is none, or it is another client's.
    """
    found = await finding.find_one(asked.session, attempt_id, client_id=asked.who.client_id)
    if to_s > from_s:
        await listening.note_stretch(
            asked.session,
            found.row,
            (from_s, to_s, speed),
            user_id=asked.who.user_id,
            clock=asked.services.clock,
        )
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/{attempt_id}/hold")
async def hold_recording(
    attempt_id: UUID,
    asked: AskedToChangeDep,
    reason: Annotated[str, Form(max_length=retention.MOST_REASON)] = "",
) -> Response:
    """Keep a recording whatever its time says: it is in dispute."""
    found = await finding.find_one(asked.session, attempt_id, client_id=asked.who.client_id)
    try:
        await retention.hold(
            asked.session,
            found.row,
            reason,
            user_id=asked.who.user_id,
            clock=asked.services.clock,
        )
    except (Invalid, Conflict) as problem:
        return await _show(asked, attempt_id, problem)
    return RedirectResponse(f"/recordings/{attempt_id}", HTTPStatus.SEE_OTHER)


@router.post("/{attempt_id}/let-go")
async def let_recording_go(attempt_id: UUID, asked: AskedToChangeDep) -> Response:
    """Let retention have a recording again."""
    found = await finding.find_one(asked.session, attempt_id, client_id=asked.who.client_id)
    try:
        await retention.let_go(
            asked.session, found.row, user_id=asked.who.user_id, clock=asked.services.clock
        )
    except Conflict as problem:
        return await _show(asked, attempt_id, problem)
    return RedirectResponse(f"/recordings/{attempt_id}", HTTPStatus.SEE_OTHER)
