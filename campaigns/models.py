"""Tables: campaign, its lists and trunks; trunk; caller ID; disposition."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.states import CampaignState
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class Trunk(SQLModel, table=True):
    """A way out to the telephone network. Without a client it serves all of them."""

    __table_args__ = (
        CheckConstraint("max_channels > 0", name="ck_trunk_max_channels"),
        CheckConstraint("calls_per_s > 0", name="ck_trunk_calls_per_s"),
        CheckConstraint("position('{number}' in endpoint) > 0", name="ck_trunk_endpoint"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID | None = Field(default=None, foreign_key="client.id", index=True)
    name: str = Field(unique=True)
    endpoint: str  #: what is dialled, with ``{number}`` for the E.164 number
    max_channels: int = 30
    calls_per_s: float = 4.0
    simulated: bool = False  #: leads to a simulated carrier: may be dialled at any hour
    paused_reason: str | None = None  #: why the breaker (or a person) paused it
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rests_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: a person lets it rest: the breaker does not wake it before
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rate_tokens: float = 0.0  #: calls that may start at ``rate_at``, shared by all campaigns
    rate_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CallerId(SQLModel, table=True):
    """A number (and a name) the called person may see."""

    __tablename__ = "caller_id"
    __table_args__ = (UniqueConstraint("client_id", "e164"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    e164: str
    display_name: str = ""
    region: str = ""  #: ISO 3166-1 or 3166-2 of the number, for local match
    attestation: str = ""  #: how the operator attests it: A, B, C or empty
    label: str = ""  #: the text the operator shows with it
    daily_cap: int | None = None  #: calls a day, over all campaigns
    rest_s: int | None = None  #: rest between two calls
    rests_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: a person lets it rest, such as after it was marked as spam
    rest_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    verified_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: when somebody called it and reached us
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Campaign(SQLModel, table=True):
    """A task: whom to dial, how, and what became of it."""

    __table_args__ = (
        UniqueConstraint("client_id", "name"),
        CheckConstraint("fence >= 0", name="ck_campaign_fence"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    name: str
    state: CampaignState = Field(default=CampaignState.DRAFT, sa_type=text_enum(CampaignState))
    state_reason: str = ""  #: why it is in this state, for people
    trunk_id: UUID | None = Field(default=None, foreign_key="trunk.id")
    caller_id_id: UUID | None = Field(default=None, foreign_key="caller_id.id")
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    selection_due: bool = False  #: leads wait until the selection is applied to them (anew)
    selection_version: int = 0  #: rises whenever there is something to apply
    fence: int = 0  #: rises with every change of owner; only the newest owner may write attempts
    owner: str | None = None  #: the worker that holds the newest fence
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CampaignList(SQLModel, table=True):
    """A contact list from which a campaign draws."""

    __tablename__ = "campaign_list"

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    list_id: UUID = Field(foreign_key="contact_list.id", primary_key=True)


class CampaignCallerId(SQLModel, table=True):
    """A caller ID of a campaign's pool; without a pool the campaign's own one is shown."""

    __tablename__ = "campaign_caller_id"

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    caller_id_id: UUID = Field(foreign_key="caller_id.id", primary_key=True)


class CallerIdUse(SQLModel, table=True):
    """How often a caller ID was shown on a day (UTC), over all campaigns."""

    __tablename__ = "caller_id_use"

    caller_id_id: UUID = Field(foreign_key="caller_id.id", primary_key=True)
    day: date = Field(primary_key=True)
    calls: int = 0
    last_at: datetime = Field(sa_type=UtcDateTime)


class Disposition(SQLModel, table=True):
    """A code with which agents close a call, and what it does to the lead."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "code"),
        CheckConstraint("hot_key ~ '^[a-z1-9]$'", name="ck_disposition_hot_key"),
        CheckConstraint(r"aapor ~ '^[1-4]\.[0-9]{1,3}$'", name="ck_disposition_aapor"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    campaign_id: UUID = Field(foreign_key="campaign.id", index=True)
    code: str
    label: str
    retry_after_s: int | None = None  #: None: the lead is done
    suppresses: bool = False  #: the number goes to the client's do-not-call list
    refuses: bool = False  #: the person refused: silences of law begin
    success: bool = False  #: counts as a result the client pays for
    requires_note: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    requires_callback: bool = Field(
        default=False, sa_column_kwargs={"server_default": "false"}
    )  #: the agent must promise a time
    hot_key: str | None = None  #: on the agent's keyboard; None: the next one that is free
    aapor: str | None = None  #: the outcome in the survey trade's code
    position: int = 0
