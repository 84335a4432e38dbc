"""A client's caller IDs, their limits, and the pools of campaigns. Nothing here commits."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.configuration import find_caller_id
from campaigns.errors import CallerIdNotFound
from campaigns.leads.requeue import requeue_refused
from campaigns.models import CallerId, CampaignCallerId
from campaigns.tenancy import audit
from campaigns.tenancy.bootstrap import check_display_name, ensure_caller_id
from dialer.clock import Clock
from dialer.errors import Invalid

#: Longer labels are cut by operators.
MOST_LABEL_CHARACTERS = 80
#: Source: ATIS-1000074, full, partial and gateway attestation; empty when the operator signs nothing.
ATTESTATIONS = frozenset({"", "A", "B", "C"})

_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")  # ISO 3166-1 alpha-2 or ISO 3166-2


@dataclass(frozen=True, slots=True)
class CallerIdWish:
    """What shall be kept of a caller ID; None leaves as it is, a limit of 0 takes it away."""

    display_name: str | None = None
    region: str | None = None  #: ISO 3166-1 or 3166-2, for local match
    attestation: str | None = None  #: A, B, C or empty
    label: str | None = None  #: what the operator shows with it
    daily_cap: int | None = None  #: calls a day, over all campaigns
    rest_s: int | None = None  #: between two calls

    def check(self) -> None:
        """Refuse what cannot be kept.

        Raises:
            Invalid: the message names what is wrong.
        """
        check_display_name(self.display_name or "")
        if self.region and not _REGION.fullmatch(self.region):
            raise Invalid("A region is a code of ISO 3166, such as RU, US or US-NY.")
        if self.attestation is not None and self.attestation not in ATTESTATIONS:
            raise Invalid("An attestation is A, B or C, or empty.")
        if len(self.label or "") > MOST_LABEL_CHARACTERS:
            raise Invalid(f"A label may have {MOST_LABEL_CHARACTERS} characters.")
        if min(self.daily_cap or 0, self.rest_s or 0) < 0:
            raise Invalid("A daily cap and a rest cannot be negative.")


async def save_caller_id(
    session: AsyncSession,
    e164: str,
    wish: CallerIdWish,
    *,
    client_id: UUID,
    by: UUID | None,
    clock: Clock,
) -> CallerId:
    """Make a caller ID or change one that is there; one that was disabled is shown again.

    Raises:
        Invalid: a part of the wish cannot be kept.
    """
    wish.check()
    row = await ensure_caller_id(session, client_id=client_id, e164=e164)
    wanted = {name: value for name, value in asdict(wish).items() if value is not None}
    for name, value in wanted.items():
        setattr(row, name, value or None if name in ("daily_cap", "rest_s") else value)
    row.disabled_at = None
    await audit.trace(session, row, "caller_id.saved", wanted, user_id=by, clock=clock)
    return row


async def disable_caller_id(
    session: AsyncSession, e164: str, *, client_id: UUID, by: UUID | None, clock: Clock
) -> CallerId:
    """Show a number no more, in any campaign.

    Raises:
        CallerIdNotFound: the client has no such number.
    """
    mine = select(CallerId).where(col(CallerId.client_id) == client_id, col(CallerId.e164) == e164)
    row = (await session.exec(mine)).first()
    if row is None:
        raise CallerIdNotFound
    row.disabled_at = row.disabled_at or clock.now()
    await audit.trace(session, row, "caller_id.disabled", {}, user_id=by, clock=clock)
    return row


async def list_caller_ids(session: AsyncSession, client_id: UUID) -> list[CallerId]:
    """Return a client's caller IDs by number."""
    mine = select(CallerId).where(col(CallerId.client_id) == client_id)
    return list((await session.exec(mine.order_by(col(CallerId.e164)))).all())


async def set_pool(
    session: AsyncSession,
    campaign_id: UUID,
    numbers: Sequence[str],
    *,
    client_id: UUID,
    by: UUID | None,
    clock: Clock,
) -> None:
    """Let a campaign show these numbers, besides its own one, and no others.

    Leads that the gate refused are asked about again. After the commit the caller sends
    ``CommandName.REFRESH``.

    Raises:
        CampaignNotFound, CallerIdNotFound: nothing was changed.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id, lock=True)
    found = [await find_caller_id(session, e164, client_id=client_id) for e164 in numbers]
    ids = sorted({one for one in found if one is not None})
    await session.exec(
        delete(CampaignCallerId).where(col(CampaignCallerId.campaign_id) == campaign_id)
    )
    session.add_all(CampaignCallerId(campaign_id=campaign_id, caller_id_id=one) for one in ids)
    await requeue_refused(session, campaign_id, now=clock.now())
    await audit.record(
        session,
        client_id=campaign.client_id,
        user_id=by,
        at=clock.now(),
        action="campaign.caller_ids_set",
        subject="campaign",
        subject_id=campaign_id,
        facts={"caller_ids": [str(one) for one in ids]},
    )
