"""The client's first page, and a campaign's: live figures, and files of results with one click."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response, StreamingResponse

from api import export_words, exporting, portal_words
from api.auth import PagePortalDep
from api.deps import SessionDep, services_of
from api.languages import language_of
from api.pages.asked import Asked, AskedByClientDep
from api.pages.board import Board
from api.pages.campaigns import boards_of, lines_of
from api.pages.stream import events
from api.templating import render, render_text
from campaigns import lifecycle
from campaigns.delivery.words import OPEN, ExportFormat
from campaigns.portal import files, requests, settings, uploads
from campaigns.tenancy.tokens import Identity
from dialer.errors import Conflict, OutdialError

router = APIRouter(prefix="/portal")

_CAMPAIGN = "/campaigns/{campaign_id}"


@router.get("", name="portal")
async def portal(request: Request, who: PagePortalDep, session: SessionDep) -> Response:
    """Show the client's campaigns, and what waits for somebody."""
    return render(
        request,
        "portal/home.html",
        who=who,
        lines=await lines_of(session, who.client_id),
        open_requests=len(await requests.requests_of(session, who.client_id, is_open=True)),
        waiting=len(await uploads.uploads_of(session, who.client_id, waiting=True)),
        path="/portal",
    )


@router.get(_CAMPAIGN, name="portal_campaign")
async def portal_campaign(campaign_id: UUID, asked: AskedByClientDep) -> Response:
    """Show one campaign; the stream keeps its figures up to date."""
    return await _show(asked, campaign_id)


@router.get(f"{_CAMPAIGN}/files", name="portal_files")
async def portal_files(campaign_id: UUID, asked: AskedByClientDep) -> Response:
    """Show how far the ordered files are; asked for again and again while one is under way."""
    campaign = await lifecycle.find(asked.session, campaign_id, client_id=asked.who.client_id)
    context = {"campaign": campaign, **await _files(asked, campaign_id)}
    return render(asked.request, "portal/_files.html", **context)


@router.post(f"{_CAMPAIGN}/files", name="portal_order_file")
async def portal_order_file(
    campaign_id: UUID, asked: AskedByClientDep, format: Annotated[ExportFormat, Form()]
) -> Response:
    """Order a file of the campaign's results."""
    await asked.session.rollback()
    options = {"bom": True} if format is ExportFormat.CSV else {}
    try:
        await exporting.ask(asked.services, campaign_id, format, asked.who, options=options)
    except Conflict as problem:
        return await _show(asked, campaign_id, problem)
    return RedirectResponse(f"/portal/campaigns/{campaign_id}#files", HTTPStatus.SEE_OTHER)


@router.get(f"{_CAMPAIGN}/files/{{export_id}}", name="portal_file")
async def portal_file(campaign_id: UUID, export_id: UUID, asked: AskedByClientDep) -> FileResponse:
    """Return a file that was ordered."""
    await lifecycle.find(asked.session, campaign_id, client_id=asked.who.client_id)
    return await exporting.handed_out(asked.session, asked.services, export_id, asked.who)


@router.get(f"{_CAMPAIGN}/stream", name="portal_stream")
async def portal_stream(request: Request, campaign_id: UUID, who: PagePortalDep) -> Response:
    """Send the figures anew whenever they have changed."""
    boards = boards_of(request)
    await boards.board(campaign_id, client_id=who.client_id)  # a 404 must come before the stream
    return StreamingResponse(
        events(
            services_of(request), boards, campaign_id, who, language_of(request),
            fragments_of=_fragments,
        ),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )  # fmt: skip


def _fragments(board: Board, who: Identity, language: str) -> dict[str, str]:
    del who
    return {"figures": render_text(language, "portal/_figures.html", **_figures(board))}


def _figures(board: Board) -> dict[str, Any]:
    return {"campaign": board.campaign, "board": board, "figures": board.figures}


async def _files(asked: Asked, campaign_id: UUID) -> dict[str, Any]:
    rows = await files.files_of(asked.session, campaign_id, client_id=asked.who.client_id)
    return {
        "rows": rows,
        "open": any(row.state in OPEN for row in rows),
        "words": export_words,
        "states": portal_words.FILE_STATES,
        "names": portal_words.FILES,
    }


async def _show(asked: Asked, campaign_id: UUID, problem: OutdialError | None = None) -> Response:
    request, who = asked.request, asked.who
    board = await boards_of(request).board(campaign_id, client_id=who.client_id, fresh=True)
    own = await settings.settings_of(asked.session, who.client_id, clock=asked.services.clock)
    return render(
        request,
        "portal/campaign.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        who=who,
        hears=own.hears,
        usual=files.USUAL,
        problem=asked.words_of(problem) if problem else "",
        path=f"/portal/campaigns/{campaign_id}",
        **_figures(board),
        **await _files(asked, campaign_id),
    )
