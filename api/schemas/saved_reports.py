"""Saved reports as the API says them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.reports import FiguresOut
from campaigns.saved_reports.definition import Definition
from campaigns.saved_reports.scheduling import ScheduleIn
from campaigns.saved_reports.words import Carries, PrintFormat, Rhythm, RunState, Sharing


class SavedReportIn(BaseModel):
    """A report's name and what it asks."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=120)]
    definition: Definition


class SharingIn(BaseModel):
    """Who sees a report."""

    model_config = ConfigDict(extra="forbid")

    sharing: Sharing


class SavedReportOut(BaseModel):
    """A saved report; ``number`` is its newest version."""

    id: UUID
    name: str
    sharing: Sharing
    number: int
    owner_id: UUID | None
    created_at: datetime
    definition: Definition


class SavedFiguresOut(FiguresOut):
    """The figures of a report now."""

    name: str
    number: int


class LanguageScheduleIn(ScheduleIn):
    """A schedule, and the language of files and letters; none: that of ``Accept-Language``."""

    language: Annotated[str, Field(pattern=r"^(en|ru|uk)?$")] = ""


class ScheduleOut(BaseModel):
    """When a report is made, in what, and to whom it goes."""

    model_config = ConfigDict(from_attributes=True)

    rhythm: Rhythm
    at_minute: int
    weekday: int
    month_day: int
    zone: str
    formats: list[PrintFormat]
    recipients: list[str]
    carries: Carries
    link_days: int
    paused_at: datetime | None
    next_at: datetime | None = None


class RunFileOut(BaseModel):
    """A file that was made of a report."""

    model_config = ConfigDict(from_attributes=True)

    format: PrintFormat
    name: str
    size: int
    sha256: str
    is_gone: bool


class RunOut(BaseModel):
    """One making of a report."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    period: str
    ended_at: datetime
    state: RunState
    reason: str
    reason_detail: str
    tries: int
    next_try_at: datetime
    first: date | None
    last: date | None
    rows: int
    made_at: datetime | None
    done_at: datetime | None
    files: list[RunFileOut] = Field(default_factory=list)
