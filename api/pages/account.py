"""The own account: password, second factor, and the browsers one is signed in with."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api import account_words
from api.auth import BrowserSessionDep, PageOwnerDep
from api.browsers import doors_of, forget_session, keep_session, limits_of
from api.deps import ServicesDep
from api.languages import language_of
from api.pages.sign_in_steps import confirm_key, require_twice, show_key
from api.templating import problem_words, render
from campaigns.accounts import factors, people, sessions, signing_in
from campaigns.accounts.models import SessionEnd
from campaigns.accounts.sessions import SessionNotFound
from campaigns.accounts.throttle import TooManyTries
from campaigns.tenancy.models import Client
from dialer.db import transaction
from dialer.errors import Conflict, Invalid, OutdialError, Unauthenticated

router = APIRouter(prefix="/account")

_Secret = Annotated[str, Form(max_length=1000)]


class FactorNeeded(Conflict):
    """The role needs it."""

    code = "factor_needed"
    message = "Your role needs a second factor: it cannot be turned off."


@dataclass(frozen=True, slots=True)
class Own:
    """One request of a person to the own account."""

    request: Request
    who: PageOwnerDep
    found: BrowserSessionDep
    services: ServicesDep

    async def show(
        self, *, problem: OutdialError | None = None, done: str = "", code: int = 200
    ) -> Response:
        """Return the page, with what went wrong or what was done above it."""
        who, services = self.who, self.services
        async with transaction(services.sessions, whose=who.own) as session:
            user = await people.find(session, who.user_id, client_id=who.own_client_id)
            rows = await sessions.living(session, user, limits_of(services), services.clock)
            factor = await factors.state_of(session, user)
            client = await session.get_one(Client, who.own_client_id)
        context: dict[str, Any] = {
            "who": who,
            "rows": rows,
            "factor": factor,
            "is_needed": user.role.value in client.second_factor_roles,
            "has_password": user.password_hash is not None,
            "problem": problem_words(language_of(self.request), problem) if problem else "",
            "wait_s": problem.wait_s if isinstance(problem, TooManyTries) else 0,
            "done": done,
            "words": account_words,
        }
        http_code = HTTPStatus(code)
        return render(
            self.request, "accounts/account.html", http_code=http_code, path="/account", **context
        )

    async def refused(self, problem: OutdialError) -> Response:
        """Return the page with why it was not done."""
        kinds = ((TooManyTries, 429), (Unauthenticated, 422), (Conflict, 409))
        code = next((code for kind, code in kinds if isinstance(problem, kind)), 422)
        return await self.show(problem=problem, code=code)


OwnDep = Annotated[Own, Depends()]


@router.get("")
async def account_page(own: OwnDep, done: str = "") -> Response:
    """Show the own account."""
    return await own.show(done=done)


def _back(done: str) -> Response:
    return RedirectResponse(f"/account?done={done}", HTTPStatus.SEE_OTHER)


@router.post("/password")
async def change_password(
    own: OwnDep, present: _Secret = "", password: _Secret = "", again: _Secret = ""
) -> Response:
    """Change the password; every other session ends."""
    who, services = own.who, own.services
    try:
        require_twice(password, again)
        await signing_in.prove(doors_of(services), who, present)
        async with transaction(services.sessions, whose=who.own) as session:
            token = await people.choose_password(session, who, password, services.clock)
    except (Invalid, Unauthenticated, TooManyTries) as problem:
        return await own.refused(problem)
    response = _back("password")
    keep_session(own.request, response, token)
    return response


@router.get("/second-factor")
async def factor_page(own: OwnDep) -> Response:
    """Show the key of a new second factor; to get there one shows the password."""
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


@router.post("/second-factor")
async def set_factor_up(own: OwnDep, present: _Secret = "") -> Response:
    """Show the key of a new second factor to whoever knows the password."""
    try:
        await signing_in.prove(doors_of(own.services), own.who, present)
        return await show_key(own.request, own.found, own.services, leave="/account")
    except (Conflict, Unauthenticated, TooManyTries) as problem:
        return await own.refused(problem)


@router.post("/second-factor/confirm")
async def confirm_factor(own: OwnDep, code: Annotated[str, Form(max_length=60)] = "") -> Response:
    """Turn the second factor on with its first code."""
    try:
        return await confirm_key(own.request, own.found, own.services, code, leave="/account")
    except (Conflict, TooManyTries) as problem:
        return await own.refused(problem)


@router.post("/second-factor/off")
async def turn_factor_off(own: OwnDep, present: _Secret = "") -> Response:
    """Take the second factor off, where the role does not need it."""
    who, services = own.who, own.services
    try:
        await signing_in.prove(doors_of(services), who, present)
        async with transaction(services.sessions, whose=who.own) as session:
            client = await session.get_one(Client, who.own_client_id)
            user = await people.find(session, who.user_id, client_id=who.own_client_id)
            if user.role.value in client.second_factor_roles:
                raise FactorNeeded
            if await factors.drop(session, user):
                await signing_in.note(session, user, "second_factor.turned_off", {}, services.clock)
    except (Conflict, Unauthenticated, TooManyTries) as problem:
        return await own.refused(problem)
    return _back("factor_off")


@router.post("/recovery-codes")
async def renew_codes(own: OwnDep, present: _Secret = "") -> Response:
    """Show new recovery codes, once; the old ones are good for nothing."""
    who, services = own.who, own.services
    try:
        await signing_in.prove(doors_of(services), who, present)
        async with transaction(services.sessions, whose=who.own) as session:
            user = await people.find(session, who.user_id, client_id=who.own_client_id)
            codes = await factors.replace_recovery(session, user)
            await signing_in.note(session, user, "second_factor.codes_renewed", {}, services.clock)
    except (Conflict, Unauthenticated, TooManyTries) as problem:
        return await own.refused(problem)
    return render(own.request, "accounts/recovery.html", codes=codes, path="/account")


@router.post("/sessions/{session_id}/sign-out")
async def end_session(own: OwnDep, session_id: UUID) -> Response:
    """Sign another browser out."""
    await _end(own, only=session_id)
    return _back("signed_out")


@router.post("/sign-out-everywhere")
async def end_all(own: OwnDep) -> Response:
    """Sign all browsers out, this one too."""
    await _end(own, only=None)
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    forget_session(own.request, response)
    return response


async def _end(own: Own, *, only: UUID | None) -> None:
    who, services = own.who, own.services
    async with transaction(services.sessions, whose=who.own) as session:
        user = await people.find(session, who.user_id, client_id=who.own_client_id)
        ended = await sessions.end(session, user, SessionEnd.SIGNED_OUT, services.clock, only=only)
        if not ended:
            raise SessionNotFound
        facts = {"sessions_ended": ended}
        await signing_in.note(session, user, "session.signed_out", facts, services.clock)
