"""Alarms of the wall: seen by a person, and their history; an operator's shift, to which the wall leads."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import PageSteererDep
from api.deps import ClockDep, SessionDep
from api.desk_words import PAUSES
from api.fragments import is_fragment
from api.languages import language_of
from api.templating import render
from api.wall.words import ALARM_NAMES, GRAVE, alarm_words
from campaigns.agents.sessions import find_agent
from campaigns.wall import alarm_book
from campaigns.wall.shifts import load_stretches
from campaigns.wall.words import AlarmCode

router = APIRouter(prefix="/wall")


@router.get("/alarms")
async def alarms_page(
    request: Request,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    before: Annotated[datetime | None, Query()] = None,
) -> Response:
    """Show the client's alarms, the latest first."""
    until = before if before and before.tzinfo else clock.now() + timedelta(seconds=1)
    found = await alarm_book.history(session, who.client_id, before=until)
    language = language_of(request)
    lines = [(one, alarm_words(language, AlarmCode(one.code), one.facts)) for one in found]
    is_full = len(found) == alarm_book.HISTORY_PAGE
    return render(
        request,
        "wall/alarms.html",
        who=who,
        lines=lines,
        names=ALARM_NAMES,
        grave=GRAVE,
        earlier=found[-1].began_at if is_full else None,
    )


@router.post("/alarms/{alarm_id}/acknowledge")
async def acknowledge_alarm(
    request: Request, alarm_id: UUID, who: PageSteererDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Note that the person has seen an alarm."""
    await alarm_book.acknowledge(
        session, alarm_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    if is_fragment(request):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return RedirectResponse("/wall", HTTPStatus.SEE_OTHER)


@router.get("/agents/{agent_id}")
async def wall_agent_page(
    request: Request, agent_id: UUID, who: PageSteererDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Show what an operator did in the last hours, stretch by stretch."""
    agent = await find_agent(session, agent_id, client_id=who.client_id)
    now = clock.now()
    stretches = await load_stretches(session, agent.id, client_id=who.client_id, now=now)
    return render(
        request, "wall/agent.html", who=who, agent=agent, stretches=stretches, pauses=PAUSES
    )
