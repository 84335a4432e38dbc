"""Tables: saved report, its versions and schedule; each making of it, and its files."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.saved_reports.words import (
    Carries,
    PrintFormat,
    ReportKind,
    Rhythm,
    RunState,
    Sharing,
)
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


def _texts() -> Any:
    return Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False))


class SavedReport(SQLModel, table=True):
    """A report that somebody put together; what it asks is in its newest version."""

    __tablename__ = "saved_report"
    __table_args__ = (
        Index(
            "uq_saved_report_name",
            "client_id",
            "owner_id",
            "name",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    owner_id: UUID | None = Field(default=None, foreign_key="user_account.id")
    name: str
    kind: ReportKind = Field(default=ReportKind.FIGURES, sa_type=text_enum(ReportKind))
    sharing: Sharing = Field(default=Sharing.OWN, sa_type=text_enum(Sharing))
    number: int = 1  #: of the newest version
    created_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SavedReportVersion(SQLModel, table=True):
    """What a report asked from then on; versions never change."""

    __tablename__ = "saved_report_version"

    report_id: UUID = Field(foreign_key="saved_report.id", primary_key=True)
    number: int = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    definition: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class ReportSchedule(SQLModel, table=True):
    """When a report is made, in what, and to whom it goes."""

    __tablename__ = "report_schedule"
    __table_args__ = (
        CheckConstraint("at_minute BETWEEN 0 AND 1439", name="ck_report_schedule_minute"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="ck_report_schedule_weekday"),
        CheckConstraint("month_day BETWEEN 1 AND 31", name="ck_report_schedule_month_day"),
        CheckConstraint("link_days BETWEEN 1 AND 90", name="ck_report_schedule_link_days"),
        CheckConstraint("cardinality(formats) > 0", name="ck_report_schedule_formats"),
    )

    report_id: UUID = Field(foreign_key="saved_report.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    rhythm: Rhythm = Field(sa_type=text_enum(Rhythm))
    at_minute: int = 0  #: of the day, 0 to 1439; hourly: nothing
    weekday: int = 1  #: 1 Monday to 7 Sunday, for ``weekly``
    month_day: int = 1  #: for ``monthly``; later than the month's last: the last
    zone: str  #: IANA: whose clock
    formats: list[str] = _texts()
    recipients: list[str] = _texts()  #: e-mail addresses; none: only kept
    carries: Carries = Field(default=Carries.LINK, sa_type=text_enum(Carries))
    link_days: int = 14
    wording: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: in the chosen language
    planned_from: datetime = Field(sa_type=UtcDateTime)  #: periods that ended before are not made
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReportRun(SQLModel, table=True):
    """One making of a report: of a period, or because somebody asked."""

    __tablename__ = "report_run"
    __table_args__ = (
        UniqueConstraint("report_id", "period", name="uq_report_run_period"),
        CheckConstraint("(state = 'done') <= (done_at IS NOT NULL)", name="ck_report_run_done"),
        Index(
            "ix_report_run_open",
            "next_try_at",
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        Index("ix_report_run_client", "client_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    report_id: UUID = Field(foreign_key="saved_report.id")
    number: int  #: version of the report
    period: str  #: its name, unique within the report
    ended_at: datetime = Field(sa_type=UtcDateTime)  #: the report's today is the day of this
    state: RunState = Field(default=RunState.WAITING, sa_type=text_enum(RunState))
    reason: str = ""  #: of the last try that failed
    reason_detail: str = ""
    begun: int = 0  #: tries that ended without saying how
    tries: int = 0
    first_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    first: date | None = None  #: the days that it is about
    last: date | None = None
    rows: int = 0
    made_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_to: list[str] = _texts()
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReportRunFile(SQLModel, table=True):
    """A file of a run with its checksum; stored in the run's transaction, so whole or not at all."""

    __tablename__ = "report_run_file"

    run_id: UUID = Field(foreign_key="report_run.id", primary_key=True)
    format: PrintFormat = Field(sa_type=text_enum(PrintFormat), primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    name: str
    size: int  #: bytes
    sha256: str
    content: bytes | None = Field(default=None, sa_type=LargeBinary)  #: None: not kept any more
