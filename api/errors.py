"""Every error as an RFC 9457 problem, or as a page where a person looks."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from api.fragments import is_fragment
from api.looks import look_for
from api.sign_in_steps import STEPS
from api.templating import render
from campaigns.accounts.throttle import TooManyTries
from campaigns.events.errors import EventsGone
from dialer.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OutdialError,
    Unauthenticated,
    Unavailable,
)

log = structlog.get_logger()

_E = TypeVar("_E", bound=Exception)

PROBLEM_JSON = "application/problem+json"

#: Found by the error's class or its nearest ancestor; what is not here is our own fault.
_HTTP_CODES: dict[type[OutdialError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Conflict: HTTPStatus.CONFLICT,
    Forbidden: HTTPStatus.FORBIDDEN,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    EventsGone: HTTPStatus.GONE,
}

#: Source: PostgreSQL, Appendix A, "PostgreSQL Error Codes".
_UNIQUE_VIOLATION = "23505"

#: How long to stay away from a service that is away, seconds.
_RETRY_AFTER_S = 2


class Problem(BaseModel):
    """An error. Source: RFC 9457, section 3; ``code`` and ``facts`` are ours."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    facts: dict[str, Any]


def problems(*errors: type[OutdialError]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of what a route may refuse."""
    described: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        code = int(http_code_of(error))
        before = described.get(code, {}).get("description", "")
        text = f"`{error.code}`: {error.message}"
        described[code] = {
            "model": Problem,
            "description": f"{before}\n\n{text}" if before else text,
        }
    return described


def install(app: FastAPI) -> None:
    """Make the application answer with problems."""
    _handle(app, OutdialError, _on_outdial_error)
    _handle(app, RequestValidationError, _on_validation_error)
    _handle(app, HTTPException, _on_http_exception)
    app.add_exception_handler(IntegrityError, _on_integrity_error)
    app.add_exception_handler(DBAPIError, _on_database_error)
    for away in (OperationalError, InterfaceError, RedisError, ConnectionError, TimeoutError):
        app.add_exception_handler(away, _on_service_away)
    app.add_exception_handler(Exception, _on_unexpected)


def _handle(
    app: FastAPI, kind: type[_E], answer: Callable[[Request, _E], Awaitable[Response]]
) -> None:
    """Have errors of one kind answered; Starlette's own handlers take any error."""

    async def handler(request: Request, error: Exception) -> Response:
        if not isinstance(error, kind):
            return await _on_unexpected(request, error)
        return await answer(request, error)

    app.add_exception_handler(kind, handler)


def http_code_of(error: type[OutdialError]) -> HTTPStatus:
    """Return how HTTP answers a kind of error."""
    for ancestor in error.__mro__:
        if ancestor in _HTTP_CODES:
            return _HTTP_CODES[ancestor]
    return HTTPStatus.INTERNAL_SERVER_ERROR


async def _answer(
    request: Request,
    code: HTTPStatus,
    name: str,
    detail: str,
    facts: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    if _wants_page(request):
        return await _page(request, code, name, detail, facts)
    problem = Problem(
        type=f"urn:outdial:problem:{name}",
        title=code.phrase,
        status=code.value,
        detail=detail,
        code=name,
        facts=jsonable_encoder(dict(facts or {})),
    )
    return JSONResponse(
        problem.model_dump(), code.value, media_type=PROBLEM_JSON, headers=dict(headers or {})
    )


#: Where programs look; everywhere else people do, with a browser.
_FOR_PROGRAMS = ("/api/", "/health", "/metrics")


def _wants_page(request: Request) -> bool:
    if request.headers.get("accept", "").startswith("application/json"):
        return False  # a script of ours asks
    return not request.url.path.startswith(_FOR_PROGRAMS)


#: Where every page has a place for refusals (``base.html``), whatever the button was to change.
_INTO_PROBLEM = {"HX-Retarget": "#problem", "HX-Reswap": "innerHTML", "HX-Reselect": "#refused"}


async def _page(
    request: Request,
    code: HTTPStatus,
    name: str,
    detail: str,
    facts: Mapping[str, object] | None,
) -> Response:
    if code is HTTPStatus.UNAUTHORIZED and is_fragment(request):
        # A piece of a page must not become the sign-in form: htmx leaves the page instead.
        return Response(status_code=code, headers={"HX-Redirect": STEPS.get(name, "/sign-in")})
    if code is HTTPStatus.UNAUTHORIZED and request.method == "GET":
        return RedirectResponse(STEPS.get(name, "/sign-in"), HTTPStatus.SEE_OTHER)
    is_role = "roles" in (facts or {})  # programs are told which; a person needs somebody to ask
    shown = {"code": code.value, "name": name, "detail": detail, "is_role": is_role}
    if is_fragment(request):  # the page stays as it is, and says why nothing came of it
        refused = render(request, "_problem.html", http_code=code, **shown)
        refused.headers.update(_INTO_PROBLEM)
        return refused
    look = None if code is HTTPStatus.SERVICE_UNAVAILABLE else await look_for(request)
    return render(request, "error.html", http_code=code, host_look=look, **shown)


async def _on_outdial_error(request: Request, error: OutdialError) -> Response:
    code = http_code_of(type(error))
    headers = {}
    if code is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if code is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(_RETRY_AFTER_S)
    if isinstance(error, TooManyTries):
        headers["Retry-After"] = str(error.wait_s)
    return await _answer(request, code, error.code, error.detail, error.facts, headers)


async def _on_validation_error(request: Request, error: RequestValidationError) -> Response:
    # The input itself is left out: it may hold phone numbers or a token.
    found = [
        {"at": ".".join(str(part) for part in one["loc"]), "problem": one["msg"]}
        for one in error.errors()
    ]
    detail = "; ".join(f"{one['at']}: {one['problem']}" for one in found)
    code = HTTPStatus.UNPROCESSABLE_ENTITY
    return await _answer(request, code, "invalid_request", detail, {"errors": found})


async def _on_http_exception(request: Request, error: HTTPException) -> Response:
    code = HTTPStatus(error.status_code)
    name = code.name.lower()
    return await _answer(request, code, name, str(error.detail), headers=error.headers)


async def _on_integrity_error(request: Request, error: Exception) -> Response:
    cause = getattr(error, "orig", None)
    if getattr(cause, "sqlstate", None) != _UNIQUE_VIOLATION:
        return await _on_unexpected(request, error)
    # Two requests made the same thing at once: the checks before could not see it.
    log.info("request.lost_a_race")
    detail = "Somebody else has just made the same thing."
    return await _answer(request, HTTPStatus.CONFLICT, Conflict.code, detail)


async def _on_database_error(request: Request, error: Exception) -> Response:
    if getattr(error, "connection_invalidated", False):
        return await _on_service_away(request, error)
    return await _on_unexpected(request, error)


async def _on_service_away(request: Request, error: Exception) -> Response:
    log.warning("service.away", error=type(error).__name__)
    headers = {"Retry-After": str(_RETRY_AFTER_S)}
    code = HTTPStatus.SERVICE_UNAVAILABLE
    return await _answer(request, code, Unavailable.code, Unavailable.message, headers=headers)


async def _on_unexpected(request: Request, error: Exception) -> Response:
    log.error("request.failed", error=type(error).__name__, exc_info=error)
    code = HTTPStatus.INTERNAL_SERVER_ERROR
    return await _answer(
        request, code, "internal", "Something went wrong on our side; it was logged."
    )
