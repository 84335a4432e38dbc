"""Saved reports as the API says them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.crosstabs import CrosstabOut
from api.schemas.reports import FiguresOut
from campaigns.crosstabs.definition import TableDefinition
from campaigns.saved_reports.definition import Definition
from campaigns.saved_reports.definitions import AnyDefinition
from campaigns.saved_reports.scheduling import ScheduleIn
from campaigns.saved_reports.words import (
    Carries,
    PrintFormat,
    ReportKind,
    Rhythm,
    RunState,
    Sharing,
)
from dialer.text import PlainText


class SavedReportIn(BaseModel):
    """A report's name and what it asks: measures (``definition``) or a cross-table (``table``)."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[PlainText, Field(min_length=1, max_length=120)]
    definition: Definition | None = None
    table: TableDefinition | None = None

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.definition is None) is (self.table is None):
            raise ValueError("either a definition or a table is wanted")
        return self

    @property
    def asks(self) -> AnyDefinition:
        """Return what is asked."""
        return self.definition or self.table or Definition()


class SharingIn(BaseModel):
    """Who sees a report."""

    model_config = ConfigDict(extra="forbid")

    sharing: Sharing


class SavedReportOut(BaseModel):
    """A saved report; ``number`` is its newest version."""

    id: UUID
    name: str
    kind: ReportKind
    sharing: Sharing
    number: int
    owner_id: UUID | None
    created_at: datetime
    definition: Definition | None = None  #: of measures
    table: TableDefinition | None = None  #: of a cross-table


class SavedFiguresOut(FiguresOut):
    """The figures of a report now."""

    name: str
    number: int


class SavedTableOut(CrosstabOut):
    """The cross-table of a report now."""

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
