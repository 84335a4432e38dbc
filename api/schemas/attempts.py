"""JSON shapes of attempts and dispositions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.callbacks import CallbackIn
from dialer.call.states import CallOutcome


class AttemptOut(BaseModel):
    """One dial of one number."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    lead_id: UUID
    contact_id: UUID
    phone: str = Field(
        validation_alias="e164", description="E.164; its middle is hidden from agents."
    )
    number_in_lead: int
    started_at: datetime
    rang_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    outcome: CallOutcome | None
    ended_by: str | None
    cause: int | None
    sip_code: int | None
    agent_session_id: UUID | None
    disposition: str | None
    recording: str | None


class AttemptsPage(BaseModel):
    """Attempts, the newest first; ``next_cursor`` is null on the last page."""

    items: list[AttemptOut]
    next_cursor: UUID | None


class DispositionIn(BaseModel):
    """How an agent closes a call."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=100)]
    callback: CallbackIn | None = None  #: a call promised with it
    note: Annotated[str, Field(max_length=2000)] | None = None  #: of the call; None leaves it


class DisposedOut(BaseModel):
    """What was recorded."""

    model_config = ConfigDict(from_attributes=True)

    attempt_id: UUID
    lead_id: UUID
    campaign_id: UUID
    code: str
