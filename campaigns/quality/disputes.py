"""Disputes: the operator disagrees with a question's points, a second reviewer decides, all of it is kept."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent
from campaigns.quality.blindness import hidden_calls, require_sighted
from campaigns.quality.models import Decision, Dispute, Review, ScorecardVersion
from campaigns.quality.reviewing import ReviewNotFound, find_review
from campaigns.quality.scorecard import MOST_WORDS, score, sheet_of
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid, NotFound

#: Decided disputes that a page shows.
PAGE = 100


class DisputeNotFound(NotFound):
    """The client has no such dispute."""

    code = "dispute_not_found"
    message = "There is no such dispute."


class DisputedAlready(Conflict):
    """A question's points are disputed once."""

    code = "disputed_already"
    message = "This question was disputed already."


class DecidedAlready(Conflict):
    """A decision is final."""

    code = "decided_already"
    message = "This dispute is decided already."


class SecondReviewer(Conflict):
    """The reviewer does not decide about the own score."""

    code = "second_reviewer"
    message = "Another reviewer decides: it is your own score that is disputed."


@dataclass(frozen=True, slots=True)
class ShownDispute:
    """A dispute with its review and its operator's name."""

    row: Dispute
    review: Review
    agent: str


async def open_dispute(
    session: AsyncSession,
    review_id: UUID,
    item: str,
    words: str,
    agent_ids: frozenset[UUID],
    *,
    who: Identity,
    clock: Clock,
) -> Dispute:
    """Disagree with the points of a question of one's own call.

    Raises:
        ReviewNotFound: no such score, or of somebody else's call.
        Invalid: no words, or no such question.
        DisputedAlready: the question was disputed before.
    """
    review = await find_review(session, review_id, client_id=who.client_id, lock=True)
    if review.agent_id not in agent_ids:
        raise ReviewNotFound(review_id=str(review_id))
    words = words.strip()[:MOST_WORDS]
    if not words:
        raise Invalid("Say why you disagree.")
    if item not in review.answers:
        raise Invalid("Choose the question you disagree with.")
    before = select(Dispute.id).where(
        col(Dispute.review_id) == review.id, col(Dispute.item) == item
    )
    if (await session.exec(before)).first() is not None:
        raise DisputedAlready
    dispute = Dispute(
        client_id=who.client_id,
        review_id=review.id,
        item=item,
        words=words,
        opened_at=clock.now(),
        opened_by=who.user_id,
        points_before=review.answers[item],
        percent_before=review.percent,
    )
    session.add(dispute)
    await session.flush()
    facts = {"review_id": str(review.id), "item": item}
    await audit.trace(session, dispute, "quality.disputed", facts, user_id=who.user_id, clock=clock)
    return dispute


async def decide(
    session: AsyncSession,
    dispute_id: UUID,
    points: int | None,
    words: str,
    *,
    who: Identity,
    clock: Clock,
) -> Dispute:
    """Decide a dispute: the question's points as they should be; the same ones keep the score.

    Raises:
        DisputeNotFound: there is none, or it is another client's.
        DecidedAlready: somebody decided before.
        SecondReviewer: who scored the call, or took it, does not decide.
        ScoreBlindFirst: a calibration of the call waits for the person.
        Invalid: no reason is given.
        AnswersWrong: the question has no such points.
    """
    dispute = await _lock(session, dispute_id, who)
    if dispute.decided_at is not None:
        raise DecidedAlready
    review = await find_review(session, dispute.review_id, client_id=who.client_id, lock=True)
    await require_sighted(session, review.attempt_id, who)
    agent = await session.get_one(Agent, review.agent_id)
    if who.user_id in (review.reviewer_id, agent.user_id, dispute.opened_by):
        raise SecondReviewer
    words = words.strip()[:MOST_WORDS]
    if not words:
        raise Invalid("Say why you decide so: the operator reads it.")
    version = await session.get_one(ScorecardVersion, review.version_id)
    answers = {**review.answers, dispute.item: points}
    result = score(sheet_of(version.content), answers)
    same = points == review.answers[dispute.item]
    dispute.decision = Decision.KEPT if same else Decision.CHANGED
    dispute.decided_at, dispute.decided_by = clock.now(), who.user_id
    dispute.decision_words = words
    dispute.points_after, dispute.percent_after = points, result.percent
    review.answers, review.percent = answers, result.percent
    review.failed, review.passed = list(result.failed), result.passed
    await session.flush()
    facts = {
        "decision": dispute.decision.value,
        "item": dispute.item,
        "points": {"from": dispute.points_before, "to": points},
        "percent": {"from": str(dispute.percent_before), "to": str(result.percent)},
    }
    await audit.trace(session, dispute, "quality.decided", facts, user_id=who.user_id, clock=clock)
    return dispute


async def _lock(session: AsyncSession, dispute_id: UUID, who: Identity) -> Dispute:
    statement = select(Dispute).where(
        col(Dispute.id) == dispute_id, col(Dispute.client_id) == who.client_id
    )
    row = (await session.exec(statement.with_for_update())).one_or_none()
    if row is None:
        raise DisputeNotFound(dispute_id=str(dispute_id))
    return row


async def disputes_of(session: AsyncSession, who: Identity) -> list[ShownDispute]:
    """Return a client's disputes, none of calls the person is to score blind: those that wait first."""
    return await _read(
        session,
        _disputes(who.client_id)
        .where(col(Review.attempt_id).not_in(await hidden_calls(session, who)))
        .order_by(col(Dispute.decided_at).is_not(None), col(Dispute.id).desc())
        .limit(PAGE),
    )


async def find_dispute(session: AsyncSession, dispute_id: UUID, *, who: Identity) -> ShownDispute:
    """Return a dispute.

    Raises:
        DisputeNotFound: there is none, or it is another client's.
        ScoreBlindFirst: a calibration of the call waits for the person.
    """
    found = await _read(session, _disputes(who.client_id).where(col(Dispute.id) == dispute_id))
    if not found:
        raise DisputeNotFound(dispute_id=str(dispute_id))
    await require_sighted(session, found[0].review.attempt_id, who)
    return found[0]


def _disputes(client_id: UUID) -> Any:
    return (
        select(Dispute, Review, Agent.name)
        .join(Review, col(Review.id) == col(Dispute.review_id))
        .join(Agent, col(Agent.id) == col(Review.agent_id))
        .where(col(Dispute.client_id) == client_id)
    )


async def _read(session: AsyncSession, statement: Any) -> list[ShownDispute]:
    return [ShownDispute(*row) for row in (await session.exec(statement)).all()]
