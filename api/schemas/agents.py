"""JSON shapes of agents and their shifts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.campaigns import Name
from campaigns.agents.sessions import ENDPOINT_PATTERN
from dialer.agent.states import AgentState

#: What Asterisk is asked to dial: a telephone, nothing that could add options or lead to a trunk.
Endpoint = Annotated[str, Field(pattern=ENDPOINT_PATTERN)]


class AgentIn(BaseModel):
    """An agent to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    endpoint: Endpoint
    login: str | None = Field(default=None, description="The user who is this agent.")


class AgentOut(BaseModel):
    """An agent."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    endpoint: str
    user_id: UUID | None


class SignInIn(BaseModel):
    """Which campaign a shift is in."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: UUID


class PauseIn(BaseModel):
    """Why an agent takes a break."""

    model_config = ConfigDict(extra="forbid")

    pause_code: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class ShiftOut(BaseModel):
    """One shift of an agent; ``wants`` is what follows when the agent is free."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    agent_id: UUID
    campaign_id: UUID
    started_at: datetime
    ended_at: datetime | None
    wants: AgentState
    pause_code: str | None
