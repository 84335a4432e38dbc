"""Steering live work: agents and campaigns with what a supervisor can do with each. Plain forms and htmx."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import desk_words
from api import supervising_labels as words
from api.auth import PageSteererDep
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import http_code_of
from api.languages import language_of
from api.listening import by
from api.templating import problem_words, render, translate
from campaigns.agents import sessions as shifts
from campaigns.agents import steering
from campaigns.commands import CommandName
from campaigns.errors import CampaignNotFound
from campaigns.supervising import floor_view, list_pauses, messages, moving, pace
from campaigns.tenancy.tokens import Identity
from dialer.agent.states import AgentState
from dialer.errors import OutdialError
from dialer.pacing.policy import PacingMode

router = APIRouter(prefix="/supervise")

_T = TypeVar("_T")


async def _context(session: AsyncSession, who: Identity) -> dict[str, Any]:
    agents = await floor_view.agents_now(session, client_id=who.client_id, user_id=who.user_id)
    campaigns = await floor_view.campaigns_now(session, client_id=who.client_id)
    return {
        "agents": agents,
        "campaigns": campaigns,
        "words": words,
        "states": desk_words.STATES,
        "modes": list(PacingMode),
    }


@router.get("")
async def supervise_page(
    request: Request, who: PageSteererDep, session: SessionDep, clock: ClockDep
) -> HTMLResponse:
    """Show everybody who works now, and every campaign that runs."""
    facts = await _context(session, who)
    return render(request, "supervise/page.html", who=who, now=clock.now(), **facts)


@router.get("/agents")
async def supervise_agents(
    request: Request, who: PageSteererDep, session: SessionDep, clock: ClockDep
) -> HTMLResponse:
    """Return the states of those who work now."""
    facts = await _context(session, who)
    return render(request, "supervise/_agents.html", now=clock.now(), **facts)


@router.get("/agents/{agent_id}/actions")
async def agent_actions(
    request: Request, agent_id: UUID, who: PageSteererDep, session: SessionDep
) -> HTMLResponse:
    """Return what can be done with one agent: for this page, and for others that show agents."""
    await shifts.find_agent(session, agent_id, client_id=who.client_id)
    facts = await _context(session, who)
    agent = next((one for one in facts["agents"] if one.agent_id == agent_id), None)
    return render(request, "supervise/_agent_actions.html", agent=agent, **facts)


@router.get("/campaigns/{campaign_id}/actions")
async def steer_campaign(
    request: Request, campaign_id: UUID, who: PageSteererDep, session: SessionDep
) -> HTMLResponse:
    """Return what can be done with one campaign: for other pages that show campaigns."""
    facts = await _context(session, who)
    found = next((one for one in facts["campaigns"] if one.campaign_id == campaign_id), None)
    if found is None:
        raise CampaignNotFound(campaign_id=campaign_id)
    return render(request, "supervise/_campaign_actions.html", campaign=found, **facts)


async def _done(
    request: Request, session: AsyncSession, work: Awaitable[_T], said: str = words.DONE
) -> tuple[HTMLResponse, _T | None]:
    """Do what was wished and say so, or say why not."""
    language, result, status = language_of(request), None, HTTPStatus.OK
    try:
        result = await work
        text = translate(language, said)
    except OutdialError as refused:
        await session.rollback()  # nothing of what was begun stays
        text, status = problem_words(language, refused), http_code_of(type(refused))
    bad = status is not HTTPStatus.OK
    return render(request, "supervise/_said.html", http_code=status, text=text, bad=bad), result


@router.post("/agents/{agent_id}/force")
async def force_agent(
    request: Request,
    agent_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
    state: Annotated[AgentState, Form()],
    reason: Annotated[str, Form(max_length=1000)] = "",
    minutes: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Make an agent ready, pause or sign out an agent."""

    async def work() -> UUID:
        shift = await shifts.find_open(session, agent_id, client_id=who.client_id)
        lasts = float(minutes) if minutes.replace(".", "", 1).isdigit() else None
        await steering.force(
            session, shift, state, reason, user_id=who.user_id, clock=clock, minutes=lasts
        )
        return shift.campaign_id

    answer, campaign_id = await _done(request, session, work())
    if campaign_id is not None:
        outbox.tell(campaign_id, CommandName.AGENTS_CHANGED)
    return answer


@router.post("/agents/{agent_id}/message")
async def message_agent(
    request: Request,
    agent_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Send a message to an agent's desk."""
    sent = messages.send_to_agent(
        session, agent_id, text, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return (await _done(request, session, sent, words.SENT))[0]


@router.post("/agents/{agent_id}/move")
async def move_agent(
    request: Request,
    agent_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
    campaign: Annotated[UUID, Form()],
) -> Response:
    """Have an agent work for another campaign, after the call or now."""
    moved = moving.move(
        session, agent_id, campaign, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    answer, shift = await _done(request, session, moved)
    if shift is not None:
        outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return answer


@router.post("/campaigns/{campaign_id}/message")
async def message_campaign(
    request: Request,
    campaign_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Send a message to everybody who works for a campaign."""
    sent = messages.send_to_campaign(
        session, campaign_id, text, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return (await _done(request, session, sent, words.SENT))[0]


@router.post("/campaigns/{campaign_id}/pace")
async def change_pace(
    request: Request,
    campaign_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
    mode: Annotated[PacingMode | None, Form()] = None,
    dial_ratio: Annotated[float | None, Form()] = None,
    abandon_percent: Annotated[float | None, Form()] = None,
) -> Response:
    """Change dial mode, ratio or abandoned target while the campaign runs."""
    changed = pace.change(
        session,
        campaign_id,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
        mode=mode,
        dial_ratio=dial_ratio,
        abandon_target=abandon_percent / 100 if abandon_percent is not None else None,
    )
    return await _refreshed(request, session, outbox, campaign_id, changed)


@router.post("/campaigns/{campaign_id}/lists/{list_id}/pause")
async def pause_list(
    request: Request,
    campaign_id: UUID,
    list_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Let a list rest in a campaign."""
    facts = by(who, clock)
    paused = list_pauses.pause(session, campaign_id, list_id, reason, **facts)
    return await _refreshed(request, session, outbox, campaign_id, paused)


@router.post("/campaigns/{campaign_id}/lists/{list_id}/resume")
async def resume_list(
    request: Request,
    campaign_id: UUID,
    list_id: UUID,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> Response:
    """Draw a list's leads again."""
    facts = by(who, clock)
    resumed = list_pauses.resume(session, campaign_id, list_id, **facts)
    return await _refreshed(request, session, outbox, campaign_id, resumed)


async def _refreshed(
    request: Request,
    session: AsyncSession,
    outbox: OutboxDep,
    campaign_id: UUID,
    work: Awaitable[object],
) -> Response:
    answer, _ = await _done(request, session, work)
    if answer.status_code == HTTPStatus.OK:
        outbox.tell(campaign_id, CommandName.REFRESH)
    return answer
