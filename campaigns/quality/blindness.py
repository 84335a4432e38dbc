"""Blindness: whoever is to score a call for a calibration sees no other score of it anywhere."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.quality.models import Calibration, Review
from campaigns.tenancy.tokens import Identity
from dialer.errors import Conflict


class ScoreBlindFirst(Conflict):
    """What others said of the call is hidden until the person has scored it."""

    code = "score_blind_first"
    message = (
        "A calibration of this call waits for you: score it first, then you see what others said."
    )


async def hidden_calls(session: AsyncSession, who: Identity) -> frozenset[UUID]:
    """Return the calls that a person has yet to score blind."""
    done = select(Review.id).where(
        col(Review.calibration_id) == col(Calibration.id),
        col(Review.reviewer_id) == who.user_id,
    )
    mine = (col(Calibration.first_id) == who.user_id) | (col(Calibration.second_id) == who.user_id)
    statement = select(Calibration.attempt_id).where(
        col(Calibration.client_id) == who.client_id, mine, ~done.exists()
    )
    return frozenset(await session.exec(statement))


async def require_sighted(session: AsyncSession, attempt_id: UUID, who: Identity) -> None:
    """Refuse whoever is to score the call blind.

    Raises:
        ScoreBlindFirst: a calibration waits for the person.
    """
    if attempt_id in await hidden_calls(session, who):
        raise ScoreBlindFirst(attempt_id=str(attempt_id))
