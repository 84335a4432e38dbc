"""The leaders' board of a week: scores from reviews, the rest from the measures of reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent
from campaigns.quality.models import Review
from campaigns.quality.ranking import ranked
from campaigns.quality.weeks import bounds
from campaigns.reports.asking import Question
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measures import MEASURES
from campaigns.reports.periods import Period
from campaigns.reports.query import figures
from campaigns.reports.settings import terms_of

#: Of whom fewer calls were scored is not ranked: two calls say little of a week.
LEAST_SCORED = 3
#: For the measures of work: calls taken in the week.
LEAST_CALLS = 20
_TENTH = Decimal("0.1")


class BoardBy(StrEnum):
    """What operators are ranked by; all but the score are keys of ``campaigns.reports.measures``."""

    SCORE = "score"
    OCCUPANCY = "occupancy"
    TALK = "talk_s"
    FORMS = "forms_per_hour"


#: How many calls a figure rests on.
_CALLS = "connected"
SHOWN = tuple(one.value for one in BoardBy if one is not BoardBy.SCORE)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """An operator's week."""

    agent_id: UUID
    name: str
    scored: int  #: calls
    score: Decimal | None  #: mean of the scores, per cent
    failed: int  #: calls with a failed critical question
    calls: int
    figures: Mapping[str, Decimal | None]

    def value(self, by: BoardBy) -> Decimal | None:
        """Return the figure by which one ranks."""
        return self.score if by is BoardBy.SCORE else self.figures.get(by.value)

    def count(self, by: BoardBy) -> int:
        """Return how many calls stand behind that figure."""
        return self.scored if by is BoardBy.SCORE else self.calls


@dataclass(frozen=True, slots=True)
class Board:
    """A week's operators, the best first."""

    week: date
    by: BoardBy
    least: int  #: with fewer calls nobody is ranked
    rows: list[tuple[int | None, BoardRow]]


async def board(
    session: AsyncSession,
    client_id: UUID,
    week: date,
    *,
    now: datetime,
    by: BoardBy = BoardBy.SCORE,
    least: int | None = None,
    without: frozenset[UUID] = frozenset(),
) -> Board:
    """Return the board of a week that begins on ``week``, a Monday of the client's zone.

    ``without``: calls that whoever looks is to score blind: their scores are not counted.
    """
    if least is None:
        least = LEAST_SCORED if by is BoardBy.SCORE else LEAST_CALLS
    scores = await _scores(session, client_id, week, without)
    period = Period(week, week + timedelta(days=6))
    question = Question((_CALLS, *SHOWN), period, (Dimension.AGENT,))
    table = await figures(session, client_id, question, now=now)
    worked = {row.key[0]: row for row in table.rows}
    agents = await session.exec(
        select(Agent.id, Agent.name)
        .where(col(Agent.client_id) == client_id)
        .order_by(col(Agent.name))
    )
    rows = []
    for agent_id, name in agents:
        counted, mean, failed = scores.get(agent_id, (0, None, 0))
        row = worked.get(str(agent_id))
        if row is None and not counted:
            continue
        found = {
            key: table.value(row, MEASURES[key]) if row is not None else None
            for key in (_CALLS, *SHOWN)
        }
        calls = int(found[_CALLS] or 0)
        rows.append(BoardRow(agent_id, name, counted, mean, failed, calls, found))
    order = ranked(rows, lambda one: one.value(by), lambda one: one.count(by), least=least)
    return Board(week, by, least, order)


async def _scores(
    session: AsyncSession, client_id: UUID, week: date, without: frozenset[UUID]
) -> dict[UUID, tuple[int, Decimal | None, int]]:
    """Return by operator: calls scored, their mean, calls that failed a critical question."""
    begin, end = bounds(week, (await terms_of(session, client_id)).zone)
    statement = (
        select(
            Review.agent_id,
            func.count(),
            func.avg(col(Review.percent)),
            func.count().filter(func.cardinality(col(Review.failed)) > 0),
        )
        .where(
            col(Review.client_id) == client_id,
            col(Review.calibration_id).is_(None),
            col(Review.attempt_id).not_in(without),
            col(Review.talked_at) >= begin,
            col(Review.talked_at) < end,
        )
        .group_by(col(Review.agent_id))
    )
    return {
        agent_id: (count, mean.quantize(_TENTH, ROUND_HALF_UP), failed)
        for agent_id, count, mean, failed in (await session.exec(statement)).all()
    }
