"""A client's look: the settings with their preview, and what pages load of it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from api.auth import PageManagerDep, Permission, may
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.looks import row_for, style_of
from api.templating import problem_words, render
from campaigns.tenancy import colours, looks
from campaigns.tenancy.looks import LookWish
from campaigns.tenancy.models import MOST_LOGO_BYTES, ClientLook
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/look")

#: What browsers may keep: the addresses have the version in them.
_KEPT = {"Cache-Control": "private, max-age=86400", "Vary": "Cookie"}

_Text = Annotated[str, Form(max_length=300)]


@dataclass(frozen=True, slots=True)
class LookForm:
    """What the form of a look says."""

    name: _Text = ""
    accent: _Text = ""
    accent_dark: _Text = ""
    domain: _Text = ""
    without_logo: Annotated[bool, Form()] = False

    @classmethod
    def of(cls, row: ClientLook | None) -> "LookForm":
        """Return the form as it shows what is stored."""
        if row is None:
            return cls()
        return cls(row.name, row.accent, row.accent_dark, row.domain or "")


@router.get("")
async def look_page(request: Request, who: PageManagerDep, session: SessionDep) -> Response:
    """Show how the client's pages look, with a preview."""
    return await _show(request, who, session)


async def _show(
    request: Request,
    who: PageManagerDep,
    session: SessionDep,
    problem: OutdialError | None = None,
    form: LookForm | None = None,
) -> Response:
    row = await looks.find(session, who.client_id)
    code = HTTPStatus.CONFLICT if isinstance(problem, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(
        request,
        "accounts/look.html",
        http_code=code if problem else HTTPStatus.OK,
        who=who,
        form=form or LookForm.of(row),
        has_logo=row is not None and row.logo is not None,
        sets_domain=may(who, Permission.MANAGE_CLIENTS),
        surfaces=(colours.LIGHT_SURFACES, colours.DARK_SURFACES),
        least=colours.LEAST_CONTRAST,
        problem=problem_words(language_of(request), problem) if problem else "",
        path="/look",
    )


@router.post("")
async def change_look(
    request: Request,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    name: _Text = "",
    accent: _Text = "",
    accent_dark: _Text = "",
    domain: _Text = "",
    without_logo: Annotated[bool, Form()] = False,
    logo: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keep the look; the next page has it. The address is set by those who manage clients."""
    form = LookForm(name, accent, accent_dark, domain, without_logo)
    by, clock = who.user_id, services.clock
    try:
        async with session.begin_nested():
            wish = LookWish(name, accent, accent_dark, await _logo(logo, gone=without_logo))
            await looks.change(session, who.client_id, wish, by=by, clock=clock)
            if may(who, Permission.MANAGE_CLIENTS):
                await looks.set_domain(session, who.client_id, domain, by=by, clock=clock)
    except (Conflict, Invalid) as problem:
        return await _show(request, who, session, problem, form)
    return RedirectResponse("/look", HTTPStatus.SEE_OTHER)


async def _logo(file: UploadFile | None, *, gone: bool) -> bytes | None:
    if gone:
        return b""
    if file is None or not file.filename:
        return None
    return await file.read(MOST_LOGO_BYTES + 1)  # one byte more tells that it is too large


@router.get("/colours.css")
async def colours_of(request: Request) -> Response:
    """Return the colours of whoever asks: of the session's client, else of the address."""
    return Response(style_of(await row_for(request)), media_type="text/css", headers=_KEPT)


@router.get("/logo")
async def logo_of(request: Request) -> Response:
    """Return the logo, likewise."""
    row = await row_for(request)
    if row is None or row.logo is None:
        return Response(status_code=HTTPStatus.NOT_FOUND)
    return Response(row.logo, media_type=row.logo_type, headers=_KEPT)
