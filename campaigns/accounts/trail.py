"""Reading the audit log: by person, thing and time; only what is the client's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy.models import AuditEntry, User

#: Entries of one page.
PAGE = 50


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which entries are wanted; None leaves open."""

    login: str | None = None  #: who did it
    action: str | None = None  #: the beginning of the action: ``sign_in``, ``results.downloaded``
    subject: str | None = None  #: the table
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None  #: not included
    before: tuple[datetime, UUID] | None = None  #: the last entry of the page before


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One entry, and who did it."""

    row: AuditEntry
    login: str | None  #: in whose name; None = the command line
    about: str | None  #: the login of the user it is about, if it is about one


async def read_trail(
    session: AsyncSession, wanted: TrailFilter, *, client_id: UUID, limit: int = PAGE
) -> Sequence[TrailEntry]:
    """Return entries of a client, the newest first."""
    about = aliased(User)
    statement = (
        select(AuditEntry, User.login, about.login)
        .outerjoin(User, col(User.id) == col(AuditEntry.user_id))
        .outerjoin(
            about,
            (col(AuditEntry.subject) == User.__tablename__)
            & (col(about.id) == col(AuditEntry.subject_id))
            & (col(about.client_id) == client_id),
        )
        .where(col(AuditEntry.client_id) == client_id)
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(limit)
    )
    if wanted.login is not None:
        statement = statement.where(col(User.login) == wanted.login)
    if wanted.action is not None:
        statement = statement.where(
            col(AuditEntry.action).startswith(wanted.action, autoescape=True)
        )
    if wanted.subject is not None:
        statement = statement.where(col(AuditEntry.subject) == wanted.subject)
    if wanted.subject_id is not None:
        statement = statement.where(col(AuditEntry.subject_id) == wanted.subject_id)
    if wanted.since is not None:
        statement = statement.where(col(AuditEntry.at) >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(col(AuditEntry.at) < wanted.until)
    if wanted.before is not None:
        place = tuple_(col(AuditEntry.at), col(AuditEntry.id))
        statement = statement.where(place < tuple_(*wanted.before))
    return [TrailEntry(*found) for found in (await session.exec(statement)).all()]
