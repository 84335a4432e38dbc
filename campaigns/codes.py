"""A campaign's dispositions: made and changed by its manager. Nothing here commits."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.desk.hot_keys import DIGITS, LETTERS, is_free
from campaigns.models import Disposition
from campaigns.tenancy import audit
from dialer.clock import Clock

#: Half a year; whoever wants to wait longer enrols the contact again.
LONGEST_RETRY_S = 180 * 24 * 3600


class DispositionTerms(BaseModel):
    """What a disposition says and does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Annotated[str, Field(min_length=1, max_length=100)]
    retry_after_s: Annotated[int, Field(ge=0, le=LONGEST_RETRY_S)] | None = None
    suppresses: bool = False
    refuses: bool = False
    success: bool = False
    requires_note: bool = False
    requires_callback: bool = False
    hot_key: str | None = Field(
        default=None, description=f"One of {DIGITS}{LETTERS}; null: the next one that is free."
    )
    #: Source of the form: AAPOR, "Standard Definitions", 9th edition (2016).
    aapor: Annotated[str, Field(pattern=r"^[1-4]\.[0-9]{1,3}$")] | None = None
    position: Annotated[int, Field(ge=0, le=1000)] = 0

    @field_validator("hot_key")
    @classmethod
    def _key_must_be_free(cls, value: str | None) -> str | None:
        if value is not None and not is_free(value):
            raise ValueError(f"one of {DIGITS}{LETTERS}: the other keys do something else")
        return value

    @field_validator("requires_callback")
    @classmethod
    def _nobody_is_promised_what_is_barred(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("suppresses"):
            raise ValueError("a number that is never called again cannot be promised a call")
        return value


async def set_disposition(
    session: AsyncSession,
    campaign_id: UUID,
    code: str,
    terms: DispositionTerms,
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
) -> Disposition:
    """Make a disposition of a campaign, or change it; results that have its code stay.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id, lock=True)
    statement = select(Disposition).where(
        col(Disposition.campaign_id) == campaign_id,
        col(Disposition.client_id) == client_id,
        col(Disposition.code) == code,
    )
    row = (await session.exec(statement)).first()
    after = terms.model_dump()
    before = {name: getattr(row, name) for name in after} if row else {}
    if row is None:
        row = Disposition(client_id=client_id, campaign_id=campaign_id, code=code, **after)
        session.add(row)
    else:
        row.sqlmodel_update(after)
    await session.flush()
    changed = {
        name: {"from": before.get(name), "to": value}
        for name, value in after.items()
        if before.get(name) != value
    }
    if changed:
        facts = {"code": code, **changed}
        await audit.trace(
            session, campaign, "campaign.disposition_set", facts, user_id=by, clock=clock
        )
    return row
