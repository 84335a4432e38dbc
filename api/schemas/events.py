"""JSON shapes of events and of the cursor that reads them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from campaigns.events.kinds import EventKind


class EventOut(BaseModel):
    """Something that happened; docs/events.md has an example of each type."""

    id: str  #: the same wherever and however often it is told
    position: int  #: of the client's events: 1, 2, 3 … without a gap
    type: EventKind
    version: int  #: of what ``data`` tells
    at: datetime
    recorded_at: datetime
    client_id: UUID
    campaign_id: UUID | None
    data: dict[str, Any]


class EventsOut(BaseModel):
    """Some events, in order."""

    events: list[EventOut]
    next: int  #: the cursor to go on with
    has_more: bool


class CursorOut(BaseModel):
    """Which events can be read."""

    floor: int  #: the oldest cursor that works: events after it are kept
    last: int  #: the cursor at the end: from here only news come
    at: int | None = None  #: the cursor of the time that was asked for
