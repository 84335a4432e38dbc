"""The statements that answer questions: which rows are added, by what, and what is worked out of the sums."""

from collections.abc import Mapping

from campaigns.reports import cases
from campaigns.reports.asking import AGENT_COMPONENTS, MOST_ROWS, Filters, Question
from campaigns.reports.components import OF_AGENTS, OF_CALLS, OF_CASES
from campaigns.reports.dimensions import OF_TIME, Cube, Dimension
from campaigns.reports.settings import ReportTerms
from campaigns.reports.spans import SPAN
from campaigns.reports.tally import AGENT_TIME, calls

_LOCAL = "x.starts_at AT TIME ZONE :zone"
#: The value of a dimension of an hour, text; days as ISO 8601 has them.
_OF_TIME: Mapping[Dimension, str] = {
    Dimension.DAY: f"to_char({_LOCAL}, 'YYYY-MM-DD')",
    Dimension.WEEK: f"to_char({_LOCAL}, 'IYYY-\"W\"IW')",
    Dimension.MONTH: f"to_char({_LOCAL}, 'YYYY-MM')",
    Dimension.YEAR: f"to_char({_LOCAL}, 'YYYY')",
    Dimension.HOUR: f"extract(hour FROM {_LOCAL})::int::text",
    Dimension.WEEKDAY: f"extract(isodow FROM {_LOCAL})::int::text",
    Dimension.CAMPAIGN: "x.campaign_id::text",
}
#: Of a case: the day is known without a zone.
_OF_CASE: Mapping[Dimension, str] = {
    **{
        one: sql.replace(_LOCAL, "x.called_on")
        for one, sql in _OF_TIME.items()
        if one is not Dimension.HOUR
    },
    Dimension.LIST: "x.list_id::text",
    Dimension.REGION: "x.region",
}


def call_statement(
    question: Question, cube: Cube | None, terms: ReportTerms, *, whole: bool = False
) -> str:
    """Return the statement of a question about calls and agents' time; ``cube`` is read if there is one.

    ``whole``: the raw spans are a great part of all calls.
    """
    keys = tuple(sorted(question.asked - OF_TIME - {Dimension.CAMPAIGN}))
    of_calls, of_agents = _wanted(question)
    spent = ", ".join("agent" if key == "agent" else "''" for key in keys)
    sources = []
    if cube is not None:
        named = ", ".join(f"c.key{cube.keys.index(key) + 1} AS {key}" for key in keys)
        sources.append(
            "SELECT c.campaign_id, c.starts_at"
            + (f", {named}" if named else "")
            + "".join(f", c.{name}" for name in (*of_calls, *of_agents))
            + f" FROM ({SPAN.format('rolled')}) AS s JOIN report_cell c"
            f" ON c.campaign_id = s.campaign_id AND c.cube = '{cube.name}'"
            " AND c.starts_at >= s.since AND c.starts_at < s.until"
            " WHERE c.client_id = :client_id"
        )
    zeros = "".join(f", 0 AS {name}" for name in of_agents)
    sources.append(
        f"SELECT {', '.join(('campaign_id', 'starts_at', *keys, *of_calls))}{zeros}"
        f" FROM ({calls(keys, of_calls, whole=whole)}) AS one"
    )
    if of_agents:
        sources.append(
            f"SELECT campaign_id, starts_at{', ' + spent if spent else ''}"
            + "".join(", 0" for _ in of_calls)
            + "".join(f", {name}" for name in of_agents)
            + f" FROM ({AGENT_TIME}) AS spent"
        )
    dims, where, group = _shape(question, _OF_TIME)
    sums = [f"sum(x.{name})::bigint AS {name}" for name in (*of_calls, *of_agents)]
    sums += _derived(question, terms)
    return (
        f"WITH span AS ({SPAN.format('span')}), x AS ({' UNION ALL '.join(sources)})"
        f" SELECT {', '.join((*dims, *sums))}"
        " FROM x LEFT JOIN report_rate rate ON rate.campaign_id = x.campaign_id"
        f" {where} {group} LIMIT {MOST_ROWS + 1}"
    )


_PAID = ("on_call_ms", "wrap_up_ms", "ready_ms", "previewing_ms", "dialing_ms", "reserved_ms")
_PAID_ALL = (*_PAID, "connecting_ms", "paused_ms")


def _wanted(question: Question) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the components of calls and of agents' time that the measures need."""
    needed: set[str] = set()
    for measure in question.columns():
        if question.knows(measure):
            needed |= measure.components
    if "cost" in needed:
        needed |= {*_PAID_ALL, "line_ms"}
    if "taken_in_time" in needed:
        needed |= {name for name in OF_CALLS if name.startswith("taken_")}
    return (
        tuple(name for name in OF_CALLS if name in needed) or ("attempts",),
        tuple(name for name in OF_AGENTS if name in needed & AGENT_COMPONENTS),
    )


def _derived(question: Question, terms: ReportTerms) -> list[str]:
    known = [one for one in question.columns() if question.knows(one)]
    needed = {name for one in known for name in one.components}
    derived = []
    if "taken_in_time" in needed:
        derived.append(f"sum(x.taken_{terms.service_level_s}s)::bigint AS taken_in_time")
    if "cost" in needed:
        hours = " + ".join(f"x.{name}" for name in _PAID_ALL)
        derived.append(
            # Divided once, after the sum: so the sum is exact in any order.
            f"sum(({hours}) * coalesce(rate.hour_rate, CAST(:hour_rate AS numeric))"
            " + x.line_ms * 60 * coalesce(rate.minute_tariff, CAST(:minute_tariff AS numeric)))"
            " / 3600000 AS cost"
        )
    return derived


def case_statement(question: Question) -> str:
    """Return the statement of a question about cases."""
    dims, where, group = _shape(question, _OF_CASE)
    sums = [f"sum(x.{name})::bigint AS {name}" for name in OF_CASES]
    both = f"{where} AND" if where else "WHERE"
    return (
        f"{cases.EXACT} SELECT {', '.join((*dims, *sums))} FROM every AS x"
        f" {both} x.called_on BETWEEN :first AND :last {group}"
        f"{' ' if group else ''}HAVING sum(x.cases) <> 0 LIMIT {MOST_ROWS + 1}"
    )


def call_conditions(filters: Filters) -> tuple[str, dict[str, list[str]]]:
    """Return the WHERE of filters over rows ``x`` of calls, and its parameters."""
    return _where(filters, _OF_TIME), filter_values(filters)


def filter_values(filters: Filters) -> dict[str, list[str]]:
    """Return the parameters of filters."""
    return {f"is_{one.value}": list(values) for one, values in filters.items()}


def _where(filters: Filters, time: Mapping[Dimension, str]) -> str:
    tests = [
        f"{time.get(one, f'x.{one.value}')} = ANY(CAST(:is_{one.value} AS text[]))"
        for one in filters
    ]
    return f"WHERE {' AND '.join(tests)}" if tests else ""


def _shape(question: Question, time: Mapping[Dimension, str]) -> tuple[list[str], str, str]:
    """Return columns, WHERE and GROUP BY of a question."""
    dims = [f"{time.get(one, f'x.{one.value}')} AS dim_{one.value}" for one in question.dimensions]
    where = _where(question.filters, time)
    numbers = ", ".join(str(n + 1) for n in range(len(dims)))
    return dims, where, f"GROUP BY {numbers}" if numbers else ""
