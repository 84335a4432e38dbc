"""What a client asks of the call centre: requests about people, lists handed over, disputed samples."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from api import delivery_words, portal_words
from api.pages.asked import Asked, AskedToChangeDep
from api.pages.knowledge import campaign_names
from api.templating import render
from campaigns.delivery.deliveries.words import Verdict
from campaigns.lists.erasure.person import Vault
from campaigns.portal import judging, requests, sampled, sampling, settings, uploads
from dialer.errors import NotFound, OutdialError

router = APIRouter(prefix="/client-requests")

_Said = Annotated[str, Form(max_length=2000)]


@router.get("", name="client_requests")
async def client_requests(asked: AskedToChangeDep) -> Response:
    """Show what waits for a manager, by when it is due, and what was done lately."""
    return await _show(asked)


@router.post("/settings", name="save_portal_settings")
async def save_portal_settings(
    asked: AskedToChangeDep,
    uploads_at_once: Annotated[bool, Form()] = False,
    hears: Annotated[bool, Form()] = False,
) -> Response:
    """Store what the client's users may do by themselves."""
    await settings.change(
        asked.session,
        asked.who.client_id,
        uploads_at_once=uploads_at_once,
        hears=hears,
        **_by(asked),
    )
    return _back()


@router.post("/{request_id}/done", name="carry_out_request")
async def carry_out_request(request_id: UUID, asked: AskedToChangeDep) -> Response:
    """Erase the person as the client asks."""
    vault = Vault.of(asked.services.settings)
    try:
        row = await requests.find(asked.session, request_id, client_id=asked.who.client_id)
        await requests.carry_out(asked.session, row, vault=vault, **_by(asked))
    except OutdialError as problem:
        return await _refused(asked, problem)
    return _back()


@router.post("/{request_id}/refuse", name="refuse_request")
async def refuse_request(request_id: UUID, asked: AskedToChangeDep, answer: _Said = "") -> Response:
    """Refuse a request with a reason."""
    try:
        row = await requests.find(asked.session, request_id, client_id=asked.who.client_id)
        await requests.refuse(asked.session, row, answer, **_by(asked))
    except OutdialError as problem:
        return await _refused(asked, problem)
    return _back()


@router.post("/uploads/{import_id}/send-back", name="send_upload_back")
async def send_upload_back(
    import_id: UUID, asked: AskedToChangeDep, answer: _Said = ""
) -> Response:
    """Give a list back to the client with a reason."""
    try:
        upload = await uploads.find(
            asked.session, import_id, client_id=asked.who.client_id, lock=True
        )
        await uploads.send_back(asked.session, upload, answer, **_by(asked))
    except OutdialError as problem:
        return await _refused(asked, problem)
    return _back()


@router.post("/samples/{sample_id}/results/{lead_id}", name="answer_sampled")
async def answer_sampled(
    sample_id: UUID,
    lead_id: UUID,
    asked: AskedToChangeDep,
    conceded: Annotated[bool, Form()],
    answer: _Said = "",
) -> Response:
    """Answer a dispute of a sample as the call centre."""
    verdict = Verdict.CONCEDED if conceded else Verdict.DEFENDED
    try:
        sample = await sampling.find(
            asked.session, sample_id, client_id=asked.who.client_id, lock=True
        )
        await judging.answer(asked.session, sample, lead_id, verdict, answer, **_by(asked))
    except OutdialError as problem:
        return await _refused(asked, problem)
    return _back()


def _by(asked: Asked) -> dict[str, Any]:
    return {"user_id": asked.who.user_id, "clock": asked.services.clock}


def _back() -> Response:
    return RedirectResponse("/client-requests", HTTPStatus.SEE_OTHER)


async def _refused(asked: Asked, problem: OutdialError) -> Response:
    if isinstance(problem, NotFound):
        raise problem
    await asked.session.rollback()
    return await _show(asked, problem)


async def _show(asked: Asked, problem: OutdialError | None = None) -> Response:
    session, client_id = asked.session, asked.who.client_id
    return render(
        asked.request,
        "portal/client_requests.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        who=asked.who,
        rows=await requests.requests_of(session, client_id, is_open=True),
        closed=(await requests.requests_of(session, client_id, is_open=False))[:20],
        uploads=await uploads.uploads_of(session, client_id, waiting=True),
        disputed=await sampled.disputed(session, client_id),
        campaigns=await campaign_names(session, client_id),
        own=await settings.settings_of(session, client_id, clock=asked.services.clock),
        now=asked.services.clock.now(),
        words=portal_words,
        verdict_words=delivery_words,
        problem=asked.words_of(problem) if problem else "",
        path="/client-requests",
    )
