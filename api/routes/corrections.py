"""Corrections: a call's result is mended after the call, and each correction is kept."""

from uuid import UUID

from fastapi import APIRouter

from api.auth import ReviewerDep
from api.corrections import correct_result
from api.deps import OutboxDep, ServicesDep, SessionDep
from api.errors import problems
from api.schemas.corrections import CorrectedOut, CorrectionIn, KeptCorrectionOut
from campaigns.desk.editing import ContactErased
from campaigns.errors import AgentNotFound, AttemptNotFound
from campaigns.leads import dispositions, uncorrectable
from campaigns.leads.callbacks import AboutToBeDialled
from campaigns.leads.corrections import corrections_of
from campaigns.leads.one_call import find_call
from campaigns.leads.promised_time import CallbackTimeWrong
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/attempts/{attempt_id}/corrections",
    tags=["attempts"],
    responses=problems(Unauthenticated, Forbidden, AttemptNotFound),
)


@router.get("")
async def list_corrections(
    attempt_id: UUID, who: ReviewerDep, session: SessionDep
) -> list[KeptCorrectionOut]:
    """Return the corrections of a call's result: who, when, why, from what to what."""
    await find_call(session, attempt_id, client_id=who.client_id)
    found = await corrections_of(session, attempt_id, client_id=who.client_id)
    return [KeptCorrectionOut.model_validate(one) for one in found]


@router.post(
    "",
    responses=problems(
        *(uncorrectable.CallGoesOn, uncorrectable.NoConversation, uncorrectable.ResultChanged),
        *(uncorrectable.NothingToCorrect, uncorrectable.ReasonMissing, ContactErased),
        *(uncorrectable.OwnResult, uncorrectable.DecidedSince),
        *(dispositions.UnknownDisposition, dispositions.NoCallback, dispositions.NoteRequired),
        *(dispositions.CallbackRequired, CallbackTimeWrong, AgentNotFound, AboutToBeDialled),
    ),
)
async def correct_attempt(
    attempt_id: UUID,
    body: CorrectionIn,
    who: ReviewerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> CorrectedOut:
    """Give a call that is over another result; contact, do-not-call list and promise follow."""
    done = await correct_result(session, services, outbox, attempt_id, body, who)
    return CorrectedOut.model_validate(done)
