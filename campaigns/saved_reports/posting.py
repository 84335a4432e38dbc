"""The letter of a report: to whom, with a link or with its files."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from campaigns.delivery.deliveries.carrying import Means
from campaigns.delivery.deliveries.links import REPORT, link_of
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.wire.mail import Attachment, Letter, send_letter
from campaigns.delivery.deliveries.words import DeliveryReason
from campaigns.saved_reports import letters
from campaigns.saved_reports.finishing import days_text
from campaigns.saved_reports.models import ReportRun, ReportRunFile, ReportSchedule, SavedReport
from campaigns.saved_reports.words import Carries, PrintFormat
from campaigns.tenancy import looks
from dialer.db import SessionFactory, transaction
from dialer.rows import Whose

MEDIA = {
    PrintFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PrintFormat.PDF: "application/pdf",
}


async def post(sessions: SessionFactory, means: Means, run_id: UUID, whose: Whose) -> list[str]:
    """Send a run's letter; return to whom it went, nobody if the schedule names nobody.

    Raises:
        SendFault: why it did not go out.
    """
    async with transaction(sessions, whose=whose) as session:
        row = await session.get_one(ReportRun, run_id)
        schedule = await session.get(ReportSchedule, row.report_id)
        report = await session.get_one(SavedReport, row.report_id)
        if schedule is None or not schedule.recipients:
            return []
        program = await looks.shown_name(session, row.client_id)
        statement = select(ReportRunFile).where(col(ReportRunFile.run_id) == run_id)
        files = (await session.exec(statement.order_by(col(ReportRunFile.format)))).all()
    facts = {
        "report": report.name,
        "period": days_text(row.first, row.last),
        "rows": row.rows,
        "program": program,
        "files": "\n".join(f"{one.name}, SHA-256 {one.sha256}" for one in files),
        **(_link(means, row, schedule) if schedule.carries is Carries.LINK else {}),
    }
    words = letters.ready(str(schedule.wording.get("language", "en")), schedule.carries, facts)
    attached = () if schedule.carries is Carries.LINK else _attached(files)
    letter = Letter(
        f"report-{row.id.hex}", schedule.recipients, words.subject, words.text, attached
    )
    await send_letter(means.mail, letter, means.clock)
    return list(schedule.recipients)


def _link(means: Means, row: ReportRun, schedule: ReportSchedule) -> dict[str, str]:
    if means.public_address is None or means.ring is None:
        raise SendFault(DeliveryReason.NO_PUBLIC_ADDRESS)
    ends_at = means.clock.now() + timedelta(days=schedule.link_days)
    until = ends_at.isoformat(timespec="minutes").partition("+")[0].replace("T", " ")
    link = link_of(means.ring, row.id, ends_at, REPORT)
    return {"link": f"{means.public_address}{link}", "until": until}


def _attached(files: Sequence[ReportRunFile]) -> tuple[Attachment, ...]:
    found = []
    for one in files:
        if one.content is None:
            raise SendFault(DeliveryReason.FILE_LOST)
        found.append(Attachment(one.name, MEDIA[one.format], one.content))
    return tuple(found)
