"""JSON shapes of previews: what an agent reads before a call, and the decision."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.why import LocalTime
from campaigns.settings import AtLimit
from campaigns.states import PhoneKind, PreviewEnd, PreviewWish, SkipReason
from dialer.call.states import CallOutcome


class PreviewNumberOut(BaseModel):
    """One of the contact's numbers; an agent sees it masked and chooses it by its position."""

    model_config = ConfigDict(from_attributes=True)

    position: int
    kind: PhoneKind
    e164: str
    is_next: bool = Field(description="Dialled when no number is chosen.")
    reason: str | None = Field(description="Why it may not be dialled now; null: it may.")
    next_at: datetime | None


class PastCallOut(BaseModel):
    """An earlier call of this lead."""

    model_config = ConfigDict(from_attributes=True)

    started_at: datetime
    outcome: CallOutcome | None
    disposition: str | None


class PromiseOut(BaseModel):
    """A call that was promised to the contact."""

    model_config = ConfigDict(from_attributes=True)

    promised_at: datetime
    zone: str
    note: str


class ShownOut(BaseModel):
    """The contact in front of the agent."""

    id: UUID = Field(description="Of the preview: what a decision is about.")
    lead_id: UUID
    contact_id: UUID
    name: str
    fields: dict[str, Any] = Field(description="The client's own columns.")
    language: str | None
    numbers: list[PreviewNumberOut]
    local_times: list[LocalTime] = Field(description="Now, on every clock the contact may have.")
    attempts_made: int
    calls: list[PastCallOut] = Field(description="Earlier calls, the newest first, at most 10.")
    skips: int = Field(description="How often agents skipped this contact before.")
    promise: PromiseOut | None
    shown_at: datetime
    seconds_left: float | None = Field(description="To decide; null: no limit, or decided.")
    at_limit: AtLimit
    may_skip: bool
    wish: PreviewWish | None = Field(description="What the agent decided, if it is not done yet.")


class EndedPreviewOut(BaseModel):
    """What the agent was shown before, and how it ended."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    lead_id: UUID
    shown_at: datetime
    ended_at: datetime
    ending: PreviewEnd
    reason: str | None
    attempt_id: UUID | None


class PreviewOut(BaseModel):
    """What an agent reads now, and what came of the last one."""

    session_id: UUID
    campaign_id: UUID
    shown: ShownOut | None
    last: EndedPreviewOut | None


class DialIn(BaseModel):
    """The decision to dial."""

    model_config = ConfigDict(extra="forbid")

    preview_id: UUID
    phone_position: int | None = Field(
        default=None, ge=0, description="Which of the contact's numbers; null: the next one."
    )


class SkipIn(BaseModel):
    """The decision to skip."""

    model_config = ConfigDict(extra="forbid")

    preview_id: UUID
    reason: SkipReason


class DecisionOut(BaseModel):
    """A decision the campaign's runner will do."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    lead_id: UUID
    wish: PreviewWish
    wished_at: datetime
    phone_position: int | None
    reason: str | None


class PreviewCountOut(BaseModel):
    """Contacts that were shown and ended alike; without ``ending`` they are shown now."""

    model_config = ConfigDict(from_attributes=True)

    ending: PreviewEnd | None
    reason: str | None
    previews: int
    read_mean_s: float | None
