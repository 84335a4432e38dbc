"""For whom one works now: people of the call centre choose the client in the header."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api import account_words
from api.auth import PageOwnerDep
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.templating import problem_words, render
from campaigns.tenancy import access
from campaigns.tenancy.access import ClientNeedsFactor, ShiftIsOpen
from dialer.errors import Conflict

router = APIRouter(prefix="/work")


@router.get("")
async def workplaces_page(request: Request, who: PageOwnerDep, session: SessionDep) -> Response:
    """Show the clients for which the person may work."""
    return await _show(request, who, session)


async def _show(
    request: Request, who: PageOwnerDep, session: SessionDep, problem: Conflict | None = None
) -> Response:
    return render(
        request,
        "accounts/work.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        who=who,
        places=await access.workplaces(session, who.user_id),
        problem=problem_words(language_of(request), problem) if problem else "",
        words=account_words,
        path="/work",
    )


@router.post("/{client_id}")
async def work_for(
    request: Request,
    client_id: UUID,
    who: PageOwnerDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Work for another client from now on, in this browser."""
    try:
        await access.switch(session, who, client_id, services.clock)
    except (ShiftIsOpen, ClientNeedsFactor) as problem:
        return await _show(request, who, session, problem)
    return RedirectResponse("/", HTTPStatus.SEE_OTHER)
