"""The client's requests about single people: do not call, erase; with the receipt of each."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from api import portal_words
from api.deps import OutboxDep
from api.pages.asked import Asked, AskedByClientDep
from api.templating import render
from campaigns.portal import requests
from campaigns.portal.words import RequestKind
from dialer.errors import Invalid, OutdialError

router = APIRouter(prefix="/portal/requests")


@router.get("", name="portal_requests")
async def portal_requests(asked: AskedByClientDep) -> Response:
    """Show the client's requests, and the form for another one."""
    return await _show(asked, {})


@router.post("", name="portal_ask_request")
async def portal_ask_request(
    asked: AskedByClientDep,
    outbox: OutboxDep,
    kind: Annotated[RequestKind, Form()],
    numbers: Annotated[str, Form(max_length=5_000)] = "",
    key: Annotated[str, Form(max_length=200)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Keep a request; from now on nobody calls the numbers, and a call that rings there is cancelled."""
    said = [one.strip() for one in numbers.replace(";", "\n").replace(",", "\n").splitlines()]
    try:
        _, calls = await requests.ask(
            asked.session,
            kind,
            [one for one in said if one],
            external_key=key,
            note=note,
            client_id=asked.who.client_id,
            user_id=asked.who.user_id,
            clock=asked.services.clock,
        )
    except Invalid as problem:
        await asked.session.rollback()
        given = {"kind": kind.value, "numbers": numbers, "key": key, "note": note}
        return await _show(asked, given, problem)
    outbox.cancel(calls)
    return RedirectResponse("/portal/requests", HTTPStatus.SEE_OTHER)


async def _show(
    asked: Asked, given: dict[str, str], problem: OutdialError | None = None
) -> Response:
    return render(
        asked.request,
        "portal/requests.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        who=asked.who,
        rows=await requests.requests_of(asked.session, asked.who.client_id),
        given=given,
        kinds=tuple(RequestKind),
        words=portal_words,
        problem=asked.words_of(problem) if problem else "",
        path="/portal/requests",
    )
