"""The steps between the right password and the first page: code, own password, second factor.

Nothing else opens in such a session. Each step changes the session's token.
"""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import BrowserSessionDep
from api.browsers import doors_of, keep_session, visitor_of
from api.deps import ServicesDep
from api.languages import language_of
from api.pages.sign_in import refused
from api.qr import qr_svg
from api.sign_in_steps import page_of
from api.templating import problem_words, render
from campaigns.accounts import factors, people, sessions, signing_in, totp
from campaigns.accounts.factors import WrongCode
from campaigns.accounts.passwords import WeakPassword
from campaigns.accounts.sessions import Due, Found
from campaigns.accounts.throttle import TooManyTries, code_bucket
from dialer.db import transaction

ISSUER = "Outdial"

#: No code is longer, however it is typed.
_CODE_CHARACTERS = 60

router = APIRouter(prefix="/sign-in")


def _elsewhere(found: Found) -> Response:
    """Lead to the step that is due."""
    return RedirectResponse(page_of(found.due), HTTPStatus.SEE_OTHER)


@router.get("/code")
async def code_page(request: Request, found: BrowserSessionDep) -> Response:
    """Ask for the code of the second factor."""
    if found.due is not Due.CODE:
        return _elsewhere(found)
    return render(request, "accounts/code.html", refused=False, wait_s=0)


@router.post("/code")
async def show_code(
    request: Request,
    found: BrowserSessionDep,
    services: ServicesDep,
    code: Annotated[str, Form(max_length=_CODE_CHARACTERS)] = "",
) -> Response:
    """Take the code."""
    if found.due is not Due.CODE:
        return _elsewhere(found)
    doors, visitor = doors_of(services), visitor_of(request)
    try:
        token = await signing_in.show_code(doors, found.identity, code, visitor)
    except (WrongCode, TooManyTries) as problem:
        return refused(request, "accounts/code.html", problem)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    keep_session(request, response, token)
    return response


@router.get("/password")
async def password_page(request: Request, found: BrowserSessionDep) -> Response:
    """Ask for a password of the person's own."""
    if found.due is not Due.PASSWORD:
        return _elsewhere(found)
    return render(request, "accounts/password.html", problem="", login=found.identity.login)


@router.post("/password")
async def choose_password(
    request: Request,
    found: BrowserSessionDep,
    services: ServicesDep,
    password: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Keep the password; every other session of the person ends."""
    if found.due is not Due.PASSWORD:
        return _elsewhere(found)
    who = found.identity
    try:
        require_twice(password, again)
        async with transaction(services.sessions, whose=who.own) as session:
            token = await people.choose_password(session, who, password, services.clock)
    except WeakPassword as problem:
        return render(
            request,
            "accounts/password.html",
            problem=problem_words(language_of(request), problem),
            login=who.login,
            http_code=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    keep_session(request, response, token)
    return response


class NotTheSame(WeakPassword):
    """The password was typed in two ways."""

    code = "not_the_same"
    message = "The two passwords are not the same."


def require_twice(password: str, again: str) -> None:
    """Refuse what was not typed twice in the same way.

    Raises:
        NotTheSame: it was not.
    """
    if password != again:
        raise NotTheSame


@router.get("/second-factor")
async def factor_page(
    request: Request, found: BrowserSessionDep, services: ServicesDep
) -> Response:
    """Show the key of a new second factor, which the person's role needs."""
    if found.due is not Due.FACTOR:
        return _elsewhere(found)
    return await show_key(request, found, services, leave="")


@router.post("/second-factor")
async def confirm_factor(
    request: Request,
    found: BrowserSessionDep,
    services: ServicesDep,
    code: Annotated[str, Form(max_length=_CODE_CHARACTERS)] = "",
) -> Response:
    """Turn the second factor on with its first code."""
    if found.due is not Due.FACTOR:
        return _elsewhere(found)
    return await confirm_key(request, found, services, code, leave="")


async def show_key(
    request: Request,
    found: Found,
    services: ServicesDep,
    *,
    leave: str,
    problem: str = "",
    http_code: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Show the key as a QR code and as text; ``leave`` is where one may go without it.

    Raises:
        FactorAlreadyOn: its key is not shown again.
    """
    who = found.identity
    async with transaction(services.sessions, whose=who.own) as session:
        user = await people.find(session, who.user_id, client_id=who.own_client_id)
        secret = await factors.prepare(session, user, services.clock, services.settings.keys())
    uri = totp.uri_of(secret, login=who.login, issuer=ISSUER)
    return render(
        request,
        "accounts/factor.html",
        http_code=http_code,
        qr=qr_svg(uri),
        key=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        uri=uri,
        leave=leave,
        problem=problem,
        path=leave or "/sign-in/second-factor",
    )


async def confirm_key(
    request: Request, found: Found, services: ServicesDep, code: str, *, leave: str
) -> Response:
    """Confirm the key and show the recovery codes, once.

    Raises:
        FactorAlreadyOn: it is on.
        TooManyTries: wait first.
    """
    who, doors = found.identity, doors_of(services)
    buckets = [code_bucket(who.user_id)]
    await doors.throttle.take(buckets)
    try:
        async with transaction(services.sessions, whose=who.own) as session:
            user = await people.find(session, who.user_id, client_id=who.own_client_id)
            recovery = await factors.confirm(session, user, code, services.clock, doors.keys)
            await sessions.mark_factor(session, who, services.clock)
            token = await sessions.rotate(session, who)
            facts = {"address": visitor_of(request).address}
            await signing_in.note(session, user, "second_factor.confirmed", facts, services.clock)
    except WrongCode as wrong:
        said = problem_words(language_of(request), wrong)
        unprocessable = HTTPStatus.UNPROCESSABLE_ENTITY
        return await show_key(
            request, found, services, leave=leave, problem=said, http_code=unprocessable
        )
    await doors.throttle.give_back(buckets)
    place = (
        leave or "/sign-in/second-factor"
    )  # for the links of languages: this address is for a form
    response = render(request, "accounts/recovery.html", codes=recovery, path=place)
    keep_session(request, response, token)
    return response
