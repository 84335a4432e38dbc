"""What programs and pages do alike with exports: leave the worker its job, hand out a file."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

import structlog
from fastapi.responses import FileResponse
from redis.exceptions import RedisError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Services
from campaigns.delivery import exports
from campaigns.delivery.models import Export
from campaigns.delivery.words import ExportFormat
from campaigns.portal import files
from campaigns.tenancy import audit
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.db import transaction
from dialer.jobs import JobName

log = structlog.get_logger()

_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.JSONL: "application/jsonl",
    ExportFormat.REFRESH: "application/zip",
}


async def ask(
    services: Services,
    campaign_id: UUID,
    format_: ExportFormat,
    who: Identity,
    *,
    layout: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Export:
    """Ask for an export in a transaction of its own, and leave the worker its job.

    Raises:
        CampaignNotFound, LayoutNotFound, BadExportOptions: see ``exports.ask``.
    """
    asked: dict[str, Any] = {
        "client_id": who.client_id,
        "user_id": who.user_id,
        "clock": services.clock,
    }
    async with transaction(services.sessions, whose=who.whose) as own:
        if who.role is Role.CLIENT:  # in the newest layout, whatever number is named
            row = await files.order(own, campaign_id, format_, options=options, **asked)
        else:
            row = await exports.ask(
                own, campaign_id, format_, layout=layout, options=options, **asked
            )
    await leave_job(services, row)
    return row


async def seen(session: AsyncSession, campaign_id: UUID, who: Identity) -> Sequence[Export]:
    """Return a campaign's exports; to a client's user those that the client ordered."""
    finder = files.files_of if who.role is Role.CLIENT else exports.exports_of
    return await finder(session, campaign_id, client_id=who.client_id)


async def require_seen(session: AsyncSession, export_id: UUID, who: Identity) -> None:
    """Refuse a client's user who asks for a file that the call centre made for itself.

    Raises:
        FileNotYours: so it is, or there is no such file.
    """
    if who.role is Role.CLIENT:
        await files.require_own(session, export_id, client_id=who.client_id)


async def begin_again(services: Services, export_id: UUID, who: Identity) -> Export:
    """Have an export written anew that has no file.

    Raises:
        ExportNotFound, ExportNotOver: see ``exports.begin_again``.
    """
    async with transaction(services.sessions, whose=who.whose) as own:
        await require_seen(own, export_id, who)
        row = await exports.begin_again(
            own, export_id, client_id=who.client_id, user_id=who.user_id, clock=services.clock
        )
    await leave_job(services, row)
    return row


async def leave_job(services: Services, row: Export) -> None:
    """Have a worker write the export; if Redis is away, the workers' sweep finds it."""
    try:
        await services.jobs.enqueue(
            JobName.MAKE_EXPORT, key=f"export:{row.id}:{row.asked_at:%s}", export_id=str(row.id)
        )
    except (RedisError, OSError) as error:
        log.warning("export.job_not_left", error=type(error).__name__)


async def handed_out(
    session: AsyncSession, services: Services, export_id: UUID, who: Identity
) -> FileResponse:
    """Return an export's file as a download; who took it is in the audit log.

    Raises:
        ExportNotFound: no such export of this client.
        ExportNotDone: there is no file.
    """
    await require_seen(session, export_id, who)
    row = await exports.find_export(session, export_id, client_id=who.client_id)
    path = exports.path_of(services.settings.exports(), row)
    facts = {"format": row.format.value, "rows": row.rows_done, "sha256": row.sha256}
    await audit.trace(
        session, row, "export.downloaded", facts, user_id=who.user_id, clock=services.clock
    )
    return FileResponse(
        path,
        media_type=_TYPES.get(row.format, "application/octet-stream"),
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.file_name)}",
            "X-Content-SHA256": row.sha256,
        },
    )
