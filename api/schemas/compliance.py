"""JSON shapes of the law: rules, what-if questions, suppressions, lists, consents, exemptions."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from campaigns.law.suppressions import MOST_AT_ONCE
from compliance.rulebook.rules import Channel, DncSemantics, Party, Purpose, RuleKind
from dialer.text import PlainText

Number = Annotated[PlainText, Field(max_length=40, description="With its country code.")]
Reason = Annotated[PlainText, Field(min_length=1, max_length=500)]


class RuleOut(BaseModel):
    """One row of a rule pack."""

    id: str
    jurisdiction: str
    kind: RuleKind
    what: str = Field(description="What it demands, in words.")
    source: str
    verified: str = Field(description="`source-seen` or `prior-knowledge`.")
    url: str
    note: str
    effective: str
    effective_from: date | None
    effective_to: date | None
    purposes: list[Purpose]
    channels: list[Channel]
    parties: list[Party]
    lifted_by: list[str] = Field(description="Kinds of consent that switch it off.")


class CheckIn(BaseModel):
    """A what-if question: may this number be dialled, by the law alone?"""

    model_config = ConfigDict(extra="forbid")

    number: Number
    purpose: Purpose
    channel: Channel = Channel.HUMAN
    party: Party = Party.CONSUMER
    region: Annotated[str, Field(max_length=100)] | None = None
    zone: Annotated[str, Field(max_length=100)] | None = None
    postal_code: Annotated[str, Field(max_length=20)] | None = None
    consents: list[str] = Field(default_factory=list, max_length=100)
    operator_contract: bool = True
    emergencies: list[str] = Field(default_factory=list, max_length=100)
    at: AwareDatetime | None = Field(default=None, description="Now when left out.")
    ring_timeout_s: Annotated[float, Field(ge=0, le=120)] = 0.0


class CheckOut(BaseModel):
    """The gate's answer, and on what it rests."""

    allowed: bool
    reasons: list[str]
    next_allowed_at: str | None
    zones: list[str]
    jurisdictions: list[str]
    rules: list[dict[str, str]] = Field(description="The rules that refused.")
    remedies: list[str]
    place_source: str
    place_confidence: str
    number_type: str
    asked_at: str
    binding: list[str] = Field(description="Ids of every rule that binds such a call.")
    assumed: list[str]
    ignored: list[str]
    packs: str
    tzdata: str


class SuppressionIn(BaseModel):
    """Numbers that must not be dialled for the client, or only for one of its campaigns."""

    model_config = ConfigDict(extra="forbid")

    numbers: Annotated[list[Number], Field(min_length=1, max_length=MOST_AT_ONCE)]
    reason: Reason = "do_not_call"
    campaign_id: UUID | None = None


class SuppressedOut(BaseModel):
    """What a suppression did."""

    added: int
    live_calls: int = Field(description="Live calls to them; those that ring are cancelled.")


class SuppressionOut(BaseModel):
    """A suppressed number."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str = Field(validation_alias="e164")
    campaign_id: UUID | None
    reason: str
    source: str
    added_at: datetime


class DncListOut(BaseModel):
    """A do-not-call (or allow) list in force."""

    code: str
    whose: str
    semantics: DncSemantics
    numbers: int
    age_days: float
    max_age_days: int | None
    always_applies: bool
    obtained_at: datetime
    version: str


class DncLoadedOut(BaseModel):
    """A list that was put in force, and what became of the file's lines."""

    in_force: DncListOut
    lines: int
    lines_refused: int
    first_refused_lines: list[int]


class ConsentIn(BaseModel):
    """A consent, or a relation that stands for one."""

    model_config = ConfigDict(extra="forbid")

    number: Number | None = Field(default=None, description="Null: a fact of the client itself.")
    kind: Annotated[PlainText, Field(min_length=1, max_length=100)]
    proof: Annotated[PlainText, Field(min_length=1, max_length=1000)]
    scope: Annotated[PlainText, Field(max_length=100)] = "*"
    granted_at: AwareDatetime | None = Field(default=None, description="Now when left out.")
    expires_at: AwareDatetime | None = None


class ConsentOut(BaseModel):
    """An entry of the ledger."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str | None = Field(validation_alias="e164")
    kind: str
    scope: str
    granted_at: datetime
    withdrawn_at: datetime | None
    expires_at: datetime | None
    proof: str
    recorded_at: datetime


class WithReason(BaseModel):
    """Why a person does it."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class ExemptionIn(BaseModel):
    """A rule that should not bind the client, and why."""

    model_config = ConfigDict(extra="forbid")

    rule: Annotated[PlainText, Field(max_length=200)]
    reason: Annotated[PlainText, Field(max_length=2000)]


class ExemptionOut(BaseModel):
    """An exemption from a rule."""

    id: UUID
    rule: str
    state: str = Field(description="`proposed`, `in_force` or `ended`.")
    reason: str
    proposed_by: UUID
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    ended_at: datetime | None


class EmergencyIn(BaseModel):
    """Turn a switch on or off."""

    model_config = ConfigDict(extra="forbid")

    on: bool
    reason: Reason


class EmergencyOut(BaseModel):
    """A switch the rules know."""

    switch: str
    on: bool
    reason: str
    rule: str
