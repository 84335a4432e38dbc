"""Transfer targets: to whom a campaign's agents may hand a customer over. Shapes of settings.

Agents choose from the list; there is no free dialling, so no agent can lead a customer, or the bill, to a
number nobody agreed to.
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dialer import phone
from dialer.phone import InvalidPhone

#: A telephone of the installation. An ``@`` would lead to a trunk.
ENDPOINT_PATTERN = r"^PJSIP/[A-Za-z0-9_-]{1,64}$"
MOST_TARGETS = 50


class TransferTarget(BaseModel):
    """A third party: a telephone of the installation, or a number called by the campaign's trunk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]  #: as agents read it
    endpoint: Annotated[str, Field(pattern=ENDPOINT_PATTERN)] | None = None
    number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = None  #: E.164

    @field_validator("number")
    @classmethod
    def _number_must_be_one(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                phone.parse(value, "ZZ")
            except InvalidPhone as error:
                raise ValueError("this is not a phone number that can be dialled") from error
        return value

    @model_validator(mode="after")
    def _one_way_to_reach_it(self) -> Self:
        if (self.endpoint is None) == (self.number is None):
            raise ValueError("give either endpoint or number")
        return self

    def dialled(self, trunk_endpoint: str) -> str:
        """Return what Asterisk dials; ``trunk_endpoint`` has a place for ``{number}``."""
        return self.endpoint or trunk_endpoint.format(number=self.number)
