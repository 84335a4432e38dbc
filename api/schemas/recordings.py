"""Recordings as JSON."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from campaigns.recordings.links import Use
from campaigns.recordings.markers import MarkerKind
from campaigns.recordings.models import Reason, RecordingState


class RecordingOut(BaseModel):
    """A call's recording."""

    attempt_id: UUID
    campaign_id: UUID
    contact_id: UUID
    agent: str | None
    disposition: str | None
    answered_at: datetime | None
    state: RecordingState
    reason: Reason = Field(description="Why it is not kept; empty when nothing is wrong.")
    duration_s: float | None
    held_at: datetime | None
    law_until: datetime | None
    deletes_at: datetime | None = None


class RecordingsPage(BaseModel):
    """One page of recordings."""

    items: list[RecordingOut]
    next_offset: int | None


class MarkerOut(BaseModel):
    """One place, or stretch, of a recording, seconds from its beginning."""

    kind: MarkerKind
    at_s: float
    until_s: float | None
    name: str
    detail: str
    personal: bool


class RecordingDetailOut(RecordingOut):
    """A recording with what happened when."""

    markers: list[MarkerOut]
    peaks: list[int] = Field(description="The agent's half, then the customer's: 0 to 255.")


class LinkIn(BaseModel):
    """What a link is for."""

    use: Use = Use.LISTEN


class LinkOut(BaseModel):
    """A signed address: good for whoever asked for it only, with the same token."""

    url: str
    expires_in_s: int
