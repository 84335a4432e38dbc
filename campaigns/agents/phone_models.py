"""Table: who has the telephone in an agent's browser."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime


class AgentPhone(SQLModel, table=True):
    """The telephone in an agent's browser: one page has it at a time.

    Neither its password nor anything made from it is here: only the page and Asterisk know it.
    """

    __tablename__ = "agent_phone"

    agent_id: UUID = Field(foreign_key="agent.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    epoch: int  #: grows with each page that takes the telephone: a page of an older one has lost it
    browser_id: UUID  #: the session of the browser that has it (``user_session``)
    taken_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: from then on Asterisk does not know it any more
