"""JSON shapes of agents and their shifts."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.campaigns import Name
from campaigns.agents.sessions import ENDPOINT_PATTERN
from dialer.agent.states import AgentState

#: What Asterisk is asked to dial: a telephone, nothing that could add options or lead to a trunk.
Endpoint = Annotated[str, Field(pattern=ENDPOINT_PATTERN)]


class AgentIn(BaseModel):
    """An agent to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    endpoint: Endpoint | None = Field(
        default=None, description="The agent's telephone; none: it is in the agent's browser."
    )
    login: str | None = Field(default=None, description="The user who is this agent.")


class AgentOut(BaseModel):
    """An agent."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    endpoint: str
    user_id: UUID | None


class CampaignShare(BaseModel):
    """A campaign of a shift, and the weight of its claim on the agent."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: UUID
    weight: float = Field(default=1.0, description="Above 0, at most 1000.")


class ShareIn(BaseModel):
    """The campaigns of a shift."""

    model_config = ConfigDict(extra="forbid")

    campaigns: Annotated[list[CampaignShare], Field(max_length=100)]


class SignInIn(BaseModel):
    """Which campaign a shift is in, or which campaigns share it."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: UUID | None = None
    campaigns: Annotated[list[CampaignShare], Field(max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.campaign_id is None) == (self.campaigns is None):
            raise ValueError("give either campaign_id or campaigns")
        return self

    def shares(self) -> list[CampaignShare]:
        """Return the campaigns, however they were given."""
        if self.campaign_id is not None:
            return [CampaignShare(campaign_id=self.campaign_id)]
        return self.campaigns or []


class PauseIn(BaseModel):
    """Why an agent takes a break."""

    model_config = ConfigDict(extra="forbid")

    pause_code: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class ShiftOut(BaseModel):
    """One shift of an agent; ``wants`` is what follows when the agent is free.

    ``campaign_id`` is the campaign it works for now, one of ``campaigns``.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    agent_id: UUID
    campaign_id: UUID
    started_at: datetime
    ended_at: datetime | None
    wants: AgentState
    pause_code: str | None
    forced_reason: Annotated[
        str | None, Field(description="A supervisor's, until the agent's own next wish.")
    ] = None
    forced_at: datetime | None = None
    campaigns: list[CampaignShare] = Field(default_factory=list)
