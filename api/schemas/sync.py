"""JSON shapes of what a CRM sends and pulls."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class UpsertedContactOut(BaseModel):
    """What became of one contact."""

    external_id: str
    outcome: Literal["added", "updated", "refused"]
    contact_id: UUID | None
    reason: str | None  #: why it was refused, as imports name it
    detail: str | None


class UpsertOut(BaseModel):
    """What became of the contacts, in the order of the request."""

    import_id: UUID  #: by which it can be looked at and undone
    list_id: UUID
    added: int
    updated: int
    refused: int
    enrolled: int  #: new leads of the campaign
    warnings: dict[str, int]
    contacts: list[UpsertedContactOut]


class InterviewedOut(BaseModel):
    """What a person answered: by question's code; ``code?`` why not, ``code+`` own words."""

    model_config = ConfigDict(from_attributes=True)

    interview_id: UUID
    form: str
    version: int
    ending: str
    ended_at: datetime
    answers: dict[str, Any]


class PulledResultOut(BaseModel):
    """What is known of a contact in a campaign now."""

    model_config = ConfigDict(from_attributes=True)

    lead_id: UUID
    campaign_id: UUID
    contact_id: UUID
    external_id: str | None
    list_id: UUID
    row: int
    state: str
    result: str | None
    attempts: int
    last_outcome: str | None
    attempt_id: UUID | None
    called_at: datetime | None
    phone: str | None
    disposition: str | None
    talk_s: float | None
    agent: str | None
    interviews: list[InterviewedOut]


class PulledResultsOut(BaseModel):
    """Results that changed after the cursor, each once."""

    results: list[PulledResultOut]
    next: int  #: the cursor to go on with
    has_more: bool
