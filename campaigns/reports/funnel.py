"""The funnel: how many contacts came how far in a period, and why the others did not come further."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.asking import Filters, Question, Table
from campaigns.reports.composing import call_conditions
from campaigns.reports.dimensions import Dimension
from campaigns.reports.outcome_rates import group_of
from campaigns.reports.periods import Period
from campaigns.reports.planning import are_few, plan_as_usual, plan_for
from campaigns.reports.query import figures
from campaigns.reports.settings import terms_of
from campaigns.reports.spans import SPAN, facts, spans_of
from campaigns.reports.tally import calls
from dialer.errors import Invalid

#: Of more calls contacts are not counted one by one while somebody waits.
MOST_CALLS = 1_000_000
#: What the right person said: groups of outcome codes.
_DECIDED = frozenset({"complete", "partial", "refused"})


class TooManyCalls(Invalid):
    """The period has more calls than are counted contact by contact."""

    code = "funnel_too_many_calls"
    message = "These are too many calls for the funnel: choose a shorter period or one campaign."


class Stage(StrEnum):
    """How far a contact came, from the list on."""

    LISTED = "listed"
    DIALLED = "dialled"
    ANSWERED = "answered"
    PERSON = "person"
    CONNECTED = "connected"
    DECIDED = "decided"  #: the right person was spoken to, and said yes or no
    RESULT = "result"


STAGES = tuple(Stage)
#: The measure that counts the calls of a stage.
MEASURE_OF: Mapping[Stage, str] = {
    Stage.DIALLED: "attempts",
    Stage.ANSWERED: "answered",
    Stage.PERSON: "persons",
    Stage.CONNECTED: "connected",
    Stage.DECIDED: "connected",
    Stage.RESULT: "successes",
}
_BY_OUTCOME = (Stage.DIALLED, Stage.ANSWERED, Stage.PERSON)


@dataclass(frozen=True, slots=True)
class Left:
    """Contacts that came no further than a stage, by what their last call there came to."""

    reason: str  #: a waiting reason, an outcome or a disposition; "": none is known
    contacts: int
    calls: int  #: of the stage, with this outcome or disposition
    filters: Filters  #: of these calls; empty: none are behind it


@dataclass(frozen=True, slots=True)
class Step:
    """A stage."""

    stage: Stage
    contacts: int  #: who came so far, or further
    calls: int
    filters: Filters  #: of the calls
    left: tuple[Left, ...]  #: the most contacts first


_REACHED = """
    WITH span AS ({span}), x AS ({calls}), y AS (
        SELECT lead_id, started_at, id, outcome, disposition,
               CASE WHEN successes = 1 THEN 6
                    WHEN connected = 1 AND disposition = ANY(CAST(:deciding AS text[])) THEN 5
                    WHEN connected = 1 THEN 4 WHEN persons = 1 THEN 3
                    WHEN answered = 1 THEN 2 ELSE 1 END AS stage
        FROM x {where}
    ), far AS (
        SELECT DISTINCT ON (lead_id) lead_id, stage,
               CASE WHEN stage <= 3 THEN outcome ELSE disposition END AS reason
        FROM y ORDER BY lead_id, stage DESC, started_at DESC, id DESC
    )
    SELECT coalesce(far.stage, 0) AS stage,
           CASE WHEN far.stage IS NOT NULL THEN far.reason
                WHEN l.attempts_made > 0 THEN 'other_time'
                WHEN l.state = 'done' THEN coalesce(l.result, '')
                WHEN l.lane IS NULL THEN 'left_out'
                ELSE l.waiting_reason END AS reason,
           count(*) AS contacts
    FROM lead l LEFT JOIN far ON far.lead_id = l.id
    WHERE l.client_id = :client_id
      AND (CAST(:campaigns AS uuid[]) IS NULL OR l.campaign_id = ANY(CAST(:campaigns AS uuid[])))
      AND (CAST(:lists AS uuid[]) IS NULL OR EXISTS (
          SELECT FROM contact c
          WHERE c.id = l.contact_id AND c.list_id = ANY(CAST(:lists AS uuid[]))))
    GROUP BY 1, 2
