"""Files that a client's users order, in the newest layout that the call centre froze."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select, union
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery import exports
from campaigns.delivery.models import Export
from campaigns.delivery.words import ExportFormat
from campaigns.portal.errors import FileNotYours, NamesNotYours
from campaigns.tenancy.models import ClientAccess, Role, User
from dialer.clock import Clock

#: What a client orders with one click.
USUAL = (ExportFormat.XLSX, ExportFormat.SAV, ExportFormat.CSV, ExportFormat.REFRESH)


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
    """Order a file of a campaign's results in the newest layout that the call centre froze.

    Raises:
        CampaignNotFound, BadExportOptions: see ``exports.ask``.
        LayoutInPreparation: the call centre has a draft, and no layout.
    """
    if (options or {}).get("names"):
        raise NamesNotYours
    return await exports.ask(
        session,
        campaign_id,
        format_,
        client_id=client_id,
        user_id=user_id,
        clock=clock,
        options=options,
        freezes_draft=False,
    )


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
