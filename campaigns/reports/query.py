"""Figures: what was counted, from roll-ups where they are and from the raw rows where they are not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports import people
from campaigns.reports.asking import (
    MOST_ROWS,
    Question,
    Row,
    Table,
    TooManyRows,
    needs_calls,
)
from campaigns.reports.composing import call_statement, case_statement, filter_values
from campaigns.reports.dimensions import Dimension, cube_for
from campaigns.reports.measure import Group
from campaigns.reports.periods import Period
from campaigns.reports.planning import are_few, plan_as_usual, plan_for
from campaigns.reports.settings import ReportTerms, terms_of
from campaigns.reports.spans import Spans, facts, spans_of

Counted = dict[tuple[str, ...], dict[str, Any]]


async def figures(
    session: AsyncSession,
    client_id: UUID,
    question: Question,
    *,
    now: datetime,
    with_before: bool = False,
) -> Table:
    """Answer a question about a client's calls, always exactly.

    Args:
        session: Of the caller.
        client_id: Whose calls.
        question: Measures, dimensions, filters, period.
        now: Until when agents' open states count.
        with_before: Count the period before, too.

    Raises:
        TooManyRows: the grouping is too fine.
    """
    terms = await terms_of(session, client_id)
    counted, raw_days = await _count(session, client_id, question, question.period, terms, now)
    earlier: Counted | None = None
    if with_before:
        before = question.period.before()
        earlier, _ = await _count(session, client_id, question, before, terms, now)
    rows = tuple(
        Row(key, counts, None if earlier is None else earlier.get(key, {}))
        for key, counts in sorted(counted.items(), key=lambda item: _order(item[0]))
    )
    total = Row((), _total(counted), None if earlier is None else _total(earlier))
    if not question.asked and any(one.group is Group.PEOPLE for one in question.columns()):
        total = await _with_people(session, client_id, question.period, terms, total, with_before)
        rows = (total,)
    return Table(question, rows, total, raw_days)


async def _with_people(
    session: AsyncSession,
    client_id: UUID,
    period: Period,
    terms: ReportTerms,
    total: Row,
    with_before: bool,
) -> Row:
    counts = {**total.counts, **await people.count(session, client_id, period, terms.zone)}
    before = total.before
    if with_before:
        earlier = await people.count(session, client_id, period.before(), terms.zone)
        before = {**(before or {}), **earlier}
    return Row((), counts, before)


def _order(key: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Sort numbers as numbers: hour 9 comes before hour 10."""
    return tuple((int(one), "") if one.isdecimal() and len(one) < 4 else (0, one) for one in key)


def _total(counted: Counted) -> dict[str, Any]:
    total: dict[str, Any] = defaultdict(int)
    for counts in counted.values():
        for name, value in counts.items():
            total[name] += value
    return dict(total)


async def _count(
    session: AsyncSession,
    client_id: UUID,
    question: Question,
    period: Period,
    terms: ReportTerms,
    now: datetime,
) -> tuple[Counted, int]:
    starts = period.starts(terms.zone)
    chosen = question.filters.get(Dimension.CAMPAIGN)
    campaigns = None if chosen is None else [UUID(one) for one in chosen]
    spans = await spans_of(session, client_id, starts, campaigns=campaigns)
    ids = list({span.campaign_id for span in spans.all()})
    counted: Counted = defaultdict(dict)
    known_here = [one for one in question.columns() if question.knows(one)]
    if any(needs_calls(one) for one in known_here):
        found = await _calls(session, client_id, question, spans, terms, now)
        _merge(counted, question, found)
    if any(one.group is Group.CASES for one in known_here):
        known = {"client_id": client_id, "campaigns": ids}
        days = {"first": period.first, "last": period.last}
        statement = case_statement(question)
        found = await _run(session, statement, known | days | filter_values(question.filters))
        _merge(counted, question, found)
    if len(counted) > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    return dict(counted), len(spans.raw_days)


async def _calls(
    session: AsyncSession,
    client_id: UUID,
    question: Question,
    spans: Spans,
    terms: ReportTerms,
    now: datetime,
) -> Sequence[Mapping[str, Any]]:
    cube = cube_for(question.asked)
    rolled, raw = (spans.rolled, spans.raw) if cube else ((), spans.all())
    known: dict[str, Any] = {
        **facts("rolled", rolled),
        **facts("span", raw),
        **filter_values(question.filters),
        **{"client_id": client_id, "zone": terms.zone, "now": now},
        **{"hour_rate": terms.hour_rate, "minute_tariff": terms.minute_tariff},
    }
    await plan_for(session, raw)
    found = await _run(
        session, call_statement(question, cube, terms, whole=not are_few(raw)), known
    )
    await plan_as_usual(session)
    return found


async def _run(
    session: AsyncSession, statement: str, known: Mapping[str, Any]
) -> Sequence[Mapping[str, Any]]:
    used = {name: value for name, value in known.items() if f":{name}" in statement}
    found = await session.execute(text(statement), used)
    return [dict(row) for row in found.mappings()]


def _merge(counted: Counted, question: Question, rows: Sequence[Mapping[str, Any]]) -> None:
    names = [f"dim_{one.value}" for one in question.dimensions]
    for row in rows:
        key = tuple(str(row[name]) for name in names)
        counts = {k: 0 if v is None else v for k, v in row.items() if k not in names}
        counted[key].update(counts)
