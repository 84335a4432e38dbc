"""What pacing will make of a campaign, and what it would have made of a day, as JSON."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class SkipOut(BaseModel):
    """Leads that will not be dialled, for one reason."""

    model_config = ConfigDict(from_attributes=True)

    reason: str
    remedy: str
    leads: int  #: known by now
    expected: int  #: more of them, by what the gate has said so far


class ForecastOut(BaseModel):
    """What is to be expected of a campaign; shares are 0..1, ``notes`` say what it rests on."""

    model_config = ConfigDict(from_attributes=True)

    agents: int
    days: float
    open_leads: int
    leads_to_dial: int
    calls_to_come: int
    hours_to_exhaust: float
    days_to_exhaust: float | None
    retries_last_h: float
    open_hours_a_day: float
    agents_needed: int | None
    lines_needed: int
    occupancy: float
    abandoned_share: float
    worst_half_hour_share: float
    calls_an_hour: float
    answered_an_hour: float
    skips: list[SkipOut]
    basis: dict[str, float]
    observed: dict[str, int]
    simulated_hours: float
    notes: list[str]


class ReplayIn(BaseModel):
    """A recorded day, and the settings to try on it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    day: date
    zone: str = "UTC"  #: an IANA name: whose day
    changes: Annotated[dict[str, Any], Field(alias="set", min_length=1)]


class ColumnOut(BaseModel):
    """One of the three things that are compared."""

    model_config = ConfigDict(from_attributes=True)

    occupancy: float
    abandoned_share: float
    dials: int
    answered: int
    abandoned: int
    cancelled: int
    worst_half_hour_share: float
    agent_hours: float


class ReplayOut(BaseModel):
    """What was recorded, what the laboratory makes of it, and what of the changed settings."""

    model_config = ConfigDict(from_attributes=True)

    began_at: datetime
    ended_at: datetime
    recorded: ColumnOut
    same_settings: ColumnOut
    changed_settings: ColumnOut
    settings: dict[str, Any]
    changes: dict[str, Any]
    notes: list[str]
