"""Tables: monitoring, supervisor's telephone, messages to agents, lists that rest in a campaign."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from dialer.call.monitor_events import Mode
from dialer.call.monitors import MonitorState
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class Monitoring(SQLModel, table=True):
    """A supervisor listens to an agent, from the wish to the end. A supervisor has one open at a time.

    ``mode``, ``follow`` and ``take_call_id`` are wishes; ``state`` and ``call_id`` are what the owner of
    the agent's campaign makes of them.
    """

    __tablename__ = "monitoring"
    __table_args__ = (
        Index(
            "uq_monitoring_open", "user_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_monitoring_session", "session_id", postgresql_where=text("ended_at IS NULL")),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ck_monitoring_end"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    user_id: UUID = Field(foreign_key="user_account.id")  #: who listens
    session_id: UUID = Field(foreign_key="agent_session.id")  #: the shift of whom is listened to
    endpoint: str  #: the supervisor's telephone
    mode: Mode = Field(default=Mode.LISTEN, sa_type=text_enum(Mode))
    follow: bool = True  #: the agent's next talks, too
    state: MonitorState = Field(default=MonitorState.CALLING, sa_type=text_enum(MonitorState))
    call_id: UUID | None = None  #: the talk that is on
    take_call_id: UUID | None = None  #: the talk that the supervisor wishes to have
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: str | None = None  #: left, unreached, call_ended, agent_gone


class SupervisorPhone(SQLModel, table=True):
    """The telephone in a supervisor's browser: one page has it at a time, as ``agent_phone``."""

    __tablename__ = "supervisor_phone"

    user_id: UUID = Field(foreign_key="user_account.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    epoch: int  #: grows with each page that takes the telephone
    browser_id: UUID  #: the session of the browser that has it (``user_session``)
    taken_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AgentMessage(SQLModel, table=True):
    """A message of a supervisor to one agent; one to all of a campaign is a row for each of them."""

    __tablename__ = "agent_message"
    __table_args__ = (Index("ix_agent_message_agent", "agent_id", "sent_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    agent_id: UUID = Field(foreign_key="agent.id")
    batch_id: UUID  #: the same for all who were sent it together
    campaign_id: UUID | None = Field(
        default=None, foreign_key="campaign.id"
    )  #: it went to all of it
    sent_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    words: str
    sent_at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: the agent said so


class ListPause(SQLModel, table=True):
    """A contact list that rests in a campaign: none of its leads is drawn."""

    __tablename__ = "list_pause"

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    list_id: UUID = Field(foreign_key="contact_list.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    reason: str
    paused_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    paused_at: datetime = Field(sa_type=UtcDateTime)
