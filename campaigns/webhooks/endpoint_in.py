"""An endpoint as a person or a program gives it."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from campaigns.delivery.deliveries.targets import WebhookTarget
from campaigns.delivery.deliveries.words import TargetKind
from campaigns.events.kinds import EventKind


class EndpointIn(BaseModel):
    """Where events go, and which."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
    url: Annotated[str, Field(min_length=1, max_length=500)]
    kinds: tuple[EventKind, ...] = ()  #: none: all, also those that come later
    campaign_id: UUID | None = None  #: none: everything of the client's
    with_numbers: bool = False  #: whole phone numbers
    most_events: Annotated[int, Field(ge=1, le=100)] = 50  #: in one message

    @field_validator("url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        return WebhookTarget(kind=TargetKind.WEBHOOK, url=value).url

    @field_validator("kinds")
    @classmethod
    def _each_once(cls, value: tuple[EventKind, ...]) -> tuple[EventKind, ...]:
        return tuple(kind for kind in EventKind if kind in value)
