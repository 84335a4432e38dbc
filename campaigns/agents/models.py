"""Tables: agent, agent session, agent state log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from dialer.agent.states import AgentState
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class Agent(SQLModel, table=True):
    """An operator who takes calls."""

    __table_args__ = (UniqueConstraint("client_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id")
    name: str
    endpoint: str  #: what is dialled to reach the agent, e.g. ``PJSIP/agent-1``


class AgentSession(SQLModel, table=True):
    """One shift of an agent in one campaign. An agent has one open session at a time."""

    __tablename__ = "agent_session"
    __table_args__ = (
        Index(
            "uq_agent_session_open",
            "agent_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_agent_session_campaign", "campaign_id", "ended_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    agent_id: UUID = Field(foreign_key="agent.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wants: AgentState = Field(default=AgentState.READY, sa_type=text_enum(AgentState))
    pause_code: str | None = None


class AgentStateEntry(SQLModel, table=True):
    """One stretch of an agent's shift. Entries of a session do not overlap and leave no gap."""

    __tablename__ = "agent_state_entry"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="ck_agent_state_order"),
        Index(
            "uq_agent_state_open",
            "session_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    session_id: UUID = Field(foreign_key="agent_session.id", index=True)
    state: AgentState = Field(sa_type=text_enum(AgentState))
    pause_code: str | None = None
    call_id: UUID | None = None
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
