"""One call: what it was, its result, and the form that corrects it."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select

from api import correction_words
from api.corrections import correct_result
from api.deps import OutboxDep
from api.pages.asked import Asked, AskedToReviewDep
from api.schemas.callbacks import CallbackIn
from api.schemas.corrections import CorrectionIn
from api.templating import render
from campaigns.desk.editing import LONGEST_NOTE
from campaigns.leads.corrections import corrections_of
from campaigns.leads.one_call import OneCall, find_call
from campaigns.leads.promised_time import CallbackTimeWrong
from campaigns.leads.uncorrectable import MOST_REASON, ReasonMissing
from campaigns.models import Disposition
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/calls")
CALLS = "/calls"


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was filled in."""

    code: Annotated[str, Form(max_length=100)] = ""
    instead_of: Annotated[str, Form(max_length=100)] = ""
    reason: Annotated[str, Form(max_length=2 * MOST_REASON)] = ""
    note: Annotated[str, Form(max_length=2 * LONGEST_NOTE)] = ""  #: emptied: it is removed
    callback_at: Annotated[str, Form(max_length=40)] = ""
    cancel_promise: Annotated[bool, Form()] = False

    def wish(self) -> CorrectionIn:
        """Return what is wanted.

        Raises:
            CallbackTimeWrong: the time cannot be read.
            ReasonMissing: there is no reason.
        """
        if not self.reason.strip():
            raise ReasonMissing
        return CorrectionIn(
            code=self.code or "-",
            instead_of=self.instead_of or None,
            reason=self.reason.strip()[:MOST_REASON],
            note=self.note[:LONGEST_NOTE],
            callback=self._promise(),
            cancel_promise=self.cancel_promise,
        )

    def _promise(self) -> CallbackIn | None:
        if not self.callback_at.strip():
            return None
        try:
            return CallbackIn(at=datetime.fromisoformat(self.callback_at.strip()))
        except ValueError as problem:
            raise CallbackTimeWrong("There is no such time.") from problem


@router.get("/{attempt_id}")
async def one_call_page(attempt_id: UUID, asked: AskedToReviewDep, corrected: str = "") -> Response:
    """Show a call, its result and who corrected it."""
    return await _show(asked, attempt_id, corrected=bool(corrected))


async def _show(
    asked: Asked,
    attempt_id: UUID,
    typed: Typed | None = None,
    problem: OutdialError | None = None,
    *,
    corrected: bool = False,
) -> Response:
    session, client_id = asked.session, asked.who.client_id
    call = await find_call(session, attempt_id, client_id=client_id)
    codes = await _codes(asked, call)
    former = next((one for one in codes if one.code == call.disposition), None)
    kept = await corrections_of(session, attempt_id, client_id=client_id)
    was = {one.code: one for one in codes}.get(kept[-1].before or "") if kept else None
    return render(
        asked.request,
        "calls/page.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        path=f"{CALLS}/{attempt_id}",  # also after a form
        who=asked.who,
        words=correction_words,
        call=call,
        codes=codes,
        labels={one.code: one.label for one in codes},
        kept=kept,
        stays_suppressed=bool(was and was.suppresses and not (former and former.suppresses)),
        typed=typed or Typed(note=call.note),
        corrected=corrected,
        most={"reason": MOST_REASON, "note": LONGEST_NOTE},
        problem=asked.words_of(problem) if problem else "",
    )


async def _codes(asked: Asked, call: OneCall) -> list[Disposition]:
    statement = select(Disposition).where(
        col(Disposition.campaign_id) == call.campaign_id,
        col(Disposition.client_id) == asked.who.client_id,
    )
    statement = statement.order_by(col(Disposition.position), col(Disposition.code))
    return list((await asked.session.exec(statement)).all())


@router.post("/{attempt_id}/result")
async def correct_call(
    attempt_id: UUID,
    asked: AskedToReviewDep,
    outbox: OutboxDep,
    typed: Annotated[Typed, Depends()],
) -> Response:
    """Correct the call's result."""
    await find_call(asked.session, attempt_id, client_id=asked.who.client_id)
    try:
        async with asked.session.begin_nested():  # a refusal takes the note and the promise back
            await correct_result(
                asked.session, asked.services, outbox, attempt_id, typed.wish(), asked.who
            )
    except (Invalid, Conflict) as problem:
        return await _show(asked, attempt_id, typed, problem)
    return RedirectResponse(f"{CALLS}/{attempt_id}?corrected=1", HTTPStatus.SEE_OTHER)
