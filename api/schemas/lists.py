"""JSON shapes of contact lists."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class ListOut(BaseModel):
    """An imported file: rows in = accepted + refused."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    file_name: str
    file_sha256: str
    region: str
    columns: list[str]
    rows_in: int
    rows_accepted: int
    rows_refused: int
    imported_at: datetime


class ImportOut(BaseModel):
    """What became of each row of an uploaded file."""

    import_id: UUID  #: by which it can be undone
    list_id: UUID
    rows_in: int
    rows_accepted: int
    rows_refused: int
    phones: int
    refusals: dict[str, int]  #: reason -> rows
    refused_csv: str  #: where the refused rows can be downloaded
