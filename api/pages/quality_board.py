"""The leaders' board of a week."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api import quality_words
from api.measure_words import FORMULAS
from api.pages.asked import AskedToReviewDep
from api.templating import render
from campaigns.quality.blindness import hidden_calls
from campaigns.quality.board import SHOWN, BoardBy, board
from campaigns.quality.weeks import WEEK, week_of
from campaigns.reports.measures import MEASURES
from campaigns.reports.settings import terms_of

router = APIRouter(prefix="/quality/board")


@router.get("")
async def quality_board_page(
    asked: AskedToReviewDep,
    week: Annotated[str, Query(max_length=10)] = "",
    by: Annotated[str, Query(max_length=30)] = "",
    least: Annotated[str, Query(max_length=4)] = "",
) -> Response:
    """Rank operators of a week; any day names its week."""
    now, client_id = asked.services.clock.now(), asked.who.client_id
    this_week = week_of(now, (await terms_of(asked.session, client_id)).zone)
    hidden = await hidden_calls(asked.session, asked.who)
    found = await board(
        asked.session,
        client_id,
        _monday(week, this_week),
        now=now,
        by=BoardBy(by) if by in tuple(BoardBy) else BoardBy.SCORE,
        least=max(1, int(least)) if least.isdecimal() else None,
        without=hidden,
    )
    return render(
        asked.request,
        "quality/board.html",
        who=asked.who,
        words=quality_words,
        board=found,
        hidden=len(hidden),
        last_day=found.week + WEEK - timedelta(days=1),
        before=found.week - WEEK,
        after=found.week + WEEK if found.week < this_week else None,
        kinds=BoardBy,
        measures=[MEASURES[key] for key in SHOWN],
        formulas=FORMULAS,
    )


def _monday(said: str, this_week: date) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return this_week
    if not 2000 <= day.year <= 2999:
        return this_week
    return day - timedelta(days=day.weekday())
