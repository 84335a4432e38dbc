"""Delivery plans: made, changed, paused, removed. Nothing here commits."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.delivery.deliveries.errors import NoSigningSecret, PlanNameTaken, PlanNotFound
from campaigns.delivery.deliveries.models import DeliveryPlan
from campaigns.delivery.deliveries.plan_in import PlanIn
from campaigns.delivery.deliveries.targets import (
    SftpTarget,
    Target,
    WebhookTarget,
    put_together,
    secrets_of,
    taken_apart,
)
from campaigns.delivery.deliveries.wire.signing import new_signing_secret
from campaigns.delivery.deliveries.words import TargetKind
from campaigns.delivery.layouts.keeping import find_layout
from campaigns.models import Campaign
from campaigns.tenancy.audit import trace
from dialer.clock import Clock
from dialer.sealing import KeyRing


async def find(
    session: AsyncSession, plan_id: UUID, *, client_id: UUID, lock: bool = False
) -> DeliveryPlan:
    """Return a client's plan; ``lock`` holds its row until the transaction ends.

    Raises:
        PlanNotFound: no such plan, removed, or another client's.
    """
    statement = select(DeliveryPlan).where(
        col(DeliveryPlan.id) == plan_id,
        col(DeliveryPlan.client_id) == client_id,
        col(DeliveryPlan.removed_at).is_(None),
    )
    plan = (await session.exec(statement.with_for_update() if lock else statement)).first()
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    return plan


async def plans_of(
    session: AsyncSession, *, client_id: UUID, campaign_id: UUID | None = None
) -> Sequence[DeliveryPlan]:
    """Return the client's plans, or a campaign's, in the order in which they were made."""
    statement = select(DeliveryPlan).where(
        col(DeliveryPlan.client_id) == client_id, col(DeliveryPlan.removed_at).is_(None)
    )
    if campaign_id is not None:
        statement = statement.where(col(DeliveryPlan.campaign_id) == campaign_id)
    return (await session.exec(statement.order_by(col(DeliveryPlan.id)))).all()


async def make(
    session: AsyncSession,
    campaign_id: UUID,
    given: PlanIn,
    *,
    client_id: UUID,
    user_id: UUID | None,
    ring: KeyRing | None,
    clock: Clock,
) -> DeliveryPlan:
    """Make a plan; what its clock ended before is not made up.

    Raises:
        CampaignNotFound: no such campaign of this client.
        PlanNameTaken: the campaign has another one of this name.
        LayoutNotFound: the campaign has no frozen layout of this number.
        Invalid: the target lacks something.
        ConfigurationError: secrets cannot be stored.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    await _require_free(session, campaign.id, given.name, but=None)
    await _require_layout(session, campaign, given)
    now = clock.now()
    plan = DeliveryPlan(
        client_id=client_id,
        campaign_id=campaign.id,
        created_at=now,
        created_by=user_id,
        planned_from=now,
        **_columns(given),
    )
    plan.target, plan.sealed = taken_apart(given.target, plan.id, ring, {})
    session.add(plan)
    await session.flush()
    await trace(session, plan, "delivery_plan.made", _told(plan), user_id=user_id, clock=clock)
    return plan


async def change(
    session: AsyncSession,
    plan: DeliveryPlan,
    given: PlanIn,
    *,
    user_id: UUID | None,
    ring: KeyRing | None,
    clock: Clock,
) -> DeliveryPlan:
    """Change a plan; secrets that are left out stay. Its next period is the one under way.

    Raises:
        PlanNameTaken: the campaign has another one of this name.
        LayoutNotFound: the campaign has no frozen layout of this number.
        Invalid: the target lacks something.
        ConfigurationError: secrets cannot be stored, or those that are there cannot be read.
    """
    await _require_free(session, plan.campaign_id, given.name, but=plan.id)
    campaign = await lifecycle.find(session, plan.campaign_id, client_id=plan.client_id)
    await _require_layout(session, campaign, given)
    before = _told(plan)
    # What opened one server must not be shown to another one: a new host wants its secret anew.
    is_same = plan.target_kind is given.target.kind and (
        _place(plan.target) == _place(given.target.model_dump(mode="json"))
    )
    known = secrets_of(plan.sealed, plan.id, ring) if is_same else {}
    if (plan.schedule, plan.at_minute, plan.zone) != (given.schedule, given.at_minute, given.zone):
        plan.planned_from = clock.now()
    for name, value in _columns(given).items():
        setattr(plan, name, value)
    plan.target, plan.sealed = taken_apart(given.target, plan.id, ring, known)
    session.add(plan)
    await session.flush()
    facts = {"before": before, "after": _told(plan)}
    await trace(session, plan, "delivery_plan.changed", facts, user_id=user_id, clock=clock)
    return plan


