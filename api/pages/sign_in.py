"""Signing in and out with a browser: the token lives in a cookie that scripts cannot read."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import COOKIE
from api.deps import SessionDep
from api.security import require_same_origin
from api.templating import render
from campaigns.tenancy import tokens
from dialer.errors import Unauthenticated

#: A working day and its overtime, seconds.
_SESSION_LIVES_S = 14 * 3600

router = APIRouter()


@router.get("/")
async def front_page() -> Response:
    """Lead to the campaigns."""
    return RedirectResponse("/campaigns", HTTPStatus.SEE_OTHER)


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Show the form."""
    return render(request, "sign_in.html", refused=False)


@router.post("/sign-in", dependencies=[Depends(require_same_origin)])
async def sign_in(
    request: Request,
    session: SessionDep,
    token: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Keep a valid token in the cookie; show the form again for another one."""
    try:
        await tokens.identify(session, token.strip())
    except Unauthenticated:
        return render(request, "sign_in.html", refused=True, http_code=HTTPStatus.UNAUTHORIZED)
    response = RedirectResponse("/campaigns", HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE,
        token.strip(),
        max_age=_SESSION_LIVES_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/sign-out", dependencies=[Depends(require_same_origin)])
async def sign_out() -> Response:
    """Forget the token on this browser; the token itself stays valid."""
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response
