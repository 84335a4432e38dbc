"""The call centre's clients: found, made, changed, archived and brought back."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from api import account_words, client_words
from api.auth import PageClientsDep
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.templating import problem_words, render
from campaigns.accounts.permissions import Permission, may
from campaigns.tenancy import clients
from campaigns.tenancy.clients import ClientLine
from campaigns.tenancy.limits import ClientWish, change_client
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import ClientNotAllowed
from compliance.places.numbering import NumberType
from dialer.db import transaction
from dialer.errors import Conflict, Invalid, OutdialError
from dialer.rows import Whose

router = APIRouter(prefix="/clients")


class ClientForm(BaseModel):
    """What the form of a client says."""

    name: str = Field("", max_length=300)
    legal_entity: str = Field("", max_length=300)
    zone: str = Field("", max_length=64)
    countries: str = Field("", max_length=1000)
    number_types: list[str] = Field(default_factory=list)
    factor_roles: list[str] = Field(default_factory=list)

    def wish(self) -> ClientWish:
        """Return it as a wish."""
        countries = [one.upper() for one in self.countries.replace(",", " ").split()]
        return ClientWish(
            self.legal_entity.strip(),
            countries,
            self.number_types,
            self.factor_roles,
            zone=self.zone.strip(),
        )

    @classmethod
    def of(cls, line: ClientLine) -> "ClientForm":
        """Return the form as it shows what is stored."""
        client = line.client
        return cls(
            name=client.name,
            legal_entity=client.legal_entity,
            zone=client.zone,
            countries=" ".join(client.allowed_countries),
            number_types=client.allowed_number_types,
            factor_roles=client.second_factor_roles,
        )


@dataclass(frozen=True, slots=True)
class Managed:
    """A request of somebody who manages clients."""

    request: Request
    who: PageClientsDep
    session: SessionDep
    services: ServicesDep
    words: dict[str, Any] = field(init=False, default_factory=dict)

    def said(self, problem: OutdialError | None) -> str:
        """Return what went wrong in the person's language."""
        return problem_words(language_of(self.request), problem) if problem else ""

    def show(self, template: str, problem: OutdialError | None = None, **context: Any) -> Response:
        """Return a page, with what went wrong above it."""
        codes = {Conflict: HTTPStatus.CONFLICT, Invalid: HTTPStatus.UNPROCESSABLE_ENTITY}
        code = next((c for kind, c in codes.items() if isinstance(problem, kind)), HTTPStatus.OK)
        facts = {
            "who": self.who,
            "problem": self.said(problem),
            "words": account_words,
            "client_words": client_words,
            "number_types": client_words.shown_kinds(NumberType),
            "roles": list(Role),
            **context,
        }
        return render(self.request, template, http_code=code, **facts)


@router.get("")
async def clients_page(
    request: Request,
    who: PageClientsDep,
    session: SessionDep,
    services: ServicesDep,
    q: Annotated[str, Query(max_length=120)] = "",
    archived: bool = False,
    undo: UUID | None = None,
) -> Response:
    """Show the clients for which the person works."""
    managed = Managed(request, who, session, services)
    return await _list(managed, q=q, archived=archived, undo=undo)


async def _list(
    managed: Managed,
    problem: OutdialError | None = None,
    form: ClientForm | None = None,
    *,
    q: str = "",
    archived: bool = False,
    undo: UUID | None = None,
) -> Response:
    lines = await clients.list_clients(
        managed.session, managed.who.user_id, search=q, archived=archived
    )
    facts = {"lines": lines, "q": q, "archived": archived, "undo": undo, "path": "/clients"}
    form = form or ClientForm()
    return managed.show("accounts/clients.html", problem, form=form, **facts)


@router.post("")
async def make_client(
    request: Request,
    who: PageClientsDep,
    session: SessionDep,
    services: ServicesDep,
    form: Annotated[ClientForm, Form()],
) -> Response:
    """Make a client; whoever makes it is its administrator."""
    try:
        async with session.begin_nested():
            made = await clients.create(
                session, form.name, form.wish(), by=who, clock=services.clock
            )
    except (Conflict, Invalid) as problem:
        return await _list(Managed(request, who, session, services), problem, form)
    return RedirectResponse(f"/clients/{made.id}", HTTPStatus.SEE_OTHER)


@router.get("/{client_id}")
async def client_page(
    request: Request,
    client_id: UUID,
    who: PageClientsDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Show one client."""
    return await _one(Managed(request, who, session, services), client_id)


async def _one(
    managed: Managed,
    client_id: UUID,
    problem: OutdialError | None = None,
    form: ClientForm | None = None,
) -> Response:
    line = await clients.find_mine(managed.session, managed.who.user_id, client_id)
    form = form or ClientForm.of(line)
    path = f"/clients/{client_id}"
    return managed.show("accounts/client.html", problem, line=line, form=form, path=path)


async def _require_manager(session: AsyncSession, who: PageClientsDep, client_id: UUID) -> None:
    """Refuse whoever is neither administrator nor manager of the client.

    Raises:
        ClientNotAllowed: the person is not.
    """
    line = await clients.find_mine(session, who.user_id, client_id)
    if not may(line, Permission.CHANGE):
        raise ClientNotAllowed


@router.post("/{client_id}")
async def change(
    request: Request,
    client_id: UUID,
    who: PageClientsDep,
    session: SessionDep,
    services: ServicesDep,
    form: Annotated[ClientForm, Form()],
) -> Response:
    """Change a client."""
    await _require_manager(session, who, client_id)
    clock, by = services.clock, who.user_id
    try:
        async with transaction(services.sessions, whose=Whose(client_id, who.user_id)) as own:
            await clients.rename(own, client_id, form.name, by=by, clock=clock)
            await change_client(own, client_id, form.wish(), by=by, clock=clock)
    except (Conflict, Invalid) as problem:
        return await _one(Managed(request, who, session, services), client_id, problem, form)
    return RedirectResponse(f"/clients/{client_id}", HTTPStatus.SEE_OTHER)


@router.post("/{client_id}/archive")
async def archive(
    request: Request,
    client_id: UUID,
    who: PageClientsDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Put a client away; the next page offers to take it back."""
    await _require_manager(session, who, client_id)
    try:
        async with transaction(services.sessions, whose=Whose(client_id, who.user_id)) as own:
            await clients.archive(own, client_id, by=who, clock=services.clock)
    except Conflict as problem:
        return await _one(Managed(request, who, session, services), client_id, problem)
    return RedirectResponse(f"/clients?undo={client_id}", HTTPStatus.SEE_OTHER)


@router.post("/{client_id}/bring-back")
async def bring_back(
    client_id: UUID, who: PageClientsDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Take a client out of the archive."""
    await _require_manager(session, who, client_id)
    async with transaction(services.sessions, whose=Whose(client_id, who.user_id)) as own:
        await clients.bring_back(own, client_id, by=who.user_id, clock=services.clock)
    return RedirectResponse("/clients", HTTPStatus.SEE_OTHER)
