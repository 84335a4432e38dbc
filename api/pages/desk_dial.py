"""Dialling by hand on the operator's page: a number typed, and why it may not be called."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from api import labels
from api.auth import PageCallTakerDep
from api.deps import OutboxDep, ServicesDep, SessionDep
from api.fragments import is_fragment
from api.languages import language_of
from api.pages.desk_notice import own_shift
from api.routes.manual_dial import choose
from api.templating import problem_words, render
from campaigns.errors import NotSignedIn
from campaigns.leads.manual import Wanted
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from dialer.errors import OutdialError

router = APIRouter(prefix="/desk/dial")


@router.get("")
async def show_dial(request: Request, who: PageCallTakerDep, session: SessionDep) -> HTMLResponse:
    """Return the field for a number; nothing where the campaign has no dialling by hand."""
    shift = await own_shift(session, who)
    allowed = False
    if shift is not None:
        campaign = await session.get_one(Campaign, shift.campaign_id)
        settings = CampaignSettings.model_validate(campaign.settings)
        allowed = settings.manual_dial and settings.agents_dial()
    return render(request, "desk/_dial.html", allowed=allowed, problem="", reasons=(), dials=False)


@router.post("")
async def dial(
    request: Request,
    who: PageCallTakerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
    number: Annotated[str, Form(max_length=40)] = "",
) -> HTMLResponse:
    """Dial the number, or say why it may not be dialled."""
    shown = {"allowed": True, "problem": "", "reasons": (), "dials": True}
    code = HTTPStatus.OK
    try:
        shift = await own_shift(session, who)
        if shift is None:
            raise NotSignedIn
        await choose(session, services, outbox, who, shift, Wanted(number=number))
    except OutdialError as problem:
        await session.rollback()  # a contact made for a number that may not be dialled
        # htmx leaves a page as it is when the answer is an error.
        code = HTTPStatus.OK if is_fragment(request) else HTTPStatus.CONFLICT
        reasons = problem.facts.get("reasons")
        codes = reasons if isinstance(reasons, list) else []
        words = [labels.REASONS.get(code, code) for code in codes]
        said = problem_words(language_of(request), problem)
        shown |= {"problem": said, "reasons": words, "dials": False}
    return render(request, "desk/_dial.html", http_code=code, **shown)
