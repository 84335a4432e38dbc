"""The campaigns of a client, and one campaign's live page."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageIdentityDep, Permission, may
from api.deps import SessionDep, services_of
from api.first_steps import first_steps
from api.pages.board import Board, Boards
from api.templating import render
from campaigns.leads.models import Lead
from campaigns.models import Campaign
from campaigns.states import CampaignState, LeadState
from campaigns.tenancy.tokens import Identity

#: An abandoned share above this is shown as a warning.
#: Source: 16 CFR 310.4(b)(4)(i), at most three percent of calls answered by a person.
ABANDONED_WARNING_RATE = 0.03

#: What can be done in a state, the most likely first.
ACTIONS: dict[CampaignState, tuple[str, ...]] = {
    CampaignState.DRAFT: ("start",),
    CampaignState.RUNNING: ("pause", "stop"),
    CampaignState.PAUSED: ("resume", "stop"),
    CampaignState.STOPPED: ("start",),
    CampaignState.FINISHED: ("start",),
}

router = APIRouter(prefix="/campaigns")


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One line of the list."""

    campaign: Campaign
    leads: int
    done: int


@router.get("")
async def campaigns_page(request: Request, who: PageIdentityDep, session: SessionDep) -> Response:
    """Show the client's campaigns, the newest first."""
    lines = await lines_of(session, who.client_id)
    steps = () if lines else await first_steps(session, who)
    return render(request, "campaigns/list.html", lines=lines, who=who, steps=steps)


async def lines_of(session: AsyncSession, client_id: UUID) -> Sequence[CampaignLine]:
    """Return a client's campaigns with how far they are, the newest first."""
    done = func.count(col(Lead.id)).filter(col(Lead.state) == LeadState.DONE)
    statement = (
        select(Campaign, func.count(col(Lead.id)), done)
        .outerjoin(Lead, col(Lead.campaign_id) == col(Campaign.id))
        .where(col(Campaign.client_id) == client_id)
        .group_by(col(Campaign.id))
        .order_by(col(Campaign.id).desc())
    )
    return [CampaignLine(*row) for row in (await session.exec(statement)).all()]


@router.get("/{campaign_id}")
async def campaign_page(request: Request, campaign_id: UUID, who: PageIdentityDep) -> Response:
    """Show one campaign; the stream keeps the page up to date."""
    return await show_campaign(request, campaign_id, who)


async def show_campaign(
    request: Request,
    campaign_id: UUID,
    who: Identity,
    *,
    problem: str = "",
    http_code: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Return the page of a campaign, with ``problem`` above it if something could not be done.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    board = await boards_of(request).board(campaign_id, client_id=who.client_id, fresh=True)
    context = {**head_context(board, who), **figures_context(board)}
    return render(
        request,
        "campaigns/page.html",
        http_code=http_code,
        problem=problem,
        who=who,
        words="",
        found=(),
        more=False,
        **context,
    )


def head_context(board: Board, who: Identity) -> dict[str, Any]:
    """Return what ``_head.html`` needs."""
    steers = may(who, Permission.STEER)
    return {
        "campaign": board.campaign,
        "why": board.why,
        "actions": ACTIONS[board.campaign.state] if steers else (),
    }


def figures_context(board: Board) -> dict[str, Any]:
    """Return what ``_figures.html`` needs."""
    return {"board": board, "figures": board.figures, "abandoned_limit": ABANDONED_WARNING_RATE}


def boards_of(request: Request) -> Boards:
    """Return the process's boards."""
    state = request.app.state
    if not hasattr(state, "boards"):
        state.boards = Boards(services_of(request))
    boards: Boards = state.boards
    return boards
