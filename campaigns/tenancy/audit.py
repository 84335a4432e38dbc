"""The audit log: who changed what, when, from what to what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy.models import AuditEntry
from dialer.clock import Clock


class Owned(Protocol):
    """A row of a table, and whose it is."""

    __tablename__: ClassVar[Any]
    id: UUID
    client_id: UUID


async def record(
    session: AsyncSession,
    *,
    client_id: UUID,
    user_id: UUID | None,
    at: datetime,
    action: str,
    subject: str,
    subject_id: UUID,
    facts: Mapping[str, Any],
) -> None:
    """Write one entry in the caller's transaction: a change and its trace are stored together.

    ``action`` is ``noun.past_verb``, ``subject`` the table, ``facts`` JSON without phone numbers;
    without ``user_id`` the command line did it.
    """
    session.add(
        AuditEntry(
            client_id=client_id,
            user_id=user_id,
            at=at,
            action=action,
            subject=subject,
            subject_id=subject_id,
            facts=dict(facts),
        )
    )
    await session.flush()


async def trace(
    session: AsyncSession,
    row: Owned,
    action: str,
    facts: Mapping[str, Any],
    *,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Write what has just been done to a row; see :func:`record`."""
    await record(
        session,
        client_id=row.client_id,
        user_id=user_id,
        at=clock.now(),
        action=action,
        subject=row.__tablename__,
        subject_id=row.id,
        facts=facts,
    )
