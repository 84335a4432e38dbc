"""Acceptance: the client accepts or disputes what was delivered, contact by contact; the call centre answers.

A dispute is closed when the client accepts the result after the answer. A delivery is accepted as a whole
when no dispute waits for an answer; then nothing of it can be disputed any more. Nothing here commits.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.delivered import counts_of, scope_of
from campaigns.delivery.deliveries.errors import (
    AlreadyAccepted,
    NotDelivered,
    NotDisputed,
    OpenDisputes,
    ResultNotDelivered,
)
from campaigns.delivery.deliveries.models import Delivery, ResultVerdict
from campaigns.delivery.deliveries.words import DeliveryState, DisputeReason, Verdict
from campaigns.tenancy.audit import trace
from dialer.clock import Clock

_BROUGHT = text(
    """
    SELECT change FROM delivered_result
    WHERE plan_id = :plan_id AND lead_id = :lead_id AND client_id = :client_id AND turn <= :turn
      AND (change <> 'removed' OR delivery_id = :delivery_id)
    ORDER BY turn DESC LIMIT 1
    """
)


async def accept_result(
    session: AsyncSession, delivery: Delivery, lead_id: UUID, *, user_id: UUID, clock: Clock
) -> ResultVerdict:
    """Accept one result, also one that was disputed and answered.

    Raises:
        NotDelivered: the delivery has not arrived.
        ResultNotDelivered: it brought none of this contact.
    """
    row = await _verdict(session, delivery, lead_id, user_id=user_id, clock=clock)
    row.verdict = Verdict.ACCEPTED
    return await _said(session, delivery, row, "result.accepted", {}, user_id=user_id, clock=clock)


async def dispute_result(
    session: AsyncSession,
    delivery: Delivery,
    lead_id: UUID,
    reason: DisputeReason,
    comment: str = "",
    *,
    user_id: UUID,
    clock: Clock,
) -> ResultVerdict:
    """Dispute one result; an answered one may be disputed once more.

    Raises:
        NotDelivered: the delivery has not arrived.
        ResultNotDelivered: it brought none of this contact.
        AlreadyAccepted: the result, or the whole delivery, was accepted.
    """
    row = await _verdict(session, delivery, lead_id, user_id=user_id, clock=clock)
    if delivery.accepted_at is not None or (row in session and row.verdict is Verdict.ACCEPTED):
        raise AlreadyAccepted
    row.verdict, row.reason, row.comment = Verdict.DISPUTED, reason, comment.strip()
    row.answer, row.answered_at, row.answered_by = "", None, None
    facts = {"reason": reason.value}
    return await _said(
        session, delivery, row, "result.disputed", facts, user_id=user_id, clock=clock
    )


async def answer_dispute(
    session: AsyncSession,
    delivery: Delivery,
    lead_id: UUID,
    verdict: Verdict,
    answer: str,
    *,
    user_id: UUID,
    clock: Clock,
) -> ResultVerdict:
    """Answer as the call centre: ``conceded`` (it is right) or ``defended`` (it is not, and why).

    Raises:
        NotDisputed: the client does not dispute it.
        ValueError: another verdict.
    """
    if verdict not in {Verdict.CONCEDED, Verdict.DEFENDED}:
        raise ValueError(f"the call centre cannot say {verdict}")
    row = await session.get(ResultVerdict, (delivery.id, lead_id), with_for_update=True)
    if row is None or row.verdict is not Verdict.DISPUTED:
        raise NotDisputed
    row.verdict, row.answer = verdict, answer.strip()
    row.answered_at, row.answered_by = clock.now(), user_id
    session.add(row)
    facts = {"lead": str(lead_id), "verdict": verdict.value}
    await trace(session, delivery, "result.answered", facts, user_id=user_id, clock=clock)
    return row


async def accept_delivery(
    session: AsyncSession, delivery: Delivery, *, user_id: UUID, clock: Clock
) -> None:
    """Accept a delivery as a whole; its undisputed results are accepted with it.

    Raises:
        NotDelivered: it has not arrived.
        OpenDisputes: a dispute waits for its answer.
    """
    if delivery.state is not DeliveryState.DELIVERED:
        raise NotDelivered
    if delivery.accepted_at is not None:
        return
    counts = (await counts_of(session, [delivery.id], client_id=delivery.client_id)).get(
        delivery.id, {}
    )
    if counts.get(Verdict.DISPUTED):
        raise OpenDisputes(disputed=counts[Verdict.DISPUTED])
    delivery.accepted_at, delivery.accepted_by = clock.now(), user_id
    session.add(delivery)
    facts = {"results": delivery.results, **{name.value: n for name, n in counts.items()}}
    await trace(session, delivery, "delivery.accepted", facts, user_id=user_id, clock=clock)


async def _verdict(
    session: AsyncSession, delivery: Delivery, lead_id: UUID, *, user_id: UUID, clock: Clock
) -> ResultVerdict:
    """Return the verdict of a result, or a new one that is not stored yet."""
    if delivery.state is not DeliveryState.DELIVERED:
        raise NotDelivered
    found = await session.execute(_BROUGHT, {**scope_of(delivery), "lead_id": lead_id})
    if found.first() is None:
        raise ResultNotDelivered(lead_id=lead_id)
    row = await session.get(ResultVerdict, (delivery.id, lead_id), with_for_update=True)
    return row or ResultVerdict(
        delivery_id=delivery.id,
        lead_id=lead_id,
        client_id=delivery.client_id,
        verdict=Verdict.ACCEPTED,
        said_at=clock.now(),
        said_by=user_id,
    )


async def _said(
    session: AsyncSession,
    delivery: Delivery,
    row: ResultVerdict,
    action: str,
    facts: Mapping[str, str],
    *,
    user_id: UUID,
    clock: Clock,
) -> ResultVerdict:
    row.said_at, row.said_by = clock.now(), user_id
    session.add(row)
    await session.flush()
    told = {"lead": str(row.lead_id), **facts}
    await trace(session, delivery, action, told, user_id=user_id, clock=clock)
    return row
