"""Tables: agent, agent session and its campaigns, agent state log."""

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
    """One shift of an agent. An agent has one open session at a time, and works for one campaign.

    A shift in several campaigns has a row of ``agent_session_campaign`` for each. The owner of the campaign
    it works for may hand it over to another one (decision 0018).
    """

    __tablename__ = "agent_session"
    __table_args__ = (
        Index(
            "uq_agent_session_open",
            "agent_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_agent_session_campaign", "campaign_id", "ended_at"),
        Index("ix_agent_session_open", "client_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    agent_id: UUID = Field(foreign_key="agent.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")  #: the one it works for now
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wants: AgentState = Field(default=AgentState.READY, sa_type=text_enum(AgentState))
    pause_code: str | None = None
    forced_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    forced_reason: str | None = (
        None  #: a supervisor's words for the agent; None: the agent's own wish
    )
    forced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    held_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: a forced pause ends then at the earliest
    held: bool = Field(
        default=False, sa_column_kwargs={"server_default": "false"}
    )  #: only a supervisor, or ``held_until``, ends the pause
    extended_call: UUID | None = None  #: the call whose wrap-up was extended last
    extensions: int = 0  #: how often
    alone_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: since when the customer of its call hears no agent; None: the agent is heard
    leg_channel: str | None = None  #: the leg that was up at the last hand-over
    leg_bridge: str | None = None  #: the bridge it was in


class AgentSessionCampaign(SQLModel, table=True):
    """One of several campaigns that share a shift, and the weight of its claim."""

    __tablename__ = "agent_session_campaign"
    __table_args__ = (CheckConstraint("weight >= 0.001", name="ck_agent_session_campaign_weight"),)

    session_id: UUID = Field(foreign_key="agent_session.id", primary_key=True)
    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True, index=True)
    client_id: UUID = Field(foreign_key="client.id")
    weight: float


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
        Index("ix_agent_state_entry_campaign", "campaign_id", "started_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    session_id: UUID = Field(foreign_key="agent_session.id", index=True)
    campaign_id: UUID = Field(foreign_key="campaign.id")  #: the one the agent worked for
    state: AgentState = Field(sa_type=text_enum(AgentState))
    pause_code: str | None = None
    call_id: UUID | None = None
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
