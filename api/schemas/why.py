"""Why is it not dialling?, as JSON."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from campaigns.states import LeadState


class ReasonOut(BaseModel):
    """Leads that wait for one reason; without ``next_at`` a person must act, or they are due."""

    reason: str
    remedy: str
    leads: int
    next_at: datetime | None


class CampaignWhyOut(BaseModel):
    """Why a campaign is not dialling, or not more."""

    campaign: list[str]  #: what keeps the whole campaign, sentences; empty = nothing does
    leads: list[ReasonOut]


class LocalTime(BaseModel):
    """One moment as the contact's clock shows it."""

    zone: str
    at: str  #: local wall time with its offset, ISO 8601


class LeadWhyOut(BaseModel):
    """Why one lead is not dialled."""

    lead_id: UUID
    contact_id: UUID
    state: LeadState
    reason: str
    remedy: str
    next_at: datetime | None  #: UTC
    next_at_contact: list[LocalTime]  #: the same moment on every clock the contact may have
    next_at_viewer: LocalTime | None
    zones: list[str]
    rules: list[str]  #: pack rows that refuse
    waiting_reason: str
    result: str | None
