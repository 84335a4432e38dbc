"""What client and call centre say of a sample's results. Nothing here commits.

Of a sample of a delivery it is said as on the delivery's page (``campaigns.delivery.deliveries.acceptance``):
there is one verdict of a result, and a dispute keeps the delivery from being accepted as a whole.
"""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries import acceptance, orders
from campaigns.delivery.deliveries.errors import AlreadyAccepted, NotDisputed
from campaigns.delivery.deliveries.words import DisputeReason, Verdict
from campaigns.portal.errors import (
    AnswerMissing,
    SampleFinished,
    SampleNotFound,
    SampleNotJudged,
)
from campaigns.portal.models import AcceptanceSample, SampledResult
from campaigns.portal.sampled import estimate_of, lines_of
from campaigns.tenancy.audit import trace
from dialer.clock import Clock


async def judge(
    session: AsyncSession,
    sample: AcceptanceSample,
    lead_id: UUID,
    reason: DisputeReason | None,
    comment: str = "",
    *,
    user_id: UUID,
    clock: Clock,
) -> None:
    """Accept a drawn result, or dispute it when a reason is given.

    Raises:
        SampleFinished: its result stands.
        SampleNotFound: the result was not drawn.
        AlreadyAccepted: it was accepted before.
    """
    if sample.finished_at is not None:
        raise SampleFinished
    row = await _row(session, sample, lead_id)
    given: dict[str, Any] = {"user_id": user_id, "clock": clock}
    if sample.delivery_id is not None:
        delivery = await orders.find(
            session, sample.delivery_id, client_id=sample.client_id, lock=True
        )
        if reason is None:
            await acceptance.accept_result(session, delivery, lead_id, **given)
        else:
            await acceptance.dispute_result(session, delivery, lead_id, reason, comment, **given)
        return
    if reason is not None and row.verdict is Verdict.ACCEPTED:
        raise AlreadyAccepted
    row.verdict = Verdict.ACCEPTED if reason is None else Verdict.DISPUTED
    row.said_at, row.said_by = clock.now(), user_id
    if reason is not None:
        row.reason, row.comment = reason, comment.strip()
        row.answer, row.answered_at, row.answered_by = "", None, None
    session.add(row)
    facts = {"lead": str(lead_id), "reason": reason}
    action = "sample.result_disputed" if reason else "sample.result_accepted"
    await trace(session, sample, action, facts, **given)


async def answer(
    session: AsyncSession,
    sample: AcceptanceSample,
    lead_id: UUID,
    verdict: Verdict,
    words: str,
    *,
    user_id: UUID,
    clock: Clock,
) -> None:
    """Answer a dispute as the call centre: ``conceded`` or ``defended``.

    Raises:
        SampleNotFound: the result was not drawn.
        NotDisputed: the client does not dispute it, or does so on the delivery's page.
        AnswerMissing: a defence says why.
    """
    row = await _row(session, sample, lead_id)
    if sample.delivery_id is not None or row.verdict is not Verdict.DISPUTED:
        raise NotDisputed
    if verdict is Verdict.DEFENDED and not words.strip():
        raise AnswerMissing
    row.verdict, row.answer = verdict, words.strip()
    row.answered_at, row.answered_by = clock.now(), user_id
    session.add(row)
    facts = {"lead": str(lead_id), "verdict": verdict.value}
    await trace(session, sample, "sample.answered", facts, user_id=user_id, clock=clock)


async def finish(
    session: AsyncSession, sample: AcceptanceSample, *, user_id: UUID, clock: Clock
) -> None:
    """Let a sample's result stand: every result is judged, every dispute answered.

    Raises:
        SampleFinished: it stands already.
        SampleNotJudged: something is open.
    """
    if sample.finished_at is not None:
        raise SampleFinished
    lines = await lines_of(session, sample)
    unsaid = [one for one in lines if one.verdict in {None, Verdict.DISPUTED}]
    if unsaid:
        raise SampleNotJudged(open=len(unsaid))
    found = estimate_of(sample, lines)
    sample.finished_at, sample.finished_by = clock.now(), user_id
    session.add(sample)
    facts = {"bad": found.bad, "judged": found.judged, "population": found.population}
    await trace(session, sample, "sample.finished", facts, user_id=user_id, clock=clock)


async def _row(session: AsyncSession, sample: AcceptanceSample, lead_id: UUID) -> SampledResult:
    row = await session.get(SampledResult, (sample.id, lead_id), with_for_update=True)
    if row is None or row.client_id != sample.client_id:
        raise SampleNotFound
    return row
