"""A client's requests about people, by its programs: do not call, erase."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import PortalDep
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.portal import ClientRequestIn, ClientRequestOut
from campaigns.portal import requests
from campaigns.portal.errors import NobodyNamed, RequestNotFound, TooManyPeople
from dialer.errors import Forbidden, Unauthenticated
from dialer.phone import InvalidPhone

router = APIRouter(
    prefix="/portal/requests", tags=["portal"], responses=problems(Unauthenticated, Forbidden)
)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(InvalidPhone, NobodyNamed, TooManyPeople),
)
async def ask_client_request(
    body: ClientRequestIn, who: PortalDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> list[ClientRequestOut]:
    """Ask not to call people, or to erase them: a request each; nobody calls the numbers from now on."""
    rows, calls = await requests.ask(
        session,
        body.kind,
        body.numbers,
        external_key=body.external_key,
        note=body.note,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
    )
    outbox.cancel(calls)
    return [ClientRequestOut.model_validate(row) for row in rows]


@router.get("")
async def list_client_requests(
    who: PortalDep, session: SessionDep, is_open: bool | None = None
) -> list[ClientRequestOut]:
    """Return the client's newest 200 requests: open ones first."""
    rows = await requests.requests_of(session, who.client_id, is_open=is_open)
    return [ClientRequestOut.model_validate(row) for row in rows]


@router.get("/{request_id}", responses=problems(RequestNotFound))
async def get_client_request(
    request_id: UUID, who: PortalDep, session: SessionDep
) -> ClientRequestOut:
    """Return one request with its answer and its receipt."""
    row = await requests.find(session, request_id, client_id=who.client_id, lock=False)
    return ClientRequestOut.model_validate(row)
