"""Delivery plans: what of a campaign goes where, and when."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import ManagerDep
from api.delivering import MeansDep, checked
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.deliveries import CheckOut, DeliveryOut, HostKeyIn, PlanOut, SecretOut
from campaigns import lifecycle
from campaigns.delivery.deliveries import orders, plans
from campaigns.delivery.deliveries.errors import (
    NoSigningSecret,
    PlanNameTaken,
    PlanNotFound,
    PlanPaused,
)
from campaigns.delivery.deliveries.plan_in import PlanIn
from campaigns.delivery.layouts.keeping import LayoutNotFound
from campaigns.errors import CampaignNotFound
from campaigns.tenancy import looks
from dialer.errors import ConfigurationError, Forbidden, Invalid, Unauthenticated

router = APIRouter(tags=["deliveries"], responses=problems(Unauthenticated, Forbidden))
_FOUND = problems(PlanNotFound)
_GIVEN = problems(PlanNotFound, PlanNameTaken, LayoutNotFound, Invalid, ConfigurationError)


@router.get("/campaigns/{campaign_id}/delivery-plans", responses=problems(CampaignNotFound))
async def list_delivery_plans(
    campaign_id: UUID, who: ManagerDep, session: SessionDep
) -> list[PlanOut]:
    """Return a campaign's plans."""
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    rows = await plans.plans_of(session, client_id=who.client_id, campaign_id=campaign_id)
    return [PlanOut.told(row) for row in rows]


@router.post(
    "/campaigns/{campaign_id}/delivery-plans",
    status_code=HTTPStatus.CREATED,
    responses=problems(
        CampaignNotFound, PlanNameTaken, LayoutNotFound, Invalid, ConfigurationError
    ),
)
async def make_delivery_plan(
    campaign_id: UUID,
    body: PlanIn,
    who: ManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
) -> PlanOut:
    """Make a plan; its secrets are sealed and not shown again."""
    plan = await plans.make(
        session,
        campaign_id,
        body,
        client_id=who.client_id,
        user_id=who.user_id,
        ring=means.ring,
        clock=clock,
    )
    return PlanOut.told(plan)


@router.get("/delivery-plans/{plan_id}", responses=_FOUND)
async def get_delivery_plan(plan_id: UUID, who: ManagerDep, session: SessionDep) -> PlanOut:
    """Return one plan."""
    return PlanOut.told(await plans.find(session, plan_id, client_id=who.client_id))


@router.put("/delivery-plans/{plan_id}", responses=_GIVEN)
async def change_delivery_plan(
    plan_id: UUID,
    body: PlanIn,
    who: ManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
) -> PlanOut:
    """Change a plan; secrets that are left out stay, unless the server is another one."""
    plan = await plans.find(session, plan_id, client_id=who.client_id, lock=True)
    await plans.change(session, plan, body, user_id=who.user_id, ring=means.ring, clock=clock)
    return PlanOut.told(plan)


@router.delete("/delivery-plans/{plan_id}", status_code=HTTPStatus.NO_CONTENT, responses=_FOUND)
async def remove_delivery_plan(
    plan_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> None:
    """Take a plan away; its deliveries stay."""
    plan = await plans.find(session, plan_id, client_id=who.client_id, lock=True)
    await plans.remove(session, plan, user_id=who.user_id, clock=clock)


@router.post("/delivery-plans/{plan_id}/pause", responses=_FOUND)
async def pause_delivery_plan(
    plan_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> PlanOut:
    """Make no more deliveries, and hold those that wait."""
    plan = await plans.find(session, plan_id, client_id=who.client_id, lock=True)
    await plans.pause(session, plan, user_id=who.user_id, clock=clock)
    return PlanOut.told(plan)


@router.post("/delivery-plans/{plan_id}/resume", responses=_FOUND)
async def resume_delivery_plan(
    plan_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> PlanOut:
    """Go on with a plan."""
    plan = await plans.find(session, plan_id, client_id=who.client_id, lock=True)
    await plans.resume(session, plan, user_id=who.user_id, clock=clock)
    return PlanOut.told(plan)


@router.post("/delivery-plans/{plan_id}/test", responses=_FOUND)
async def try_delivery_plan(
    plan_id: UUID, who: ManagerDep, session: SessionDep, means: MeansDep
) -> CheckOut:
    """Try the target out now; the answer names what is wrong."""
    plan = await plans.find(session, plan_id, client_id=who.client_id)
    target = plans.target_of(plan, means.ring)
    program = await looks.shown_name(session, who.client_id)
    await session.rollback()  # no transaction waits for another server
    found = await checked(target, means, program)
    return CheckOut(
        works=found.reason is None,
        reason=found.reason,
        detail=found.detail,
        host_key=found.host_key,
        fingerprint=found.fingerprint,
    )


@router.post("/delivery-plans/{plan_id}/host-key", responses=_GIVEN)
async def pin_delivery_host_key(
    plan_id: UUID,
    body: HostKeyIn,
    who: ManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
) -> PlanOut:
    """Trust an SFTP server's key from now on, and no other."""
    plan = await plans.find(session, plan_id, client_id=who.client_id, lock=True)
    await plans.pin_host_key(
        session, plan, body.host_key, user_id=who.user_id, ring=means.ring, clock=clock
    )
    return PlanOut.told(plan)


@router.get("/delivery-plans/{plan_id}/secret", responses=problems(PlanNotFound, NoSigningSecret))
async def show_delivery_secret(
    plan_id: UUID, who: ManagerDep, session: SessionDep, means: MeansDep, clock: ClockDep
) -> SecretOut:
    """Return what a webhook's receiver verifies with."""
    plan = await plans.find(session, plan_id, client_id=who.client_id)
    signing = await plans.show_secret(
        session, plan, user_id=who.user_id, ring=means.ring, clock=clock
    )
    return SecretOut(signing=signing)


@router.post("/delivery-plans/{plan_id}/secret", responses=problems(PlanNotFound, NoSigningSecret))
async def replace_delivery_secret(
    plan_id: UUID,
    who: ManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
    drop_before: bool = False,
) -> SecretOut:
    """Give a webhook a new secret; the one before signs as well, until ``drop_before`` ends that."""
    plan = await plans.find(session, plan_id, client_id=who.client_id, lock=True)
    await plans.replace_secret(
        session,
        plan,
        user_id=who.user_id,
        ring=means.ring,
        clock=clock,
        drop_before=drop_before,
    )
    return await show_delivery_secret(plan_id, who, session, means, clock)


@router.post(
    "/delivery-plans/{plan_id}/send",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(PlanNotFound, PlanPaused),
)
async def send_delivery_plan(
    plan_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> DeliveryOut:
    """Deliver out of turn; a worker begins within seconds."""
    plan = await plans.find(session, plan_id, client_id=who.client_id, lock=True)
    row = await orders.send_now(session, plan, user_id=who.user_id, clock=clock)
    return DeliveryOut.model_validate(row)
