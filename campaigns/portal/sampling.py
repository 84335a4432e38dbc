"""Samples for acceptance: a part of the results is drawn and kept. Nothing here commits."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.delivery.deliveries import orders
from campaigns.delivery.deliveries.delivered import scope_of
from campaigns.delivery.deliveries.errors import NotDelivered
from campaigns.delivery.deliveries.words import DeliveryState
from campaigns.portal.draw import drawn, size_of
from campaigns.portal.errors import NothingToDraw, SampleNotFound, TooManyOpen
from campaigns.portal.models import AcceptanceSample, SampledResult
from campaigns.tenancy.audit import trace
from dialer.clock import Clock
from dialer.errors import Invalid
from dialer.ids import new_id

_MOST_SHOWN = 200
#: More cannot be checked by people.
MOST_DRAWN = 2_000
MOST_SEED = 40
#: Samples of a campaign whose check is not finished.
MOST_OPEN = 20

_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('draw ' || :campaign_id, 0))")
_OF_CAMPAIGN = """
    SELECT id AS lead_id, result FROM lead
    WHERE campaign_id = :campaign_id AND client_id = :client_id AND result IS NOT NULL
"""
_OF_DELIVERY = """
    SELECT lead_id, result FROM (
        SELECT DISTINCT ON (lead_id) lead_id, result, change FROM delivered_result
        WHERE plan_id = :plan_id AND client_id = :client_id AND turn <= :turn
        ORDER BY lead_id, turn DESC
    ) d WHERE d.change <> 'removed' AND d.result IS NOT NULL
"""


class TooManyDrawn(Invalid):
    """More than people check."""

    code = "too_many_drawn"
    message = "This would be more than 2,000 results: draw a smaller part."


async def draw(
    session: AsyncSession,
    campaign_id: UUID,
    percent: int,
    *,
    seed: str = "",
    delivery_id: UUID | None = None,
    client_id: UUID,
    user_id: UUID,
    clock: Clock,
) -> AcceptanceSample:
    """Draw a part of the results and keep it; without a seed one is made up, and shown.

    Raises:
        CampaignNotFound, DeliveryNotFound: none of the client's.
        NotDelivered: the delivery has not arrived.
        NothingToDraw: there are no results.
        TooManyDrawn: more than ``MOST_DRAWN``.
        TooManyOpen: ``MOST_OPEN`` of the campaign wait for their end.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    await _require_few(session, campaign.id)
    statement, facts = await _scope(session, campaign.id, delivery_id, client_id=client_id)
    size = size_of(await _count(session, statement, facts), percent)
    if not size:
        raise NothingToDraw
    if size > MOST_DRAWN:
        raise TooManyDrawn(size=size)
    results = {row.lead_id: row.result for row in await session.execute(text(statement), facts)}
    size = size_of(len(results), percent)  # another result may have come since they were counted
    row = AcceptanceSample(
        client_id=client_id, campaign_id=campaign.id, delivery_id=delivery_id,
        seed=seed.strip()[:MOST_SEED] or new_id().hex[-8:], percent=percent,
        population=len(results), size=size, drawn_at=clock.now(), drawn_by=user_id,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    for place, lead_id in enumerate(drawn(results, row.seed, size), start=1):
        session.add(
            SampledResult(
                sample_id=row.id,
                lead_id=lead_id,
                client_id=client_id,
                place=place,
                result=results[lead_id],
            )
        )
    facts = {"percent": percent, "seed": row.seed, "population": row.population, "size": size}
    await trace(session, row, "sample.drawn", facts, user_id=user_id, clock=clock)
    return row


async def _require_few(session: AsyncSession, campaign_id: UUID) -> None:
    """Count the campaign's open samples; nobody else draws of it until the transaction ends."""
    await session.execute(_HOLD, {"campaign_id": str(campaign_id)})
    statement = select(func.count()).where(
        col(AcceptanceSample.campaign_id) == campaign_id,
        col(AcceptanceSample.finished_at).is_(None),
    )
    if (await session.exec(statement)).one() >= MOST_OPEN:
        raise TooManyOpen


async def _count(session: AsyncSession, statement: str, facts: dict[str, Any]) -> int:
    counted = text(f"SELECT count(*) FROM ({statement}) r")  # noqa: S608 - a constant of ours
    found: int = (await session.execute(counted, facts)).scalar_one()
    return found


async def _scope(
    session: AsyncSession, campaign_id: UUID, delivery_id: UUID | None, *, client_id: UUID
) -> tuple[str, dict[str, Any]]:
    """Return what finds the results to draw from, and its values."""
    facts: dict[str, Any] = {"campaign_id": campaign_id, "client_id": client_id}
    statement = _OF_CAMPAIGN
    if delivery_id is not None:
        delivery = await orders.find(session, delivery_id, client_id=client_id)
        if delivery.campaign_id != campaign_id or delivery.state is not DeliveryState.DELIVERED:
            raise NotDelivered
        statement, facts = _OF_DELIVERY, scope_of(delivery)
    return statement, facts


async def find(
    session: AsyncSession, sample_id: UUID, *, client_id: UUID, lock: bool = False
) -> AcceptanceSample:
    """Return a client's sample.

    Raises:
        SampleNotFound: no such sample, or it is another client's.
    """
    statement = select(AcceptanceSample).where(
        col(AcceptanceSample.id) == sample_id, col(AcceptanceSample.client_id) == client_id
    )
    row = (await session.exec(statement.with_for_update() if lock else statement)).first()
    if row is None:
        raise SampleNotFound
    return row


async def samples_of(session: AsyncSession, client_id: UUID) -> Sequence[AcceptanceSample]:
    """Return the client's samples, the newest first."""
    statement = select(AcceptanceSample).where(col(AcceptanceSample.client_id) == client_id)
    order = col(AcceptanceSample.id).desc()
    return (await session.exec(statement.order_by(order).limit(_MOST_SHOWN))).all()
