"""Planning: what a stored import asks the pipeline to do, and the counts that come back."""

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.models import ListImport
from campaigns.lists.reading.tables import OpenTable
from campaigns.lists.staged import staging
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.plan import ImportPlan, NumberLimits, Rehearsal
from campaigns.tenancy.models import Client


async def plan_of(
    session: AsyncSession, row: ListImport, options: ImportOptions, table: OpenTable
) -> ImportPlan:
    """Return what an import is asked to do; without a list of its own yet, its id stands for one.

    Raises:
        NoPhoneColumn: nobody said which column holds phones.
    """
    client = await session.get_one(Client, row.client_id)
    return ImportPlan(
        client_id=row.client_id,
        list_id=row.list_id or options.list_id or row.id,
        import_id=row.id,
        region=options.region,
        mapping=staging.mapping_of(row, table),
        duplicates=options.policy(),
        campaign_id=options.campaign_id,
        priority=options.priority,
        limits=NumberLimits.of(client.allowed_countries, client.allowed_number_types),
    )


def take_counts(row: ListImport, report: Rehearsal) -> None:
    """Keep the counts of a rehearsal or a report with the import."""
    row.rows_in, row.rows_accepted = report.rows_in, report.rows_accepted
    row.rows_refused, row.phones = report.rows_refused, report.phones
    row.refused_by_reason = dict(report.refused_by_reason)
    row.warnings = dict(report.warnings)
