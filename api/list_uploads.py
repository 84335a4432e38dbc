"""A form that brings a list: read by hand, since its sender and length must be known before; then staged."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, UploadFile
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData
from starlette.datastructures import UploadFile as SentFile

from api.deps import Services
from api.importing import Sent, stage
from api.uploading import folder_of, keep_upload
from campaigns.lists.models import ListImport
from campaigns.lists.reading.faults import FileTooLarge
from campaigns.lists.reading.limits import USUAL_LIMITS, in_words
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.plan import Scope
from campaigns.tenancy.tokens import Identity
from dialer.db import transaction
from dialer.errors import Invalid

#: Pasted text is held in memory: some 40,000 rows.
_TEXT_BYTES = 4 * 1024 * 1024
#: What a form has beside its file or text.
_FORM_BYTES = 64 * 1024
_NAME_CHARACTERS = 200

_And = Callable[[AsyncSession, ListImport], Awaitable[None]]


async def staged_upload(
    request: Request,
    who: Identity,
    services: Services,
    given: dict[str, Any],
    *,
    and_then: _And | None = None,
) -> ListImport:
    """Stage what was sent and return it; ``given`` gets the form's fields, to be shown again.

    ``and_then`` is done in the same transaction.

    Raises:
        Invalid: it is no table, too large, or its options cannot be used.
    """
    _require_length(request)
    async with request.form(max_files=1, max_fields=20, max_part_size=_TEXT_BYTES) as form:
        given.update({name: value for name, value in form.items() if isinstance(value, str)})
        stored, file_name = await keep_upload(folder_of(services), _file(form), _text(form))
    async with transaction(services.sessions, whose=who.whose) as own:
        sent = Sent(stored, file_name, _name(given, file_name), _options(given))
        row = await stage(own, sent, who, services)
        if and_then is not None:
            await and_then(own, row)
    return row


def _require_length(request: Request) -> None:
    """Refuse what says that it is too long; the server takes no more than was said.

    Raises:
        FileTooLarge: the sentence names the limit.
        Invalid: the sender does not say how long it is; browsers always do.
    """
    declared = request.headers.get("content-length", "")
    if not declared.isdecimal():
        raise Invalid("The length of the form is not known.")
    limit = USUAL_LIMITS.file_bytes
    if int(declared) > limit + _FORM_BYTES:
        raise FileTooLarge(
            f"This file is too large: at most {in_words(limit)} are read. Split it.", limit=limit
        )


def _file(form: FormData) -> UploadFile | None:
    """Return the file, if one was chosen: browsers send an empty one otherwise."""
    sent = form.get("file")
    if not isinstance(sent, SentFile) or not sent.filename:
        return None
    return UploadFile(sent.file, size=sent.size, filename=sent.filename, headers=sent.headers)


def _text(form: FormData) -> str | None:
    text = form.get("text")
    return text if isinstance(text, str) and text.strip() else None


def _name(given: dict[str, Any], file_name: str) -> str:
    said = str(given.get("name", "")).strip()
    return (said or file_name)[:_NAME_CHARACTERS]


def _options(given: dict[str, Any]) -> ImportOptions:
    named = ("region", "campaign_id", "list_id")
    said = {name: given[name] for name in named if given.get(name)}
    if "list_id" in said:  # a duplicate that was refused before must not slip in with mended rows
        said["duplicates_scope"] = Scope.LIST.value
    return ImportOptions.read(said)