async def pause(
    session: AsyncSession, plan: DeliveryPlan, *, user_id: UUID | None, clock: Clock
) -> None:
    """Make no more deliveries of a plan, and hold those that wait."""
    if plan.paused_at is None:
        plan.paused_at, plan.paused_reason = clock.now(), ""
        session.add(plan)
        await trace(session, plan, "delivery_plan.paused", {}, user_id=user_id, clock=clock)


async def resume(
    session: AsyncSession, plan: DeliveryPlan, *, user_id: UUID | None, clock: Clock
) -> None:
    """Go on with a plan; the period that ended last is delivered if it was not yet."""
    if plan.paused_at is not None:
        plan.paused_at, plan.paused_reason = None, ""
        session.add(plan)
        await trace(session, plan, "delivery_plan.resumed", {}, user_id=user_id, clock=clock)


async def remove(
    session: AsyncSession, plan: DeliveryPlan, *, user_id: UUID | None, clock: Clock
) -> None:
    """Take a plan away; its deliveries stay, its secrets do not."""
    plan.removed_at, plan.sealed = clock.now(), None
    session.add(plan)
    await trace(session, plan, "delivery_plan.removed", _told(plan), user_id=user_id, clock=clock)


async def replace_secret(
    session: AsyncSession,
    plan: DeliveryPlan,
    *,
    user_id: UUID | None,
    ring: KeyRing | None,
    clock: Clock,
    drop_before: bool = False,
) -> None:
    """Give a webhook a new secret; the one before signs as well until it is dropped.

    Raises:
        NoSigningSecret: the target is no webhook.
    """
    target = target_of(plan, ring)
    if not isinstance(target, WebhookTarget):
        raise NoSigningSecret
    secrets = (
        {"signing": target.signing, "signing_before": None}
        if drop_before
        else {"signing": new_signing_secret(), "signing_before": target.signing}
    )
    plan.target, plan.sealed = taken_apart(target.model_copy(update=secrets), plan.id, ring, {})
    session.add(plan)
    action = "delivery_plan.old_secret_dropped" if drop_before else "delivery_plan.secret_replaced"
    await trace(session, plan, action, {}, user_id=user_id, clock=clock)


async def show_secret(
    session: AsyncSession,
    plan: DeliveryPlan,
    *,
    user_id: UUID | None,
    ring: KeyRing | None,
    clock: Clock,
) -> str:
    """Return what a webhook's receiver verifies with, and leave a trace of it.

    Raises:
        NoSigningSecret: the target is no webhook.
    """
    target = target_of(plan, ring)
    if not isinstance(target, WebhookTarget) or target.signing is None:
        raise NoSigningSecret
    await trace(session, plan, "delivery_plan.secret_shown", {}, user_id=user_id, clock=clock)
    return target.signing


async def pin_host_key(
    session: AsyncSession,
    plan: DeliveryPlan,
    key: str,
    *,
    user_id: UUID | None,
    ring: KeyRing | None,
    clock: Clock,
) -> None:
    """Take a server's key for its own: from now on no other is let pass.

    Raises:
        Invalid: it is no key.
    """
    target = target_of(plan, ring)
    if isinstance(target, SftpTarget):
        given = SftpTarget.model_validate({**target.model_dump(), "host_key": key})
        plan.target, plan.sealed = taken_apart(given, plan.id, ring, {})
        session.add(plan)
        facts = {"host_key": key}
        await trace(
            session, plan, "delivery_plan.host_key_pinned", facts, user_id=user_id, clock=clock
        )


def target_of(plan: DeliveryPlan, ring: KeyRing | None) -> Target:
    """Return a plan's target with its secrets.

    Raises:
        ConfigurationError: there are secrets, and no key.
        Unsealable: see ``dialer.sealing``.
    """
    return put_together(plan.target_kind, plan.target, secrets_of(plan.sealed, plan.id, ring))


def _columns(given: PlanIn) -> dict[str, Any]:
    return {
        **given.model_dump(exclude={"target", "formats"}),
        "formats": [one.value for one in given.formats],
        "target_kind": TargetKind(given.target.kind),
    }


def _place(target: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(target.get(name) for name in ("host", "port", "endpoint", "bucket"))


def _told(plan: DeliveryPlan) -> dict[str, Any]:
    """Return what the audit log keeps of a plan: nothing secret."""
    told = ("name", "layout_number", "formats", "schedule", "at_minute", "zone", "target_kind")
    kept = ("target", "link_days", "keep_days")
    return {name: getattr(plan, name) for name in (*told, *kept)}


async def _require_layout(session: AsyncSession, campaign: Campaign, given: PlanIn) -> None:
    if given.layout_number is not None:
        await find_layout(session, campaign, given.layout_number)


async def _require_free(
    session: AsyncSession, campaign_id: UUID, name: str, *, but: UUID | None
) -> None:
    statement = select(DeliveryPlan.id).where(
        col(DeliveryPlan.campaign_id) == campaign_id,
        col(DeliveryPlan.name) == name,
        col(DeliveryPlan.removed_at).is_(None),
    )
    if any(one != but for one in await session.exec(statement)):
        raise PlanNameTaken(name=name)
