"""Endpoints: made, changed, paused, removed, their secrets replaced. Nothing here commits."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.events.reading import span_of
from campaigns.tenancy.audit import trace
from campaigns.webhooks import reach, signing_secrets
from campaigns.webhooks.endpoint_in import EndpointIn
from campaigns.webhooks.errors import EndpointNameTaken, EndpointNotFound, TooManyEndpoints
from campaigns.webhooks.models import WebhookEndpoint
from dialer.clock import Clock
from dialer.sealing import KeyRing

#: Endpoints of one client: each is looked at every second.
MOST_ENDPOINTS = 20


async def find(
    session: AsyncSession, endpoint_id: UUID, *, client_id: UUID, lock: bool = False
) -> WebhookEndpoint:
    """Return a client's endpoint; ``lock`` holds its row until the transaction ends.

    Raises:
        EndpointNotFound: no such endpoint, removed, or another client's.
    """
    statement = select(WebhookEndpoint).where(
        col(WebhookEndpoint.id) == endpoint_id,
        col(WebhookEndpoint.client_id) == client_id,
        col(WebhookEndpoint.removed_at).is_(None),
    )
    row = (await session.exec(statement.with_for_update() if lock else statement)).first()
    if row is None:
        raise EndpointNotFound(endpoint_id=endpoint_id)
    return row


async def endpoints_of(session: AsyncSession, client_id: UUID) -> Sequence[WebhookEndpoint]:
    """Return the client's endpoints in the order in which they were made."""
    statement = select(WebhookEndpoint).where(
        col(WebhookEndpoint.client_id) == client_id, col(WebhookEndpoint.removed_at).is_(None)
    )
    return (await session.exec(statement.order_by(col(WebhookEndpoint.id)))).all()


async def make(
    session: AsyncSession,
    given: EndpointIn,
    *,
    client_id: UUID,
    user_id: UUID | None,
    ring: KeyRing | None,
    clock: Clock,
) -> WebhookEndpoint:
    """Make an endpoint; it gets what happens from now on, and older events by a replay.

    Raises:
        CampaignNotFound: no such campaign of this client.
        EndpointNameTaken, TooManyEndpoints: the client has it, or has enough.
        ConfigurationError: its secret cannot be stored.
    """
    await _check(session, given, client_id, but=None)
    if len(await endpoints_of(session, client_id)) >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    row = WebhookEndpoint(
        client_id=client_id,
        created_at=clock.now(),
        created_by=user_id,
        from_position=(await span_of(session, client_id)).last,
        **_columns(given),
    )
    signing_secrets.new_secret(row, ring)
    session.add(row)
    await session.flush()
    await trace(session, row, "webhook.made", _told(row), user_id=user_id, clock=clock)
    return row


async def change(
    session: AsyncSession,
    row: WebhookEndpoint,
    given: EndpointIn,
    *,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Change an endpoint, held by the caller; it goes on where it stands.

    Raises:
        CampaignNotFound: no such campaign of this client.
        EndpointNameTaken: the client has another one of this name.
    """
    await _check(session, given, row.client_id, but=row.id)
    before = _told(row)
    if row.campaign_id not in {None, given.campaign_id}:
        await reach.widen(session, row, row.campaign_id)
    for name, value in _columns(given).items():
        setattr(row, name, value)
    if any(before[name] != getattr(row, name) for name in ("kinds", "with_numbers")):
        await reach.put_together_anew(session, row.id)
    facts = {"before": before, "after": _told(row)}
    await _noted(session, row, "webhook.changed", facts, user_id, clock)


async def pause(
    session: AsyncSession, row: WebhookEndpoint, *, user_id: UUID | None, clock: Clock
) -> None:
    """Send nothing until it is resumed; events wait as long as they are kept."""
    if row.paused_at is None:
        row.paused_at = clock.now()
        await _noted(session, row, "webhook.paused", {}, user_id, clock)


async def resume(
    session: AsyncSession, row: WebhookEndpoint, *, user_id: UUID | None, clock: Clock
) -> None:
    """Go on where it stands; one that was disabled is tried anew."""
    row.paused_at = row.disabled_at = row.failing_since = None
    row.disabled_reason = row.disabled_detail = ""
    await _noted(session, row, "webhook.resumed", {}, user_id, clock)


async def remove(
    session: AsyncSession, row: WebhookEndpoint, *, user_id: UUID | None, clock: Clock
) -> None:
    """Take an endpoint away; its secret is forgotten."""
    row.removed_at, row.sealed = clock.now(), None
    await _noted(session, row, "webhook.removed", {"name": row.name}, user_id, clock)


async def show_secret(
    session: AsyncSession,
    row: WebhookEndpoint,
    *,
    user_id: UUID | None,
    ring: KeyRing | None,
    clock: Clock,
) -> str:
    """Return what the receiver verifies with; who looked at it is in the audit log."""
    newest = signing_secrets.opened(row, ring)[0]
    await _noted(session, row, "webhook.secret_shown", {}, user_id, clock)
    return newest


async def replace_secret(
    session: AsyncSession,
    row: WebhookEndpoint,
    *,
    user_id: UUID | None,
    ring: KeyRing | None,
    clock: Clock,
    drop_before: bool = False,
) -> None:
    """Give an endpoint a new secret, or have the newest sign alone (``drop_before``)."""
    if drop_before:
        signing_secrets.drop_before(row, ring)
        await _noted(session, row, "webhook.old_secret_dropped", {}, user_id, clock)
        return
    signing_secrets.new_secret(row, ring)
    await _noted(session, row, "webhook.secret_replaced", {}, user_id, clock)


async def _check(
    session: AsyncSession, given: EndpointIn, client_id: UUID, *, but: UUID | None
) -> None:
    if given.campaign_id is not None:
        await lifecycle.find(session, given.campaign_id, client_id=client_id)
    for row in await endpoints_of(session, client_id):
        if row.name == given.name and row.id != but:
            raise EndpointNameTaken(name=given.name)


def _columns(given: EndpointIn) -> dict[str, Any]:
    return given.model_dump() | {"kinds": [kind.value for kind in given.kinds]}


def _told(row: WebhookEndpoint) -> dict[str, Any]:
    """Return what the audit log keeps of an endpoint: nothing secret."""
    campaign = str(row.campaign_id) if row.campaign_id else None
    told = ("name", "url", "kinds", "with_numbers", "most_events")
    return {name: getattr(row, name) for name in told} | {"campaign_id": campaign}


async def _noted(
    session: AsyncSession,
    row: WebhookEndpoint,
    action: str,
    facts: Mapping[str, Any],
    user_id: UUID | None,
    clock: Clock,
) -> None:
    session.add(row)
    await session.flush()
    await trace(session, row, action, facts, user_id=user_id, clock=clock)
