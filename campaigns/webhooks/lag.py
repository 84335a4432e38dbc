"""Lag: how far an endpoint is behind, for pages and programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.webhooks.models import WebhookEndpoint, WebhookTry

#: So many waiting events are counted; more are told as "more than".
MOST_COUNTED = 10_000
_TRIES_SHOWN = 50

_LAG = text(
    """
    SELECT count(*) AS events, min(w.recorded_at) AS oldest
    FROM (
        SELECT v.recorded_at FROM event_head h
        JOIN webhook_endpoint e ON e.client_id = h.client_id AND e.id = :endpoint_id
        LEFT JOIN webhook_lane l ON l.endpoint_id = e.id AND l.lane_id = h.lane_id
        JOIN event v ON v.client_id = h.client_id
             AND v.campaign_id IS NOT DISTINCT FROM nullif(h.lane_id, CAST(:no_campaign AS uuid))
             AND v.position > coalesce(l.position, e.from_position)
             AND (cardinality(e.kinds) = 0 OR v.kind = ANY(e.kinds))
        WHERE h.lane_id = coalesce(e.campaign_id, h.lane_id)
          AND h.last_position > coalesce(l.position, e.from_position)
        ORDER BY v.position LIMIT :most
    ) AS w
    """
)


class EndpointState(StrEnum):
    """What an endpoint does now."""

    OPEN = "open"  #: everything is taken, or on its way
    FAILING = "failing"  #: nothing has been taken lately; it is tried again
    PAUSED = "paused"  #: by a person
    DISABLED = "disabled"  #: nothing was taken for days, or nothing may be: a person must look


@dataclass(frozen=True, slots=True)
class Lag:
    """How much waits, and since when."""

    events: int
    oldest: datetime | None

    @property
    def is_more(self) -> bool:
        """Tell whether there are more than were counted."""
        return self.events >= MOST_COUNTED


def state_of(row: WebhookEndpoint) -> EndpointState:
    """Return what an endpoint does."""
    if row.disabled_at is not None:
        return EndpointState.DISABLED
    if row.paused_at is not None:
        return EndpointState.PAUSED
    return EndpointState.FAILING if row.failing_since is not None else EndpointState.OPEN


async def lag_of(session: AsyncSession, endpoint_id: UUID) -> Lag:
    """Return what waits for an endpoint."""
    facts = {"endpoint_id": endpoint_id, "most": MOST_COUNTED, "no_campaign": UUID(int=0)}
    found = (await session.execute(_LAG, facts)).one()
    return Lag(found.events, found.oldest)


async def tries_of(
    session: AsyncSession, endpoint_id: UUID, *, failed: bool = False
) -> Sequence[WebhookTry]:
    """Return an endpoint's newest tries; ``failed``: only those that were not taken."""
    statement = select(WebhookTry).where(col(WebhookTry.endpoint_id) == endpoint_id)
    if failed:
        statement = statement.where(col(WebhookTry.reason) != "")
    ordered = statement.order_by(col(WebhookTry.id).desc()).limit(_TRIES_SHOWN)
    return (await session.exec(ordered)).all()
