"""Reports as the API says them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Better, Group, Unit


class MeasureOut(BaseModel):
    """A measure, with the definition that everything shown is counted by."""

    key: str
    name: str
    formula: str
    unit: Unit
    source: str
    group: Group
    better: Better
    target_peak: float | None
    target_quiet: float | None


class FigureRowOut(BaseModel):
    """One row: a value for each dimension, a figure for each measure; None: not known."""

    key: dict[Dimension, str]
    names: dict[Dimension, str]
    figures: dict[str, Decimal | None]
    before: dict[str, Decimal | None] | None = None


class FiguresOut(BaseModel):
    """A table of figures."""

    first: date
    last: date
    zone: str
    measures: list[str]
    dimensions: list[Dimension]
    rows: list[FigureRowOut]
    total: FigureRowOut


class ReportCallOut(BaseModel):
    """One of the calls behind a figure; an erased person has neither number nor name."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    started_at: datetime
    number: str
    name: str
    agent: str
    outcome: str
    disposition: str
    talk_s: float | None


class ReportCallsOut(BaseModel):
    """A page of the calls behind a figure."""

    total: int
    page: int
    pages: int
    items: list[ReportCallOut]


class RateIn(BaseModel):
    """What a campaign's hours and minutes cost; null: as the client's."""

    model_config = ConfigDict(extra="forbid")

    hour_rate: Decimal | None = None
    minute_tariff: Decimal | None = None
