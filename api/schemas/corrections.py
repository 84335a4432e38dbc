"""Corrections of a call's result as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.callbacks import CallbackIn
from campaigns.leads.uncorrectable import MOST_REASON
from campaigns.states import LeadState


class CorrectionIn(BaseModel):
    """Another result of a call, and why."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=100)]
    instead_of: Annotated[str, Field(max_length=100)] | None = Field(
        description="The result that is wrong; null: the call was closed without one."
    )
    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON)]
    note: Annotated[str, Field(max_length=2000)] | None = None  #: of the call; None leaves it
    callback: CallbackIn | None = None  #: a call promised with it
    cancel_promise: bool = Field(default=False, description="Take an open callback back.")


class CorrectedOut(BaseModel):
    """What was corrected, and what became of the contact."""

    model_config = ConfigDict(from_attributes=True)

    attempt_id: UUID
    lead_id: UUID
    campaign_id: UUID
    before: str | None
    code: str
    lead_changed: bool = Field(
        description="False: a later call, or something else, has decided about the contact since,"
        " and no promise was taken back."
    )
    lead_state: LeadState
    lead_result: str | None
    next_attempt_at: datetime | None
    stays_suppressed: bool = Field(
        description="The former result put the numbers on the do-not-call list: they stay there."
    )


class KeptCorrectionOut(BaseModel):
    """One correction of a call's result."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    user_id: UUID | None
    login: str
    before: str | None
    after: str
    reason: str
    note: str = Field(description="Of the call: kept, changed or removed with the correction.")
