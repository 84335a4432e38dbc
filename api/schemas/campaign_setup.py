"""JSON shapes of a campaign's set-up: checks, history, presets, its file, changes by two persons."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.law.models import LawSubject
from campaigns.setup.lights import Colour


class PresetOut(BaseModel):
    """A usual kind of campaign: settings and dispositions besides the start values."""

    code: str
    settings: dict[str, Any]
    dispositions: list[dict[str, Any]]


class LightOut(BaseModel):
    """One thing in the way of a start; ``fix`` are settings that mend it at once."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    colour: Colour
    sentence: str
    facts: dict[str, Any]
    fix: dict[str, Any] | None


class EntryOut(BaseModel):
    """One change of a campaign: setting -> [old, new]."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    by: str
    action: str
    changes: dict[str, tuple[Any, Any]]
    facts: dict[str, Any]


class CopyIn(BaseModel):
    """A copy's name; "": the old one's with a number."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200)] = ""


class FileIn(BaseModel):
    """A campaign's file."""

    model_config = ConfigDict(extra="forbid")

    yaml: Annotated[str, Field(max_length=1_000_000)]


class ChangeOut(BaseModel):
    """One thing that the file would change, or has changed."""

    model_config = ConfigDict(from_attributes=True)

    path: str
    before: Any
    after: Any


class AppliedOut(BaseModel):
    """What a file changed; nothing when it was applied before. ``asked``: waits for a second person."""

    campaign_id: UUID
    changes: list[ChangeOut]
    asked: UUID | None


class VirtualIn(BaseModel):
    """How many virtual agents shall work; 0 sends them home."""

    model_config = ConfigDict(extra="forbid")

    agents: Annotated[int, Field(ge=0, le=40)]


class LawChangeIn(BaseModel):
    """A request to loosen settings of law; ``changes`` are the settings as they shall be."""

    model_config = ConfigDict(extra="forbid")

    subject: LawSubject
    campaign_id: UUID | None = None
    changes: dict[str, Any]
    reason: Annotated[str, Field(max_length=500)]


class LawRefusalIn(BaseModel):
    """Why a request is refused."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=500)] = ""


class LawChangeOut(BaseModel):
    """A request and what became of it: open, expired, approved, refused or withdrawn."""

    id: UUID
    state: str
    subject: LawSubject
    campaign_id: UUID | None
    name: str
    changes: dict[str, Any]
    reason: str
    requested_by: UUID
    requested_at: datetime
    expires_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    decision_reason: str
