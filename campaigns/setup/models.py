"""Table: the virtual agents of a campaign on a simulated trunk."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime
from dialer.ids import new_id


class VirtualCrew(SQLModel, table=True):
    """So many virtual agents shall take a campaign's calls; a background worker is their hands."""

    __tablename__ = "virtual_crew"
    __table_args__ = (CheckConstraint("agents BETWEEN 1 AND 40", name="ck_virtual_crew_agents"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    campaign_id: UUID = Field(foreign_key="campaign.id", unique=True)
    agents: int
    asked_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: they sign out
