"""Webhook endpoints: where events go, what became of them, and sending them again."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from api.auth import ManagerDep
from api.delivering import MeansDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.webhooks import (
    DeadLetterOut,
    EndpointDetailOut,
    EndpointMadeOut,
    EndpointOut,
    ReplayIn,
    ReplayOut,
    SigningOut,
    TestOut,
    WebhookTryOut,
)
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.errors import CampaignNotFound
from campaigns.events.errors import CursorAhead, EventsGone
from campaigns.webhooks import endpoints, sending
from campaigns.webhooks.dead import dead_letters
from campaigns.webhooks.endpoint_in import EndpointIn
from campaigns.webhooks.errors import (
    CampaignNotAsked,
    EndpointNameTaken,
    EndpointNotFound,
    ReplayNeedsPlace,
    TooManyEndpoints,
)
from campaigns.webhooks.lag import lag_of, tries_of
from campaigns.webhooks.replaying import replay, wake
from dialer.errors import ConfigurationError, Forbidden, Unauthenticated

router = APIRouter(
    prefix="/webhooks", tags=["events"], responses=problems(Unauthenticated, Forbidden)
)
_FOUND = problems(EndpointNotFound)


@router.get("")
async def list_webhooks(who: ManagerDep, session: SessionDep) -> list[EndpointOut]:
    """Return the client's endpoints."""
    return [EndpointOut.told(row) for row in await endpoints.endpoints_of(session, who.client_id)]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(CampaignNotFound, EndpointNameTaken, TooManyEndpoints, ConfigurationError),
)
async def make_webhook(
    body: EndpointIn, who: ManagerDep, session: SessionDep, means: MeansDep, clock: ClockDep
) -> EndpointMadeOut:
    """Make an endpoint, which gets what happens from now on; the answer has its secret."""
    own: dict[str, Any] = {"user_id": who.user_id, "clock": clock}
    row = await endpoints.make(session, body, client_id=who.client_id, ring=means.ring, **own)
    signing = await endpoints.show_secret(session, row, ring=means.ring, **own)
    return EndpointMadeOut(**EndpointOut.told(row).model_dump(), signing=signing)


@router.get("/dead-letters")
async def list_webhook_dead_letters(who: ManagerDep, session: SessionDep) -> list[DeadLetterOut]:
    """Return the messages that were given up and not sent again, the newest first."""
    return [DeadLetterOut.model_validate(one) for one in await dead_letters(session, who.client_id)]


@router.get("/{endpoint_id}", responses=_FOUND)
async def get_webhook(endpoint_id: UUID, who: ManagerDep, session: SessionDep) -> EndpointDetailOut:
    """Return one endpoint and how far it is behind."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id)
    return EndpointDetailOut.with_lag(row, await lag_of(session, row.id))


@router.put(
    "/{endpoint_id}", responses=problems(EndpointNotFound, CampaignNotFound, EndpointNameTaken)
)
async def change_webhook(
    endpoint_id: UUID, body: EndpointIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> EndpointOut:
    """Change an endpoint; it goes on where it stands."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id, lock=True)
    await endpoints.change(session, row, body, user_id=who.user_id, clock=clock)
    return EndpointOut.told(row)


@router.delete("/{endpoint_id}", status_code=HTTPStatus.NO_CONTENT, responses=_FOUND)
async def remove_webhook(
    endpoint_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> None:
    """Take an endpoint away."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id, lock=True)
    await endpoints.remove(session, row, user_id=who.user_id, clock=clock)


@router.post("/{endpoint_id}/pause", responses=_FOUND)
async def pause_webhook(
    endpoint_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> EndpointOut:
    """Send nothing until it is resumed."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id, lock=True)
    await endpoints.pause(session, row, user_id=who.user_id, clock=clock)
    return EndpointOut.told(row)


@router.post("/{endpoint_id}/resume", responses=_FOUND)
async def resume_webhook(
    endpoint_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> EndpointOut:
    """Go on where it stands, at once; also after it was disabled."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id, lock=True)
    await endpoints.resume(session, row, user_id=who.user_id, clock=clock)
    await wake(session, row, user_id=who.user_id, clock=clock)
    return EndpointOut.told(row)


@router.post("/{endpoint_id}/test", responses=_FOUND)
async def try_webhook(
    endpoint_id: UUID, who: ManagerDep, session: SessionDep, means: MeansDep
) -> TestOut:
    """Send a message that says it is a test; the answer names what is wrong."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id)
    session.expunge(row)
    await session.rollback()  # no transaction waits for another server
    try:
        await sending.send_test(row, means)
    except SendFault as fault:
        return TestOut(works=False, reason=fault.reason, detail=fault.told)
    return TestOut(works=True)


@router.get("/{endpoint_id}/secret", responses=_FOUND)
async def show_webhook_secret(
    endpoint_id: UUID, who: ManagerDep, session: SessionDep, means: MeansDep, clock: ClockDep
) -> SigningOut:
    """Return what the receiver verifies with; who looked at it is in the audit log."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id)
    own: dict[str, Any] = {"user_id": who.user_id, "clock": clock}
    return SigningOut(signing=await endpoints.show_secret(session, row, ring=means.ring, **own))


@router.post("/{endpoint_id}/secret", responses=_FOUND)
async def replace_webhook_secret(
    endpoint_id: UUID,
    who: ManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
    drop_before: bool = False,
) -> SigningOut:
    """Give an endpoint a new secret; the one before signs as well, until ``drop_before`` ends that."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id, lock=True)
    own: dict[str, Any] = {"user_id": who.user_id, "clock": clock}
    await endpoints.replace_secret(session, row, ring=means.ring, drop_before=drop_before, **own)
    return SigningOut(signing=await endpoints.show_secret(session, row, ring=means.ring, **own))


@router.post(
    "/{endpoint_id}/replay",
    responses=problems(
        EndpointNotFound,
        CampaignNotFound,
        CampaignNotAsked,
        EventsGone,
        CursorAhead,
        ReplayNeedsPlace,
    ),
)
async def replay_webhook(
    endpoint_id: UUID, body: ReplayIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> ReplayOut:
    """Send everything again from a position or a time on."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id, lock=True)
    position = await replay(
        session,
        row,
        position=body.position,
        at=body.at,
        lane_id=body.campaign_id,
        user_id=who.user_id,
        clock=clock,
    )
    return ReplayOut(position=position)


@router.get("/{endpoint_id}/tries", responses=_FOUND)
async def list_webhook_tries(
    endpoint_id: UUID, who: ManagerDep, session: SessionDep, failed: bool = False
) -> list[WebhookTryOut]:
    """Return the newest tries; ``failed``: only those that were not taken."""
    await endpoints.find(session, endpoint_id, client_id=who.client_id)
    found = await tries_of(session, endpoint_id, failed=failed)
    return [WebhookTryOut.model_validate(one) for one in found]
