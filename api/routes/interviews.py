"""Interviews: begun or resumed, saved answer by answer, ended."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import CallTakerDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.own_calls import require_own_call, require_own_interview
from api.schemas.forms import AnswerIn, InterviewIn, InterviewOut, SavedOut
from campaigns.errors import AttemptNotFound
from campaigns.forms import interviews
from campaigns.forms.answering.answers import Given
from campaigns.forms.interviews import (
    AnswerNotTaken,
    InterviewNotFound,
    InterviewNotOver,
    InterviewOver,
)
from campaigns.forms.publishing import FormNotFound
from campaigns.tenancy.models import Role
from dialer.errors import Forbidden, Invalid, Unauthenticated

router = APIRouter(prefix="/forms", tags=["forms"], responses=problems(Unauthenticated, Forbidden))


class OtherContact(Invalid):
    """The call is not with this contact."""

    code = "other_contact"
    message = "The call is with another contact."


@router.post(
    "/{code}/interviews",
    status_code=HTTPStatus.CREATED,
    responses=problems(FormNotFound, AttemptNotFound, OtherContact),
)
async def begin_interview(
    code: str, body: InterviewIn, who: CallTakerDep, session: SessionDep, clock: ClockDep
) -> InterviewOut:
    """Begin an interview on the newest published version, or resume the contact's open one.

    Agents name their own call when they name a contact.
    """
    if body.attempt_id is not None:
        attempt = await require_own_call(session, body.attempt_id, who)
        if body.contact_id not in (None, attempt.contact_id):
            raise OtherContact
    elif body.contact_id is not None and who.role is Role.AGENT:
        raise Forbidden("Agents hold the interviews of their own calls only: name the call.")
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
    await require_own_interview(session, interview_id, who)
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
    await require_own_interview(session, interview_id, who)
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
    await require_own_interview(session, interview_id, who)
    sitting = await interviews.finish(session, interview_id, client_id=who.client_id, clock=clock)
    return InterviewOut.of(sitting)
