"""How an answer is stored: by number, so that a late or doubled one changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.answering.answers import Answer
from campaigns.forms.models import Interview, InterviewAnswer
from dialer.clock import Clock
from dialer.db import affected


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an answer was given: in which call, and how far into its recording."""

    attempt_id: UUID | None = None
    place_s: float | None = None  #: seconds; None: not recorded then


NOWHERE = Spot()

_FRESH = insert(SQLModel.metadata.tables["interview_answer"])
#: Made once: it is run with every answer.
_NEWER = _FRESH.on_conflict_do_update(
    index_elements=["interview_id", "code"],
    set_={
        name: _FRESH.excluded[name]
        for name in ("sequence", "answer", "saved_at", "saved_by", "attempt_id", "place_s")
    },
    where=col(InterviewAnswer.sequence) < _FRESH.excluded.sequence,
)


def spot_at(
    attempt_id: UUID, given_at: datetime, *, began_at: datetime | None, ended_at: datetime | None
) -> Spot:
    """Return where an answer is that was given at an instant.

    The recording begins when the call is answered (``began_at``; None: there is none) and ends with the call:
    what is written down afterwards has no place in it.
    """
    if began_at is None or (ended_at is not None and given_at > ended_at):
        return Spot(attempt_id)
    return Spot(attempt_id, max(0.0, round((given_at - began_at).total_seconds(), 1)))


async def keep_answer(
    session: AsyncSession,
    row: Interview,
    code: str,
    answer: Answer,
    *,
    sequence: int,
    user_id: UUID | None,
    clock: Clock,
    spot: Spot = NOWHERE,
) -> bool:
    """Store an answer unless a newer one is there; return whether it is the newest."""
    values = {
        "interview_id": row.id,
        "code": code,
        "client_id": row.client_id,
        "sequence": sequence,
        "answer": answer.as_json(),
        "saved_at": clock.now(),
        "saved_by": user_id,
        "attempt_id": spot.attempt_id,
        "place_s": spot.place_s,
    }
    return affected(await session.execute(_NEWER, values)) == 1
