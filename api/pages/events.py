"""Events' endpoints: which there are, how far each is, what was given up, and a new one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlmodel import col, select

from api import event_words
from api.auth import PageManagerDep
from api.delivering import MeansDep
from api.deps import ClockDep, SessionDep
from api.event_forms import endpoint_of
from api.languages import language_of
from api.target_forms import faults_of, sent_form
from api.templating import problem_words, render
from campaigns.events.kinds import EventKind
from campaigns.events.reading import read_after, span_of
from campaigns.models import Campaign
from campaigns.tenancy.tokens import Identity
from campaigns.webhooks import endpoints
from campaigns.webhooks.dead import dead_letters
from campaigns.webhooks.lag import lag_of, state_of
from dialer.errors import OutdialError

router = APIRouter()

#: Of the newest events so many are shown.
_NEWEST = 20


@router.get("/events")
async def events_page(request: Request, who: PageManagerDep, session: SessionDep) -> Response:
    """Show the client's endpoints, what was given up, and the newest events."""
    rows = await endpoints.endpoints_of(session, who.client_id)
    span = await span_of(session, who.client_id)
    begin = max(span.floor, span.last - _NEWEST)
    newest = await read_after(session, who.client_id, begin, limit=_NEWEST)
    return render(
        request,
        "events/list.html",
        who=who,
        rows=rows,
        names={row.id: row.name for row in rows},
        lags={row.id: await lag_of(session, row.id) for row in rows},
        states={row.id: state_of(row) for row in rows},
        dead=await dead_letters(session, who.client_id),
        newest=list(reversed(newest.events)),
        campaigns=await campaign_names(session, who),
        kinds=EventKind,
        words=event_words,
    )


@router.get("/events/new")
async def new_endpoint_page(request: Request, who: PageManagerDep, session: SessionDep) -> Response:
    """Show the form of a new endpoint."""
    return await _form(request, who, session, {"kinds": []})


@router.post("/events/new")
async def make_endpoint(
    request: Request, who: PageManagerDep, session: SessionDep, means: MeansDep, clock: ClockDep
) -> Response:
    """Make an endpoint and lead to its page; show the form again if something is wrong with it."""
    given = await sent_form(request, several="kinds")
    try:
        row = await endpoints.make(
            session,
            endpoint_of(given),
            client_id=who.client_id,
            user_id=who.user_id,
            ring=means.ring,
            clock=clock,
        )
    except (OutdialError, ValidationError) as wrong:
        await session.rollback()
        return await _form(request, who, session, given, wrong=wrong)
    return RedirectResponse(f"/events/{row.id}", HTTPStatus.SEE_OTHER)


async def campaign_names(session: SessionDep, who: Identity) -> dict[str, str]:
    """Return the client's campaigns by id, by name."""
    statement = select(Campaign.id, Campaign.name).where(col(Campaign.client_id) == who.client_id)
    rows = await session.exec(statement.order_by(col(Campaign.name)))
    return {str(campaign_id): name for campaign_id, name in rows.all()}


async def _form(
    request: Request,
    who: Identity,
    session: SessionDep,
    given: Mapping[str, Any],
    *,
    wrong: Exception | None = None,
) -> Response:
    problem = problem_words(language_of(request), wrong) if isinstance(wrong, OutdialError) else ""
    return render(
        request,
        "events/endpoint.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        who=who,
        row=None,
        works=False,
        fault=None,
        signing="",
        given=given,
        problem=problem,
        faults=faults_of(wrong, event_words.FIELDS) if isinstance(wrong, ValidationError) else {},
        campaigns=await campaign_names(session, who),
        kinds=EventKind,
        words=event_words,
    )
