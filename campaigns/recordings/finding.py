"""Finding recordings: by campaign, agent, result, day, contact and length; sorted as wished."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.models import Attempt
from campaigns.models import Campaign, Disposition
from campaigns.recordings.models import Recording, RecordingState
from dialer.errors import NotFound

#: Recordings of one page.
PAGE = 50


class RecordingNotFound(NotFound):
    """There is no recording of this call."""

    code = "recording_not_found"
    message = "There is no such recording."


class NothingKept(NotFound):
    """The recording is not in the storage: not yet, not any more, or it never was."""

    code = "nothing_kept"
    message = "This recording cannot be played: it is not ready yet, or was deleted."


class SortBy(StrEnum):
    """What recordings are sorted by."""

    TALKED_AT = "talked_at"
    DURATION = "duration"
    AGENT = "agent"
    CAMPAIGN = "campaign"
    DISPOSITION = "disposition"


_SORTED: dict[SortBy, Any] = {
    SortBy.TALKED_AT: col(Recording.talked_at),
    SortBy.DURATION: col(Recording.duration_s),
    SortBy.AGENT: col(Agent.name),
    SortBy.CAMPAIGN: col(Campaign.name),
    SortBy.DISPOSITION: col(Attempt.disposition),
}


@dataclass(frozen=True, slots=True)
class RecordingFilter:
    """Which recordings are wanted; None leaves open."""

    campaign_id: UUID | None = None
    agent_id: UUID | None = None
    contact_id: UUID | None = None
    disposition: str | None = None
    since: datetime | None = None
    until: datetime | None = None  #: not included
    least_s: float | None = None
    most_s: float | None = None
    held: bool = False  #: only those in dispute


@dataclass(frozen=True, slots=True)
class FoundRecording:
    """A recording with what a list shows of its call."""

    row: Recording
    attempt: Attempt
    campaign: str
    agent: str | None  #: None: nobody talked, or the agent is not known any more
    label: str | None = None  #: of the result, as the campaign has it

    @property
    def can_be_heard(self) -> bool:
        """Tell whether it is in the storage."""
        return self.row.state is RecordingState.KEPT


def _rows(client_id: UUID) -> Any:
    return (
        select_columns(
            Recording, Attempt, col(Campaign.name), col(Agent.name), col(Disposition.label)
        )
        .join(Attempt, col(Attempt.id) == col(Recording.attempt_id))
        .join(Campaign, col(Campaign.id) == col(Recording.campaign_id))
        .outerjoin(AgentSession, col(AgentSession.id) == col(Attempt.agent_session_id))
        .outerjoin(Agent, col(Agent.id) == col(AgentSession.agent_id))
        .outerjoin(
            Disposition,
            (col(Disposition.campaign_id) == col(Attempt.campaign_id))
            & (col(Disposition.code) == col(Attempt.disposition)),
        )
        .where(col(Recording.client_id) == client_id)
    )


async def find(
    session: AsyncSession,
    wanted: RecordingFilter,
    *,
    client_id: UUID,
    by: SortBy = SortBy.TALKED_AT,
    descending: bool = True,
    offset: int = 0,
    limit: int = PAGE,
) -> Sequence[FoundRecording]:
    """Return a client's recordings; deleted ones are left out."""
    statement = _rows(client_id).where(
        col(Recording.state).not_in((RecordingState.DELETED, RecordingState.DELETING))
    )
    same = {
        Recording.campaign_id: wanted.campaign_id,
        AgentSession.agent_id: wanted.agent_id,
        Attempt.contact_id: wanted.contact_id,
        Attempt.disposition: wanted.disposition,
    }
    for column, value in same.items():
        if value is not None:
            statement = statement.where(col(column) == value)
    if wanted.since is not None:
        statement = statement.where(col(Recording.talked_at) >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(col(Recording.talked_at) < wanted.until)
    if wanted.least_s is not None:
        statement = statement.where(col(Recording.duration_s) >= wanted.least_s)
    if wanted.most_s is not None:
        statement = statement.where(col(Recording.duration_s) <= wanted.most_s)
    if wanted.held:
        statement = statement.where(col(Recording.held_at).is_not(None))
    order = _SORTED[by].desc().nulls_last() if descending else _SORTED[by].asc().nulls_last()
    statement = statement.order_by(order, col(Recording.attempt_id).desc())
    found = await session.execute(statement.offset(offset).limit(limit))
    return [FoundRecording(*row) for row in found.all()]


async def find_one(session: AsyncSession, attempt_id: UUID, *, client_id: UUID) -> FoundRecording:
    """Return the recording of a call.

    Raises:
        RecordingNotFound: there is none, or it is another client's.
    """
    found = await session.execute(_rows(client_id).where(col(Recording.attempt_id) == attempt_id))
    row = found.one_or_none()
    if row is None:
        raise RecordingNotFound(attempt_id=str(attempt_id))
    return FoundRecording(*row)
