"""The operator's desk: begin a shift, be ready, take a break, leave. Each button is a form of our page."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select

from api.fragments import is_fragment
from api.pages.desk_asked import HOME, DeskAsked, DeskAskedDep
from api.templating import problem_words, render
from campaigns.agents import sessions as shifts
from campaigns.agents import sharing
from campaigns.agents.models import Agent
from campaigns.commands import CommandName
from campaigns.desk.moments import Moment
from campaigns.errors import AlreadySignedIn
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.states import CampaignState
from dialer.agent.states import AgentState
from dialer.errors import Conflict, Invalid, OutdialError

router = APIRouter(prefix=HOME)

#: In which somebody would have something to do.
_WITH_WORK = (CampaignState.RUNNING, CampaignState.PAUSED)
_WEIGHT = "weight."


class BreakReasonMissing(Invalid):
    """The campaign wants to know why."""

    code = "break_reason_missing"
    message = "Choose a reason for the break."


@router.get("")
async def desk_page(asked: DeskAskedDep) -> Response:
    """Show the desk, or the form that begins a shift."""
    if is_fragment(asked.request):  # the stream told that the shift, or the sign-in, is over
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": HOME})
    moment = await asked.moment()
    if moment is None:
        return await _shift_page(asked, await asked.agent())
    return await asked.page(moment)


async def _shift_page(
    asked: DeskAsked,
    agent: Agent | None,
    problem: str = "",
    code: HTTPStatus = HTTPStatus.OK,
) -> Response:
    statement = (
        select(Campaign)
        .where(col(Campaign.client_id) == asked.who.client_id, col(Campaign.state).in_(_WITH_WORK))
        .order_by(col(Campaign.name))
    )
    async with asked.stored() as session:
        campaigns = [
            (one, CampaignSettings.model_validate(one.settings))
            for one in await session.exec(statement)
        ]
    return render(
        asked.request,
        "desk/shift.html",
        http_code=code,
        who=asked.who,
        agent=agent,
        campaigns=campaigns,
        problem=problem,
    )


@router.post("/shift")
async def begin_shift(
    request: Request, asked: DeskAskedDep, campaign: Annotated[list[UUID] | None, Form()] = None
) -> Response:
    """Begin a shift in the chosen campaigns; one that has begun already is shown."""
    agent = await asked.agent()
    if agent is None:
        return await _shift_page(asked, None)
    form = await request.form()
    try:
        weights = {one: _weight(str(form.get(f"{_WEIGHT}{one}", "1"))) for one in campaign or ()}
        async with asked.stored() as session:
            shift = await sharing.sign_in(
                session,
                agent.id,
                weights,
                client_id=asked.who.client_id,
                clock=asked.services.clock,
                by=asked.who.user_id,
            )
    except AlreadySignedIn:
        return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
    except OutdialError as problem:
        words = problem_words(asked.view.language, problem)
        return await _shift_page(asked, agent, words, HTTPStatus.BAD_REQUEST)
    asked.outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)


def _weight(words: str) -> float:
    try:
        return float(words.replace(",", "."))
    except ValueError as error:
        raise sharing.BadWeights from error


@router.post("/ready")
async def ready(asked: DeskAskedDep) -> Response:
    """Take the next call when free."""
    return await _wish(asked, AgentState.READY, None)


@router.post("/pause")
async def pause(asked: DeskAskedDep, reason: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Take a break when free, for a reason; a call that is on goes on."""
    return await _wish(asked, AgentState.PAUSED, reason)


async def _wish(asked: DeskAsked, wants: AgentState, reason: str | None) -> Response:
    try:
        moment = await asked.shift()
        if reason is not None:
            campaign = await asked.desks.campaign(moment.campaign_id, client_id=moment.client_id)
            reasons = campaign.settings.desk.pauses
            if reason not in reasons and (reasons or reason):
                raise BreakReasonMissing
        async with asked.stored() as session:
            shift = await shifts.set_wants(
                session,
                moment.session_id,
                wants,
                client_id=moment.client_id,
                pause_code=reason or None,
                own_at=asked.services.clock.now(),
            )
    except OutdialError as problem:
        return await asked.refused(problem)
    asked.outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return await asked.done(_noted(asked, moment, shift.wants, shift.pause_code))


@router.post("/sign-out")
async def sign_out(asked: DeskAskedDep) -> Response:
    """End the shift; a call that is on is finished first."""
    try:
        moment = await asked.shift()
        async with asked.stored() as session:
            shift = await shifts.sign_out(
                session,
                moment.session_id,
                client_id=moment.client_id,
                clock=asked.services.clock,
            )
    except Conflict:  # it is over already
        return await asked.done(None)
    asked.outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    left = _noted(asked, moment, AgentState.OFFLINE, None)
    return await asked.done(replace(left, ended=shift.ended_at is not None))


def _noted(asked: DeskAsked, moment: Moment, wants: AgentState, code: str | None) -> Moment:
    """Have every page of the desk show the wish, and return what they show."""

    def wished(now: Moment) -> Moment:
        return replace(now, wants=wants, wish_code=code)

    asked.desks.note(moment.session_id, wished)
    return wished(moment)
