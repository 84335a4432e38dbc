"""Tables: settings and rates of reports; roll-ups of calls, agents' time and cases."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Identity, Index, Integer, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime


class ReportSettings(SQLModel, table=True):
    """How a client's reports are counted; without a row, the start values count."""

    __tablename__ = "report_settings"
    __table_args__ = (
        CheckConstraint("hour_rate >= 0 AND minute_tariff >= 0", name="ck_report_settings_rates"),
    )

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    zone: str = ""  #: IANA: where the client's days begin; "": where the client is
    currency: str = "EUR"  #: ISO 4217
    hour_rate: Decimal = Field(default=Decimal(0), sa_type=Numeric(12, 4))  #: an operator's hour
    minute_tariff: Decimal = Field(default=Decimal(0), sa_type=Numeric(12, 4))  #: a line's minute
    service_level_s: int = 20  #: one of the waits that are counted
    peak_hours: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(Integer), nullable=False, server_default="{}")
    )  #: of the client's day, 0 to 23
    targets: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: measure -> peak, quiet
    csat_question: str = ""  #: code of the question about satisfaction
    csat_from: int = 4  #: from this grade on a person is satisfied


class ReportRate(SQLModel, table=True):
    """What a campaign's hours and minutes cost, where it is not as the client's usual ones."""

    __tablename__ = "report_rate"
    __table_args__ = (
        CheckConstraint("hour_rate >= 0 AND minute_tariff >= 0", name="ck_report_rate_rates"),
    )

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    hour_rate: Decimal | None = Field(default=None, sa_type=Numeric(12, 4))
    minute_tariff: Decimal | None = Field(default=None, sa_type=Numeric(12, 4))


class ReportDay(SQLModel, table=True):
    """A campaign's day whose roll-ups equal the raw rows. Whatever changes one of those deletes this row."""

    __tablename__ = "report_day"

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    starts_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    ends_at: datetime = Field(sa_type=UtcDateTime)
    rolled_at: datetime = Field(sa_type=UtcDateTime)


class ReportCell(SQLModel, table=True):
    """What was counted of a campaign in an hour (of the cube ``base``) or a day (of the others)."""

    __tablename__ = "report_cell"

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    cube: str = Field(primary_key=True)  #: by which dimensions, see ``dimensions.CUBES``
    starts_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    key1: str = Field(primary_key=True)
    key2: str = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    attempts: int = 0
    ended: int = 0
    answered: int = 0
    persons: int = 0
    connected: int = 0
    lost: int = 0
    talked: int = 0
    self_served: int = 0
    machine: int = 0
    hung_up_early: int = 0
    no_answer: int = 0
    busy: int = 0
    rejected: int = 0
    invalid_number: int = 0
    congestion: int = 0
    unreachable: int = 0
    no_response: int = 0
    cancelled: int = 0
    not_sent: int = 0
    interrupted: int = 0
    wait_ms: int = Field(default=0, sa_type=BigInteger)
    taken_1s: int = 0
    taken_2s: int = 0
    taken_5s: int = 0
    taken_10s: int = 0
    taken_20s: int = 0
    taken_30s: int = 0
    taken_60s: int = 0
    talk_ms: int = Field(default=0, sa_type=BigInteger)
    hold_ms: int = Field(default=0, sa_type=BigInteger)
    line_ms: int = Field(default=0, sa_type=BigInteger)
    disposed: int = 0
    successes: int = 0
    refusals: int = 0
    forms_begun: int = 0
    forms_complete: int = 0
    forms_screened_out: int = 0
    forms_quota_full: int = 0
    csat_answers: int = 0
    csat_satisfied: int = 0
    on_call_ms: int = Field(default=0, sa_type=BigInteger)
    wrap_up_ms: int = Field(default=0, sa_type=BigInteger)
    ready_ms: int = Field(default=0, sa_type=BigInteger)
    previewing_ms: int = Field(default=0, sa_type=BigInteger)
    dialing_ms: int = Field(default=0, sa_type=BigInteger)
    reserved_ms: int = Field(default=0, sa_type=BigInteger)
    connecting_ms: int = Field(default=0, sa_type=BigInteger)
    paused_ms: int = Field(default=0, sa_type=BigInteger)
    agent_days: int = 0


class ReportErasedInterview(SQLModel, table=True):
    """That an interview was held, once its person is erased: figures stay, answers do not."""

    __tablename__ = "report_erased_interview"

    interview_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    attempt_id: UUID = Field(index=True)
    form_version_id: UUID
    ending: str | None = None


class ReportCase(SQLModel, table=True):
    """A lead that was dialled, as it is counted in the cells of cases."""

    __tablename__ = "report_case"

    lead_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    list_id: UUID
    region: str
    called_on: date  #: of the last attempt, in the client's zone
    outcome_group: str  #: the component that counts it
    attempts: int
    done: bool
    done_at_first: bool


class ReportCaseCell(SQLModel, table=True):
    """Cases of a campaign whose last attempt was on a day, by list and region."""

    __tablename__ = "report_case_cell"

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    called_on: date = Field(primary_key=True)
    list_id: UUID = Field(primary_key=True)
    region: str = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    cases: int = 0
    case_attempts: int = 0
    cases_done: int = 0
    cases_done_at_first: int = 0
    complete: int = 0
    partial: int = 0
    refused: int = 0
    non_contact: int = 0
    other: int = 0
    unknown_household: int = 0
    unknown_other: int = 0
    not_eligible: int = 0


class ReportCaseChange(SQLModel, table=True):
    """A lead whose case may have changed since it was counted; the same one may be here several times."""

    __tablename__ = "report_case_change"
    __table_args__ = (Index("ix_report_case_change_campaign", "campaign_id"),)

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    campaign_id: UUID
    client_id: UUID = Field(foreign_key="client.id")
    lead_id: UUID
