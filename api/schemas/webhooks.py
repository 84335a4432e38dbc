"""JSON shapes of webhook endpoints, their tries and dead letters."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from campaigns.delivery.deliveries.words import DeliveryReason
from campaigns.events.kinds import EventKind
from campaigns.webhooks.lag import EndpointState, Lag, state_of
from campaigns.webhooks.models import WebhookEndpoint


class EndpointOut(BaseModel):
    """An endpoint; nothing secret of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    url: str
    kinds: list[EventKind]
    campaign_id: UUID | None
    with_numbers: bool
    most_events: int
    state: EndpointState
    disabled_reason: str
    disabled_detail: str
    failing_since: datetime | None
    last_taken_at: datetime | None
    created_at: datetime

    @classmethod
    def told(cls, row: WebhookEndpoint) -> "EndpointOut":
        """Return what is told of an endpoint."""
        return cls.model_validate({**row.model_dump(), "state": state_of(row)})


class EndpointDetailOut(EndpointOut):
    """An endpoint and how far it is behind."""

    waiting: int  #: events; at most 10,000 are counted
    oldest_waiting: datetime | None

    @classmethod
    def with_lag(cls, row: WebhookEndpoint, lag: Lag) -> "EndpointDetailOut":
        """Return what is told of an endpoint, and what waits for it."""
        known = EndpointOut.told(row).model_dump()
        return cls(**known, waiting=lag.events, oldest_waiting=lag.oldest)


class SigningOut(BaseModel):
    """What the receiver verifies with."""

    signing: str


class EndpointMadeOut(EndpointOut):
    """A new endpoint and its secret."""

    signing: str


class TestOut(BaseModel):
    """What came of a test message."""

    works: bool
    reason: DeliveryReason | None = None
    detail: str = ""


class ReplayIn(BaseModel):
    """From where to send again: a position or a time."""

    model_config = ConfigDict(extra="forbid")

    position: Annotated[int, Field(ge=1, le=2**62)] | None = None
    at: AwareDatetime | None = None
    campaign_id: UUID | None = None  #: only this campaign's events; none: all of the endpoint's


class ReplayOut(BaseModel):
    """The first event that is sent again."""

    position: int


class WebhookTryOut(BaseModel):
    """One message; without a reason it was taken."""

    model_config = ConfigDict(from_attributes=True)

    first_position: int
    last_position: int
    events: int
    began_at: datetime
    ended_at: datetime
    reason: str
    detail: str


class DeadLetterOut(BaseModel):
    """A message that was given up."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    endpoint_id: UUID
    first_position: int
    last_position: int
    events: int
    tries: int
    reason: str
    detail: str
    given_up_at: datetime
