"""The corrections of a call's result, as the audit log keeps them: nobody changes or removes an entry."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy.models import AuditEntry, User

ACTION = "attempt.corrected"  #: the action of a correction in the audit log
_SUBJECT = "attempt"


@dataclass(frozen=True, slots=True)
class KeptCorrection:
    """One correction: who, when, why, from what to what."""

    at: datetime
    user_id: UUID | None
    login: str  #: "": a program
    before: str | None
    after: str
    reason: str
    note: str  #: of the call: kept, changed or removed with it; "": not known


async def corrections_of(
    session: AsyncSession, attempt_id: UUID, *, client_id: UUID
) -> list[KeptCorrection]:
    """Return the corrections of a call's result, the first one first."""
    statement = (
        select(AuditEntry, User.login)
        .outerjoin(User, col(User.id) == col(AuditEntry.user_id))
        .where(
            col(AuditEntry.subject) == _SUBJECT,
            col(AuditEntry.subject_id) == attempt_id,
            col(AuditEntry.client_id) == client_id,
            col(AuditEntry.action) == ACTION,
        )
        .order_by(col(AuditEntry.at), col(AuditEntry.id))
    )
    return [
        KeptCorrection(
            row.at,
            row.user_id,
            login or "",
            row.facts.get("before"),
            str(row.facts.get("after", "")),
            str(row.facts.get("reason", "")),
            str(row.facts.get("note", "")),
        )
        for row, login in (await session.exec(statement)).all()
    ]


def result_at(corrections: list[KeptCorrection], now: str | None, at: datetime) -> str | None:
    """Return the result that a call had at an instant, from the one it has now."""
    later = (one.before for one in corrections if one.at > at)
    return next(later, now)
