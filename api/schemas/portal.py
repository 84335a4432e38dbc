"""JSON shapes of what a client's programs do in the portal: requests, uploads, samples."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.imports import ListImportOut
from campaigns.delivery.deliveries.words import DisputeReason, Verdict
from campaigns.portal.requests import MOST_AT_ONCE
from campaigns.portal.sampling import MOST_SEED
from campaigns.portal.uploads import Upload
from campaigns.portal.words import RequestKind, RequestState, UploadState
from dialer.text import PlainText


class ClientRequestIn(BaseModel):
    """Who is not to be called any more, or to be erased."""

    model_config = ConfigDict(extra="forbid")

    kind: RequestKind
    numbers: Annotated[
        list[Annotated[PlainText, Field(max_length=40)]], Field(max_length=MOST_AT_ONCE)
    ] = []  #: with their country codes
    external_key: Annotated[PlainText, Field(max_length=200)] = ""  #: of erasures: the own key
    note: Annotated[PlainText, Field(max_length=500)] = ""


class ClientRequestOut(BaseModel):
    """A request about one person, and its receipt; one that erased forgets who it was."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: RequestKind
    e164: str
    external_key: str | None
    note: str
    asked_at: datetime
    due_at: datetime
    law: str  #: who says until when
    state: RequestState
    closed_at: datetime | None
    answer: str  #: the call centre's words
    receipt: dict[str, Any]


class ClientUploadOut(ListImportOut):
    """A list that the client sent, and how far it is."""

    upload_state: UploadState
    handed_at: datetime | None
    answer: str  #: why it was sent back

    @classmethod
    def of(cls, upload: Upload) -> "ClientUploadOut":
        """Return an upload as it is told."""
        row, way = ListImportOut.model_validate(upload.row), upload.way
        return cls(
            **row.model_dump(),
            upload_state=upload.state,
            handed_at=way.handed_at,
            answer=way.answer,
        )


class DrawIn(BaseModel):
    """Which part of which results is drawn."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: UUID
    percent: Annotated[int, Field(ge=1, le=100)]
    seed: Annotated[PlainText, Field(max_length=MOST_SEED)] = ""  #: "" = one is made up
    delivery_id: UUID | None = None  #: null: all results of the campaign


class DrawnSampleOut(BaseModel):
    """A sample: seed and ids say which part of all results it is."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    delivery_id: UUID | None
    seed: str
    percent: int
    population: int  #: results it was drawn from
    size: int
    drawn_at: datetime
    finished_at: datetime | None


class SampledResultOut(BaseModel):
    """One drawn result, and what was said of it."""

    model_config = ConfigDict(from_attributes=True)

    lead_id: UUID
    place: int  #: in the order of the draw, 1 = first
    result: str
    list: str
    row: int
    external_key: str | None
    recording: UUID | None  #: on ``/portal/recordings/{id}``; null: none, or not shown to clients
    verdict: Verdict | None
    reason: DisputeReason | None
    comment: str
    answer: str
    answered_at: datetime | None


class EstimateOut(BaseModel):
    """The share of wrong results, and between which shares it is among all, with 95 % certainty."""

    model_config = ConfigDict(from_attributes=True)

    bad: int
    judged: int
    share: float  #: of the judged, 0..1
    low: float  #: 0..1
    high: float  #: 0..1


class DrawnSampleDetailOut(DrawnSampleOut):
    """A sample with its results, and what it says of all."""

    estimate: EstimateOut
    results: list[SampledResultOut]
