"""A client's list is handed over to the call centre, or discarded, as pages and programs do it alike."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import importing
from api.deps import Services
from api.uploading import folder_of
from campaigns.lists.models import ListImport
from campaigns.lists.staged import staging
from campaigns.portal import settings, uploads
from campaigns.portal.uploads import Upload
from campaigns.tenancy.tokens import Identity
from dialer.db import transaction


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


async def discard_upload(services: Services, import_id: UUID, who: Identity) -> None:
    """Forget a list and its file, in a transaction of its own, while the call centre has it not.

    Raises:
        UploadNotFound: no such upload of this client.
        UploadHandedOver: the call centre has it, or got it at this moment.
        ImportNotStaged: it is imported.
    """
    async with transaction(services.sessions, whose=who.whose) as own:
        upload = await uploads.find(own, import_id, client_id=who.client_id, lock=True)
        uploads.require_changeable(upload)
        stored_as = upload.row.stored_as
        await staging.discard(own, upload.row, user_id=who.user_id, clock=services.clock)
    folder_of(services).remove(stored_as)
