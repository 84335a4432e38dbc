"""Tables: delivery plan, delivery, its files, tries and results, what people said of the results."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.delivery.deliveries.words import (
    Change,
    DeliveryState,
    DisputeReason,
    ScheduleKind,
    TargetKind,
    Verdict,
)
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class DeliveryPlan(SQLModel, table=True):
    """What of a campaign goes where, and when."""

    __tablename__ = "delivery_plan"
    __table_args__ = (
        CheckConstraint("keep_days BETWEEN 1 AND 3650", name="ck_delivery_plan_keep_days"),
        CheckConstraint("link_days BETWEEN 1 AND 90", name="ck_delivery_plan_link_days"),
        CheckConstraint("cardinality(formats) > 0", name="ck_delivery_plan_formats"),
        CheckConstraint("layout_number >= 1", name="ck_delivery_plan_layout"),
        Index(
            "uq_delivery_plan_name",
            "campaign_id",
            "name",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    campaign_id: UUID = Field(foreign_key="campaign.id")
    name: str
    layout_number: int | None = None  #: of the campaign's frozen layouts; None: the newest
    formats: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    schedule: ScheduleKind = Field(sa_type=text_enum(ScheduleKind))
    at_minute: int = 0  #: minute of the day, for ``daily``
    zone: str = "UTC"  #: IANA: the client's clock
    target_kind: TargetKind = Field(sa_type=text_enum(TargetKind))
    target: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: nothing secret
    sealed: str | None = None  #: its secrets, sealed; see ``dialer.sealing``
    link_days: int = 7  #: links of letters and webhooks open so long
    keep_days: int = 90  #: files are kept so long after their delivery
    planned_from: datetime = Field(
        sa_type=UtcDateTime
    )  #: periods that ended before are not made up
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_reason: str = ""  #: a reason's code; empty: a person paused it
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Delivery(SQLModel, table=True):
    """One period's results of a plan; sent again it is another one with the next number."""

    __tablename__ = "delivery"
    __table_args__ = (
        # Exactly once: whatever makes deliveries, a period has one, and one for each time it is sent again.
        Index("uq_delivery_period", "plan_id", "period", "number", unique=True),
        Index("uq_delivery_turn", "plan_id", "turn", unique=True),
        CheckConstraint(
            "(state = 'delivered') <= (delivered_at IS NOT NULL)", name="ck_delivery_delivered"
        ),
        Index("ix_delivery_client", "client_id", "id"),
        Index("ix_delivery_campaign", "campaign_id", "id"),
        Index(
            "ix_delivery_open",
            "next_try_at",
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    plan_id: UUID = Field(foreign_key="delivery_plan.id")
    period: str  #: ``2026-11-23``, ``2026-11-23T10+03:00``, ``end …``, ``quota …``, ``by hand …``
    number: int = 1  #: how often this period was delivered with this one
    turn: int | None = (
        None  #: the plan's deliveries in the order in which they were made; 1 = the first
    )
    state: DeliveryState = Field(default=DeliveryState.WAITING, sa_type=text_enum(DeliveryState))
    reason: str = ""  #: why the last try failed: a code
    reason_detail: str = ""  #: what the other side said, shortened
    begun: int = 0  #: how often a worker began; many without an end: it ends its workers
    tries: int = 0  #: since it was made, or sent again by a person
    first_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    made_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    layout_number: int | None = None  #: the columns of its results, once it is made
    files_gone: str = ""  #: why the files are not kept any more: ``FilesGone``; empty: they are
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    manifest: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    manifest_sha256: str = ""  #: of the manifest's file
    results: int = 0  #: contacts with a result, at the time it was made
    added: int = 0  #: since the plan's delivery before
    changed: int = 0
    removed: int = 0
    bytes_total: int = Field(default=0, sa_type=BigInteger)
    bytes_sent: int = Field(default=0, sa_type=BigInteger)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: as a whole
    accepted_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class DeliveryFile(SQLModel, table=True):
    """One file of a delivery, on our disk until the plan's days are over."""

    __tablename__ = "delivery_file"

    delivery_id: UUID = Field(foreign_key="delivery.id", primary_key=True)
    position: int = Field(primary_key=True)  #: 0 and up, in the order in which they go out
    client_id: UUID = Field(foreign_key="client.id")
    name: str
    format: str  #: a ``FileFormat``, ``changes_csv`` or ``manifest``
    rows: int = 0
    size: int = Field(sa_type=BigInteger)  #: bytes
    sha256: str
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: from our disk


class DeliveryTry(SQLModel, table=True):
    """One try to send a delivery: when, and what came of it."""

    __tablename__ = "delivery_try"
    __table_args__ = (Index("ix_delivery_try", "delivery_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    delivery_id: UUID = Field(foreign_key="delivery.id")
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""  #: a code; empty: it worked
    detail: str = ""


class DeliveredResult(SQLModel, table=True):
    """A result as a plan's delivery brought it. Only what is new in a delivery has a row in it.

    What a plan has delivered is, for each lead, its row of the latest turn.
    """

    __tablename__ = "delivered_result"
    __table_args__ = (
        Index("ix_delivered_result_latest", "plan_id", "lead_id", "turn"),
        Index("ix_delivered_result_lead", "lead_id"),
    )

    delivery_id: UUID = Field(foreign_key="delivery.id", primary_key=True)
    lead_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    plan_id: UUID = Field(foreign_key="delivery_plan.id")
    turn: int
    change: Change = Field(sa_type=text_enum(Change))
    digest: str  #: of everything a row of the files tells; empty when removed
    result: str | None = None
    result_before: str | None = None


class ResultVerdict(SQLModel, table=True):
    """What client and call centre say of one delivered result; the audit log has what was said before."""

    __tablename__ = "result_verdict"
    __table_args__ = (
        CheckConstraint(
            "verdict = 'accepted' OR reason IS NOT NULL", name="ck_result_verdict_reason"
        ),
        Index("ix_result_verdict_lead", "lead_id"),
    )

    delivery_id: UUID = Field(foreign_key="delivery.id", primary_key=True)
    lead_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    verdict: Verdict = Field(sa_type=text_enum(Verdict))
    reason: DisputeReason | None = Field(default=None, sa_type=text_enum(DisputeReason))
    comment: str = ""  #: the client's words
    said_at: datetime = Field(sa_type=UtcDateTime)
    said_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    answer: str = ""  #: the call centre's words
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: UUID | None = Field(default=None, foreign_key="user_account.id")
