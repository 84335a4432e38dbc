"""A client's samples for acceptance, by its programs: drawn, judged, finished."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PortalDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.deliveries import DisputeIn
from api.schemas.portal import (
    DrawIn,
    DrawnSampleDetailOut,
    DrawnSampleOut,
    EstimateOut,
    SampledResultOut,
)
from campaigns.delivery.deliveries.errors import AlreadyAccepted, DeliveryNotFound, NotDelivered
from campaigns.delivery.deliveries.words import DisputeReason
from campaigns.errors import CampaignNotFound
from campaigns.portal import judging, sampled, sampling, settings
from campaigns.portal.errors import (
    NothingToDraw,
    SampleFinished,
    SampleNotFound,
    SampleNotJudged,
    TooManyOpen,
)
from campaigns.portal.models import AcceptanceSample
from campaigns.portal.sampling import TooManyDrawn
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/portal/samples", tags=["portal"], responses=problems(Unauthenticated, Forbidden)
)

_OF_DRAWING = (
    CampaignNotFound,
    DeliveryNotFound,
    NotDelivered,
    NothingToDraw,
    TooManyDrawn,
    TooManyOpen,
)
_OF_JUDGING = (SampleNotFound, SampleFinished, AlreadyAccepted)


@router.get("")
async def list_samples(who: PortalDep, session: SessionDep) -> list[DrawnSampleOut]:
    """Return the client's newest 200 samples."""
    rows = await sampling.samples_of(session, who.client_id)
    return [DrawnSampleOut.model_validate(row) for row in rows]


@router.post("", status_code=HTTPStatus.CREATED, responses=problems(*_OF_DRAWING))
async def draw_sample(
    body: DrawIn, who: PortalDep, session: SessionDep, clock: ClockDep
) -> DrawnSampleDetailOut:
    """Draw a part of a campaign's or delivery's results; the same seed draws the same ones."""
    row = await sampling.draw(
        session,
        body.campaign_id,
        body.percent,
        seed=body.seed,
        delivery_id=body.delivery_id,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
    )
    return await _shown(session, row, clock)


@router.get("/{sample_id}", responses=problems(SampleNotFound))
async def get_sample(
    sample_id: UUID, who: PortalDep, session: SessionDep, clock: ClockDep
) -> DrawnSampleDetailOut:
    """Return a sample with its results, and what it says of all results."""
    row = await sampling.find(session, sample_id, client_id=who.client_id)
    return await _shown(session, row, clock)


@router.post("/{sample_id}/results/{lead_id}/accept", responses=problems(*_OF_JUDGING))
async def accept_sampled_result(
    sample_id: UUID, lead_id: UUID, who: PortalDep, session: SessionDep, clock: ClockDep
) -> DrawnSampleDetailOut:
    """Accept one drawn result."""
    return await _judged(session, who, clock, sample_id, lead_id)


@router.post("/{sample_id}/results/{lead_id}/dispute", responses=problems(*_OF_JUDGING))
async def dispute_sampled_result(
    sample_id: UUID,
    lead_id: UUID,
    body: DisputeIn,
    who: PortalDep,
    session: SessionDep,
    clock: ClockDep,
) -> DrawnSampleDetailOut:
    """Dispute one drawn result, with a reason."""
    return await _judged(session, who, clock, sample_id, lead_id, body.reason, body.comment)


@router.post(
    "/{sample_id}/finish", responses=problems(SampleNotFound, SampleFinished, SampleNotJudged)
)
async def finish_sample(
    sample_id: UUID, who: PortalDep, session: SessionDep, clock: ClockDep
) -> DrawnSampleDetailOut:
    """Let a sample's result stand."""
    row = await sampling.find(session, sample_id, client_id=who.client_id, lock=True)
    await judging.finish(session, row, user_id=who.user_id, clock=clock)
    return await _shown(session, row, clock)


async def _judged(
    session: AsyncSession,
    who: Identity,
    clock: Clock,
    sample_id: UUID,
    lead_id: UUID,
    reason: DisputeReason | None = None,
    comment: str = "",
) -> DrawnSampleDetailOut:
    row = await sampling.find(session, sample_id, client_id=who.client_id, lock=True)
    await judging.judge(session, row, lead_id, reason, comment, user_id=who.user_id, clock=clock)
    return await _shown(session, row, clock)


async def _shown(
    session: AsyncSession, row: AcceptanceSample, clock: Clock
) -> DrawnSampleDetailOut:
    await session.flush()
    lines = await sampled.lines_of(session, row)
    allowed = await settings.settings_of(session, row.client_id, clock=clock)
    results = [SampledResultOut.model_validate(line) for line in lines]
    if not allowed.hears:
        results = [one.model_copy(update={"recording": None}) for one in results]
    return DrawnSampleDetailOut(
        **DrawnSampleOut.model_validate(row).model_dump(),
        estimate=EstimateOut.model_validate(sampled.estimate_of(row, lines)),
        results=results,
    )
