"""A table of a survey from beginning to end: read, weighted, counted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.crosstabs.asking import TableAsked
from campaigns.crosstabs.reading import pick, respondents_of, sources_in
from campaigns.crosstabs.respondents import Alike, Variable
from campaigns.crosstabs.table import Crosstab, cross
from campaigns.crosstabs.variables import Source, TooManyCategories, with_values
from campaigns.crosstabs.weighting import CannotWeight, Margin, Weighted, WeightingReason, weigh

#: Kinds of respondents times targets that are weighted in one request: more would take many seconds.
MOST_WEIGHED = 20_000


@dataclass(frozen=True, slots=True)
class Made:
    """A table and how it was weighted."""

    asked: TableAsked
    table: Crosstab
    column: Variable | None
    weighted: Weighted | None  #: None: everybody counts once


async def make_table(
    session: AsyncSession, asked: TableAsked, *, client_id: UUID, language: str
) -> Made:
    """Make a table.

    Raises:
        FormNotFound: the client has no such form.
        VariableUnknown: no such question or column.
        TooManyCategories: a variable has too many values.
        CannotWeight: targets and sample do not fit together.
    """
    form, sources = await sources_in(session, asked.form, client_id=client_id, language=language)
    chosen = pick(sources, asked.variables)
    _require_single(asked, chosen)
    found = await respondents_of(session, form.id, chosen, asked, client_id=client_id)
    # Weighting may take seconds: meanwhile the process serves others.
    return await asyncio.to_thread(_counted, asked, chosen, found)


def _counted(asked: TableAsked, chosen: Sequence[Source], found: Sequence[Alike]) -> Made:
    """Weigh and cross respondents; without I/O."""
    rows = with_values(chosen[0].variable, _values(found, 0))
    column = None
    if asked.columns and asked.columns != asked.rows:
        column = with_values(chosen[1].variable, _values(found, 1))
    if len(found) * len(asked.targets) > MOST_WEIGHED:
        raise TooManyCategories
    weighted = weigh(found, _margins(asked), asked.limits) if asked.targets and found else None
    counted = weighted.respondents if weighted else found
    return Made(asked, cross(counted, rows, column), column, weighted)


def _require_single(asked: TableAsked, chosen: Sequence[Source]) -> None:
    targets = {name for one in asked.targets for name in one.variables}
    for source in chosen:
        if source.variable.is_multiple and source.variable.key in targets:
            raise CannotWeight(WeightingReason.SEVERAL_ANSWERS, source.variable.key)


def _values(respondents: Sequence[Alike], at: int) -> set[str]:
    return {value for one in respondents for value in one.said[at].values}


def _margins(asked: TableAsked) -> list[Margin]:
    places = {name: at for at, name in enumerate(asked.variables)}
    return [
        Margin(tuple(places[name] for name in one.variables), one.variables, dict(one.shares))
        for one in asked.targets
    ]
