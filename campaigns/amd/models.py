"""Tables: verdict on a greeting; the switch that detection turns off by itself."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dialer.call.verdicts import Treatment, Verdict
from dialer.db import UtcDateTime, text_enum


class Judgement(StrEnum):
    """What a verdict turned out to be."""

    PERSON = "person"
    MACHINE = "machine"
    CANNOT_TELL = "cannot_tell"  #: heard, and not recognised: it counts for neither


class AmdVerdict(SQLModel, table=True):
    """What the analysis of one call's greeting said, what was made of it, and whether it was right."""

    __tablename__ = "amd_verdict"
    __table_args__ = (
        CheckConstraint("(judged IS NULL) = (judged_at IS NULL)", name="ck_amd_verdict_judged"),
        Index(
            "ix_amd_verdict_machines",
            "campaign_id",
            "found_at",
            postgresql_where=text("verdict = 'machine'"),
        ),
    )

    attempt_id: UUID = Field(foreign_key="attempt.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    verdict: Verdict = Field(sa_type=text_enum(Verdict))
    treatment: Treatment = Field(sa_type=text_enum(Treatment))
    cause: str = ""  #: as Asterisk's AMD() tells it
    analysed_ms: int  #: from the answer to the verdict
    found_at: datetime = Field(sa_type=UtcDateTime)
    message_left: bool = False
    message_bar: str = ""  #: why no message could be left, as codes
    for_review: bool = False  #: acted on, and drawn for a reviewer's ear
    judged: Judgement | None = Field(default=None, sa_type=text_enum(Judgement))
    judged_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AmdSwitch(SQLModel, table=True):
    """A campaign's detection that was found too often wrong; a row stays when it is on again."""

    __tablename__ = "amd_switch"

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    off_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: None: it is on
    reason: str = ""  #: a code
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: on which it rested
    counts_since: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: earlier verdicts do not count: a person switched it on again then
