"""Files that a client's users order: the call centre's newest layout, or all columns but its people's."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select, union
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.delivery import exports
from campaigns.delivery.layouts import keeping
from campaigns.delivery.layouts.columns import Pick
from campaigns.delivery.layouts.proposing import proposed_layout
from campaigns.delivery.models import Export
from campaigns.delivery.words import ColumnSource, ExportFormat
from campaigns.portal.errors import FileNotYours
from campaigns.tenancy.models import ClientAccess, Role, User
from dialer.clock import Clock

#: What a client orders with one click.
USUAL = (ExportFormat.XLSX, ExportFormat.SAV, ExportFormat.CSV, ExportFormat.REFRESH)
#: Columns about the call centre's people: in a client's file only if a manager froze a layout with them.
INTERNAL = frozenset({"agent"})


async def order(
    session: AsyncSession,
    campaign_id: UUID,
    format_: ExportFormat,
    *,
    client_id: UUID,
    user_id: UUID,
    clock: Clock,
    options: Mapping[str, Any] | None = None,
) -> Export:
    """Order a file of a campaign's results in the newest layout that the call centre gave.

    Raises:
        CampaignNotFound, LayoutNotFound, BadExportOptions: see ``exports.ask``.
    """
    asked: dict[str, Any] = {"client_id": client_id, "user_id": user_id, "clock": clock}
    if format_.has_layout:
        await _require_layout(session, campaign_id, **asked)
    return await exports.ask(session, campaign_id, format_, options=options, **asked)


async def _require_layout(session: AsyncSession, campaign_id: UUID, **asked: Any) -> None:
    """Freeze a first layout without the call centre's people, where nobody made one."""
    campaign = await lifecycle.find(session, campaign_id, client_id=asked["client_id"])
    if await keeping.find_layout(session, campaign) or await keeping.draft_of(session, campaign):
        return
    columns = (await proposed_layout(session, campaign)).columns
    picks = [
        Pick(one.name)
        for one in columns
        if one.source is not ColumnSource.OURS or one.key not in INTERNAL
    ]
    await keeping.save_draft(session, campaign_id, picks, **asked)


async def files_of(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID
) -> Sequence[Export]:
    """Return the files that the client's users ordered, the newest first; the centre's own are not theirs."""
    rows = await exports.exports_of(session, campaign_id, client_id=client_id)
    users = await _users(session, client_id)
    return [row for row in rows if row.asked_by in users]


async def require_own(session: AsyncSession, export_id: UUID, *, client_id: UUID) -> Export:
    """Return a file that the client's users ordered.

    Raises:
        FileNotYours: no such file of this client, or the call centre made it for itself.
    """
    row = await session.get(Export, export_id)
    users = await _users(session, client_id)
    if row is None or row.client_id != client_id or row.asked_by not in users:
        raise FileNotYours
    return row


async def _users(session: AsyncSession, client_id: UUID) -> set[UUID]:
    """Return who is, or was, a user of the client itself."""
    own = select(User.id).where(col(User.client_id) == client_id, col(User.role) == Role.CLIENT)
    lent = select(ClientAccess.user_id).where(
        col(ClientAccess.client_id) == client_id, col(ClientAccess.role) == Role.CLIENT
    )
    return set((await session.execute(union(own, lent))).scalars())
