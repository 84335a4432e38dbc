"""Deliveries: how far they are, their files, and what the client says of them."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from sqlmodel import col, select

from api.auth import AccepterDep, ManagerDep, ResultSeerDep, ResultTakerDep
from api.delivering import MeansDep, file_download
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.deliveries import (
    AnswerIn,
    DeliveryDetailOut,
    DeliveryOut,
    DisputeIn,
    FileOut,
    ResultOut,
    TryOut,
    VerdictOut,
)
from campaigns.delivery.deliveries import acceptance, delivered, orders
from campaigns.delivery.deliveries.errors import (
    AlreadyAccepted,
    DeliveryNotFound,
    FileErased,
    FileGone,
    NotDelivered,
    NotDisputed,
    OpenDisputes,
    PlanPaused,
    ResultNotDelivered,
    StillGoing,
)
from campaigns.delivery.deliveries.models import DeliveryTry
from campaigns.delivery.deliveries.sending import files_of
from campaigns.delivery.deliveries.words import Change, DeliveryState, Verdict
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/deliveries",
    tags=["deliveries"],
    responses=problems(Unauthenticated, Forbidden, DeliveryNotFound),
)
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("")
async def list_deliveries(
    who: ResultSeerDep,
    session: SessionDep,
    campaign_id: UUID | None = None,
    plan_id: UUID | None = None,
    state: DeliveryState | None = None,
    limit: Limit = 100,
) -> list[DeliveryOut]:
    """Return the client's deliveries, the newest first; ``state=dead`` are the dead letters."""
    rows = await orders.deliveries_of(
        session,
        client_id=who.client_id,
        campaign_id=campaign_id,
        plan_id=plan_id,
        state=state,
        limit=limit,
    )
    return [DeliveryOut.model_validate(row) for row in rows]


@router.get("/{delivery_id}")
async def get_delivery(
    delivery_id: UUID, who: ResultSeerDep, session: SessionDep
) -> DeliveryDetailOut:
    """Return one delivery with its files, tries and verdicts."""
    row = await orders.find(session, delivery_id, client_id=who.client_id)
    tries = select(DeliveryTry).where(col(DeliveryTry.delivery_id) == row.id)
    counts = await delivered.counts_of(session, [row.id], client_id=who.client_id)
    tried = await session.exec(tries.order_by(col(DeliveryTry.id)))
    return DeliveryDetailOut(
        **DeliveryOut.model_validate(row).model_dump(),
        files=[FileOut.model_validate(one) for one in await files_of(session, row.id)],
        tried=[TryOut.model_validate(one) for one in tried],
        verdicts=dict(counts.get(row.id, {})),
    )


@router.get(
    "/{delivery_id}/files/{position}",
    response_class=FileResponse,
    responses=problems(FileGone, FileErased),
)
async def download_delivered_file(
    delivery_id: UUID, position: int, who: ResultTakerDep, session: SessionDep, means: MeansDep
) -> FileResponse:
    """Return a file as it was delivered."""
    row = await orders.find(session, delivery_id, client_id=who.client_id)
    return await file_download(session, means, row, position, user_id=who.user_id, by="program")


@router.post(
    "/{delivery_id}/again",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(StillGoing, PlanPaused),
)
async def send_delivery_again(
    delivery_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> DeliveryOut:
    """Deliver the period anew, as its results are now, with what changed since."""
    row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
    anew = await orders.send_again(session, row, user_id=who.user_id, clock=clock)
    return DeliveryOut.model_validate(anew)


@router.post(
    "/{delivery_id}/retry",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(StillGoing, PlanPaused),
)
async def retry_delivery(
    delivery_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> DeliveryOut:
    """Try one that was given up, or waits for its next try, at once."""
    row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
    woken = await orders.wake(session, row, user_id=who.user_id, clock=clock)
    return DeliveryOut.model_validate(woken)


@router.get("/{delivery_id}/results")
async def list_delivered_results(
    delivery_id: UUID,
    who: ResultSeerDep,
    session: SessionDep,
    verdict: Verdict | None = None,
    change: Change | None = None,
    limit: Limit = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[ResultOut]:
    """Return what a delivery brought, disputed results first."""
    row = await orders.find(session, delivery_id, client_id=who.client_id)
    lines = await delivered.results_of(
        session, row, verdict=verdict, change=change, limit=limit, offset=offset
    )
    return [ResultOut.model_validate(line) for line in lines]


@router.post("/{delivery_id}/accept", responses=problems(NotDelivered, OpenDisputes))
async def accept_whole_delivery(
    delivery_id: UUID, who: AccepterDep, session: SessionDep, clock: ClockDep
) -> DeliveryOut:
    """Accept a delivery as a whole."""
    row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
    await acceptance.accept_delivery(session, row, user_id=who.user_id, clock=clock)
    return DeliveryOut.model_validate(row)


@router.post(
    "/{delivery_id}/results/{lead_id}/accept",
    responses=problems(NotDelivered, ResultNotDelivered),
)
async def accept_delivered_result(
    delivery_id: UUID, lead_id: UUID, who: AccepterDep, session: SessionDep, clock: ClockDep
) -> VerdictOut:
    """Accept one result."""
    row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
    said = await acceptance.accept_result(session, row, lead_id, user_id=who.user_id, clock=clock)
    return VerdictOut.model_validate(said)


@router.post(
    "/{delivery_id}/results/{lead_id}/dispute",
    responses=problems(NotDelivered, ResultNotDelivered, AlreadyAccepted),
)
async def dispute_delivered_result(
    delivery_id: UUID,
    lead_id: UUID,
    body: DisputeIn,
    who: AccepterDep,
    session: SessionDep,
    clock: ClockDep,
) -> VerdictOut:
    """Dispute one result, with a reason."""
    row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
    said = await acceptance.dispute_result(
        session, row, lead_id, body.reason, body.comment, user_id=who.user_id, clock=clock
    )
    return VerdictOut.model_validate(said)


@router.post("/{delivery_id}/results/{lead_id}/answer", responses=problems(NotDisputed))
async def answer_disputed_result(
    delivery_id: UUID,
    lead_id: UUID,
    body: AnswerIn,
    who: ManagerDep,
    session: SessionDep,
    clock: ClockDep,
) -> VerdictOut:
    """Answer a dispute as the call centre."""
    row = await orders.find(session, delivery_id, client_id=who.client_id, lock=True)
    verdict = Verdict.CONCEDED if body.conceded else Verdict.DEFENDED
    said = await acceptance.answer_dispute(
        session, row, lead_id, verdict, body.answer, user_id=who.user_id, clock=clock
    )
    return VerdictOut.model_validate(said)
