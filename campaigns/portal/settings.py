"""What a client's users may do by themselves; the call centre's manager says so."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.portal.errors import RecordingsNotShown
from campaigns.portal.models import PortalSettings
from campaigns.tenancy import audit
from campaigns.tenancy.models import Client
from dialer.clock import Clock


async def settings_of(session: AsyncSession, client_id: UUID, *, clock: Clock) -> PortalSettings:
    """Return a client's settings; one without gets the start values, not stored."""
    found = await session.get(PortalSettings, client_id)
    return found or PortalSettings(client_id=client_id, changed_at=clock.now())


async def change(
    session: AsyncSession,
    client_id: UUID,
    *,
    uploads_at_once: bool,
    hears: bool,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Store what a client's users may do."""
    await session.get_one(Client, client_id, with_for_update=True)
    row = await settings_of(session, client_id, clock=clock)
    before = {"uploads_at_once": row.uploads_at_once, "hears": row.hears}
    row.uploads_at_once, row.hears, row.changed_at = uploads_at_once, hears, clock.now()
    session.add(row)
    await audit.record(
        session,
        client_id=client_id,
        user_id=user_id,
        at=clock.now(),
        action="portal_settings.changed",
        subject="portal_settings",
        subject_id=client_id,
        facts={"before": before, "after": {"uploads_at_once": uploads_at_once, "hears": hears}},
    )


async def require_hears(session: AsyncSession, client_id: UUID, *, clock: Clock) -> None:
    """Refuse where the call centre shows the client no recordings.

    Raises:
        RecordingsNotShown: so it is.
    """
    if not (await settings_of(session, client_id, clock=clock)).hears:
        raise RecordingsNotShown
