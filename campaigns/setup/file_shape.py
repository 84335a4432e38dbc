"""A campaign as a file: its shape. Names stand where the database has ids. Pure."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from campaigns.codes import DispositionTerms
from campaigns.settings import CampaignSettings

#: Settings that have a place of their own at the top of the file.
AT_TOP = ("form", "script", "retry", "retry_dispositions", "answer_quotas")


class DispositionLine(DispositionTerms):
    """A disposition with its code; its place in the list is its position."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class CampaignFile(BaseModel):
    """What a file says of a campaign; what it leaves out stays, or has its start value."""

    model_config = ConfigDict(extra="forbid")

    campaign: Annotated[str, Field(min_length=1, max_length=200)]
    trunk: str | None = None  #: its name
    caller_id: str | None = None  #: E.164, one of the client's
    caller_ids: list[str] | None = None  #: the pool
    lists: list[str] | None = None  #: names of contact lists
    form: str | None = None  #: code of a published form
    script: str | None = None
    dispositions: list[DispositionLine] | None = None
    retry: dict[str, Any] | None = None  #: by outcome
    retry_dispositions: dict[str, Any] | None = None  #: by disposition
    answer_quotas: list[dict[str, Any]] | None = None
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("dispositions")
    @classmethod
    def _one_code_once(cls, value: list[DispositionLine] | None) -> list[DispositionLine] | None:
        codes = [line.code for line in value or ()]
        if len(set(codes)) < len(codes):
            raise ValueError("two dispositions have the same code")
        return value

    @model_validator(mode="after")
    def _each_setting_once(self) -> "CampaignFile":
        twice = [
            name for name in AT_TOP if name in self.settings and getattr(self, name) is not None
        ]
        if twice:
            raise ValueError(f"{twice[0]} is given twice: at the top and below settings")
        return self

    def all_settings(self) -> dict[str, Any]:
        """Return the settings given, those at the top too."""
        top = {name: getattr(self, name) for name in AT_TOP if getattr(self, name) is not None}
        return {**self.settings, **top}


#: Every name a setting may have, for the nearest one to a wrong name.
SETTING_NAMES = frozenset(CampaignSettings.model_fields)
