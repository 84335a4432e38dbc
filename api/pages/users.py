"""The client's users, for its administrators: found, made, shut out and let in, one or many."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import account_words
from api.auth import PagePeopleDep
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.templating import problem_words, render
from campaigns.accounts import listing, people
from campaigns.accounts.listing import UserSort
from campaigns.registers import changing
from campaigns.registers.registers import USERS
from campaigns.tenancy import access
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix="/users")

#: As many users as a form may name.
_MOST_AT_ONCE = 500

#: An empty form names nobody.
_Ids = Annotated[list[UUID], Form(max_length=_MOST_AT_ONCE, default_factory=list)]


@router.get("")
async def users_page(
    request: Request,
    who: PagePeopleDep,
    session: SessionDep,
    q: Annotated[str, Query(max_length=200)] = "",
    role: Annotated[str, Query(max_length=20)] = "",
    sort: UserSort = UserSort.LOGIN,
    step: UUID | None = None,
) -> Response:
    """Show the client's users, and people of others who work for it."""
    return await _list(request, who, session, q=q, role=role, sort=sort, step=step)


async def _list(
    request: Request,
    who: Identity,
    session: SessionDep,
    problem: OutdialError | None = None,
    *,
    q: str = "",
    role: str = "",
    sort: UserSort = UserSort.LOGIN,
    step: UUID | None = None,
) -> Response:
    wanted = Role(role) if role in set(Role) else None
    code = HTTPStatus.CONFLICT if isinstance(problem, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(
        request,
        "accounts/users.html",
        http_code=code if problem else HTTPStatus.OK,
        who=who,
        lines=await listing.list_lines(session, who.client_id, search=q, role=wanted, sort=sort),
        helpers=await access.helpers(session, who.client_id),
        problem=problem_words(language_of(request), problem) if problem else "",
        words=account_words,
        roles=list(Role),
        asked={"q": q, "role": role, "sort": sort.value},
        undo=await changing.open_step(session, step, client_id=who.client_id) if step else None,
        path="/users",
    )


@router.post("")
async def make_user(
    request: Request,
    who: PagePeopleDep,
    session: SessionDep,
    services: ServicesDep,
    login: Annotated[str, Form(max_length=1000)] = "",
    role: Annotated[Role, Form()] = Role.AGENT,
) -> Response:
    """Make a user and show the password for the first sign-in, once."""
    try:
        async with session.begin_nested():
            user, password = await listing.create(
                session,
                login,
                role,
                client_id=who.client_id,
                by=who.user_id,
                clock=services.clock,
            )
    except (Conflict, Invalid) as problem:
        return await _list(request, who, session, problem)
    return render(
        request,
        "accounts/user_made.html",
        who=who,
        user=user,
        password=password,
        words=account_words,
        path=f"/users/{user.id}",
    )


@router.post("/disable")
async def disable_users(
    request: Request,
    who: PagePeopleDep,
    session: SessionDep,
    services: ServicesDep,
    user_id: _Ids,
) -> Response:
    """Shut several users out; the next page offers to undo it."""
    clock, client_id = services.clock, who.client_id
    rows = [await people.find(session, one, client_id=client_id) for one in sorted(set(user_id))]
    before = {row.id: changing.facts_of(USERS, row) for row in rows}
    try:
        async with session.begin_nested():
            await listing.disable_all(
                session, user_id, client_id=client_id, by=who.user_id, clock=clock
            )
            done = await changing.remember(
                session, USERS, "disabled", before, rows, who=who, clock=clock, is_traced=True
            )
    except Conflict as problem:
        return await _list(request, who, session, problem)
    step = f"?step={done.step.id}" if done.step else ""
    return RedirectResponse(f"/users{step}", HTTPStatus.SEE_OTHER)


@router.post("/enable")
async def enable_users(
    who: PagePeopleDep,
    session: SessionDep,
    services: ServicesDep,
    user_id: _Ids,
) -> Response:
    """Let several users in again."""
    await listing.enable_all(
        session, user_id, client_id=who.client_id, by=who.user_id, clock=services.clock
    )
    return RedirectResponse("/users", HTTPStatus.SEE_OTHER)


@router.post("/helpers/{user_id}/leave")
async def end_help(
    user_id: UUID, who: PagePeopleDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Have a person of another client work for this one no longer."""
    await access.take(session, user_id, who.client_id, by=who.user_id, clock=services.clock)
    return RedirectResponse("/users", HTTPStatus.SEE_OTHER)
