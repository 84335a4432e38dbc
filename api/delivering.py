"""What pages and API of deliveries share: means, tries of a target, files that go out, links."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends
from fastapi.responses import FileResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import ServicesDep
from campaigns.delivery.deliveries.carrying import Means, check, means_of
from campaigns.delivery.deliveries.errors import FileErased, FileGone
from campaigns.delivery.deliveries.models import Delivery, DeliveryFile
from campaigns.delivery.deliveries.targets import SftpTarget, Target
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.wire.sftp import offered_host_key
from campaigns.delivery.deliveries.words import DeliveryReason, FilesGone
from campaigns.tenancy.audit import trace

_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


async def _means(services: ServicesDep) -> Means:
    return means_of(services.settings, services.clock)


MeansDep = Annotated[Means, Depends(_means)]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of trying a target out; without a reason it works."""

    reason: DeliveryReason | None = None
    detail: str = ""
    host_key: str = ""
    fingerprint: str = ""


async def checked(target: Target, means: Means, program: str) -> Checked:
    """Try a target out; of an SFTP server whose key nobody confirmed, tell the key it shows.

    ``program`` is the name that a letter says for the program.
    """
    try:
        return Checked(detail=await check(target, means, program))
    except SendFault as fault:
        found = Checked(fault.reason, fault.told)
    keys = {DeliveryReason.HOST_KEY_UNKNOWN, DeliveryReason.HOST_KEY_CHANGED}
    if isinstance(target, SftpTarget) and found.reason in keys:
        try:
            shown = await offered_host_key(target.host, target.port, means.networks)
        except SendFault as fault:
            return Checked(fault.reason, fault.told)
        return Checked(found.reason, found.detail, *shown)
    return found


async def file_download(
    session: AsyncSession,
    means: Means,
    delivery: Delivery,
    position: int,
    *,
    user_id: UUID | None,
    by: str,
) -> FileResponse:
    """Return a file of a delivery as a download, and leave a trace of it.

    Raises:
        FileGone: no such file, or not kept any more; ``FileErased`` when a person in it was erased.
    """
    if delivery.files_gone == FilesGone.ERASED:
        raise FileErased
    row = await session.get(DeliveryFile, (delivery.id, position))
    path = means.folder.of(delivery.id) / (row.name if row else "")
    if row is None or row.removed_at is not None or not path.is_file():
        raise FileGone
    facts = {"file": row.name, "sha256": row.sha256, "by": by}
    await trace(session, delivery, "delivery.downloaded", facts, user_id=user_id, clock=means.clock)
    return FileResponse(
        path,
        media_type=_TYPES.get(path.suffix, "application/octet-stream"),
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name)}",
            "X-Content-SHA256": row.sha256,
            "Cache-Control": "no-store",
        },
    )
