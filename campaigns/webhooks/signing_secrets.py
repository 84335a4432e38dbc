"""Secrets that sign an endpoint's messages: stored sealed, two while one is replaced."""

import json
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.wire.signing import new_signing_secret
from campaigns.webhooks.models import WebhookEndpoint
from dialer.sealing import KeyRing, missing_keys


def _context(endpoint_id: UUID) -> str:
    return f"webhook_endpoint:{endpoint_id}"


def new_secret(row: WebhookEndpoint, ring: KeyRing | None) -> str:
    """Give an endpoint a new secret and return it; the one before signs as well.

    Raises:
        ConfigurationError: there is no key to seal it with.
    """
    before = opened(row, ring)[:1] if row.sealed else ()
    fresh = new_signing_secret()
    _keep(row, ring, (fresh, *before))
    return fresh


def drop_before(row: WebhookEndpoint, ring: KeyRing | None) -> None:
    """Have the newest secret sign alone."""
    _keep(row, ring, opened(row, ring)[:1])


def opened(row: WebhookEndpoint, ring: KeyRing | None) -> tuple[str, ...]:
    """Return the secrets of an endpoint, the newest first.

    Raises:
        ConfigurationError: there is no key.
        Unsealable: see ``dialer.sealing``.
    """
    if ring is None:
        raise missing_keys()
    if row.sealed is None:
        return ()
    return tuple(json.loads(ring.open(row.sealed, context=_context(row.id))))


def _keep(row: WebhookEndpoint, ring: KeyRing | None, signing: tuple[str, ...]) -> None:
    if ring is None:
        raise missing_keys()
    row.sealed = ring.seal(json.dumps(signing), context=_context(row.id))


async def reseal_all(session: AsyncSession, ring: KeyRing) -> int:
    """Bring the secrets of every client's endpoints under the current key; return how many changed.

    Raises:
        Unsealable: one was sealed with a key that is not on the ring.
    """
    statement = select(WebhookEndpoint).where(col(WebhookEndpoint.sealed).is_not(None))
    rows = await session.exec(statement.order_by(col(WebhookEndpoint.id)).with_for_update())
    changed = 0
    for row in rows.all():
        if row.sealed is None or ring.is_current(row.sealed):
            continue
        row.sealed = ring.resealed(row.sealed, context=_context(row.id))
        session.add(row)
        changed += 1
    await session.flush()
    return changed
