"""Tables: webhook endpoint, its lanes, tries and dead letters."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Index, String, text
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime
from dialer.ids import new_id


class WebhookEndpoint(SQLModel, table=True):
    """An address of a client's that gets events."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        CheckConstraint("most_events BETWEEN 1 AND 100", name="ck_webhook_endpoint_most_events"),
        Index(
            "uq_webhook_endpoint_name",
            "client_id",
            "name",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID | None = Field(default=None, foreign_key="campaign.id")  #: None = all
    name: str
    url: str
    kinds: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))  #: empty = all
    with_numbers: bool = False  #: phone numbers whole; else their last two digits
    most_events: int = 50  #: in one message
    sealed: str | None = None  #: the secrets that sign
    from_position: int = Field(
        default=0, sa_type=BigInteger
    )  #: lanes that appear later begin after it
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_reason: str = ""
    disabled_detail: str = ""
    failing_since: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: nothing was taken since
    last_taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebhookLane(SQLModel, table=True):
    """How far a campaign's events have been brought to an endpoint."""

    __tablename__ = "webhook_lane"

    endpoint_id: UUID = Field(foreign_key="webhook_endpoint.id", primary_key=True)
    lane_id: UUID = Field(primary_key=True)  #: the campaign, or ``NO_CAMPAIGN``
    client_id: UUID = Field(foreign_key="client.id")
    position: int = Field(sa_type=BigInteger)  #: everything up to it was taken or given up
    sending_to: int | None = Field(
        default=None, sa_type=BigInteger
    )  #: the end of the message in hand: every try of it has the same events
    replays: int = 0  #: counts replays: repeated messages get ids of their own
    tries: int = 0  #: of that message
    first_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""  #: why the last try failed
    reason_detail: str = ""


class WebhookTry(SQLModel, table=True):
    """One message sent, or not; without a reason it was taken."""

    __tablename__ = "webhook_try"
    __table_args__ = (Index("ix_webhook_try", "endpoint_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    endpoint_id: UUID = Field(foreign_key="webhook_endpoint.id")
    lane_id: UUID
    first_position: int = Field(sa_type=BigInteger)
    last_position: int = Field(sa_type=BigInteger)
    events: int
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""
    detail: str = ""


class WebhookDead(SQLModel, table=True):
    """A message that was given up: which events, and why."""

    __tablename__ = "webhook_dead"
    __table_args__ = (Index("ix_webhook_dead", "endpoint_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    endpoint_id: UUID = Field(foreign_key="webhook_endpoint.id")
    lane_id: UUID
    first_position: int = Field(sa_type=BigInteger)
    last_position: int = Field(sa_type=BigInteger)
    events: int
    tries: int
    reason: str
    detail: str = ""
    given_up_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: sent again since
