"""Signing in and out with a browser: the session's token lives in a cookie that scripts cannot read."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import PageOwnerDep, Permission, may
from api.browsers import (
    device_of,
    doors_of,
    find_session,
    forget_session,
    keep_device,
    keep_session,
    session_token,
    visitor_of,
)
from api.deps import ServicesDep
from api.looks import look_of_host
from api.templating import render
from campaigns.accounts import sessions, signing_in
from campaigns.accounts.models import SessionEnd
from campaigns.accounts.people import find
from campaigns.accounts.signing_in import WrongPassword
from campaigns.accounts.throttle import TooManyTries
from dialer.db import transaction

router = APIRouter()


@router.get("/")
async def front_page(who: PageOwnerDep) -> Response:
    """Lead to the first page of the person's role."""
    doors = (
        (Permission.PORTAL, "/portal"),
        (Permission.SEE_WORK, "/campaigns"),
        (Permission.TAKE_CALLS, "/desk"),
    )
    place = next((path for needs, path in doors if may(who, needs)), "/account")
    return RedirectResponse(place, HTTPStatus.SEE_OTHER)


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Show the form."""
    look = await look_of_host(request)
    return render(request, "sign_in.html", login="", refused=False, wait_s=0, host_look=look)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    services: ServicesDep,
    login: Annotated[str, Form(max_length=1000)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Open a session for the right password; show the form again for another one."""
    device = device_of(request)
    try:
        token = await signing_in.sign_in(
            doors_of(services),
            login,
            password,
            visitor_of(request),
            device=device,
            before=session_token(request),
        )
    except (WrongPassword, TooManyTries) as problem:
        look = await look_of_host(request)
        return refused(request, "sign_in.html", problem, login=login, host_look=look)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)  # which leads to the step that is due
    keep_session(request, response, token)
    keep_device(request, response, device)
    return response


def refused(request: Request, template: str, problem: Exception, **context: object) -> Response:
    """Show a form again that asks for a secret: it was wrong, or the next try has to wait."""
    wait_s = problem.wait_s if isinstance(problem, TooManyTries) else 0
    code = HTTPStatus.TOO_MANY_REQUESTS if wait_s else HTTPStatus.UNAUTHORIZED
    answer = render(request, template, http_code=code, refused=not wait_s, wait_s=wait_s, **context)
    if wait_s:
        answer.headers["Retry-After"] = str(wait_s)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, services: ServicesDep) -> Response:
    """End the session here and in the table: the token is good for nothing from now on."""
    token = session_token(request)
    async with transaction(services.sessions) as session:
        found = await find_session(request, session, token) if token else None
        if found is not None:
            who, clock = found.identity, services.clock
            user = await find(session, who.user_id, client_id=who.own_client_id)
            await sessions.end(session, user, SessionEnd.SIGNED_OUT, clock, only=who.session_id)
            facts = {"session": str(who.session_id)}
            await signing_in.note(session, user, "session.signed_out", facts, clock)
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    forget_session(request, response)
    return response
