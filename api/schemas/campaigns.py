"""JSON shapes of campaigns."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.states import CampaignState

Name = Annotated[str, Field(min_length=1, max_length=200)]


class CampaignIn(BaseModel):
    """A campaign to be made; settings that are left out have their start values."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    settings: dict[str, Any] = Field(
        default_factory=dict, description="See `settings` of a campaign for names and values."
    )
    trunk: str | None = Field(default=None, description="The trunk's name.")
    caller_id: str | None = Field(default=None, description="One of the client's own, E.164.")


class CampaignPatch(BaseModel):
    """Changes to a campaign; what is left out stays. Each setting given replaces the old one."""

    model_config = ConfigDict(extra="forbid")

    settings: dict[str, Any] = Field(default_factory=dict)
    trunk: str | None = None
    caller_id: str | None = None


class CampaignOut(BaseModel):
    """A campaign."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    state: CampaignState
    state_reason: str
    settings: dict[str, Any]
    trunk_id: UUID | None
    caller_id_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ChangedOut(BaseModel):
    """A campaign after a change of its state, and what keeps it from dialling, if anything."""

    campaign: CampaignOut
    notes: list[str]


class ReasonIn(BaseModel):
    """Why a person pauses or stops a campaign."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=500)] = ""


class EnrolledOut(BaseModel):
    """How many contacts of a list have become leads now; those enrolled before do not count."""

    campaign_id: UUID
    list_id: UUID
    leads_added: int


class DispositionOut(BaseModel):
    """A code with which agents close a call."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    label: str
    retry_after_s: int | None
    suppresses: bool
    refuses: bool
    success: bool
    requires_note: bool
    requires_callback: bool
    hot_key: str | None
    aapor: str | None
    position: int
