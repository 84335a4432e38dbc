"""A supervisor listens: the page, its state, and its buttons."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import supervising_labels as words
from api.auth import PageSteererDep
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import http_code_of
from api.languages import language_of
from api.listening import Order, begin, obey
from api.templating import problem_words, render
from campaigns.agents.models import Agent, AgentSession
from campaigns.supervising import floor_view, monitoring
from campaigns.tenancy.tokens import Identity
from dialer.errors import OutdialError

router = APIRouter(prefix="/listen")


@router.get("")
async def listen_page(
    request: Request, who: PageSteererDep, session: SessionDep, agent: UUID | None = None
) -> HTMLResponse:
    """Show the telephone, who can be listened to, and the buttons; ``agent`` is chosen already."""
    found = await _facts(session, who)
    agents = await floor_view.agents_now(session, client_id=who.client_id, user_id=who.user_id)
    return render(
        request,
        "supervise/listen.html",
        who=who,
        agents=[one for one in agents if not one.is_me],
        chosen=agent,
        **found,
    )


@router.get("/state")
async def listen_state(
    request: Request, who: PageSteererDep, session: SessionDep, seen: str = ""
) -> Response:
    """Return whom the supervisor listens to, how, and what can be done; nothing if that was seen."""
    facts = await _facts(session, who)
    if seen == facts["seen"]:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return render(request, "supervise/_listening.html", **facts)


async def _facts(session: AsyncSession, who: Identity, problem: str = "") -> dict[str, Any]:
    row = await monitoring.open_of(session, who.user_id, client_id=who.client_id)
    name = ""
    if row is not None:
        shift = await session.get_one(AgentSession, row.session_id)
        name = (await session.get_one(Agent, shift.agent_id)).name
    seen = f"{row.id}.{row.state}.{row.mode}.{row.follow}" if row is not None else "nobody"
    return {
        "listening": row,
        "agent_name": name,
        "words": words,
        "problem": problem,
        "seen": "problem" if problem else seen,
    }


@router.post("/start")
async def start_listening(
    request: Request,
    agent: Annotated[UUID, Form()],
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> HTMLResponse:
    """Listen to an agent."""
    try:
        await begin(session, outbox, who, agent, clock)
        problem, code = "", HTTPStatus.OK
    except OutdialError as refused:
        await session.rollback()
        problem, code = problem_words(language_of(request), refused), http_code_of(type(refused))
    facts = await _facts(session, who, problem)
    return render(request, "supervise/_listening.html", http_code=code, **facts)


@router.post("/order/{order}")
async def order_listening(
    request: Request,
    order: Order,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
    pause: Annotated[bool, Form()] = False,
) -> Response:
    """Do what a button says."""
    try:
        await obey(session, outbox, who, order, clock, pause=pause)
        problem, code = "", HTTPStatus.OK
    except OutdialError as refused:
        await session.rollback()
        problem, code = problem_words(language_of(request), refused), http_code_of(type(refused))
    facts = await _facts(session, who, problem)
    return render(request, "supervise/_listening.html", http_code=code, **facts)
