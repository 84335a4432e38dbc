"""Handing a client's list over to the call centre, as pages and programs do it alike."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api import importing
from api.deps import Services
from campaigns.lists.models import ListImport
from campaigns.portal import settings, uploads
from campaigns.portal.uploads import Upload
from campaigns.tenancy.tokens import Identity


async def hand_over(
    own: AsyncSession, services: Services, upload: Upload, who: Identity
) -> ListImport | None:
    """Hand a locked upload over; return its import if the call centre allows it to be written at once.

    Raises:
        UploadHandedOver, ImportNotStaged: see ``uploads.hand_over``.
        NoPhoneColumn: it is to be written at once, and no column has numbers.
    """
    await uploads.hand_over(own, upload, user_id=who.user_id, clock=services.clock)
    allowed = await settings.settings_of(own, who.client_id, clock=services.clock)
    if not allowed.uploads_at_once:
        return None
    return await importing.begin(own, services, upload.row.id, who)
