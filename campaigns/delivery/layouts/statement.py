"""The statement that gives a layout's rows: PostgreSQL renders every value as its text.

The server is the fastest thing here that can make text of an instant or a JSON value, so it does, and what
comes over COPY goes into a CSV file almost as it is.
"""
# ruff: noqa: S608 - names are our own; every value of a client goes through literal()

import re
from collections.abc import Callable
from uuid import UUID

from campaigns.delivery.layouts.columns import Column, Layout
from campaigns.delivery.words import ColumnSource

_UTC = "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
_LOCAL = "to_char({0} AT TIME ZONE z.name, 'YYYY-MM-DD\"T\"HH24:MI:SS')"
_OURS = {
    "list": "cl.name",
    "row": "c.source_row",
    "external_key": "c.external_key",
    "dialled_phone": "a.e164",
    "attempts": "l.attempts_made",
    "last_outcome": "l.last_outcome",
    "result": "l.result",
    "disposition": "a.disposition",
    "disposition_label": "d.label",
    "agent": "g.name",
    "called_at": _UTC.format("a.started_at"),
    "called_at_local": _LOCAL.format("a.started_at"),
    "answered_at": _UTC.format("a.answered_at"),
    "answered_at_local": _LOCAL.format("a.answered_at"),
    "time_zone": "z.name",
    "talk_s": ("round(extract(epoch FROM coalesce(a.left_at, a.ended_at) - a.connected_at), 1)"),
    "recording": "a.recording",
    "note": "n.text",
    "form_version": "r.version",
    "interview_ending": "i.ending",
    "interview_began_at": _UTC.format("i.started_at"),
}
#: What a value's alias needs, each after what it needs itself. A zone that the server does not know would
#: end the statement, so only those it knows are joined.
_JOINS = {
    "cl": "JOIN contact_list cl ON cl.id = c.list_id",
    "a": """
        LEFT JOIN LATERAL (
            SELECT * FROM attempt x WHERE x.lead_id = l.id
            ORDER BY x.started_at DESC, x.id DESC LIMIT 1
        ) a ON true""",
    "d": "LEFT JOIN disposition d ON d.campaign_id = l.campaign_id AND d.code = a.disposition",
    "g": """
        LEFT JOIN agent_session s ON s.id = a.agent_session_id
        LEFT JOIN agent g ON g.id = s.agent_id""",
    "n": "LEFT JOIN attempt_note n ON n.attempt_id = a.id",
    "z": """
        LEFT JOIN place p ON p.id = l.place_id
        LEFT JOIN zones z ON z.name = coalesce(c.zone, p.zones[1])""",
    "i": """
        LEFT JOIN LATERAL (
            SELECT y.id, y.ending, y.started_at
            FROM attempt x
            JOIN interview_call k ON k.attempt_id = x.id
            JOIN interview y ON y.id = k.interview_id
            JOIN form f ON f.id = y.form_id
            WHERE x.lead_id = l.id AND f.code = {form}
            ORDER BY y.started_at DESC, y.id DESC LIMIT 1
        ) i ON true""",
    "r": "LEFT JOIN interview_result r ON r.interview_id = i.id",
}
_NEEDS = {"d": "a", "g": "a", "n": "a", "r": "i"}


def literal(text: str) -> str:
    """Return a text as SQL says it: COPY takes no parameters.

    Quotes are doubled, and nothing else has a meaning in one (``standard_conforming_strings``).
    """
    quoted = text.replace("\0", "").replace("'", "''")
    return f"'{quoted}'"


def rows_statement(layout: Layout, campaign_id: UUID, *, client_id: UUID) -> str:
    """Return the SELECT of a layout's rows: one for each lead, in the order of lists and rows."""
    return _statement(layout, campaign_id, client_id, _value) + _ORDER


_ORDER = " ORDER BY c.list_id, c.source_row, l.id"


def lengths_statement(
    layout: Layout, texts: list[int], campaign_id: UUID, *, client_id: UUID
) -> str:
    """Return the SELECT of the longest value of some columns, in bytes, by their positions."""
    wanted = Layout(tuple(layout.columns[at] for at in texts), layout.form)
    return _statement(
        wanted, campaign_id, client_id, lambda column: f"max(octet_length({_value(column)}))"
    )


def count_statement(campaign_id: UUID, *, client_id: UUID) -> str:
    """Return the SELECT of how many rows there are."""
    return f"SELECT count(*) FROM lead l WHERE {_whose(campaign_id, client_id)}"


def _whose(campaign_id: UUID, client_id: UUID) -> str:
    return f"l.campaign_id = '{campaign_id}' AND l.client_id = '{client_id}'"


def _statement(
    layout: Layout, campaign_id: UUID, client_id: UUID, value: Callable[[Column], str]
) -> str:
    values = [f"{value(column)} AS c{at}" for at, column in enumerate(layout.columns)]
    used = _used(layout)
    zones = (
        "WITH zones AS MATERIALIZED (SELECT name FROM pg_timezone_names) " if "z" in used else ""
    )
    joins = [_JOINS[alias].replace("{form}", literal(layout.form)) for alias in used]
    return (
        f"{zones}SELECT {', '.join(values)} FROM lead l JOIN contact c ON c.id = l.contact_id"
        f" {' '.join(joins)} WHERE {_whose(campaign_id, client_id)}"
    )


def _used(layout: Layout) -> list[str]:
    """Return the aliases that the values need, in the order of their joins."""
    used: set[str] = set()
    for column in layout.columns:
        if column.source is ColumnSource.OURS:
            said = _OURS[column.key]
            used |= {alias for alias in _JOINS if re.search(rf"\b{alias}\.", said)}
        elif column.source is not ColumnSource.OWN:
            used.add("r")
    for alias in list(used):
        while alias in _NEEDS:
            alias = _NEEDS[alias]
            used.add(alias)
    return [alias for alias in _JOINS if alias in used]


def _value(column: Column) -> str:
    """Return the expression of a column's value, a text or what PostgreSQL makes one of."""
    key = literal(column.key)
    if column.source is ColumnSource.OWN:
        return f"c.fields ->> {key}"
    if column.source is ColumnSource.OURS:
        return _OURS[column.key]
    said = _answer(column, key)
    if column.no_answers and column.source is not ColumnSource.OPTION:
        said = f"coalesce({said}, r.answers ->> {literal(column.key + '?')})"
    if column.versions:
        known = ", ".join(map(str, column.versions))
        said = f"CASE WHEN r.version IN ({known}) THEN {said} END"
    return said


def _answer(column: Column, key: str) -> str:
    match column.source:
        case ColumnSource.OTHER:
            return f"r.answers ->> {literal(column.key + '+')}"
        case ColumnSource.OPTION:
            none = f"r.answers ->> {literal(column.key + '?')}" if column.no_answers else "NULL"
            chosen = f"((r.answers -> {key}) ? {literal(column.part)})::int::text"
            return f"CASE WHEN r.answers ? {key} THEN {chosen} ELSE {none} END"
        case ColumnSource.RANK:
            return f"r.answers -> {key} ->> {int(column.part)}"
        case ColumnSource.PART:
            return f"r.answers -> {key} ->> {literal(column.part)}"
        case _:
            return f"r.answers ->> {key}"
