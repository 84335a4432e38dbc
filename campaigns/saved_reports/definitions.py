"""What reports of either kind ask: measures by dimensions, or answers by answers."""

from collections.abc import Mapping
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.crosstabs.definition import TableDefinition
from campaigns.crosstabs.reading import pick, sources_in
from campaigns.reports.periods import day_of
from campaigns.saved_reports import definition as figures
from campaigns.saved_reports.definition import Definition, require_for_client
from campaigns.saved_reports.errors import NoRowsChosen
from campaigns.saved_reports.words import ReportKind, Sharing
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock

AnyDefinition = Definition | TableDefinition


def kind_of(definition: AnyDefinition) -> ReportKind:
    """Return what a report with this definition is of."""
    is_table = isinstance(definition, TableDefinition)
    return ReportKind.CROSSTAB if is_table else ReportKind.FIGURES


def read(kind: ReportKind, stored: Mapping[str, Any]) -> AnyDefinition:
    """Return a definition that was kept."""
    if kind is ReportKind.CROSSTAB:
        return TableDefinition.model_validate(stored)
    return figures.read(stored)


def is_fit_for_client(definition: AnyDefinition) -> bool:
    """Tell whether the client's people may see a report; of answers they may see all."""
    return isinstance(definition, TableDefinition) or not definition.internal


async def require_sound(
    session: AsyncSession,
    definition: AnyDefinition,
    who: Identity,
    sharing: Sharing,
    clock: Clock,
) -> None:
    """Refuse what could not be counted, or not be shown to those who see it.

    Raises:
        NothingChosen, MeasureUnknown, PeriodWrong: it cannot be counted so.
        NoRowsChosen, FormNotFound, VariableUnknown, TargetsUnreadable, LimitsWrong: nor can this table.
        ShowsInternal: clients' people see it, and may not see that.
    """
    today = day_of(clock.now(), "UTC")
    if isinstance(definition, TableDefinition):
        asked = definition.asked(today)
        if not asked.rows:
            raise NoRowsChosen
        _, sources = await sources_in(session, asked.form, client_id=who.client_id, language="en")
        pick(sources, asked.variables)
        return
    definition.question(today)
    if who.role is Role.CLIENT or sharing is Sharing.CLIENT:
        require_for_client(definition)
