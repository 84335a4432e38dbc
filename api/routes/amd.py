"""Answering-machine detection: verdicts to be judged, judgements, and how often it is wrong."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import machines
from api.auth import CallTakerDep, ManagerDep, ReaderDep, SteererDep, own_agent_ids
from api.deps import ClockDep, OutboxDep, ServicesDep, SessionDep
from api.errors import problems
from api.schemas.amd import AmdOut, JudgedOut, JudgementIn, SwitchOnIn, VerdictOut
from campaigns import lifecycle
from campaigns.agents.models import AgentSession
from campaigns.amd import judging, reviewing
from campaigns.amd.errors import (
    AlreadyJudged,
    NotDrawn,
    NothingToHear,
    NothingToJudge,
    VerdictNotFound,
)
from campaigns.amd.models import AmdVerdict
from campaigns.commands import CommandName
from campaigns.errors import CampaignNotFound
from campaigns.leads.models import Attempt
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.call.verdicts import Treatment
from dialer.errors import Forbidden, Unauthenticated

_SIDES = "WAV: the called left, our side right. Opus: the other way round."

router = APIRouter(tags=["machines"], responses=problems(Unauthenticated, Forbidden))


@router.get("/campaigns/{campaign_id}/amd", responses=problems(CampaignNotFound))
async def machine_detection(campaign_id: UUID, who: ReaderDep, session: SessionDep) -> AmdOut:
    """Return how a campaign's detection does, and how many people it probably takes for machines."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    return await machines.overview(session, campaign)


@router.get("/campaigns/{campaign_id}/amd/verdicts", responses=problems(CampaignNotFound))
async def list_verdicts(
    campaign_id: UUID,
    who: SteererDep,
    session: SessionDep,
    to_judge: Annotated[
        bool, Query(description="Only what waits for a person and can be heard, in chance's order.")
    ] = True,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[VerdictOut]:
    """Return verdicts on a campaign's calls, with the recordings by which they are judged."""
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    read = reviewing.waiting_for_review if to_judge else reviewing.newest
    return [machines.verdict_out(one) for one in await read(session, campaign_id, limit=limit)]


@router.get(
    "/attempts/{attempt_id}/machine-recording",
    response_class=FileResponse,
    responses=problems(VerdictNotFound, NothingToHear)
    | {200: {"content": {"audio/wav": {}, "audio/ogg": {}}, "description": _SIDES}},
)
async def hear_verdict(
    attempt_id: UUID,
    request: Request,
    who: SteererDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Return the recording of a call that was taken for a machine's: WAV at first, then Opus."""
    return await machines.recording_of(session, services, attempt_id, who=who, request=request)


@router.post(
    "/attempts/{attempt_id}/machine-judgement",
    responses=problems(VerdictNotFound, NothingToJudge, NotDrawn, AlreadyJudged),
)
async def judge_verdict(
    attempt_id: UUID,
    body: JudgementIn,
    who: CallTakerDep,
    session: SessionDep,
    outbox: OutboxDep,
    clock: ClockDep,
) -> JudgedOut:
    """Say what a call that was taken for a machine's was; agents say it of their own calls, once."""
    if who.role is Role.AGENT and (
        body.instead_of or not await _is_asked(session, attempt_id, who)
    ):
        raise Forbidden("Agents judge their own calls only, once, and those they were asked about.")
    outcome = await judging.judge(
        session,
        attempt_id,
        body.was,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
        instead_of=body.instead_of,
    )
    if outcome.switched_off:
        outbox.tell(outcome.verdict.campaign_id, CommandName.REFRESH)
    (shown,) = await reviewing.only(session, attempt_id)
    return JudgedOut(verdict=machines.verdict_out(shown), switched_off=outcome.switched_off)


@router.post("/campaigns/{campaign_id}/amd/switch-on", responses=problems(CampaignNotFound))
async def switch_on(
    campaign_id: UUID,
    body: SwitchOnIn,
    who: ManagerDep,
    session: SessionDep,
    outbox: OutboxDep,
    clock: ClockDep,
) -> AmdOut:
    """Let detection that switched itself off work again; earlier judgements do not count any more."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    await judging.switch_on(session, campaign, reason=body.reason, user_id=who.user_id, clock=clock)
    outbox.tell(campaign_id, CommandName.REFRESH)
    return await machines.overview(session, campaign)


async def _is_asked(session: AsyncSession, attempt_id: UUID, who: Identity) -> bool:
    statement = (
        select(AgentSession.agent_id)
        .join(Attempt, col(Attempt.agent_session_id) == col(AgentSession.id))
        .join(AmdVerdict, col(AmdVerdict.attempt_id) == col(Attempt.id))
        .where(col(Attempt.id) == attempt_id, col(Attempt.client_id) == who.client_id)
        .where(col(AmdVerdict.treatment) == Treatment.AUDITED)
    )
    return (await session.exec(statement)).first() in await own_agent_ids(session, who)
