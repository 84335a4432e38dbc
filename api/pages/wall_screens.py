"""Screens in the hall that cannot sign in: made and revoked by a manager, opened by a secret address."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageManagerDep, PageSteererDep
from api.browsers import is_secure
from api.deps import ClockDep, ServicesDep, SessionDep
from api.languages import language_of
from api.pages.wall_stream import answer
from api.pages.wall_view import wall_context
from api.templating import render
from api.wall.keys import Audience
from campaigns.tenancy.tokens import Identity
from campaigns.wall import screens
from campaigns.wall.models import WallScreen
from dialer.errors import Unauthenticated

COOKIE = "outdial_screen"
#: A screen hangs for long.
COOKIE_LIVES_S = 365 * 24 * 3600
SHOW = "/wall/show"

router = APIRouter(prefix="/wall")


@router.get("/screens")
async def screens_page(request: Request, who: PageSteererDep, session: SessionDep) -> Response:
    """Show the client's screens."""
    return await _show_screens(request, who, session, "")


async def _show_screens(
    request: Request, who: Identity, session: AsyncSession, address: str
) -> Response:
    rows = await screens.screens_of(session, who.client_id)
    return render(request, "wall/screens.html", who=who, screens=rows, address=address)


@router.post("/screens")
async def admit_screen(
    request: Request,
    who: PageManagerDep,
    session: SessionDep,
    clock: ClockDep,
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Make a screen, and show its address once."""
    secret = await screens.admit(session, who.client_id, name, user_id=who.user_id, clock=clock)
    address = f"{request.url.scheme}://{request.url.netloc}{SHOW}/{secret}"
    return await _show_screens(request, who, session, address)


@router.post("/screens/{screen_id}/revoke")
async def revoke_screen(
    screen_id: UUID, who: PageManagerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Take a screen's figures away; a screen that shows them goes dark within a minute."""
    await screens.revoke(
        session, screen_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return RedirectResponse("/wall/screens", HTTPStatus.SEE_OTHER)


async def _screen(request: Request, session: AsyncSession) -> WallScreen:
    """Return the screen of a browser's cookie.

    Raises:
        Unauthenticated: it has none, or its screen was revoked.
    """
    secret = request.cookies.get(COOKIE)
    found = await screens.find_screen(session, secret) if secret else None
    if found is None:
        raise Unauthenticated
    return found


@router.get("/show")
async def screen_page(request: Request, session: SessionDep) -> Response:
    """Show the wall on a screen that was let in by its secret."""
    await _screen(request, session)
    context = wall_context(language_of(request), f"{SHOW}/stream", ())
    return render(request, "wall/screen.html", **context)


@router.get("/show/stream")
async def screen_stream(request: Request, session: SessionDep, services: ServicesDep) -> Response:
    """Send a screen its rows: figures without names."""
    screen = await _screen(request, session)
    secret = request.cookies.get(COOKIE, "")

    async def may() -> bool:
        try:
            async with services.sessions() as own:
                return await screens.find_screen(own, secret) is not None
        except (SQLAlchemyError, OSError):
            return True  # while the database is away, pages keep what they show

    return answer(request, services, screen.client_id, Audience(names=False), may)


@router.get("/show/{secret}")
async def open_screen(request: Request, secret: str, session: SessionDep) -> Response:
    """Let a screen in: its secret goes from the address into a cookie that scripts cannot read.

    Raises:
        Unauthenticated: no such screen, or it was revoked.
    """
    if await screens.find_screen(session, secret) is None:
        raise Unauthenticated
    response = RedirectResponse(SHOW, HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=COOKIE_LIVES_S,
        path=SHOW,
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )
    return response
