"""Scoring a call: once, by somebody else than who took it, by a published version. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.quality.calls import TakenCall, find_taken
from campaigns.quality.models import Calibration, Dispute, Review, Scorecard, ScorecardVersion
from campaigns.quality.scorecard import MOST_WORDS, Answers, Sheet, score, sheet_of
from campaigns.quality.scorecards import find_published
from campaigns.tenancy import audit
from campaigns.tenancy.models import User
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import Conflict, NotFound


class ReviewNotFound(NotFound):
    """The client has no such review."""

    code = "review_not_found"
    message = "There is no such score."


class OwnCall(Conflict):
    """Nobody scores a call of his or her own."""

    code = "own_call"
    message = "You took this call yourself: somebody else scores it."


class AlreadyScored(Conflict):
    """The call has its score."""

    code = "already_scored"
    message = "This call is scored already. A score changes only by the decision of a dispute."


@dataclass(frozen=True, slots=True)
class ShownReview:
    """A review with what a page shows of it."""

    row: Review
    scorecard: str
    number: int
    sheet: Sheet
    reviewer: str
    disputes: Sequence[Dispute]


async def record(
    session: AsyncSession,
    attempt_id: UUID,
    version_id: UUID,
    answers: Answers,
    words: str = "",
    *,
    who: Identity,
    clock: Clock,
    calibration_id: UUID | None = None,
) -> Review:
    """Store a call's score. Of a call there is one, besides those of calibrations.

    Raises:
        CallNotFound, NobodyTalked: there is nobody's talk to score.
        OwnCall: the reviewer took the call.
        ScorecardNotFound: no such published version.
        AnswersWrong: the answers do not fit it.
        AlreadyScored: the call, or this reviewer's part of a calibration, has its score.
    """
    call = await find_taken(session, attempt_id, client_id=who.client_id)
    if call.agent.user_id == who.user_id:
        raise OwnCall
    version = await find_published(session, version_id, client_id=who.client_id)
    row = _review(call, version, answers, words, who, clock, calibration_id)
    # Two reviewers at the same moment: the second one is told, whoever that is.
    stored = await session.execute(
        insert(Review).values(**row.model_dump()).on_conflict_do_nothing().returning(col(Review.id))
    )
    if stored.first() is None:
        raise AlreadyScored(attempt_id=str(attempt_id))
    facts = {
        "percent": str(row.percent),
        "failed": row.failed,
        "agent_id": str(row.agent_id),
        "version_id": str(version_id),
        "calibration_id": str(calibration_id) if calibration_id else None,
    }
    await audit.trace(session, row, "quality.scored", facts, user_id=who.user_id, clock=clock)
    return row


def _review(
    call: TakenCall,
    version: ScorecardVersion,
    answers: Answers,
    words: str,
    who: Identity,
    clock: Clock,
    calibration_id: UUID | None,
) -> Review:
    result = score(sheet_of(version.content), answers)
    return Review(
        client_id=who.client_id,
        attempt_id=call.attempt.id,
        agent_id=call.agent.id,
        version_id=version.id,
        calibration_id=calibration_id,
        reviewer_id=who.user_id,
        talked_at=call.talked_at,
        answers=dict(answers),
        words=words.strip()[:MOST_WORDS],
        percent=result.percent,
        failed=list(result.failed),
        passed=result.passed,
        reviewed_at=clock.now(),
    )


async def find_review(
    session: AsyncSession, review_id: UUID, *, client_id: UUID, lock: bool = False
) -> Review:
    """Return a review that counts (none of a calibration).

    Raises:
        ReviewNotFound: there is none, or it is another client's.
    """
    statement = select(Review).where(
        col(Review.id) == review_id,
        col(Review.client_id) == client_id,
        col(Review.calibration_id).is_(None),
    )
    row = (await session.exec(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise ReviewNotFound(review_id=str(review_id))
    return row


async def shown(session: AsyncSession, rows: Sequence[Review]) -> list[ShownReview]:
    """Return reviews with their scorecards, reviewers and disputes, in the same order."""
    statement = (
        select_columns(col(Review.id), col(Scorecard.name), ScorecardVersion, col(User.login))
        .join(ScorecardVersion, col(ScorecardVersion.id) == col(Review.version_id))
        .join(Scorecard, col(Scorecard.id) == col(ScorecardVersion.scorecard_id))
        .outerjoin(User, col(User.id) == col(Review.reviewer_id))
        .where(col(Review.id).in_([row.id for row in rows]))
    )
    known = {found[0]: found for found in (await session.execute(statement)).all()}
    asked = (
        select(Dispute)
        .where(col(Dispute.review_id).in_(list(known)))
        .order_by(col(Dispute.opened_at), col(Dispute.id))
    )
    disputes = (await session.exec(asked)).all()
    return [
        ShownReview(
            row,
            known[row.id][1],
            known[row.id][2].number,
            sheet_of(known[row.id][2].content),
            known[row.id][3] or "",
            [one for one in disputes if one.review_id == row.id],
        )
        for row in rows
    ]


async def review_of_call(
    session: AsyncSession, attempt_id: UUID, *, client_id: UUID
) -> ShownReview | None:
    """Return the score that counts for a call; None: it has none yet."""
    statement = select(Review).where(
        col(Review.attempt_id) == attempt_id,
        col(Review.client_id) == client_id,
        col(Review.calibration_id).is_(None),
    )
    found = await shown(session, (await session.exec(statement)).all())
    return found[0] if found else None


async def awaited_calibration(
    session: AsyncSession, attempt_id: UUID, who: Identity
) -> Calibration | None:
    """Return the calibration for which a person has to score a call blind; None: there is none."""
    mine = (col(Calibration.first_id) == who.user_id) | (col(Calibration.second_id) == who.user_id)
    done = select(Review.id).where(
        col(Review.calibration_id) == col(Calibration.id),
        col(Review.reviewer_id) == who.user_id,
    )
    statement = select(Calibration).where(
        col(Calibration.attempt_id) == attempt_id,
        col(Calibration.client_id) == who.client_id,
        mine,
        ~done.exists(),
    )
    return (await session.exec(statement.order_by(col(Calibration.id)))).first()
