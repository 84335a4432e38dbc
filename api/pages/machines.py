"""A campaign's answering machines: how detection does, what waits for an ear, what was judged."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from api import machine_labels, machines
from api.auth import Permission, may
from api.deps import OutboxDep
from api.fragments import is_fragment
from api.pages.asked import Asked, AskedDep, AskedToChangeDep, AskedToSteerDep
from api.templating import render
from campaigns import lifecycle
from campaigns.amd import judging, reviewing
from campaigns.amd.judging import LEAST_REASON, MOST_REASON
from campaigns.amd.models import Judgement
from campaigns.commands import CommandName
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from dialer.errors import Conflict, Invalid, OutdialError

#: So many are shown: a reviewer listens to one after the other.
WAITING_SHOWN, JUDGED_SHOWN = 10, 20

router = APIRouter(prefix="/campaigns/{campaign_id}/machines")


@router.get("")
async def machines_page(campaign_id: UUID, asked: AskedDep) -> Response:
    """Show how a campaign's detection does, and to supervisors what can be judged."""
    return await _show(asked, await _find(asked, campaign_id))


async def _find(asked: Asked, campaign_id: UUID) -> Campaign:
    return await lifecycle.find(asked.session, campaign_id, client_id=asked.who.client_id)


async def _show(asked: Asked, campaign: Campaign, problem: OutdialError | None = None) -> Response:
    session, reviews = asked.session, may(asked.who, Permission.STEER)
    lists = [
        await read(session, campaign.id, limit=limit) if reviews else ()
        for read, limit in (
            (reviewing.waiting_for_review, WAITING_SHOWN),
            (reviewing.judged_lately, JUDGED_SHOWN),
        )
    ]
    whole = "campaigns/machines.html"
    return render(
        asked.request,
        "campaigns/_machines.html" if is_fragment(asked.request) else whole,
        http_code=_code_of(problem),
        path=f"/campaigns/{campaign.id}/machines",  # also after a form
        campaign=campaign,
        who=asked.who,
        amd=CampaignSettings.model_validate(campaign.settings).amd,
        found=await machines.overview(session, campaign),
        waiting=lists[0],
        judged=lists[1],
        reviews=reviews,
        manages=may(asked.who, Permission.CHANGE),
        problem=asked.words_of(problem) if problem else "",
        words=machine_labels,
        judgements=tuple(Judgement),
        reason_letters=(LEAST_REASON, MOST_REASON),
    )


def _code_of(problem: OutdialError | None) -> HTTPStatus:
    if problem is None:
        return HTTPStatus.OK
    conflict = isinstance(problem, Conflict)
    return HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY


@router.get("/{attempt_id}/recording")
async def hear(campaign_id: UUID, attempt_id: UUID, asked: AskedToSteerDep) -> Response:
    """Return the recording of a verdict's call."""
    await _find(asked, campaign_id)
    return await machines.recording_of(
        asked.session,
        asked.services,
        attempt_id,
        who=asked.who,
        request=asked.request,
    )


@router.post("/switch-on")
async def switch_on(
    campaign_id: UUID,
    asked: AskedToChangeDep,
    outbox: OutboxDep,
    reason: Annotated[str, Form(max_length=MOST_REASON)] = "",
) -> Response:
    """Let detection that switched itself off work again."""
    campaign = await _find(asked, campaign_id)
    try:
        await judging.switch_on(
            asked.session,
            campaign,
            reason=reason,
            user_id=asked.who.user_id,
            clock=asked.services.clock,
        )
    except Invalid as problem:
        return await _show(asked, campaign, problem)
    outbox.tell(campaign_id, CommandName.REFRESH)
    return await _done(asked, campaign)


@router.post("/{attempt_id}/judgement")
async def judge(
    campaign_id: UUID,
    attempt_id: UUID,
    asked: AskedToSteerDep,
    outbox: OutboxDep,
    was: Annotated[Judgement, Form()],
    instead_of: Annotated[Judgement | None, Form()] = None,
) -> Response:
    """Keep what a reviewer heard, or correct what somebody judged."""
    who = asked.who
    campaign = await _find(asked, campaign_id)
    try:
        outcome = await judging.judge(
            asked.session,
            attempt_id,
            was,
            client_id=who.client_id,
            user_id=who.user_id,
            clock=asked.services.clock,
            instead_of=instead_of,
        )
    except Conflict as problem:  # two windows, or two reviewers: the first one counts
        return await _show(asked, campaign, problem)
    if outcome.switched_off:
        outbox.tell(outcome.verdict.campaign_id, CommandName.REFRESH)
    return await _done(asked, campaign)


async def _done(asked: Asked, campaign: Campaign) -> Response:
    if is_fragment(asked.request):
        return await _show(asked, campaign)
    return RedirectResponse(f"/campaigns/{campaign.id}/machines", HTTPStatus.SEE_OTHER)
