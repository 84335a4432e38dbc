"""JSON shapes of trunks, caller IDs, days off and times of keeping."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(max_length=200)]


class TrunkOut(BaseModel):
    """A trunk with what it does now."""

    id: UUID
    name: str
    endpoint: str
    max_channels: int
    calls_per_s: float
    simulated: bool
    is_shared: bool  #: all clients dial by it
    lines_in_use: int  #: now, over all clients
    paused_until: datetime | None
    paused_reason: str | None
    archived_at: datetime | None


class CallerIdOut(BaseModel):
    """A number people see, and how it did in the last 7 whole days."""

    id: UUID
    e164: str
    display_name: str
    region: str
    attestation: str
    label: str
    daily_cap: int | None
    rest_s: int | None
    rests_until: datetime | None
    rest_reason: str
    verified_at: datetime | None
    disabled_at: datetime | None
    attempts_7_days: int
    answer_rate_7_days: float | None  #: 0..1; None: fewer than 50 calls
    looks_like_spam: bool  #: answered much less than the client's numbers together
    campaigns: list[str]


class RestIn(BaseModel):
    """Until when something rests; None: it is woken."""

    until: datetime | None
    reason: Name = ""


class DayOffIn(BaseModel):
    """A day on which the client calls nobody."""

    name: Name
    on_date: date
    region: Annotated[str, Field(max_length=10)] = ""  #: ISO 3166; empty: everywhere
    every_year: bool = False


class DayOffOut(DayOffIn):
    """The same, as it is kept."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID


class KeepingOut(BaseModel):
    """How long one sort of things is kept, and what goes next."""

    model_config = ConfigDict(from_attributes=True)

    what: str
    days: int | None  #: None: until somebody says how long
    is_own: bool
    least: int
    kept: int
    next_at: datetime | None
    next_count: int


class KeepingIn(BaseModel):
    """Days by sort: ``recordings``, ``exports``, ``originals``, ``contacts``; None: as usual."""

    days: dict[str, Annotated[int, Field(ge=1, le=3660)] | None]
