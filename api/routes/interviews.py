"""Interviews: begun or resumed, saved answer by answer, ended."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import CallTakerDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.forms import AnswerIn, InterviewIn, InterviewOut, SavedOut
from campaigns.forms import interviews
from campaigns.forms.answering.answers import Given
from campaigns.forms.interviews import (
    AnswerNotTaken,
    InterviewNotFound,
    InterviewNotOver,
    InterviewOver,
)
from campaigns.forms.publishing import FormNotFound
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(prefix="/forms", tags=["forms"], responses=problems(Unauthenticated, Forbidden))


@router.post("/{code}/interviews", status_code=HTTPStatus.CREATED, responses=problems(FormNotFound))
async def begin_interview(
    code: str, body: InterviewIn, who: CallTakerDep, session: SessionDep, clock: ClockDep
) -> InterviewOut:
    """Begin an interview on the newest published version, or resume the contact's open one."""
    sitting = await interviews.begin(
        session,
        code,
        client_id=who.client_id,
        clock=clock,
        contact_id=body.contact_id,
        attempt_id=body.attempt_id,
        language=body.language,
    )
    return InterviewOut.of(sitting)


@router.get("/interviews/{interview_id}", responses=problems(InterviewNotFound))
async def show_interview(
    interview_id: UUID, who: CallTakerDep, session: SessionDep
) -> InterviewOut:
    """Return where an interview is."""
    return InterviewOut.of(await interviews.load(session, interview_id, client_id=who.client_id))


@router.put(
    "/interviews/{interview_id}/answers/{question}",
    responses=problems(InterviewNotFound, InterviewOver, AnswerNotTaken),
)
async def save_answer(
    interview_id: UUID,
    question: str,
    body: AnswerIn,
    who: CallTakerDep,
    session: SessionDep,
    clock: ClockDep,
) -> SavedOut:
    """Save one answer; a late or doubled one changes nothing."""
    stored = await interviews.save_answer(
        session,
        interview_id,
        question,
        Given(body.value, body.no_answer, body.other),
        sequence=body.sequence,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
    )
    sitting = await interviews.load(session, interview_id, client_id=who.client_id)
    return SavedOut(stored=stored, interview=InterviewOut.of(sitting))


@router.post(
    "/interviews/{interview_id}/finish", responses=problems(InterviewNotFound, InterviewNotOver)
)
async def finish_interview(
    interview_id: UUID, who: CallTakerDep, session: SessionDep, clock: ClockDep
) -> InterviewOut:
    """End an interview in which nothing is left to ask."""
    sitting = await interviews.finish(session, interview_id, client_id=who.client_id, clock=clock)
    return InterviewOut.of(sitting)
