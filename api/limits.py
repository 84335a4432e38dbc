"""How long a request may be: nobody fills the memory or the disk with what no route asked for."""

from collections.abc import Collection
from http import HTTPStatus

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import PROBLEM_JSON, Problem

#: A body that is no upload; a mapping of the widest table has a tenth of it.
MAX_BODY_BYTES = 2 * 1024 * 1024

_CODE = "body_too_large"


def is_multipart(content_type: str) -> bool:
    """Tell whether a form with files comes. Source: RFC 9110, section 8.3.1: in any case of letters."""
    return content_type.strip().lower().startswith("multipart/")


class BodyLimitMiddleware:
    """Refuse longer bodies before any route reads them; upload routes limit their files themselves."""

    def __init__(self, app: ASGIApp, uploads: Collection[str]) -> None:
        """Let forms with files through to the paths of ``uploads``."""
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and stop it where it is too long."""
        if scope["type"] != "http" or self._is_upload(scope):
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
            await _refusal()(scope, receive, send)
            return
        body = _Body(receive, send)
        try:
            await self._app(scope, body.receive, body.send)
        except _TooLong:
            if body.has_begun:
                raise
        if body.is_too_long and not body.has_begun:
            await _refusal()(scope, receive, send)

    def _is_upload(self, scope: Scope) -> bool:
        kind = Headers(scope=scope).get("content-type", "")
        return scope["method"] == "POST" and scope["path"] in self._uploads and is_multipart(kind)


class _TooLong(Exception):
    """Breaks off whoever reads the body."""


class _Body:
    """Counts what comes in; once it is too long, what the route then says is not sent."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._left = MAX_BODY_BYTES
        self.has_begun = False  #: an answer is on its way
        self.is_too_long = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.is_too_long = True
            raise _TooLong
        return message

    async def send(self, message: Message) -> None:
        if self.is_too_long and not self.has_begun:
            return  # the parser tells the break as a body that cannot be read
        self.has_begun = True
        await self._send(message)


def _refusal() -> JSONResponse:
    code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    problem = Problem(
        type=f"urn:outdial:problem:{_CODE}",
        title=code.phrase,
        status=code.value,
        detail=f"The request is too long: at most {MAX_BODY_BYTES:,} bytes are read.",
        code=_CODE,
        facts={"limit": MAX_BODY_BYTES},
    )
    return JSONResponse(problem.model_dump(), code.value, media_type=PROBLEM_JSON)
