"""What was made of saved reports: runs and their files, for those who may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.saved_reports.definitions import is_fit_for_client, read
from campaigns.saved_reports.errors import RunNotFound
from campaigns.saved_reports.keeping import versions_of
from campaigns.saved_reports.models import ReportRun, ReportRunFile, SavedReport
from campaigns.saved_reports.words import PrintFormat
from campaigns.tenancy import audit
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock

#: So many runs are listed.
MOST_RUNS = 50

_FILES = text(
    """
    SELECT run_id, format, name, size, sha256, content IS NULL AS is_gone FROM report_run_file
    WHERE run_id = ANY(CAST(:ids AS uuid[])) ORDER BY run_id, format
    """
)


async def runs_of(
    session: AsyncSession, row: SavedReport, who: Identity, *, limit: int = MOST_RUNS
) -> Sequence[ReportRun]:
    """Return what was made of a report, the newest first.

    A client's person does not see what was made before the report was fit for the client's eyes.
    """
    statement = select(ReportRun).where(
        col(ReportRun.report_id) == row.id, col(ReportRun.client_id) == who.client_id
    )
    if who.role is Role.CLIENT:
        statement = statement.where(col(ReportRun.number).in_(await _fit(session, row)))
    return (await session.exec(statement.order_by(col(ReportRun.id).desc()).limit(limit))).all()


async def find_run(
    session: AsyncSession, row: SavedReport, run_id: UUID, who: Identity, *, lock: bool = False
) -> ReportRun:
    """Return a run of a report.

    Raises:
        RunNotFound: there is none, or it is not for the person's eyes.
    """
    statement = select(ReportRun).where(
        col(ReportRun.id) == run_id,
        col(ReportRun.report_id) == row.id,
        col(ReportRun.client_id) == who.client_id,
    )
    run = (await session.exec(statement.with_for_update() if lock else statement)).first()
    if run is None:
        raise RunNotFound
    if who.role is Role.CLIENT and run.number not in await _fit(session, row):
        raise RunNotFound
    return run


async def _fit(session: AsyncSession, row: SavedReport) -> list[int]:
    """Return the versions that the client's people may see."""
    versions = await versions_of(session, row)
    return [one.number for one in versions if is_fit_for_client(read(row.kind, one.definition))]


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a run, without what is in it."""

    format: PrintFormat
    name: str
    size: int  #: bytes
    sha256: str
    is_gone: bool  #: not kept any more


async def files_of(
    session: AsyncSession, runs: Sequence[ReportRun]
) -> Mapping[UUID, list[KeptFile]]:
    """Return the files of runs."""
    ids = [run.id for run in runs]
    rows = await session.execute(_FILES, {"ids": ids})
    found: dict[UUID, list[KeptFile]] = {}
    for row in rows:
        kept = KeptFile(PrintFormat(row.format), row.name, row.size, row.sha256, row.is_gone)
        found.setdefault(row.run_id, []).append(kept)
    return found


async def take_file(
    session: AsyncSession,
    run: ReportRun,
    kind: PrintFormat,
    *,
    user_id: UUID | None,
    clock: Clock,
    by: str,
) -> tuple[ReportRunFile, bytes]:
    """Return a file of a run and what is in it, and leave a trace of who took it.

    Raises:
        RunNotFound: there is none, or it is not kept any more.
    """
    file = await session.get(ReportRunFile, (run.id, kind))
    if file is None or file.content is None:
        raise RunNotFound
    facts = {"file": file.name, "sha256": file.sha256, "by": by}
    await audit.trace(session, run, "saved_report.downloaded", facts, user_id=user_id, clock=clock)
    return file, file.content
