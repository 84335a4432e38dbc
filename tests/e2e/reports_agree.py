"""The reports and the plain counts: every grouping, from roll-ups, from raw rows and over HTTP."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.asking import Question
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Group
from campaigns.reports.measures import MEASURES
from campaigns.reports.periods import Period
from campaigns.reports.query import figures
from campaigns.reports.standard import REPORTS
from tests.busy_day import RATE, TARIFF
from tests.plain_counts import Counts, PlainCounts, figure

ALL = tuple(MEASURES)
_BY = Dimension
#: By what is compared.
GROUPINGS: tuple[tuple[Dimension, ...], ...] = (
    (),
    *((one,) for one in (_BY.CAMPAIGN, _BY.DAY, _BY.HOUR, _BY.LIST, _BY.AGENT, _BY.FORM)),
    *((one,) for one in (_BY.TRUNK, _BY.CALLER_ID, _BY.CAUSE, _BY.OUTCOME, _BY.DISPOSITION)),
    (_BY.CAMPAIGN, _BY.DAY, _BY.HOUR),
    (_BY.CAMPAIGN, _BY.LIST, _BY.DAY),
    (_BY.TRUNK, _BY.CAUSE),
    (_BY.OUTCOME, _BY.DISPOSITION),
    (_BY.CAMPAIGN, _BY.DAY, _BY.AGENT),
    (_BY.FORM, _BY.AGENT, _BY.HOUR),  # nothing of this is rolled up
    (_BY.CALLER_ID, _BY.DAY, _BY.FORM),
)
#: What plain counts do not know: outcome rates of the survey trade, the client's people, machines.
_OTHER = frozenset(
    one.key
    for one in MEASURES.values()
    if one.source.startswith("AAPOR") or one.group is Group.PEOPLE
) | {"machine_rate", "self_service", "active_base"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A client's reports of some days, as of an instant."""

    client_id: UUID
    first: date
    last: date
    now: datetime


async def compare_counts(
    session: AsyncSession, plain: PlainCounts, seen: Seen
) -> tuple[int, list[str]]:
    """Return how many counts were compared, and those that differ."""
    compared, wrong = 0, list[str]()
    period = Period(seen.first, seen.last)
    for by in GROUPINGS:
        asked = Question(ALL, period, by)
        table = await figures(session, seen.client_id, asked, now=seen.now)
        due = await plain.all(*by)
        names = {name for row in table.rows for name in row.counts}
        names &= {name for counts in due.values() for name in counts}
        assert {"attempts", "connected", "talk_ms", "forms_complete"} <= names, by
        found = {row.key: row.counts for row in table.rows}
        compared += len(due) * len(names)
        wrong += differences(by, found, due, names)
    return compared, wrong


def differences(
    by: Iterable[str],
    found: Mapping[Any, Mapping[str, Any]],
    due: Mapping[Any, Mapping[str, Any]],
    names: Iterable[str],
) -> list[str]:
    """Return in words what is not the same."""
    return [
        f"{'/'.join(by) or 'all'} {key}: {name} is {had}, not {wanted}"
        for key in sorted(found.keys() | due.keys())
        for name in sorted(names)
        if (had := int(found.get(key, {}).get(name, 0) or 0))
        != (wanted := due.get(key, {}).get(name, 0))
    ]


async def compare_api(api: AsyncClient, plain: PlainCounts, seen: Seen) -> tuple[int, list[str]]:
    """Return how many figures of the API were compared, and those that differ."""
    compared, wrong = 0, list[str]()
    days = {"first": seen.first.isoformat(), "last": seen.last.isoformat()}
    for by in GROUPINGS:
        asked = [("measures", one) for one in ALL] + [("by", one.value) for one in by]
        got = await api.get("/api/v1/reports/figures", params=[*asked, *days.items()])
        assert got.status_code == 200, got.text
        one, more = _shown(f"figures by {'/'.join(by)}", got.json(), await plain.all(*by), by)
        compared, wrong = compared + one, wrong + more
    for key, report in REPORTS.items():
        by = report.dimensions
        if not set(by) <= {one for grouping in GROUPINGS for one in grouping}:
            continue
        got = await api.get(f"/api/v1/reports/{key}", params=days)
        assert got.status_code == 200, got.text
        one, more = _shown(f"report {key}", got.json(), await plain.all(*by), by)
        compared, wrong = compared + one, wrong + more
    return compared, wrong


def _shown(
    what: str, table: Mapping[str, Any], due: Counts, by: tuple[Dimension, ...]
) -> tuple[int, list[str]]:
    compared, wrong = 0, list[str]()
    rows = {tuple(row["key"][one.value] for one in by): row["figures"] for row in table["rows"]}
    missing = [key for key, counts in due.items() if key not in rows and any(counts.values())]
    wrong += [f"{what}: {key} is missing" for key in missing]
    for key, shown in rows.items():
        for name, value in shown.items():
            if name in _OTHER or name not in _comparable(by):
                continue
            wanted = figure(name, due.get(key, {}), rate=RATE, tariff=TARIFF)
            compared += 1
            if _rounded(value) != _rounded(wanted):
                wrong.append(f"{what} {key}: {name} is {value}, not {wanted}")
    return compared, wrong


def _comparable(by: tuple[Dimension, ...]) -> set[str]:
    """Return the measures that a grouping knows; an operator day has no hour."""
    asked = Question(ALL, Period(date(2026, 1, 1), date(2026, 1, 1)), by)
    known = {one.key for one in MEASURES.values() if asked.knows(one)}
    return known - ({"agent_days", "calls_per_agent_day"} if _BY.HOUR in by else set())


def _rounded(value: Any) -> Decimal | None:
    return None if value is None else round(Decimal(str(value)), 6)


async def compare_lists_of_calls(
    api: AsyncClient, plain: PlainCounts, seen: Seen
) -> tuple[int, list[str]]:
    """A figure opens the list of the calls behind it: it is as long as the figure says."""
    compared, wrong = 0, list[str]()
    days = {"first": seen.first.isoformat(), "last": seen.last.isoformat()}
    for (campaign,), counts in (await plain.calls("campaign")).items():
        for name in ("attempts", "persons", "connected", "successes"):
            asked = {"measure": name, "campaign": campaign, **days}
            got = await api.get("/api/v1/reports/calls", params=asked)
            assert got.status_code == 200, got.text
            compared += 1
            if got.json()["total"] != counts[name]:
                wrong.append(f"calls of {name}: {got.json()['total']}, not {counts[name]}")
    return compared, wrong
