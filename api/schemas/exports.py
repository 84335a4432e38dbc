"""Exports and layouts as JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.delivery.layouts.columns import LONGEST_NAME, MOST_COLUMNS, Column, Layout
from campaigns.delivery.models import Export, ExportLayout
from campaigns.delivery.words import ExportFormat, ExportState


class ExportIn(BaseModel):
    """A file that is asked for."""

    model_config = ConfigDict(extra="forbid")

    format: ExportFormat
    layout: int | None = None  #: number of a frozen layout; none: the newest
    options: Annotated[dict[str, Any], Field(max_length=20)] = {}


class ExportOut(BaseModel):
    """An export, and how far it is."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    campaign_id: UUID
    format: ExportFormat
    options: dict[str, Any]
    state: ExportState
    state_reason: str
    rows_total: int | None
    rows_done: int
    file_name: str
    size: int  #: bytes
    sha256: str
    facts: dict[str, Any]
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Export) -> "ExportOut":
        """Return an export as it is shown."""
        return cls.model_validate(row)


class PickIn(BaseModel):
    """A column that is wanted, by its proposed name, and what it is called in the files."""

    model_config = ConfigDict(extra="forbid")

    column: str
    name: Annotated[str, Field(max_length=LONGEST_NAME)] = ""


class LayoutIn(BaseModel):
    """The columns of the next layout, in order."""

    model_config = ConfigDict(extra="forbid")

    columns: Annotated[tuple[PickIn, ...], Field(min_length=1, max_length=MOST_COLUMNS)]


class ColumnOut(BaseModel):
    """A column and its codebook."""

    name: str
    source: str
    kind: str
    label: str
    values: dict[str, str]  #: label by code

    @classmethod
    def of(cls, column: Column) -> "ColumnOut":
        """Return a column as it is shown."""
        return cls(
            name=column.name,
            source=column.source.value,
            kind=column.kind.value,
            label=column.label,
            values={value.code: value.label for value in column.values},
        )


class LayoutOut(BaseModel):
    """A layout; without ``frozen_at`` it is the draft."""

    number: int
    frozen_at: datetime | None
    columns: list[ColumnOut]

    @classmethod
    def of(cls, row: ExportLayout) -> "LayoutOut":
        """Return a layout as it is shown."""
        layout = Layout.read(row.content)
        return cls(
            number=row.number,
            frozen_at=row.frozen_at,
            columns=[ColumnOut.of(column) for column in layout.columns],
        )
