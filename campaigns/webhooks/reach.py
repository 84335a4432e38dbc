"""Reach: where an endpoint's lanes go on when it asks for something else. Nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.events.models import NO_CAMPAIGN
from campaigns.events.reading import span_of
from campaigns.webhooks.lanes import begin_after
from campaigns.webhooks.models import WebhookEndpoint, WebhookLane


async def lanes_held(
    session: AsyncSession, endpoint_id: UUID, lane_id: UUID | None = None
) -> Sequence[WebhookLane]:
    """Return an endpoint's lanes, or one of them, held until the transaction ends."""
    statement = select(WebhookLane).where(col(WebhookLane.endpoint_id) == endpoint_id)
    if lane_id is not None:
        statement = statement.where(col(WebhookLane.lane_id) == lane_id)
    held = statement.order_by(col(WebhookLane.lane_id)).with_for_update()
    return (await session.exec(held.execution_options(populate_existing=True))).all()


async def open_lane(session: AsyncSession, endpoint: WebhookEndpoint, lane_id: UUID) -> None:
    """Have a campaign's lane stand where the campaign would begin, if the endpoint has not had it yet.

    Raises:
        CampaignNotFound: the client has no such campaign.
    """
    if lane_id != NO_CAMPAIGN:
        await lifecycle.find(session, lane_id, client_id=endpoint.client_id)
    fresh = WebhookLane(
        endpoint_id=endpoint.id,
        lane_id=lane_id,
        client_id=endpoint.client_id,
        position=endpoint.from_position,
    )
    made = insert(WebhookLane).values(fresh.model_dump()).on_conflict_do_nothing()
    await session.execute(made)


async def widen(session: AsyncSession, endpoint: WebhookEndpoint, campaign_id: UUID) -> None:
    """Let an endpoint of one campaign have others: what it did not ask for before begins now.

    The campaign that it had goes on where it stands.
    """
    last = (await span_of(session, endpoint.client_id)).last
    await open_lane(session, endpoint, campaign_id)
    for lane in await lanes_held(session, endpoint.id):
        if lane.lane_id != campaign_id:
            begin_after(lane, last)
            session.add(lane)
    endpoint.from_position = last


async def put_together_anew(session: AsyncSession, endpoint_id: UUID) -> None:
    """Put messages in hand together anew, under other ids.

    Under its old id a message with more events would be dropped by a receiver that has the old one.
    """
    for lane in await lanes_held(session, endpoint_id):
        if lane.sending_to is not None:
            begin_after(lane, lane.position)
            lane.replays += 1
            session.add(lane)
