"""What the link of a report's letter opens: its files, without a sign-in, until it ends."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.delivering import MeansDep
from api.deps import SessionDep
from api.saved_report_showing import attachment
from api.templating import render
from campaigns.delivery.deliveries import links
from campaigns.delivery.deliveries.carrying import Means
from campaigns.delivery.deliveries.errors import LinkEnded
from campaigns.saved_reports import runs
from campaigns.saved_reports.models import ReportRun, SavedReport
from campaigns.saved_reports.words import PrintFormat
from campaigns.tenancy.models import Client
from dialer.rows import Whose, see_only

router = APIRouter(prefix=links.REPORT.path)
Token = Annotated[str, Path(max_length=200)]


async def _opened(session: SessionDep, means: Means, token: str) -> tuple[ReportRun, links.Opened]:
    if means.ring is None:
        raise LinkEnded
    found = links.opened(means.ring, token, means.clock.now(), links.REPORT)
    run = await session.get(ReportRun, found.delivery_id)
    if run is None:
        raise LinkEnded
    await see_only(session, Whose(run.client_id))
    report = await session.get_one(SavedReport, run.report_id)
    client = await session.get_one(Client, run.client_id)
    if report.removed_at is not None or client.archived_at is not None:
        raise LinkEnded
    return run, found


@router.get("/{token}")
async def linked_report(
    request: Request, token: Token, session: SessionDep, means: MeansDep
) -> Response:
    """Show a report's files; opening the page downloads nothing, so mail scanners leave no trace."""
    run, found = await _opened(session, means, token)
    report = await session.get_one(SavedReport, run.report_id)
    return render(
        request,
        "saved_reports/link.html",
        run=run,
        name=report.name,
        files=(await runs.files_of(session, [run])).get(run.id, []),
        ends_at=found.ends_at,
        token=token,
    )


@router.get("/{token}/{kind}")
async def linked_report_file(
    token: Token, kind: PrintFormat, session: SessionDep, means: MeansDep
) -> Response:
    """Return a file of the report that a link opens."""
    run, _ = await _opened(session, means, token)
    file, content = await runs.take_file(
        session, run, kind, user_id=None, clock=means.clock, by="link"
    )
    return attachment(content, file.name, kind, file.sha256)
