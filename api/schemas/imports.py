"""JSON shapes of imports: staged, rehearsed, committed, undone."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.lists.staged.forecasting import Forecast
from campaigns.states import ImportState
from dialer.text import PlainJson, PlainText


class SameFileOut(BaseModel):
    """Another import of the same content."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    file_name: str
    state: ImportState
    uploaded_at: datetime


class ListImportOut(BaseModel):
    """A file on its way into a list; its counts are those of the last dry run, then the final ones."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    list_id: UUID | None
    state: ImportState
    state_reason: str  #: why it failed
    name: str
    file_name: str
    file_sha256: str
    file_bytes: int
    shape: dict[str, Any]
    mapping: dict[str, Any]
    options: dict[str, Any]
    rows_in: int
    rows_accepted: int
    rows_refused: int
    phones: int
    refused_by_reason: dict[str, int]
    warnings: dict[str, int]
    uploaded_by: UUID | None
    uploaded_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    same_files: list[SameFileOut] = []  #: earlier imports of the same content
    rows_written: int | None = None  #: while it is being committed


class ImportPatch(BaseModel):
    """What may be changed while an import is staged; options that are not named stay."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[PlainText, Field(min_length=1, max_length=200)] | None = None
    options: PlainJson | None = None  #: null takes one away
    mapping: PlainJson | None = None  #: {"columns": [{"column", "field", "kind"?, "type"?}]}


class PreviewColumnOut(BaseModel):
    """A column and what it is taken for."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    field: str
    kind: str | None
    type: str | None
    samples: tuple[str, ...]


class PreviewOut(BaseModel):
    """The first rows of a staged file."""

    model_config = ConfigDict(from_attributes=True)

    shape: dict[str, Any]
    columns: tuple[PreviewColumnOut, ...]
    rows: tuple[tuple[str, ...], ...]
    is_mapped: bool  #: some column holds phones


class SampleOut(BaseModel):
    """One row as it would be taken."""

    model_config = ConfigDict(from_attributes=True)

    source_row: int
    reason: str  #: "" = accepted
    detail: str
    cells: tuple[str, ...]


class ForecastOut(BaseModel):
    """What a commit would do, and what would keep the accepted contacts from being dialled now."""

    rows_in: int
    rows_accepted: int
    rows_refused: int
    refused_by_reason: dict[str, int]
    phones: int
    numbers_skipped: int
    merged: int
    mended: int
    warnings: dict[str, int]
    places: dict[str, int]  #: accepted contacts by how exactly their zone is known
    window_closed: int | None  #: None: the options name no campaign
    samples: list[SampleOut]

    @classmethod
    def of(cls, told: Forecast) -> "ForecastOut":
        """Return what was told of an import."""
        facts = asdict(told.rehearsal)
        facts["samples"] = [SampleOut.model_validate(one) for one in told.rehearsal.samples]
        facts["warnings"] = told.warnings()
        return cls(**facts, places=dict(told.places), window_closed=told.window_closed)


class UndoneOut(BaseModel):
    """What an undo took back."""

    model_config = ConfigDict(from_attributes=True)

    contacts: int
    restored: int
    refused: int
    reopened: int
    consents: int
