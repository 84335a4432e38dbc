"""Tables of the portal: settings, requests, uploads that wait, samples."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.delivery.deliveries.words import DisputeReason, Verdict
from campaigns.portal.words import RequestKind, RequestState
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class PortalSettings(SQLModel, table=True):
    """What a client's users may do by themselves."""

    __tablename__ = "portal_settings"

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    uploads_at_once: bool = False  #: their lists are imported without a manager
    hears: bool = True  #: they listen to recordings
    changed_at: datetime = Field(sa_type=UtcDateTime)


class ClientRequest(SQLModel, table=True):
    """A client asks not to call a person, or to erase one; the receipt stays, the person goes."""

    __tablename__ = "client_request"
    __table_args__ = (
        Index("ix_client_request", "client_id", "id"),
        Index("ix_client_request_open", "due_at", postgresql_where=text("state = 'open'")),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="ck_client_request_closed"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    kind: RequestKind = Field(sa_type=text_enum(RequestKind))
    e164: str = ""  #: empty: named by the key, or erased
    external_key: str | None = None  #: the client's own key of the person
    note: str = ""  #: the client's words
    asked_at: datetime = Field(sa_type=UtcDateTime)
    asked_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    due_at: datetime = Field(sa_type=UtcDateTime)
    law: str  #: who says until when
    state: RequestState = Field(default=RequestState.OPEN, sa_type=text_enum(RequestState))
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    answer: str = ""  #: the call centre's words
    receipt: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: what was done


class ClientUpload(SQLModel, table=True):
    """A staged import that the client's users sent; the call centre takes it, or sends it back."""

    __tablename__ = "client_upload"

    import_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("list_import.id", ondelete="CASCADE"), primary_key=True)
    )
    client_id: UUID = Field(foreign_key="client.id", index=True)
    handed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handed_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    answer: str = ""  #: why it was sent back
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class AcceptanceSample(SQLModel, table=True):
    """A part of a campaign's or delivery's results, drawn to be checked; seed and ids say which part."""

    __tablename__ = "acceptance_sample"
    __table_args__ = (
        Index("ix_acceptance_sample", "client_id", "id"),
        CheckConstraint("size BETWEEN 1 AND population", name="ck_acceptance_sample_size"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    delivery_id: UUID | None = Field(default=None, foreign_key="delivery.id")  #: None: all results
    seed: str
    percent: int
    population: int  #: results it was drawn from
    size: int
    drawn_at: datetime = Field(sa_type=UtcDateTime)
    drawn_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class SampledResult(SQLModel, table=True):
    """One drawn result, and what client and call centre say of it.

    Of a delivery's result it is said in ``result_verdict``: there it holds the acceptance back.
    """

    __tablename__ = "sampled_result"
    __table_args__ = (Index("ix_sampled_result_lead", "lead_id"),)

    sample_id: UUID = Field(foreign_key="acceptance_sample.id", primary_key=True)
    lead_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    place: int  #: in the order of the draw, 1 = first
    result: str  #: as it was when it was drawn
    verdict: Verdict | None = Field(default=None, sa_type=text_enum(Verdict))
    reason: DisputeReason | None = Field(default=None, sa_type=text_enum(DisputeReason))
    comment: str = ""
    said_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    said_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    answer: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: UUID | None = Field(default=None, foreign_key="user_account.id")
