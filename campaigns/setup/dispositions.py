"""A campaign's dispositions as a whole: read, set, removed where no call has them. Nothing here commits."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.codes import DispositionTerms, set_disposition
from campaigns.leads.models import Attempt
from campaigns.models import Disposition
from campaigns.setup.file_shape import DispositionLine
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Conflict


class DispositionUsed(Conflict):
    """Calls were closed with the code, or a setting names it."""

    code = "disposition_used"
    message = (
        "Calls were closed with this disposition, or a setting names it: it cannot be removed."
    )


async def find_lines(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID
) -> list[DispositionLine]:
    """Return a campaign's dispositions in the order agents see them.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    await lifecycle.find(session, campaign_id, client_id=client_id)
    statement = select(Disposition).where(
        col(Disposition.campaign_id) == campaign_id, col(Disposition.client_id) == client_id
    )
    rows = await session.exec(statement.order_by(col(Disposition.position), col(Disposition.code)))
    names = DispositionLine.model_fields
    return [DispositionLine(**{name: getattr(row, name) for name in names}) for row in rows]


async def used_codes(session: AsyncSession, campaign_id: UUID, *, client_id: UUID) -> set[str]:
    """Return the codes that cannot be removed: calls have them, or settings name them."""
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    statement = (
        select(Attempt.disposition)
        .where(col(Attempt.campaign_id) == campaign_id, col(Attempt.disposition).is_not(None))
        .distinct()
    )
    closed = {code for code in await session.exec(statement) if code is not None}
    named = {*campaign.settings.get("retry_dispositions", {})}
    return closed | named | set(campaign.settings.get("form_dispositions", {}).values())


async def remove_disposition(
    session: AsyncSession,
    campaign_id: UUID,
    code: str,
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
) -> None:
    """Remove a disposition that no call has; one that is not there is no fault.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
        DispositionUsed: it must stay.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id, lock=True)
    if code in await used_codes(session, campaign_id, client_id=client_id):
        raise DispositionUsed(disposition=code)
    await session.exec(
        delete(Disposition).where(
            col(Disposition.campaign_id) == campaign_id,
            col(Disposition.client_id) == client_id,
            col(Disposition.code) == code,
        )
    )
    await audit.trace(
        session, campaign, "campaign.disposition_removed", {"code": code}, user_id=by, clock=clock
    )


async def replace_dispositions(
    session: AsyncSession,
    campaign_id: UUID,
    lines: Sequence[DispositionLine],
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
) -> None:
    """Give a campaign these dispositions, in this order; others stay only where calls have them.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    whose: dict[str, Any] = {"client_id": client_id, "clock": clock, "by": by}
    before = {line.code for line in await find_lines(session, campaign_id, client_id=client_id)}
    used = await used_codes(session, campaign_id, client_id=client_id)
    for code in sorted(before - {line.code for line in lines} - used):
        await remove_disposition(session, campaign_id, code, **whose)
    for position, line in enumerate(lines):
        facts = {**line.model_dump(exclude={"code"}), "position": position}
        terms = DispositionTerms.model_validate(facts)
        await set_disposition(session, campaign_id, line.code, terms, **whose)
