"""The client's users, for its administrators: who is signed in where; sign out, disable, enable."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import account_words
from api.auth import PagePeopleDep
from api.browsers import limits_of
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.templating import problem_words, render
from campaigns.accounts import people, sessions
from campaigns.accounts.models import SecondFactor, UserSession
from campaigns.tenancy.models import User
from campaigns.tenancy.tokens import Identity
from dialer.errors import Conflict

router = APIRouter(prefix="/users")


@dataclass(frozen=True, slots=True)
class UserLine:
    """One line of the list."""

    user: User
    has_factor: bool
    seen_at: datetime | None


@router.get("")
async def users_page(request: Request, who: PagePeopleDep, session: SessionDep) -> Response:
    """Show the client's users."""
    users = await people.list_users(session, who.client_id)
    guarded, seen = await _guarded(session, who.client_id), await _seen(session, who.client_id)
    lines = [UserLine(user, user.id in guarded, seen.get(user.id)) for user in users]
    return render(
        request, "accounts/users.html", who=who, lines=lines, words=account_words, path="/users"
    )


async def _guarded(session: AsyncSession, client_id: UUID) -> set[UUID]:
    statement = select(SecondFactor.user_id).where(
        col(SecondFactor.client_id) == client_id, col(SecondFactor.confirmed_at).is_not(None)
    )
    return set((await session.exec(statement)).all())


async def _seen(session: AsyncSession, client_id: UUID) -> dict[UUID, datetime]:
    statement = (
        select(UserSession.user_id, func.max(col(UserSession.seen_at)))
        .where(col(UserSession.client_id) == client_id)
        .group_by(col(UserSession.user_id))
    )
    return dict((await session.exec(statement)).all())


@router.get("/{user_id}")
async def user_page(
    request: Request, user_id: UUID, who: PagePeopleDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Show one user and the browsers in which the user is signed in."""
    return await _show(request, user_id, who, session, services)


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
        has_factor=user.id in await _guarded(session, who.client_id),
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


def _to(user_id: UUID) -> Response:
    return RedirectResponse(f"/users/{user_id}", HTTPStatus.SEE_OTHER)
