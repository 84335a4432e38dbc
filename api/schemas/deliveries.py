"""JSON shapes of deliveries."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.delivery.deliveries.models import DeliveryPlan
from campaigns.delivery.deliveries.words import (
    DeliveryReason,
    DeliveryState,
    DisputeReason,
    ScheduleKind,
    TargetKind,
    Verdict,
)
from dialer.text import PlainText

Comment = Annotated[PlainText, Field(max_length=2000)]


class PlanOut(BaseModel):
    """A delivery plan; nothing secret of its target."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    name: str
    layout_number: int | None  #: of the campaign's frozen layouts; None: the newest
    formats: list[str]
    schedule: ScheduleKind
    at_minute: int  #: minute of the day, for ``daily``
    zone: str
    target_kind: TargetKind
    target: dict[str, Any]
    has_secret: bool
    link_days: int
    keep_days: int
    paused_at: datetime | None
    paused_reason: str
    created_at: datetime

    @classmethod
    def told(cls, plan: DeliveryPlan) -> "PlanOut":
        """Return what is told of a plan."""
        return cls.model_validate({**plan.model_dump(), "has_secret": plan.sealed is not None})


class SecretOut(BaseModel):
    """What a webhook's receiver verifies with."""

    signing: str


class CheckOut(BaseModel):
    """What came of trying a target out."""

    works: bool
    reason: DeliveryReason | None = None
    detail: str = ""
    host_key: str = ""  #: what an SFTP server shows that nobody has confirmed
    fingerprint: str = ""


class HostKeyIn(BaseModel):
    """The key a person has compared."""

    host_key: Annotated[str, Field(min_length=1, max_length=4000)]


class DeliveryOut(BaseModel):
    """A delivery and how far it is."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    plan_id: UUID
    period: str
    number: int
    state: DeliveryState
    reason: str
    reason_detail: str
    tries: int
    next_try_at: datetime
    created_at: datetime
    made_at: datetime | None
    delivered_at: datetime | None
    layout_number: int | None
    files_gone: str  #: ``old`` or ``erased``; empty: the files are kept
    results: int
    added: int
    changed: int
    removed: int
    bytes_total: int
    bytes_sent: int
    manifest: dict[str, Any]
    manifest_sha256: str
    accepted_at: datetime | None


class FileOut(BaseModel):
    """A file of a delivery."""

    model_config = ConfigDict(from_attributes=True)

    position: int
    name: str
    format: str
    rows: int
    size: int
    sha256: str
    sent_at: datetime | None
    removed_at: datetime | None


class TryOut(BaseModel):
    """A try to send a delivery; without a reason it worked."""

    model_config = ConfigDict(from_attributes=True)

    began_at: datetime
    ended_at: datetime
    reason: str
    detail: str


class DeliveryDetailOut(DeliveryOut):
    """A delivery with its files, tries and verdicts."""

    files: list[FileOut]
    tried: list[TryOut]
    verdicts: dict[Verdict, int]


class ResultOut(BaseModel):
    """A delivered result and what was said of it."""

    model_config = ConfigDict(from_attributes=True)

    lead_id: UUID
    list: str
    row: int
    external_key: str | None
    result: str | None
    change: str | None
    result_before: str | None
    verdict: Verdict | None
    reason: DisputeReason | None
    comment: str
    said_at: datetime | None
    answer: str
    answered_at: datetime | None


class DisputeIn(BaseModel):
    """Why a result is disputed."""

    model_config = ConfigDict(extra="forbid")

    reason: DisputeReason
    comment: Comment = ""


class AnswerIn(BaseModel):
    """What the call centre says of a dispute."""

    model_config = ConfigDict(extra="forbid")

    conceded: bool  #: the client is right
    answer: Comment = ""


class VerdictOut(BaseModel):
    """What stands of a result by now."""

    model_config = ConfigDict(from_attributes=True)

    lead_id: UUID
    verdict: Verdict
    reason: DisputeReason | None
    comment: str
    answer: str
