"""The questionnaire of a call, in the operator's page: its questions, its answers, its pictures and sounds.

``GET /desk/interview/{attempt_id}`` begins the interview of the call, or goes on with it; the script saves
each answer at once and puts what comes back in the place of what was there.
"""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageCallTakerDep, require_own_agent
from api.deps import ClockDep, ServicesDep, SessionDep
from api.fragments import is_fragment
from api.interview_view import coming_of, refusal_words, view_of
from api.languages import language_of, translations_of
from api.templating import problem_words, render
from campaigns.agents.models import AgentSession
from campaigns.desk.strangers import trace_stranger
from campaigns.errors import AttemptNotFound
from campaigns.forms import in_calls
from campaigns.forms.answering.answers import Given
from campaigns.forms.answering.characters import well_formed
from campaigns.forms.interviews import AnswerNotTaken, InterviewNotFound, InterviewOver
from campaigns.forms.media import MediaFolder
from campaigns.forms.talks import AnsweredElsewhere, Entry, Talk
from campaigns.forms.words import NoAnswer
from campaigns.leads.models import Attempt
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.errors import Conflict, OutdialError

router = APIRouter(prefix="/desk/interview")

#: An answer that waited longer than a day for the network is taken as a day old.
_LONGEST_WAIT_MS = 24 * 3600 * 1000


class NotConnectedYet(Conflict):
    """Nobody talks on the call yet; whose it will be is not known."""

    code = "not_connected_yet"
    message = "The call is not connected yet."


class AnswerSent(BaseModel):
    """An answer as the page sends it."""

    model_config = ConfigDict(extra="forbid")

    interview: UUID
    sequence: Annotated[int, Field(ge=0, le=2**53)]  #: the largest whole number of JavaScript
    value: Any = None
    no_answer: NoAnswer | None = None
    other: Annotated[str, BeforeValidator(well_formed), Field(max_length=10_000)] = ""
    age_ms: Annotated[int, Field(ge=0)] = 0  #: how long it waited for the network


Again = Annotated[str, Query(max_length=64)]


@router.get("/files/{name}")
async def show_file(name: str, who: PageCallTakerDep, services: ServicesDep) -> FileResponse:
    """Return a picture or a recording that a question of the client's shows or plays."""
    file, kind = MediaFolder(services.settings.form_files() / str(who.client_id)).find(name)
    return FileResponse(file, media_type=kind, headers={"Content-Disposition": "inline"})


@router.get("/{attempt_id}")
async def show_interview(
    request: Request,
    attempt_id: UUID,
    who: PageCallTakerDep,
    session: SessionDep,
    clock: ClockDep,
    question: Again = "",
) -> Response:
    """Begin the call's interview or go on with it; ``question`` looks at an earlier one again.

    For htmx a piece of the desk (nothing, 204, where the campaign has no form), else a page of its own.
    """
    attempt = await _own_attempt(session, who, attempt_id)
    if attempt.agent_session_id is None and attempt.ended_at is None:
        if not is_fragment(request):
            raise NotConnectedYet(attempt_id=str(attempt_id))
        return render(request, "interview/_not_yet.html", attempt_id=attempt_id)
    await trace_stranger(session, attempt, "interview.looked_at", user_id=who.user_id, clock=clock)
    talk = await in_calls.open_talk(session, attempt, clock=clock)
    if talk is None and is_fragment(request):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    template = "interview/_interview.html" if is_fragment(request) else "interview/page.html"
    view = view_of(talk, question) if talk else None
    return render(request, template, view=view, who=who)


@router.get("/{attempt_id}/ahead")
async def show_ahead(
    request: Request,
    attempt_id: UUID,
    who: PageCallTakerDep,
    session: SessionDep,
    clock: ClockDep,
) -> Response:
    """Return the questions that may come, for the page to hold: the engine is out of its reach offline."""
    attempt = await _own_attempt(session, who, attempt_id)
    talk = await in_calls.open_talk(session, attempt, clock=clock)
    if talk is None:
        raise InterviewNotFound(attempt_id=str(attempt_id))
    view = view_of(talk)
    return render(request, "interview/_ahead.html", view=view, coming=coming_of(talk))


@router.post("/{attempt_id}/answers/{question}")
async def save_answer(
    request: Request,
    attempt_id: UUID,
    question: str,
    body: AnswerSent,
    who: PageCallTakerDep,
    session: SessionDep,
    clock: ClockDep,
) -> Response:
    """Save one answer; return what is asked then. The same answer twice is saved once."""
    attempt = await _own_attempt(session, who, attempt_id)
    entry = Entry(
        body.interview,
        question,
        Given(body.value, body.no_answer, body.other),
        body.sequence,
        min(body.age_ms, _LONGEST_WAIT_MS) / 1000,
    )
    try:
        talk = await in_calls.save(session, attempt, entry, user_id=who.user_id, clock=clock)
    except AnswerNotTaken as refused:
        say = translations_of(language_of(request)).gettext
        talk_language = await in_calls.language_of(session, attempt)
        return _problem(422, refused, refusal_words(say, refused, talk_language))
    except (AnsweredElsewhere, InterviewOver) as refused:
        return _problem(409, refused, problem_words(language_of(request), refused))
    except InterviewNotFound as refused:
        return _problem(404, refused, problem_words(language_of(request), refused))
    return _piece(request, talk)


@router.post("/{attempt_id}/language/{language}")
async def speak(
    request: Request,
    attempt_id: UUID,
    language: str,
    who: PageCallTakerDep,
    session: SessionDep,
    clock: ClockDep,
) -> Response:
    """Go on in another language of the form."""
    attempt = await _own_attempt(session, who, attempt_id)
    await in_calls.speak(session, attempt, language)
    talk = await in_calls.open_talk(session, attempt, clock=clock)
    if talk is None:
        raise InterviewNotFound(attempt_id=str(attempt_id))
    return _piece(request, talk)


def _piece(request: Request, talk: Talk) -> Response:
    return render(request, "interview/_body.html", view=view_of(talk))


def _problem(http_code: int, problem: OutdialError, detail: str) -> JSONResponse:
    # The script shows the sentence beside the question: a page would be of no use to it.
    facts = jsonable_encoder(dict(problem.facts))
    body = {"code": problem.code, "detail": detail, "facts": facts}
    return JSONResponse(body, http_code, media_type="application/problem+json")


async def _own_attempt(session: AsyncSession, who: Identity, attempt_id: UUID) -> Attempt:
    """Return the call; agents see their own only.

    Raises:
        AttemptNotFound: no such call, or it is another client's.
        Forbidden: it is another agent's.
    """
    attempt = await in_calls.find_attempt(session, attempt_id, client_id=who.client_id)
    if who.role is not Role.AGENT or attempt.agent_session_id is None:
        return attempt
    shift = await session.get(AgentSession, attempt.agent_session_id)
    if shift is None or shift.client_id != who.client_id:
        raise AttemptNotFound(attempt_id=str(attempt_id))
    await require_own_agent(session, who, shift.agent_id)
    return attempt
