"""Callbacks as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.states import CallbackState


class CallbackIn(BaseModel):
    """A promise: without an offset the time is the contact's own."""

    model_config = ConfigDict(extra="forbid")

    at: datetime
    zone: Annotated[str, Field(max_length=64)] | None = None  #: IANA; None: of the contact's number
    agent: Annotated[str, Field(max_length=200)] | None = None  #: the agent's name; None = anybody
    note: Annotated[str, Field(max_length=2000)] = ""


class CallbackOut(BaseModel):
    """A promised call."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    lead_id: UUID
    state: CallbackState
    promised_at: datetime
    zone: str
    agent: str | None
    note: str
    created_at: datetime
