"""Controls of a call, as the API takes and shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from campaigns.agents.controls import KEYS_PATTERN, Control
from dialer.call.talks import PartEnd, PartKind, TalkState


class SteerIn(BaseModel):
    """What a control needs besides its name."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field(default="", description="Code of a transfer target: consult, transfer.")
    keys: SecretStr = Field(default=SecretStr(""), description=f"Keys to send: {KEYS_PATTERN}")


class TargetOut(BaseModel):
    """To whom a customer can be handed over."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str


class PartOut(BaseModel):
    """A stretch of the talk in which something was special."""

    model_config = ConfigDict(from_attributes=True)

    kind: PartKind
    began_at: datetime
    ended_at: datetime | None
    ending: PartEnd | None
    target: str


class ControlsOut(BaseModel):
    """A call as its agent can steer it now, and what was done with it."""

    model_config = ConfigDict(from_attributes=True)

    attempt_id: UUID
    state: TalkState | None
    since: datetime | None
    target: Annotated[str, Field(description="Name of the third party.")]
    unrecorded: bool
    possible: list[Control]
    targets: list[TargetOut]
    failed: PartEnd | None
    parts: list[PartOut] = []
