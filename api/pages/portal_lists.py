"""The client's lists: uploaded and looked at like a manager's import, then handed over to the call centre."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api import portal_words
from api.auth import PagePortalDep
from api.deps import ServicesDep, SessionDep
from api.fragments import is_fragment
from api.handing_over import discard_upload, hand_over
from api.import_forms import ImportForm
from api.languages import language_of
from api.list_uploads import staged_upload
from api.pages.asked import Asked, AskedByClientDep
from api.pages.import_actions import MOST_FIELDS, change_staged, write
from api.pages.imports import import_context, told_of, words_of
from api.pages.lists import form_context
from api.templating import problem_words, render
from campaigns.lists.staged import staging
from campaigns.portal import settings, uploads
from campaigns.portal.errors import UploadNotFound
from campaigns.portal.uploads import Upload
from campaigns.portal.words import UploadState
from dialer.db import transaction
from dialer.errors import Conflict, Invalid, NotFound, OutdialError

router = APIRouter(prefix="/portal/lists")


@router.get("", name="portal_lists")
async def portal_lists(asked: AskedByClientDep) -> Response:
    """Show the lists that the client's users sent, and how far each is."""
    return render(
        asked.request,
        "portal/lists.html",
        who=asked.who,
        uploads=await uploads.uploads_of(asked.session, asked.who.client_id),
        words=portal_words,
        path="/portal/lists",
    )


@router.get("/upload", name="portal_upload_form")
async def portal_upload_form(request: Request, who: PagePortalDep, session: SessionDep) -> Response:
    """Show the form for a file or pasted rows."""
    context = await form_context(request, who, session, {})
    return render(request, "portal/upload.html", problem="", **context)


@router.post("/upload", name="portal_upload")
async def portal_upload(
    request: Request, who: PagePortalDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Stage what was sent and lead to its preview; show the form again if it is no table."""
    await session.rollback()  # no transaction stays open and idle while a large file comes in
    given: dict[str, Any] = {}
    try:
        row = await staged_upload(request, who, services, given, and_then=uploads.keep)
    except OutdialError as problem:
        given.pop("list_id", None)
        said = problem_words(language_of(request), problem)
        context = await form_context(request, who, session, given)
        code = HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "portal/upload.html", http_code=code, problem=said, **context)
    return RedirectResponse(f"/portal/lists/{row.id}", HTTPStatus.SEE_OTHER)


@router.get("/{import_id}", name="portal_list")
async def portal_list(import_id: UUID, asked: AskedByClientDep) -> Response:
    """Show one upload as far as it is."""
    upload = await uploads.find(asked.session, import_id, client_id=asked.who.client_id)
    return await _show(asked, upload)


@router.get("/{import_id}/check", name="portal_list_check")
async def portal_list_check(import_id: UUID, asked: AskedByClientDep) -> Response:
    """Tell what the import would do: which rows would be refused, and why."""
    upload = await uploads.find(asked.session, import_id, client_id=asked.who.client_id)
    facts = await told_of(asked, upload.row)
    if is_fragment(asked.request):
        context = {"row": upload.row, **words_of(asked.request), **facts}
        return render(asked.request, "imports/_check.html", **context)
    return await _show(asked, upload, **facts)


@router.post("/{import_id}", name="portal_list_save")
async def portal_list_save(import_id: UUID, asked: AskedByClientDep) -> Response:
    """Keep what the form says, and check the file again with it."""
    return await _keep(import_id, asked, hands_over=False)


@router.post("/{import_id}/commit", name="portal_list_commit")
async def portal_list_commit(import_id: UUID, asked: AskedByClientDep) -> Response:
    """Hand the file over; where the call centre allows it, it is imported at once."""
    return await _keep(import_id, asked, hands_over=True)


@router.post("/{import_id}/discard", name="portal_list_discard")
async def portal_list_discard(import_id: UUID, asked: AskedByClientDep) -> Response:
    """Forget an upload and its file."""
    await asked.session.rollback()
    try:
        await discard_upload(asked.services, import_id, asked.who)
    except Conflict as problem:
        return await _again(import_id, asked, problem)
    return RedirectResponse("/portal/lists", HTTPStatus.SEE_OTHER)


async def _keep(import_id: UUID, asked: Asked, *, hands_over: bool) -> Response:
    who, services = asked.who, asked.services
    given = dict(await asked.request.form(max_files=0, max_fields=MOST_FIELDS))
    await asked.session.rollback()
    form, at_once = None, None
    try:
        async with transaction(services.sessions, whose=who.whose) as own:
            upload = await uploads.find(own, import_id, client_id=who.client_id, lock=True)
            staging.require_staged(upload.row)
            uploads.require_changeable(upload)
            form = ImportForm.read(given, upload.row)
            await change_staged(own, asked, upload.row, form)
            if hands_over:
                at_once = await hand_over(own, services, upload, who)
    except UploadNotFound:
        raise
    except (Invalid, NotFound, Conflict) as problem:
        return await _again(import_id, asked, problem, form)
    if at_once is not None:
        await write(asked, at_once)
    place = "" if hands_over else "#check"
    return RedirectResponse(f"/portal/lists/{import_id}{place}", HTTPStatus.SEE_OTHER)


async def _again(
    import_id: UUID, asked: Asked, problem: OutdialError, form: ImportForm | None = None
) -> Response:
    upload = await uploads.find(asked.session, import_id, client_id=asked.who.client_id)
    return await _show(asked, upload, problem=problem, form=form)


async def _show(
    asked: Asked,
    upload: Upload,
    *,
    problem: OutdialError | None = None,
    form: ImportForm | None = None,
    **facts: Any,
) -> Response:
    row, way = upload.row, upload.way
    changes = upload.state in {UploadState.LOOKED_AT, UploadState.SENT_BACK}
    context = await import_context(asked, row, form, changes=changes)
    may_do = await settings.settings_of(
        asked.session, asked.who.client_id, clock=asked.services.clock
    )
    code = HTTPStatus.CONFLICT if isinstance(problem, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
    context |= {
        "base": "/portal/lists",
        "path": f"/portal/lists/{row.id}",
        "way": way,
        "way_state": upload.state,
        "ways": portal_words.UPLOADS,
        "at_once": may_do.uploads_at_once,
        "problem": asked.words_of(problem) if problem else "",
    } | facts
    http_code = code if problem else HTTPStatus.OK
    return render(asked.request, "portal/list.html", http_code=http_code, **context)
