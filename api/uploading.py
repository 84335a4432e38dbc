"""Uploads: who may not send, or sends too much, is told before the file is taken in."""

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, File, Form, Request, Response, UploadFile
from fastapi.routing import APIRoute
from pydantic import Json
from starlette.exceptions import HTTPException
from starlette.types import Message

from api.deps import Services, services_of
from api.limits import is_multipart
from campaigns.accounts.permissions import Permission, require
from campaigns.lists.reading.faults import FileTooLarge
from campaigns.lists.reading.limits import USUAL_LIMITS, in_words
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.uploads import Upload, UploadFolder, one_chunk
from campaigns.tenancy import tokens
from dialer.errors import Invalid, OutdialError, Unauthenticated
from dialer.text import PlainJson, PlainText, cleaned

#: What a form has beside its file.
_FORM_BYTES = 2 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_BEARER = "bearer "
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class UploadForm:
    """The form that brings a file or pasted text, and what is to be done with it."""

    name: Annotated[PlainText, Form(min_length=1, max_length=200)]
    region: Annotated[
        str, Form(description="ISO 3166-1 alpha-2, for numbers without a country code.")
    ]
    file: Annotated[
        UploadFile | None,
        File(description="CSV, XLSX, XLS, ODS or JSON lines; any usual encoding."),
    ] = None
    pasted: Annotated[
        str | None, Form(alias="text", description="Pasted rows, headings first.")
    ] = None
    options: Annotated[
        Json[PlainJson] | None,
        Form(description="As JSON: sheet, list_id, campaign_id, duplicates, consent…"),
    ] = None

    def wanted(self) -> ImportOptions:
        """Return the options of the import.

        Raises:
            BadOptions: they cannot be used.
        """
        return ImportOptions.read({**(self.options or {}), "region": self.region})


UploadFormDep = Annotated[UploadForm, Depends()]


class UploadRoute(APIRoute):
    """A route that may take a file: nothing of it is read before its sender and length are known.

    A form's parts are on the disk before any dependency is asked, so this is done around the parser.
    A route for other files names its own limit and its own refusal.
    """

    def file_bytes(self) -> int:
        """Return how large a file may be, bytes."""
        return USUAL_LIMITS.file_bytes

    def permission(self) -> Permission:
        """Return what a sender must be allowed."""
        return Permission.CHANGE

    def too_large(self, size: int | None) -> OutdialError:
        """Return the refusal of a larger one; ``size`` is what it said of itself, bytes."""
        limit = self.file_bytes()
        sentence = f"This file is too large: at most {in_words(limit)} are read. Split it."
        return FileTooLarge(sentence, size=size, limit=limit)

    def get_route_handler(self) -> _Handler:
        """Return the handler with the checks before it."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            if not is_multipart(request.headers.get("content-type", "")):
                return await handle(request)
            await _require(self.permission(), request)
            limited = _Counted(request, self)
            try:
                return await handle(Request(request.scope, limited.receive))
            except HTTPException as error:
                # The parser tells any fault as a form that cannot be read.
                if isinstance(error.__cause__, OutdialError):
                    raise error.__cause__ from error
                raise

        return checked


class _Counted:
    """A request's body, up to the limit."""

    def __init__(self, request: Request, route: UploadRoute) -> None:
        self._request = request
        self._route = route
        self._left = route.file_bytes() + _FORM_BYTES
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._left:
            raise route.too_large(int(declared))

    async def receive(self) -> Message:
        message = await self._request.receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._route.too_large(None)
        return message


async def _require(permission: Permission, request: Request) -> None:
    """Refuse whoever may not upload; the route asks again, in its own transaction.

    Raises:
        Unauthenticated: nobody knows who is asking.
        Forbidden: the role may not.
    """
    header = request.headers.get("authorization", "")
    if not header.lower().startswith(_BEARER):
        raise Unauthenticated
    async with services_of(request).sessions() as session:
        client = request.headers.get("outdial-client")
        identity = await tokens.identify(session, header[len(_BEARER) :], client)
    require(identity, permission)


def folder_of(services: Services) -> UploadFolder:
    """Return the uploads directory."""
    return UploadFolder(services.settings.uploads())


async def keep_upload(
    folder: UploadFolder, file: UploadFile | None, pasted: str | None
) -> tuple[Upload, str]:
    """Store a form's file or its pasted text, and return it with its name.

    Raises:
        Invalid: neither or both.
        FileTooLarge: more than the limit.
    """
    if file is not None and pasted is None:
        name = cleaned(file.filename or "") or "list"
        return await folder.keep(_chunks(file), file_name=name, declared_bytes=file.size), name
    if pasted is not None and file is None:
        data = pasted.encode("utf-8", "replace")
        return await folder.keep(one_chunk(data), file_name="pasted text"), "pasted text"
    raise Invalid("Send either a file or text.")


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK_BYTES):
        yield chunk
