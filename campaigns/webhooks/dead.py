"""Dead letters: messages that were given up, kept until they are sent again or too old."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.webhooks.models import WebhookDead, WebhookEndpoint, WebhookLane

#: Dead letters of one page.
_MOST = 200


def bury(
    session: AsyncSession,
    lane: WebhookLane,
    span: tuple[int, int],
    *,
    events: int,
    reason: str,
    detail: str,
    now: datetime,
) -> None:
    """Keep what is given up: the events from the first to the last position of ``span``."""
    session.add(
        WebhookDead(
            client_id=lane.client_id,
            endpoint_id=lane.endpoint_id,
            lane_id=lane.lane_id,
            first_position=span[0],
            last_position=span[1],
            events=events,
            tries=lane.tries,
            reason=reason,
            detail=detail,
            given_up_at=now,
        )
    )


async def dead_letters(
    session: AsyncSession, client_id: UUID, endpoint_id: UUID | None = None
) -> Sequence[WebhookDead]:
    """Return the client's dead letters that can be sent again and were not yet, the newest first."""
    removed = select(WebhookEndpoint.id).where(
        col(WebhookEndpoint.client_id) == client_id, col(WebhookEndpoint.removed_at).is_not(None)
    )
    statement = select(WebhookDead).where(
        col(WebhookDead.client_id) == client_id,
        col(WebhookDead.settled_at).is_(None),
        col(WebhookDead.endpoint_id).not_in(removed),
    )
    if endpoint_id is not None:
        statement = statement.where(col(WebhookDead.endpoint_id) == endpoint_id)
    return (await session.exec(statement.order_by(col(WebhookDead.id).desc()).limit(_MOST))).all()
