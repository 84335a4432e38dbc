"""A saved report, answered: the figures, and the names of what they are grouped by."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.asking import Question, Row, Table
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measures import MEASURES
from campaigns.reports.naming import Names, names_of
from campaigns.reports.query import figures
from campaigns.reports.settings import ReportTerms, terms_of
from campaigns.saved_reports.definition import Definition


@dataclass(frozen=True, slots=True)
class Answered:
    """A report's figures at an instant."""

    definition: Definition
    question: Question
    table: Table  #: its rows in the order that the definition wants
    names: Names
    terms: ReportTerms
    at: datetime


async def answer(
    session: AsyncSession,
    client_id: UUID,
    definition: Definition,
    *,
    today: date,
    now: datetime,
) -> Answered:
    """Count what a report asks.

    Raises:
        NothingChosen, MeasureUnknown, PeriodWrong, TooManyRows: it cannot be counted so.
    """
    question = definition.question(today)
    table = await figures(session, client_id, question, now=now, with_before=definition.with_before)
    values: dict[Dimension, set[str]] = {}
    for place, dimension in enumerate(question.dimensions):
        values.setdefault(dimension, set()).update(row.key[place] for row in table.rows)
    for dimension, chosen in question.filters.items():
        values.setdefault(dimension, set()).update(chosen)
    names = await names_of(session, client_id, values)
    terms = await terms_of(session, client_id)
    return Answered(definition, question, _sorted(table, definition), names, terms, now)


def _sorted(table: Table, definition: Definition) -> Table:
    """Order rows by a measure; what is not known comes last either way."""
    measure = MEASURES.get(definition.sort)
    if measure is None or definition.sort not in table.question.measures:
        return table

    def place(row: Row) -> tuple[bool, Decimal]:
        value = table.value(row, measure)
        if value is None:
            return True, Decimal(0)
        return False, value if definition.rising else -value

    return replace(table, rows=tuple(sorted(table.rows, key=place)))
