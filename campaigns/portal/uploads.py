"""Lists that a client's users upload: staged like a manager's, then handed over to the call centre.

While a file is handed over nobody of the client changes it: what the manager looked at is what is imported.
Nothing here commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.models import ListImport
from campaigns.lists.staged import staging
from campaigns.portal.errors import (
    AnswerMissing,
    UploadHandedOver,
    UploadNotFound,
    UploadNotHandedOver,
)
from campaigns.portal.models import ClientUpload
from campaigns.portal.words import UploadState
from campaigns.states import ImportState
from campaigns.tenancy.audit import trace
from dialer.clock import Clock

_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of the client's users, and how far it is."""

    row: ListImport
    way: ClientUpload

    @property
    def state(self) -> UploadState:
        """Return how far it is."""
        if self.row.state is not ImportState.STAGED:
            return UploadState.TAKEN
        if self.way.handed_at is not None:
            return UploadState.HANDED_OVER
        return UploadState.SENT_BACK if self.way.answer else UploadState.LOOKED_AT


async def keep(session: AsyncSession, row: ListImport) -> None:
    """Keep that a staged import is the client's own upload."""
    session.add(ClientUpload(import_id=row.id, client_id=row.client_id))
    await session.flush()


async def find(
    session: AsyncSession, import_id: UUID, *, client_id: UUID, lock: bool = False
) -> Upload:
    """Return an upload of the client's users; the call centre's own imports are not found.

    Raises:
        UploadNotFound: no such upload, or it is another client's.
    """
    statement = select(ClientUpload).where(
        col(ClientUpload.import_id) == import_id, col(ClientUpload.client_id) == client_id
    )
    way = (await session.exec(statement.with_for_update() if lock else statement)).first()
    if way is None:
        raise UploadNotFound
    row = await staging.find_import(session, import_id, client_id=client_id, lock=lock)
    return Upload(row, way)


async def uploads_of(
    session: AsyncSession, client_id: UUID, *, waiting: bool = False
) -> Sequence[Upload]:
    """Return the client's uploads, the newest first; ``waiting``: those the call centre has to look at."""
    statement = (
        select(ListImport, ClientUpload)
        .join(ClientUpload, col(ClientUpload.import_id) == col(ListImport.id))
        .where(col(ClientUpload.client_id) == client_id)
    )
    if waiting:
        statement = statement.where(
            col(ClientUpload.handed_at).is_not(None), col(ListImport.state) == ImportState.STAGED
        )
    found = await session.exec(statement.order_by(col(ListImport.id).desc()).limit(_MOST_SHOWN))
    return [Upload(*one) for one in found.all()]


def require_changeable(upload: Upload) -> None:
    """Refuse to change a file that the call centre has.

    Raises:
        UploadHandedOver: it has it.
    """
    if upload.way.handed_at is not None:
        raise UploadHandedOver


async def hand_over(session: AsyncSession, upload: Upload, *, user_id: UUID, clock: Clock) -> None:
    """Hand a staged file over to the call centre.

    Raises:
        UploadHandedOver: it has it already.
        ImportNotStaged: it is imported.
    """
    staging.require_staged(upload.row)
    require_changeable(upload)
    way = upload.way
    way.handed_at, way.handed_by, way.answer = clock.now(), user_id, ""
    session.add(way)
    facts = {"file_name": upload.row.file_name, "sha256": upload.row.file_sha256}
    await trace(session, upload.row, "upload.handed_over", facts, user_id=user_id, clock=clock)


async def send_back(
    session: AsyncSession, upload: Upload, answer: str, *, user_id: UUID, clock: Clock
) -> None:
    """Give a file back to the client with a reason.

    Raises:
        UploadNotHandedOver: the call centre does not have it, or has imported it.
        AnswerMissing: nobody said why.
    """
    if upload.state is not UploadState.HANDED_OVER:
        raise UploadNotHandedOver
    if not answer.strip():
        raise AnswerMissing
    way = upload.way
    way.handed_at, way.answer = None, answer.strip()
    way.answered_at, way.answered_by = clock.now(), user_id
    session.add(way)
    facts = {"answer": way.answer}
    await trace(session, upload.row, "upload.sent_back", facts, user_id=user_id, clock=clock)
