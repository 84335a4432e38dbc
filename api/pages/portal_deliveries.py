"""The client's deliveries: files to take, results to accept or dispute, contact by contact."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from api.auth import PagePortalDep
from api.delivering import MeansDep, file_download
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.pages.deliveries import list_context, page_context
from api.templating import problem_words, render
from campaigns.delivery.deliveries import acceptance, orders
from campaigns.delivery.deliveries.words import DisputeReason
from campaigns.tenancy.tokens import Identity
from dialer.errors import OutdialError

router = APIRouter(prefix="/portal/deliveries")

_Word = Annotated[str, Query(max_length=40)]
_Said = Annotated[str, Form(max_length=2000)]


@router.get("", name="portal_deliveries")
async def portal_deliveries(request: Request, who: PagePortalDep, session: SessionDep) -> Response:
    """Show the client's deliveries, the newest first."""
    context = await list_context(who, session)
    return render(request, "portal/deliveries.html", path="/portal/deliveries", **context)


@router.get("/{delivery_id}", name="portal_delivery")
async def portal_delivery(
    request: Request,
    delivery_id: UUID,
    who: PagePortalDep,
    session: SessionDep,
    show: _Word = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show one delivery: its files, and what it brought of each contact."""
    return await _show(request, delivery_id, who, session, show=show, page=page)


async def _show(
    request: Request,
    delivery_id: UUID,
    who: Identity,
    session: SessionDep,
    *,
    show: str = "",
    page: int = 1,
    problem: str = "",
) -> Response:
    context = await page_context(delivery_id, who, session, show=show, page=page)
    return render(
        request,
        "portal/delivery.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        problem=problem,
        path=f"/portal/deliveries/{delivery_id}",
        **context,
    )


@router.get("/{delivery_id}/files/{position}", name="portal_delivered_file")
async def portal_delivered_file(
    delivery_id: UUID, position: int, who: PagePortalDep, session: SessionDep, means: MeansDep
) -> FileResponse:
    """Return a file as it was delivered."""
    row = await orders.find(session, delivery_id, client_id=who.client_id)
    return await file_download(session, means, row, position, user_id=who.user_id, by="portal")


@router.post("/{delivery_id}/accept", name="portal_accept_delivery")
async def portal_accept_delivery(
    request: Request, delivery_id: UUID, who: PagePortalDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Accept a delivery as a whole."""
    try:
        row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
        await acceptance.accept_delivery(session, row, user_id=who.user_id, clock=clock)
    except OutdialError as refused:
        return await _refused(request, delivery_id, who, session, refused)
    return _to(delivery_id)


@router.post("/{delivery_id}/results/{lead_id}/verdict", name="portal_judge_result")
async def portal_judge_result(
    request: Request,
    delivery_id: UUID,
    lead_id: UUID,
    who: PagePortalDep,
    session: SessionDep,
    clock: ClockDep,
    reason: _Said = "",
    comment: _Said = "",
) -> Response:
    """Accept one result, or dispute it when a reason is given."""
    given: dict[str, Any] = {"user_id": who.user_id, "clock": clock}
    try:
        row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
        if reason in set(DisputeReason):
            why = DisputeReason(reason)
            await acceptance.dispute_result(session, row, lead_id, why, comment, **given)
        else:
            await acceptance.accept_result(session, row, lead_id, **given)
    except OutdialError as refused:
        return await _refused(request, delivery_id, who, session, refused)
    return _to(delivery_id, lead_id)


async def _refused(
    request: Request, delivery_id: UUID, who: Identity, session: SessionDep, refused: OutdialError
) -> Response:
    await session.rollback()
    said = problem_words(language_of(request), refused)
    return await _show(request, delivery_id, who, session, problem=said)


def _to(delivery_id: UUID, lead_id: UUID | None = None) -> Response:
    place = f"#result-{lead_id}" if lead_id else ""
    return RedirectResponse(f"/portal/deliveries/{delivery_id}{place}", HTTPStatus.SEE_OTHER)
