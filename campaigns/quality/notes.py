"""Words about a moment of a call: comments for reviewers, coaching for the operator, who acknowledges it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.quality.calls import find_taken
from campaigns.quality.models import NoteKind, QualityNote
from campaigns.quality.scorecard import MOST_WORDS
from campaigns.tenancy import audit
from campaigns.tenancy.models import User
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import Invalid, NotFound

#: A recording is no longer than a day.
MOST_AT_S = 86_400.0
MOST_NOTES = 500


class NoteNotFound(NotFound):
    """There is no such note for this operator."""

    code = "note_not_found"
    message = "There is no such note."


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note and who wrote it."""

    row: QualityNote
    author: str


async def add(
    session: AsyncSession,
    attempt_id: UUID,
    kind: NoteKind,
    at_s: float,
    words: str,
    *,
    who: Identity,
    clock: Clock,
) -> QualityNote:
    """Write a note about a moment of a call.

    Raises:
        CallNotFound, NobodyTalked: there is nobody's talk.
        Invalid: there are no words, or no such moment.
    """
    call = await find_taken(session, attempt_id, client_id=who.client_id)
    words = words.strip()[:MOST_WORDS]
    if not words:
        raise Invalid("Write what you want to say.")
    if not 0 <= at_s <= MOST_AT_S:
        raise Invalid("There is no such moment in the recording.")
    note = QualityNote(
        client_id=who.client_id,
        attempt_id=attempt_id,
        kind=kind,
        at_s=round(at_s, 1),
        words=words,
        author_id=who.user_id,
        created_at=clock.now(),
        agent_id=call.agent.id if kind is NoteKind.COACHING else None,
    )
    session.add(note)
    await session.flush()
    facts = {"kind": kind.value, "attempt_id": str(attempt_id), "at_s": note.at_s}
    await audit.trace(session, note, "quality.noted", facts, user_id=who.user_id, clock=clock)
    return note


async def notes_of(session: AsyncSession, attempt_id: UUID, *, client_id: UUID) -> list[ShownNote]:
    """Return a call's notes in the order of the recording."""
    statement = _notes(client_id).where(col(QualityNote.attempt_id) == attempt_id)
    return await _read(session, statement.order_by(col(QualityNote.at_s), col(QualityNote.id)))


async def coaching_of(
    session: AsyncSession, agent_ids: frozenset[UUID], *, client_id: UUID
) -> list[ShownNote]:
    """Return what operators were told, what waits for them first, then the newest."""
    statement = (
        _notes(client_id)
        .where(col(QualityNote.agent_id).in_(agent_ids))
        .order_by(col(QualityNote.acknowledged_at).is_not(None), col(QualityNote.id).desc())
    )
    return await _read(session, statement.limit(MOST_NOTES))


async def acknowledge(
    session: AsyncSession,
    note_id: UUID,
    agent_ids: frozenset[UUID],
    *,
    who: Identity,
    clock: Clock,
) -> None:
    """Note that the operator has read a coaching note; again: nothing more.

    Raises:
        NoteNotFound: there is none for one of these operators.
    """
    statement = select(QualityNote).where(
        col(QualityNote.id) == note_id,
        col(QualityNote.client_id) == who.client_id,
        col(QualityNote.agent_id).in_(agent_ids),
    )
    note = (await session.exec(statement.with_for_update())).one_or_none()
    if note is None:
        raise NoteNotFound(note_id=str(note_id))
    if note.acknowledged_at is None:
        note.acknowledged_at = clock.now()
        await session.flush()
        await audit.trace(
            session, note, "quality.acknowledged", {}, user_id=who.user_id, clock=clock
        )


def _notes(client_id: UUID) -> Any:
    return (
        select(QualityNote, User.login)
        .outerjoin(User, col(User.id) == col(QualityNote.author_id))
        .where(col(QualityNote.client_id) == client_id)
    )


async def _read(session: AsyncSession, statement: Any) -> list[ShownNote]:
    rows: Sequence[tuple[QualityNote, str | None]] = (await session.exec(statement)).all()
    return [ShownNote(row, login or "") for row, login in rows]
