"""Saved segments as JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class SegmentIn(BaseModel):
    """A filter with a name; docs/settings.md tells the words of filters."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    filter: dict[str, Any]


class SegmentOut(BaseModel):
    """A saved segment."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    filter: dict[str, Any]
    created_at: datetime


class FilterIn(BaseModel):
    """A filter that is tried out."""

    model_config = ConfigDict(extra="forbid")

    filter: dict[str, Any]
    list_ids: list[UUID] | None = None


class CountOut(BaseModel):
    """How many contacts fit."""

    contacts: int
