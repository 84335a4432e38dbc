"""The calls behind a figure: exactly as many as it says, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.asking import Filters, Question
from campaigns.reports.components import OF_CALLS
from campaigns.reports.composing import call_conditions
from campaigns.reports.dimensions import OF_TIME, Dimension
from campaigns.reports.measure import Measure
from campaigns.reports.measures import MEASURES
from campaigns.reports.periods import Period
from campaigns.reports.planning import are_few, plan_for
from campaigns.reports.query import figures
from campaigns.reports.settings import terms_of
from campaigns.reports.spans import SPAN, facts, spans_of
from campaigns.reports.tally import calls
from dialer.phone import masked

PAGE = 50

#: A call is counted once in each of these.
_ONCE = frozenset(name for name in OF_CALLS if not name.endswith("_ms")) - {
    *("forms_begun", "forms_complete", "forms_screened_out", "forms_quota_full"),
    *("csat_answers", "csat_satisfied"),
}
#: The measure that counts calls by each component that can be listed.
_LISTED = {"taken_in_time": "connected", "forms_complete": "connected"}


#: The calls of ``page`` as they are listed.
_SHOWN = """
    SELECT a.id, a.campaign_id, a.started_at, a.e164, a.outcome, a.disposition, c.name,
           c.erased_at IS NOT NULL AS erased, coalesce(g.name, '') AS agent,
           extract(epoch FROM coalesce(a.left_at, a.ended_at) - a.connected_at) AS talk_s
    FROM page JOIN attempt a ON a.id = page.id
    LEFT JOIN contact c ON c.id = a.contact_id
    LEFT JOIN agent_session s ON s.id = a.agent_session_id LEFT JOIN agent g ON g.id = s.agent_id
    WHERE a.client_id = :client_id
    ORDER BY a.started_at DESC, a.id DESC
"""
_PAGE_OF = text(
    f"""
    WITH page AS (SELECT id FROM attempt WHERE id = ANY(CAST(:ids AS uuid[]))
                  ORDER BY started_at DESC, id DESC LIMIT {PAGE} OFFSET :offset)
    {_SHOWN}
    """
)


@dataclass(frozen=True, slots=True)
class ShownCall:
    """One call of a list."""

    id: UUID
    campaign_id: UUID
    started_at: datetime
    number: str  #: masked; empty: the person was erased
    name: str
    agent: str
    outcome: str
    disposition: str
    talk_s: float | None


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of the calls behind a figure."""

    calls: tuple[ShownCall, ...]
    total: int
    page: int  #: 0 = the first, with the newest calls

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return -(-self.total // PAGE)


def component_of(measure: Measure) -> str | None:
    """Return the component whose calls stand behind a measure; None: no single calls do."""
    for name in (*measure.over, *measure.under):
        name = _LISTED.get(name, name)
        if name in _ONCE:
            return name
    return None


async def calls_behind(
    session: AsyncSession,
    client_id: UUID,
    measure: Measure,
    period: Period,
    filters: Filters,
    *,
    page: int,
    now: datetime,
) -> CallPage:
    """Return a page of the calls that a figure counts, the newest first.

    The roll-ups tell how many calls each day has, so only the page's days are read.
    """
    component = component_of(measure)
    if component is None:
        return CallPage((), 0, 0)
    counting = next(
        (one.key for one in MEASURES.values() if one.over == (component,) and not one.under),
        None,
    )
    asked = Question((counting or measure.key,), period, (Dimension.DAY,), filters)
    table = await figures(session, client_id, asked, now=now)
    days = [
        (date.fromisoformat(row.key[0]), int(row.counts.get(component, 0))) for row in table.rows
    ]
    days = sorted((one for one in days if one[1]), reverse=True)
    first, seen = page * PAGE, 0
    needed: list[date] = []
    for day, count in days:
        if seen < first + PAGE and seen + count > first:
            needed.append(day)
        seen += count
    total = sum(count for _, count in days)
    if not needed:
        return CallPage((), total, page)
    before = sum(count for day, count in days if day > needed[0])
    rows = await _rows(
        session, client_id, component, Period(needed[-1], needed[0]), filters, page * PAGE - before
    )
    return CallPage(tuple(_shown(row) for row in rows), total, page)


async def page_of(
    session: AsyncSession, client_id: UUID, ids: Sequence[UUID], *, page: int
) -> CallPage:
    """Return a page of a client's calls, the newest first."""
    known = {"ids": list(ids), "offset": page * PAGE, "client_id": client_id}
    rows = (await session.execute(_PAGE_OF, known)).mappings().all()
    return CallPage(tuple(_shown(dict(row)) for row in rows), len(ids), page)


async def _rows(
    session: AsyncSession,
    client_id: UUID,
    component: str,
    period: Period,
    filters: Filters,
    offset: int,
) -> Sequence[Mapping[str, Any]]:
    terms = await terms_of(session, client_id)
    chosen = filters.get(Dimension.CAMPAIGN)
    campaigns = None if chosen is None else [UUID(one) for one in chosen]
    spans = await spans_of(session, client_id, period.starts(terms.zone), campaigns=campaigns)
    keys = tuple(sorted(set(filters) - OF_TIME - {Dimension.CAMPAIGN}))
    where, known = call_conditions(filters)
    whole = not are_few(spans.all())
    statement = f"""
        WITH span AS ({SPAN.format("span")}),
        x AS (SELECT * FROM ({calls(keys, (component,), ("a.id", "a.started_at"), whole=whole)}) AS one
              WHERE {component} = 1),
        page AS (SELECT x.id FROM x {where}
                 ORDER BY x.started_at DESC, x.id DESC LIMIT {PAGE} OFFSET :offset)
        {_SHOWN}
    """
    used = {**facts("span", spans.all()), **known, "offset": offset, "client_id": client_id}
    if ":zone" in statement:
        used["zone"] = terms.zone
    await plan_for(session, spans.all())
    found = await session.execute(text(statement), used)
    return [dict(row) for row in found.mappings()]


def _shown(row: Mapping[str, Any]) -> ShownCall:
    return ShownCall(
        id=row["id"],
        campaign_id=row["campaign_id"],
        started_at=row["started_at"],
        number="" if row["erased"] else masked(row["e164"]),
        name="" if row["erased"] else row["name"] or "",
        agent=row["agent"],
        outcome=row["outcome"] or "",
        disposition=row["disposition"] or "",
        talk_s=None if row["talk_s"] is None else float(row["talk_s"]),
    )
