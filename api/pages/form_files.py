"""Pictures and recordings that questions show and play: brought, looked at, removed."""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from api.builder.asked import Asked, AskedDep
from api.builder.showing import media_of
from api.templating import render
from campaigns.forms.editing.listing import media_uses
from campaigns.forms.media import FILE_BYTES, BadMedia, MediaTooLarge
from campaigns.tenancy import audit
from dialer.errors import Conflict, OutdialError

router = APIRouter(prefix="/form-files")
_BESIDE_BYTES = 64 * 1024


class MediaInUse(Conflict):
    """A question shows or plays the file."""

    code = "media_in_use"
    message = "A question uses this file: take it out of the form first."


@router.get("")
async def files_page(asked: AskedDep) -> Response:
    """Show the client's pictures and recordings, and which forms use them."""
    return await _show(asked)


async def _show(asked: Asked, refused: OutdialError | None = None) -> Response:
    return render(
        asked.request,
        "forms/files.html",
        http_code=_code_of(refused),
        who=asked.who,
        path="/forms",
        files=media_of(asked).listed(),
        uses=await _uses(asked),
        problem=asked.words_of(refused) if refused else "",
    )


def _code_of(refused: OutdialError | None) -> HTTPStatus:
    if refused is None:
        return HTTPStatus.OK
    return HTTPStatus.CONFLICT if isinstance(refused, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY


async def _uses(asked: Asked) -> dict[str, list[str]]:
    return await media_uses(asked.session, client_id=asked.who.client_id)


@router.post("")
async def add_file(asked: AskedDep) -> Response:
    """Store a picture or a recording; one of the same name is replaced."""
    try:
        declared = asked.request.headers.get("content-length", "")
        if not declared.isdecimal() or int(declared) > FILE_BYTES + _BESIDE_BYTES:
            raise MediaTooLarge(limit=FILE_BYTES)
        async with asked.request.form(max_files=1, max_fields=5) as sent:
            file = sent.get("file")
            if not isinstance(file, UploadFile):
                raise BadMedia
            made = await media_of(asked).keep(file.filename or "", await file.read())
    except OutdialError as refused:
        return await _show(asked, refused)
    await _trace(asked, "form_file.added", made.name)
    return RedirectResponse("/form-files", HTTPStatus.SEE_OTHER)


@router.post("/{name}/remove")
async def remove_file(asked: AskedDep, name: str) -> Response:
    """Delete a file that no form's latest version uses."""
    try:
        if name in await _uses(asked):
            raise MediaInUse(name=name)
        media_of(asked).remove(name)
    except OutdialError as refused:
        return await _show(asked, refused)
    await _trace(asked, "form_file.removed", name)
    return RedirectResponse("/form-files", HTTPStatus.SEE_OTHER)


@router.get("/{name}")
async def show_file(asked: AskedDep, name: str) -> FileResponse:
    """Return a file as it was brought."""
    file, kind = media_of(asked).find(name)
    return FileResponse(file, media_type=kind, headers={"Content-Disposition": "inline"})


async def _trace(asked: Asked, action: str, name: str) -> None:
    await audit.record(
        asked.session,
        client_id=asked.who.client_id,
        user_id=asked.who.user_id,
        at=asked.services.clock.now(),
        action=action,
        subject="client",
        subject_id=asked.who.client_id,
        facts={"name": name},
    )