"""
_CODES = text(
    """
    SELECT DISTINCT code, success, refuses, aapor FROM disposition
    WHERE client_id = :client_id
      AND (CAST(:campaigns AS uuid[]) IS NULL OR campaign_id = ANY(CAST(:campaigns AS uuid[])))
    """
)


async def funnel(
    session: AsyncSession, client_id: UUID, period: Period, filters: Filters, *, now: datetime
) -> tuple[Step, ...]:
    """Return the stages from the list to the result.

    Args:
        session: Of the caller.
        client_id: Whose contacts.
        period: When they were called.
        filters: By campaign and list; others are no matter of a contact.
        now: Of the figures.

    Raises:
        TooManyCalls: they are too many to be counted contact by contact.
    """
    filters = {
        one: values
        for one, values in filters.items()
        if one in (Dimension.CAMPAIGN, Dimension.LIST)
    }
    table = await _of_calls(session, client_id, period, filters, now)
    if table.total.counts.get("attempts", 0) > MOST_CALLS:
        raise TooManyCalls(most=MOST_CALLS)
    campaigns = filters.get(Dimension.CAMPAIGN)
    known = {"client_id": client_id, "campaigns": campaigns and [UUID(one) for one in campaigns]}
    codes = (await session.execute(_CODES, known)).all()
    deciding = tuple(sorted({row.code for row in codes if _decides(row)}))
    contacts = await _contacts(session, client_id, period, filters, known, deciding)
    return tuple(_step(n, contacts, table, deciding) for n in range(len(STAGES)))


def _decides(row: Any) -> bool:
    """Tell whether a disposition says that the right person was spoken to."""
    return row.success or row.refuses or (bool(row.aapor) and group_of(row.aapor) in _DECIDED)


async def _of_calls(
    session: AsyncSession, client_id: UUID, period: Period, filters: Filters, now: datetime
) -> Table:
    measures = tuple(dict.fromkeys(MEASURE_OF.values()))
    by = (Dimension.OUTCOME, Dimension.DISPOSITION)
    return await figures(session, client_id, Question(measures, period, by, filters), now=now)


async def _contacts(
    session: AsyncSession,
    client_id: UUID,
    period: Period,
    filters: Filters,
    known: Mapping[str, Any],
    deciding: tuple[str, ...],
) -> dict[tuple[int, str], int]:
    """Return how many contacts came to a stage and no further, by the reason."""
    terms = await terms_of(session, client_id)
    starts = period.starts(terms.zone)
    spans = await spans_of(session, client_id, starts, campaigns=known["campaigns"])
    keys = tuple(sorted({Dimension.OUTCOME, Dimension.DISPOSITION} | set(filters)))
    keys = tuple(one for one in keys if one is not Dimension.CAMPAIGN)
    counted = ("answered", "persons", "connected", "successes")
    where, values = call_conditions(filters)
    statement = _REACHED.format(
        span=SPAN.format("span"),
        calls=calls(
            keys,
            counted,
            ("a.id", "a.lead_id", "a.started_at"),
            whole=not are_few(spans.all()),
        ),
        where=where,
    )
    lists = filters.get(Dimension.LIST)
    used = {
        **facts("span", spans.all()),
        **values,
        **known,
        "lists": lists and [UUID(one) for one in lists if one],
        "deciding": list(deciding),
        "zone": terms.zone,
    }
    await plan_for(session, spans.all())
    rows = (await session.execute(text(statement), used)).all()
    await plan_as_usual(session)
    return {(row.stage, row.reason or ""): row.contacts for row in rows}


def _step(
    n: int,
    contacts: Mapping[tuple[int, str], int],
    table: Table,
    deciding: tuple[str, ...],
) -> Step:
    stage = STAGES[n]
    here = sorted(
        ((reason, count) for (at, reason), count in contacts.items() if at == n),
        key=lambda one: (-one[1], one[0]),
    )
    left = () if stage is Stage.RESULT else tuple(_left(stage, *one, table) for one in here)
    filters: Filters = {Dimension.DISPOSITION: deciding} if stage is Stage.DECIDED else {}
    return Step(
        stage=stage,
        contacts=sum(count for (at, _), count in contacts.items() if at >= n),
        calls=_calls(stage, table, deciding if stage is Stage.DECIDED else None, 1),
        filters=filters,
        left=left,
    )


def _left(stage: Stage, reason: str, contacts: int, table: Table) -> Left:
    if stage is Stage.LISTED:
        return Left(reason, contacts, 0, {})
    by_outcome = stage in _BY_OUTCOME
    place = 0 if by_outcome else 1
    by = Dimension.OUTCOME if by_outcome else Dimension.DISPOSITION
    return Left(reason, contacts, _calls(stage, table, (reason,), place), {by: (reason,)})


def _calls(stage: Stage, table: Table, values: Iterable[str] | None, place: int) -> int:
    """Return the calls of a stage, only those with one of these values if there are any."""
    if stage is Stage.LISTED:
        return 0
    chosen = None if values is None else set(values)
    component = MEASURE_OF[stage]
    return sum(
        int(row.counts.get(component, 0))
        for row in table.rows
        if chosen is None or row.key[place] in chosen
    )
