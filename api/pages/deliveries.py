"""Deliveries: the list with its dead letters, one delivery with its files, tries and results."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from sqlmodel import col, select

from api import delivery_words
from api.auth import PageExporterDep, PageIdentityDep, PageManagerDep, Permission, may
from api.delivering import MeansDep, file_download
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.pages.knowledge import campaign_names
from api.templating import problem_words, render
from campaigns.delivery.deliveries import acceptance, delivered, orders
from campaigns.delivery.deliveries.models import DeliveryPlan, DeliveryTry
from campaigns.delivery.deliveries.sending import files_of
from campaigns.delivery.deliveries.words import DeliveryState, DisputeReason, Verdict
from campaigns.tenancy.tokens import Identity
from dialer.errors import OutdialError

router = APIRouter(prefix="/deliveries")

_PAGE_ROWS = 50
_LISTED = 200
_Word = Annotated[str, Query(max_length=40)]
_Said = Annotated[str, Form(max_length=2000)]


@router.get("")
async def deliveries_page(
    request: Request, who: PageIdentityDep, session: SessionDep, state: _Word = ""
) -> Response:
    """Show the client's deliveries, or only those of one state; the dead letters are one of them."""
    return await _show_list(request, who, session, state=state)


async def _show_list(
    request: Request, who: Identity, session: SessionDep, *, state: str = "", problem: str = ""
) -> Response:
    context = await list_context(who, session, state=state)
    dead = await orders.deliveries_of(
        session, client_id=who.client_id, state=DeliveryState.DEAD, limit=_LISTED
    )
    return render(
        request,
        "deliveries/list.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        dead=len(dead),
        states=DeliveryState,
        manages=may(who, Permission.CHANGE),
        problem=problem,
        path="/deliveries",
        **context,
    )


async def list_context(who: Identity, session: SessionDep, *, state: str = "") -> dict[str, Any]:
    """Return what a list of the client's deliveries needs, the centre's and the client's own."""
    chosen = DeliveryState(state) if state in set(DeliveryState) else None
    rows = await orders.deliveries_of(session, client_id=who.client_id, state=chosen, limit=_LISTED)
    owned = select(DeliveryPlan).where(col(DeliveryPlan.client_id) == who.client_id)
    ids = [row.id for row in rows]
    return {
        "who": who,
        "rows": rows,
        "chosen": chosen,
        "plans": {plan.id: plan for plan in await session.exec(owned)},
        "campaigns": await campaign_names(session, who.client_id),
        "verdicts": await delivered.counts_of(session, ids, client_id=who.client_id),
        "words": delivery_words,
        "disputed": Verdict.DISPUTED,
    }


@router.post("/retry")
async def retry_dead(
    request: Request,
    who: PageManagerDep,
    session: SessionDep,
    clock: ClockDep,
    ids: Annotated[list[UUID] | None, Form()] = None,
) -> Response:
    """Try all chosen dead letters again, or none of them."""
    try:
        for delivery_id in (ids or [])[:_LISTED]:
            row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
            if row.state is DeliveryState.DEAD:
                await orders.wake(session, row, user_id=who.user_id, clock=clock)
    except OutdialError as refused:
        await session.rollback()
        said = problem_words(language_of(request), refused)
        return await _show_list(request, who, session, state="dead", problem=said)
    return RedirectResponse("/deliveries", HTTPStatus.SEE_OTHER)


@router.get("/{delivery_id}")
async def delivery_page(
    request: Request,
    delivery_id: UUID,
    who: PageIdentityDep,
    session: SessionDep,
    show: _Word = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show one delivery."""
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
    context |= {"problem": problem, "path": f"/deliveries/{delivery_id}"}
    code = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
    return render(request, "deliveries/page.html", http_code=code, **context)


async def page_context(
    delivery_id: UUID, who: Identity, session: SessionDep, *, show: str = "", page: int = 1
) -> dict[str, Any]:
    """Return what the page of one delivery needs, the centre's and the client's own.

    Raises:
        DeliveryNotFound: no such delivery, or it is another client's.
    """
    row = await orders.find(session, delivery_id, client_id=who.client_id)
    verdict = Verdict(show) if show in set(Verdict) else None
    lines = await delivered.results_of(
        session,
        row,
        verdict=verdict,
        change=show if show in set(delivery_words.CHANGES) else None,
        limit=_PAGE_ROWS + 1,
        offset=(page - 1) * _PAGE_ROWS,
    )
    tries = select(DeliveryTry).where(col(DeliveryTry.delivery_id) == row.id)
    counts = await delivered.counts_of(session, [row.id], client_id=who.client_id)
    return {
        "who": who,
        "row": row,
        "plan": await session.get(DeliveryPlan, row.plan_id),
        "campaigns": await campaign_names(session, who.client_id),
        "files": await files_of(session, row.id),
        "tries": (await session.exec(tries.order_by(col(DeliveryTry.id).desc()))).all(),
        "lines": lines[:_PAGE_ROWS],
        "more": len(lines) > _PAGE_ROWS,
        "page": page,
        "show": show,
        "counts": counts.get(row.id, {}),
        "words": delivery_words,
        "verdicts": Verdict,
        "disputes": DisputeReason,
        "states": DeliveryState,
        "manages": may(who, Permission.CHANGE),
        "accepts": may(who, Permission.ACCEPT),
    }


@router.get("/{delivery_id}/files/{position}", name="delivered_file_page")
async def delivered_file(
    delivery_id: UUID,
    position: int,
    who: PageExporterDep,
    session: SessionDep,
    means: MeansDep,
) -> FileResponse:
    """Return a file as it was delivered."""
    row = await orders.find(session, delivery_id, client_id=who.client_id)
    return await file_download(session, means, row, position, user_id=who.user_id, by="page")


@router.post("/{delivery_id}/send/{how}")
async def send_delivery(
    request: Request,
    delivery_id: UUID,
    how: str,
    who: PageManagerDep,
    session: SessionDep,
    clock: ClockDep,
) -> Response:
    """Deliver anew (``again``), or try the same files at once (``retry``)."""
    order = orders.send_again if how == "again" else orders.wake
    try:
        row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
        sent = await order(session, row, user_id=who.user_id, clock=clock)
    except OutdialError as refused:
        return await _refused(request, delivery_id, who, session, refused)
    return _to(sent.id)


@router.post("/{delivery_id}/results/{lead_id}/answer")
async def answer_result(
    request: Request,
    delivery_id: UUID,
    lead_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    clock: ClockDep,
    conceded: Annotated[bool, Form()],
    answer: _Said = "",
) -> Response:
    """Answer a dispute as the call centre."""
    verdict = Verdict.CONCEDED if conceded else Verdict.DEFENDED
    try:
        row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
        await acceptance.answer_dispute(
            session, row, lead_id, verdict, answer, user_id=who.user_id, clock=clock
        )
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
    return RedirectResponse(f"/deliveries/{delivery_id}{place}", HTTPStatus.SEE_OTHER)
