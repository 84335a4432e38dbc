"""Tables of the gate."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from compliance.places.placement import Confidence, PlacementSource
from compliance.rulebook.rules import DncSemantics
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class Place(SQLModel, table=True):
    """Where numbers may be: one row for each combination of zones and jurisdictions that occurs."""

    __table_args__ = (UniqueConstraint("zones", "jurisdictions", "source", "confidence"),)

    id: int | None = Field(
        default=None, sa_column=Column(Integer, Identity(always=True), primary_key=True)
    )
    zones: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    jurisdictions: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    source: PlacementSource = Field(sa_type=text_enum(PlacementSource))
    confidence: Confidence = Field(sa_type=text_enum(Confidence))


class Suppression(SQLModel, table=True):
    """A number that must not be dialled for a client, or only for one of its campaigns."""

    __table_args__ = (
        UniqueConstraint("client_id", "e164", "campaign_id", postgresql_nulls_not_distinct=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    campaign_id: UUID | None = Field(default=None, foreign_key="campaign.id")  #: None = all
    e164: str = Field(sa_column=Column(String(collation="C"), nullable=False))
    reason: str = "do_not_call"
    source: str = ""  #: from which surface it came: agent, api, cli, key_press, erasure…
    added_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    added_at: datetime = Field(sa_type=UtcDateTime)


class DncList(SQLModel, table=True):
    """A do-not-call (or allow) list kept as a bitmap file; the row names the version in force."""

    __tablename__ = "dnc_list"
    __table_args__ = (UniqueConstraint("client_id", "code", postgresql_nulls_not_distinct=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID | None = Field(default=None, foreign_key="client.id", index=True)  #: None = all
    code: str  #: as rule packs name it, e.g. ``US-NATIONAL``; or a client's own name
    semantics: DncSemantics = Field(
        default=DncSemantics.BLOCK_LIST, sa_type=text_enum(DncSemantics)
    )
    always_applies: bool = False  #: consulted for every call of its client, whatever the packs say
    file_name: str  #: of the version in force, in the lists' directory
    sha256: str
    numbers: int
    obtained_at: datetime = Field(sa_type=UtcDateTime)  #: when the registry gave it out
    loaded_at: datetime = Field(sa_type=UtcDateTime)
    max_age_days: int | None = None  #: own limit besides the packs'


class ConsentRecord(SQLModel, table=True):
    """A consent (or a relation that stands for one) in the ledger; rows are never deleted."""

    __tablename__ = "consent_record"
    __table_args__ = (
        Index("ix_consent_record_number", "client_id", "e164"),
        Index("ix_consent_record_kind", "client_id", "kind"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    e164: str | None = Field(default=None, sa_column=Column(String(collation="C")))
    #: None = a fact of the client itself, such as its contract with an operator
    kind: str
    scope: str = "*"  #: the subject it covers; ``*`` = all of the client's
    granted_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proof: str  #: where the proof is: a file, a recording, a form's number
    import_id: UUID | None = None
    recorded_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class EmergencySwitch(SQLModel, table=True):
    """A declared emergency: sales calls into its territory stop while it is on."""

    __tablename__ = "emergency_switch"

    switch: str = Field(primary_key=True)  #: as the rule names it
    is_on: bool
    reason: str
    changed_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    changed_at: datetime = Field(sa_type=UtcDateTime)


class RuleExemption(SQLModel, table=True):
    """A pack row that does not bind a client: only with a reason and the consent of two persons."""

    __tablename__ = "rule_exemption"
    __table_args__ = (
        CheckConstraint(
            "approved_by IS DISTINCT FROM proposed_by", name="ck_exemption_two_persons"
        ),
        CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)", name="ck_exemption_approval"
        ),
        CheckConstraint("length(trim(reason)) >= 10", name="ck_exemption_reason"),
        Index(
            "uq_rule_exemption_open",
            "client_id",
            "rule_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    rule_id: str
    reason: str
    proposed_by: UUID = Field(foreign_key="user_account.id")
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    approved_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
