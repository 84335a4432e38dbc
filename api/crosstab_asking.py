"""What an address asks of cross-tables; what is left out is left open."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from fastapi import Request
from starlette.datastructures import QueryParams

from campaigns.crosstabs.asking import (
    LimitsWrong,
    TableAsked,
    limits_of,
    read_targets,
)
from campaigns.crosstabs.weighting import Limits
from campaigns.reports.periods import PeriodWrong

_MOST = 100


def read_table_asked(request: Request) -> TableAsked:
    """Return the table that an address asks for.

    Raises:
        TargetsUnreadable, LimitsWrong, PeriodWrong: what is written cannot be read.
    """
    said = request.query_params
    lines = "\n".join(said.getlist("target"))
    first, last = _day(said, "first"), _day(said, "last")
    if first and last and first > last:
        raise PeriodWrong(first=first.isoformat(), last=last.isoformat())
    return TableAsked(
        form=said.get("form", "")[:64],
        rows=said.get("rows", "")[:200],
        columns=said.get("columns", "")[:200],
        campaigns=tuple(_ids(said.getlist("campaign")[:_MOST])),
        versions=tuple(
            int(one) for one in said.getlist("version")[:_MOST] if one.isdecimal() and len(one) < 7
        ),
        first=first,
        last=last,
        targets=read_targets(lines[:10_000]),
        limits=_limits(said),
    )


def _limits(said: QueryParams) -> Limits:
    usual = Limits()
    try:
        least = float((said.get("least") or str(usual.least)).replace(",", "."))
        most = float((said.get("most") or str(usual.most)).replace(",", "."))
    except ValueError as error:
        raise LimitsWrong from error
    return limits_of(least, most)


def _day(said: QueryParams, name: str) -> date | None:
    try:
        day = date.fromisoformat(said.get(name, ""))
    except ValueError:
        return None
    if not date(2000, 1, 1) <= day <= date(2200, 1, 1):
        raise PeriodWrong(day=day.isoformat())
    return day


def _ids(texts: Sequence[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
