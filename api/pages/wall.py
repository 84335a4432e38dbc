"""The live wall: the page of supervisors, its screen mode, and its stream."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import col, select

from api.auth import PageSteererDep
from api.browsers import is_still_in
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.pages.wall_stream import answer
from api.pages.wall_view import wall_context
from api.templating import render
from api.wall.keys import Audience
from campaigns.models import Campaign
from campaigns.states import CampaignState

#: What the wall shows: campaigns that somebody dials for, or will again soon.
SHOWN_STATES = (CampaignState.RUNNING, CampaignState.PAUSED)

Chosen = Annotated[list[UUID], Query(max_length=50, default_factory=list)]

router = APIRouter(prefix="/wall")


@router.get("")
async def wall_page(
    request: Request,
    who: PageSteererDep,
    session: SessionDep,
    campaign: Chosen,
    screen: bool = False,
) -> Response:
    """Show the wall; ``screen``: as a screen in the hall shows it, without controls."""
    rows = await session.exec(
        select(Campaign)
        .where(col(Campaign.client_id) == who.client_id, col(Campaign.state).in_(SHOWN_STATES))
        .order_by(col(Campaign.name))
    )
    mode = {"screen": "1"} if screen else {}
    context = wall_context(language_of(request), "/wall/stream", campaign, **mode)
    template = "wall/screen.html" if screen else "wall/page.html"
    return render(request, template, who=who, campaigns=list(rows), chosen=campaign, **context)


@router.get("/stream")
async def wall_stream(
    request: Request,
    who: PageSteererDep,
    services: ServicesDep,
    campaign: Chosen,
    screen: bool = False,
) -> Response:
    """Send the rows, then what changes; those of another client's campaigns are never among them."""
    audience = Audience(frozenset(map(str, campaign)), names=not screen)

    async def may() -> bool:
        return await is_still_in(services, who)

    return answer(request, services, who.client_id, audience, may)
