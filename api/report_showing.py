"""From an address to a table: what page, files and API have in common."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from api import report_words
from api.deps import services_of
from api.languages import language_of
from api.report_asking import Asked, read_asked
from api.report_view import Teller, View, view_of
from api.templating import translate
from campaigns.reports.asking import Question, Table
from campaigns.reports.dimensions import Dimension
from campaigns.reports.naming import names_of
from campaigns.reports.periods import day_of
from campaigns.reports.query import figures
from campaigns.reports.settings import ReportTerms, terms_of
from campaigns.reports.standard import ReportKey, StandardReport, report_named
from campaigns.tenancy.tokens import Identity


@dataclass(frozen=True, slots=True)
class Shown:
    """A standard report, answered."""

    report: StandardReport
    title: str
    asked: Asked
    terms: ReportTerms
    table: Table
    view: View
    teller: Teller


async def asked_of(
    request: Request, session: AsyncSession, who: Identity
) -> tuple[Asked, ReportTerms]:
    """Return what an address asks, and the client's terms.

    Raises:
        PeriodWrong: the dates are no period.
    """
    terms = await terms_of(session, who.client_id)
    today = day_of(services_of(request).clock.now(), terms.zone)
    return read_asked(request, today), terms


async def show(request: Request, session: AsyncSession, who: Identity, name: str) -> Shown:
    """Answer a standard report as an address asks for it.

    Raises:
        ReportNotFound: there is none of this name.
        PeriodWrong: the dates are no period.
        TooManyRows: the grouping is too fine.
    """
    report = report_named(name)
    asked, terms = await asked_of(request, session, who)
    path = f"/reports/{report.key.value}"
    return await answer(request, session, who, report, asked, terms, path)


async def answer(
    request: Request,
    session: AsyncSession,
    who: Identity,
    report: StandardReport,
    asked: Asked,
    terms: ReportTerms,
    path: str,
) -> Shown:
    """Answer a report that is asked for at ``path``.

    Raises:
        TooManyRows: the grouping is too fine.
    """
    question = report.question(asked.period, asked.filters, step=asked.step)
    now = services_of(request).clock.now()
    table = await figures(session, who.client_id, question, now=now, with_before=True)
    table = _against_the_one_before(table)
    teller = await teller_of(request, session, who, terms, table)
    view = view_of(table, teller, asked, path)
    title = translate(language_of(request), report_words.REPORTS[report.key])
    return Shown(report, title, asked, terms, table, view, teller)


async def teller_of(
    request: Request, session: AsyncSession, who: Identity, terms: ReportTerms, table: Table
) -> Teller:
    """Return who says the figures of a table."""
    values: dict[Dimension, set[str]] = {}
    for place, dimension in enumerate(table.question.dimensions):
        values.setdefault(dimension, set()).update(row.key[place] for row in table.rows)
    names = await names_of(session, who.client_id, values)
    return Teller(language_of(request), terms, names)


def _against_the_one_before(table: Table) -> Table:
    """Put the day, week, month or year before beside each row of a report by periods."""
    by = table.question.dimensions
    if len(by) != 1 or by[0] not in STEPS:
        return table
    earlier = [None, *(row.counts for row in table.rows)]
    rows = tuple(
        replace(row, before=before) for row, before in zip(table.rows, earlier, strict=False)
    )
    return replace(table, rows=rows)


STEPS = (Dimension.DAY, Dimension.WEEK, Dimension.MONTH, Dimension.YEAR)


async def by_kind_of_hours(
    request: Request, session: AsyncSession, who: Identity, shown: Shown
) -> list[tuple[str, Table]]:
    """Return the same measures for all hours, for peak hours and for quiet ones; none without peak hours."""
    peak = shown.terms.peak_hours
    if not peak or shown.report.key is not ReportKey.OVERVIEW:
        return []
    now = services_of(request).clock.now()
    found = []
    quiet = sorted(set(range(24)) - peak)
    for kind, hours in (("all", ()), ("peak", _texts(sorted(peak))), ("quiet", _texts(quiet))):
        filters = {**shown.asked.filters, **({Dimension.HOUR: hours} if hours else {})}
        asked = Question(shown.report.measures, shown.asked.period, (), filters)
        found.append((kind, await figures(session, who.client_id, asked, now=now)))
    return found


async def staff_of(
    request: Request, session: AsyncSession, who: Identity, shown: Shown
) -> View | None:
    """Return the measures of the client's staff, beside the period before; None where they do not belong."""
    if shown.report.key is not ReportKey.OVERVIEW or shown.asked.filters:
        return None
    asked = Question(_STAFF, shown.asked.period)
    now = services_of(request).clock.now()
    table = await figures(session, who.client_id, asked, now=now, with_before=True)
    return view_of(table, shown.teller, shown.asked, "")


_STAFF = ("agents_per_supervisor", "turnover")


def _texts(hours: Iterable[int]) -> tuple[str, ...]:
    return tuple(str(hour) for hour in hours)
