"""A campaign's exports: make one, watch it, cancel it, take its file."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import FileResponse, RedirectResponse, Response

from api import export_words, exporting
from api.auth import Permission, may
from api.pages.asked import Asked, AskedToExport, AskedToExportDep
from api.templating import render
from api.zones import zone_of
from campaigns import lifecycle
from campaigns.delivery import exports
from campaigns.delivery.layouts import keeping
from campaigns.delivery.words import OPEN, ExportFormat
from dialer.db import transaction
from dialer.errors import Conflict, Invalid, NotFound, OutdialError

router = APIRouter(prefix="/campaigns/{campaign_id}/exports")

_OPTIONS: dict[ExportFormat, tuple[str, ...]] = {
    ExportFormat.CSV: ("separator", "bom"),
    ExportFormat.REFRESH: ("only_changed", "bare", "names"),
}


@router.get("")
async def exports_page(campaign_id: UUID, asked: AskedToExportDep) -> Response:
    """Show the campaign's exports, and what can be made."""
    return await _show(asked, campaign_id)


@router.get("/list")
async def exports_list(campaign_id: UUID, asked: AskedToExportDep) -> Response:
    """Show how far they are; asked for again and again while one is under way."""
    return await _show(asked, campaign_id, template="exports/_list.html")


@router.post("")
async def make(
    campaign_id: UUID,
    asked: AskedToExportDep,
    format: Annotated[ExportFormat, Form()],
    layout: Annotated[str, Form(pattern=r"^\d{0,6}$")] = "",
    separator: Annotated[str, Form(max_length=3)] = ",",
    bom: Annotated[bool, Form()] = False,
    only_changed: Annotated[bool, Form()] = False,
    bare: Annotated[bool, Form()] = False,
    names: Annotated[bool, Form()] = False,
) -> Response:
    """Have an export written."""
    said = {
        "separator": "\t" if separator == "tab" else separator, "bom": bom,
        "only_changed": only_changed, "bare": bare, "names": names,
    }  # fmt: skip
    options = {name: said[name] for name in _OPTIONS.get(format, ())}
    await asked.session.rollback()
    try:
        number = int(layout) if layout and format.has_layout else None
        await exporting.ask(
            asked.services, campaign_id, format, asked.who, layout=number, options=options
        )
    except (Invalid, NotFound) as problem:
        return await _show(asked, campaign_id, problem)
    return _back(campaign_id)


@router.post("/{export_id}/cancel")
async def cancel(campaign_id: UUID, export_id: UUID, asked: AskedToExportDep) -> Response:
    """Cancel an export."""
    who = asked.who
    await asked.session.rollback()
    try:
        async with transaction(asked.services.sessions, whose=who.whose) as own:
            await exports.cancel(
                own, export_id, client_id=who.client_id, user_id=who.user_id,
                clock=asked.services.clock,
            )  # fmt: skip
    except Conflict as problem:
        return await _show(asked, campaign_id, problem)
    return _back(campaign_id)


@router.post("/{export_id}/again")
async def again(campaign_id: UUID, export_id: UUID, asked: AskedToExportDep) -> Response:
    """Begin an export again that has no file."""
    await asked.session.rollback()
    try:
        await exporting.begin_again(asked.services, export_id, asked.who)
    except Conflict as problem:
        return await _show(asked, campaign_id, problem)
    return _back(campaign_id)


@router.get("/{export_id}/file")
async def file(campaign_id: UUID, export_id: UUID, asked: AskedToExportDep) -> FileResponse:
    """Return an export's file."""
    await lifecycle.find(asked.session, campaign_id, client_id=asked.who.client_id)
    return await exporting.handed_out(asked.session, asked.services, export_id, asked.who)


async def _show(
    asked: AskedToExport | Asked,
    campaign_id: UUID,
    problem: OutdialError | None = None,
    *,
    template: str = "exports/page.html",
) -> Response:
    session, client_id = asked.session, asked.who.client_id
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    rows = await exports.exports_of(session, campaign_id, client_id=client_id)
    layouts = await keeping.layouts_of(session, campaign)
    frozen = [row for row in layouts if row.frozen_at is not None]
    lacking = await keeping.left_out(session, campaign, frozen[0]) if frozen else []
    code = HTTPStatus.CONFLICT if isinstance(problem, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
    facts: dict[str, Any] = {
        "who": asked.who,
        "campaign": campaign,
        "rows": rows,
        "open": any(row.state in OPEN for row in rows),
        "layouts": frozen,
        "numbers": {row.id: row.number for row in layouts},
        "lacking": lacking,
        "manages": may(asked.who, Permission.CHANGE),
        "words": export_words,
        "formats": tuple(ExportFormat),
        "problem": asked.words_of(problem) if problem else "",
        "zone": zone_of(asked.request),
    }
    return render(
        asked.request, template, http_code=code if problem else HTTPStatus.OK,
        path=f"/campaigns/{campaign.id}/exports", **facts,
    )  # fmt: skip


def _back(campaign_id: UUID) -> Response:
    return RedirectResponse(f"/campaigns/{campaign_id}/exports", HTTPStatus.SEE_OTHER)
