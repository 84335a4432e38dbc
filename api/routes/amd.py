"""Answering-machine detection: verdicts to be judged, judgements, and how often it is wrong."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import CallTakerDep, ManagerDep, ReaderDep, SteererDep, own_agent_ids
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.amd import AmdOut, JudgedOut, JudgementIn, ShareOut, VerdictOut
from campaigns import lifecycle
from campaigns.agents.models import AgentSession
from campaigns.amd import judging
from campaigns.amd.estimates import Interval, false_positives, of_people
from campaigns.amd.judging import AlreadyJudged, NothingToJudge, Standing, VerdictNotFound
from campaigns.amd.models import AmdVerdict
from campaigns.commands import CommandName
from campaigns.errors import CampaignNotFound
from campaigns.leads.models import Attempt
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.call.verdicts import Treatment
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(tags=["machines"], responses=problems(Unauthenticated, Forbidden))


@router.get("/campaigns/{campaign_id}/amd", responses=problems(CampaignNotFound))
async def machine_detection(campaign_id: UUID, who: ReaderDep, session: SessionDep) -> AmdOut:
    """Return how a campaign's detection does, and how many people it probably takes for machines."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    return _shown(campaign, await judging.standing_of(session, campaign_id))


@router.get("/campaigns/{campaign_id}/amd/verdicts", responses=problems(CampaignNotFound))
async def list_verdicts(
    campaign_id: UUID,
    who: SteererDep,
    session: SessionDep,
    to_judge: Annotated[
        bool, Query(description="Only verdicts nobody has judged, in an order nobody chose.")
    ] = True,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[VerdictOut]:
    """Return verdicts on a campaign's calls, with the recordings by which they are judged."""
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    rows = await judging.verdicts_of(session, campaign_id, to_judge=to_judge, limit=limit)
    files = await judging.recordings_of(session, rows)
    shown = [VerdictOut.model_validate(row) for row in rows]
    return [one.model_copy(update={"recording": files[one.attempt_id]}) for one in shown]


@router.post(
    "/attempts/{attempt_id}/machine-judgement",
    responses=problems(VerdictNotFound, NothingToJudge, AlreadyJudged),
)
async def judge_verdict(
    attempt_id: UUID,
    body: JudgementIn,
    who: CallTakerDep,
    session: SessionDep,
    outbox: OutboxDep,
    clock: ClockDep,
) -> JudgedOut:
    """Say whether a call that was taken for a machine's was one; agents say it of their own calls."""
    if who.role is Role.AGENT and not await _is_asked(session, attempt_id, who):
        raise Forbidden("Agents judge their own calls only, and those that they were asked about.")
    outcome = await judging.judge(
        session,
        attempt_id,
        body.was,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
    )
    if outcome.switched_off:
        outbox.tell(outcome.verdict.campaign_id, CommandName.REFRESH)
    return JudgedOut(
        verdict=VerdictOut.model_validate(outcome.verdict), switched_off=outcome.switched_off
    )


@router.post("/campaigns/{campaign_id}/amd/switch-on", responses=problems(CampaignNotFound))
async def switch_on(
    campaign_id: UUID, who: ManagerDep, session: SessionDep, outbox: OutboxDep, clock: ClockDep
) -> AmdOut:
    """Let detection that switched itself off work again; earlier judgements do not count any more."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    standing = await judging.switch_on(session, campaign, user_id=who.user_id, clock=clock)
    outbox.tell(campaign_id, CommandName.REFRESH)
    return _shown(campaign, standing)


async def _is_asked(session: AsyncSession, attempt_id: UUID, who: Identity) -> bool:
    statement = (
        select(AgentSession.agent_id)
        .join(Attempt, col(Attempt.agent_session_id) == col(AgentSession.id))
        .join(AmdVerdict, col(AmdVerdict.attempt_id) == col(Attempt.id))
        .where(col(Attempt.id) == attempt_id, col(Attempt.client_id) == who.client_id)
        .where(col(AmdVerdict.treatment) == Treatment.AUDITED)
    )
    return (await session.exec(statement)).first() in await own_agent_ids(session, who)


def _shown(campaign: Campaign, standing: Standing) -> AmdOut:
    amd, known = CampaignSettings.model_validate(campaign.settings).amd, standing.known
    return AmdOut(
        enabled=amd is not None and standing.off_at is None,
        off_at=standing.off_at,
        off_reason=standing.reason,
        since=standing.since,
        verdicts=known.verdicts,
        acted=known.acted,
        audited=known.audited,
        judged=known.judged,
        people=known.people,
        false_positives=_share(false_positives(known)),
        of_people=_share(of_people(known)),
        limit=amd.max_false_positive_rate if amd else None,
    )


def _share(found: Interval | None) -> ShareOut | None:
    if found is None:
        return None
    return ShareOut(share=round(found.share, 5), low=round(found.low, 5), high=round(found.high, 5))
