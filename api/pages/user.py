"""One user of the client, for its administrators: browsers, clients, shutting out and letting in."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api import account_words
from api.auth import PagePeopleDep, Permission, may
from api.browsers import limits_of
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.templating import problem_words, render
from campaigns.accounts import factors, people, sessions
from campaigns.tenancy import access
from campaigns.tenancy.access import Workplace
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.errors import Conflict, Invalid

router = APIRouter(prefix="/users")


@router.get("/{user_id}")
async def user_page(
    request: Request, user_id: UUID, who: PagePeopleDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Show one user and the browsers in which the user is signed in."""
    return await _show(request, user_id, who, session, services)


def _manages(place: Workplace) -> bool:
    """Tell whether somebody may give others access to the client."""
    return may(place, Permission.MANAGE_PEOPLE)


async def _show(
    request: Request,
    user_id: UUID,
    who: Identity,
    session: SessionDep,
    services: ServicesDep,
    *,
    problem: str = "",
) -> Response:
    user = await people.find(session, user_id, client_id=who.client_id)
    rows = await sessions.living(session, user, limits_of(services), services.clock)
    return render(
        request,
        "accounts/user.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        who=who,
        user=user,
        rows=rows,
        has_factor=(await factors.state_of(session, user)).is_on,
        places=await access.workplaces(session, user.id),
        given=[one for one in await access.workplaces(session, who.user_id) if _manages(one)],
        roles=list(Role),
        words=account_words,
        problem=problem,
        path=f"/users/{user_id}",
    )


@router.post("/{user_id}/sign-out")
async def sign_out(
    user_id: UUID, who: PagePeopleDep, session: SessionDep, services: ServicesDep
) -> Response:
    """End all sessions of a user."""
    user = await people.find(session, user_id, client_id=who.client_id)
    await people.revoke_sessions(session, user, services.clock, by=who.user_id)
    return _to(user_id)


@router.post("/{user_id}/sessions/{session_id}/sign-out")
async def sign_out_of_one(
    user_id: UUID,
    session_id: UUID,
    who: PagePeopleDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """End one session of a user."""
    user = await people.find(session, user_id, client_id=who.client_id)
    clock, by = services.clock, who.user_id
    if not await people.revoke_sessions(session, user, clock, by=by, only=session_id):
        raise sessions.SessionNotFound
    return _to(user_id)


@router.post("/{user_id}/disable")
async def disable(
    request: Request, user_id: UUID, who: PagePeopleDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Shut a user out."""
    user = await people.find(session, user_id, client_id=who.client_id)
    try:
        await people.disable(session, user, services.clock, by=who.user_id)
    except Conflict as problem:
        said = problem_words(language_of(request), problem)
        return await _show(request, user_id, who, session, services, problem=said)
    return _to(user_id)


@router.post("/{user_id}/enable")
async def enable(
    user_id: UUID, who: PagePeopleDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Let a user in again."""
    user = await people.find(session, user_id, client_id=who.client_id)
    await people.enable(session, user, services.clock, by=who.user_id)
    return _to(user_id)


@router.post("/{user_id}/access")
async def give_access(
    request: Request,
    user_id: UUID,
    who: PagePeopleDep,
    session: SessionDep,
    services: ServicesDep,
    client_id: Annotated[UUID, Form()],
    role: Annotated[Role, Form()],
) -> Response:
    """Let a user work for another client, which the administrator administers, too."""
    user = await people.find(session, user_id, client_id=who.client_id)
    await access.may_manage_people_at(session, who, client_id)
    try:
        await access.give(session, user, client_id, role, by=who.user_id, clock=services.clock)
    except Invalid as problem:
        said = problem_words(language_of(request), problem)
        return await _show(request, user_id, who, session, services, problem=said)
    return _to(user_id)


@router.post("/{user_id}/access/{client_id}/take")
async def take_access(
    user_id: UUID, client_id: UUID, who: PagePeopleDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Have a user of this client work for another one no longer."""
    user = await people.find(session, user_id, client_id=who.client_id)
    await access.take(session, user.id, client_id, by=who.user_id, clock=services.clock)
    return _to(user_id)


def _to(user_id: UUID) -> Response:
    return RedirectResponse(f"/users/{user_id}", HTTPStatus.SEE_OTHER)
