"""The stream that keeps a desk up to date: pieces of HTML as server-sent events, each when it has changed."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from time import monotonic

import structlog
from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.exc import SQLAlchemyError

from api.desk_seats import Desk, Seat
from api.desks import Desks
from api.pages.desk_asked import HOME, DeskAskedDep
from api.pages.desk_view import View
from api.pages.stream import HEARTBEAT_S, STREAM_LIVES_S, as_event
from campaigns.desk.moments import Moment
from dialer.errors import OutdialError

log = structlog.get_logger()

#: What could not be drawn is tried again after this: the database is away, or a row is not there yet.
RETRY_S = 0.5

router = APIRouter(prefix=HOME)


@router.get("/stream")
async def stream(asked: DeskAskedDep) -> Response:
    """Send ``state``, ``work``, ``talk`` and ``figures``; ``over`` once the shift has ended."""
    moment = await asked.moment()
    return StreamingResponse(
        events(asked.desks, asked.view, moment),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def events(desks: Desks, view: View, moment: Moment | None) -> AsyncIterator[str]:
    """Yield server-sent events until the stream is old enough to be renewed."""
    if moment is None:
        yield as_event("over", "-")
        return
    metrics = view.services.metrics
    metrics.streams.inc()
    try:
        async with (
            desks.seat(moment, view.who) as (desk, seat),
            aclosing(_told(desks, view, desk, seat)) as told,
        ):
            async for event in told:
                yield event
    finally:
        metrics.streams.dec()


async def _told(desks: Desks, view: View, desk: Desk, seat: Seat) -> AsyncGenerator[str]:
    began = spoke = monotonic()
    while monotonic() - began < STREAM_LIVES_S:
        seat.news.clear()  # before the moment is read: what comes meanwhile is drawn next
        if not seat.is_in:
            yield as_event("gone", "-")  # the page asks for itself, and is led to the sign-in
            return
        if desk.moment.ended:
            yield as_event("over", "-")
            return
        pieces, is_whole = await _drawn(view, desk)
        if pieces or monotonic() - spoke > HEARTBEAT_S:
            spoke = monotonic()
            yield pieces or ": still here\n\n"
        desks.keep_running()
        await seat.wait(HEARTBEAT_S if is_whole else RETRY_S)


async def _drawn(view: View, desk: Desk) -> tuple[str, bool]:
    """Return what has changed as events, and whether everything could be drawn."""
    try:
        pieces = await view.changed(desk.moment, desk.figures)
    except (SQLAlchemyError, OSError, OutdialError) as error:
        log.warning("desk.not_drawn", error=type(error).__name__)
        view.forget()
        return "", False  # the page keeps what it shows
    return "".join(as_event(*item) for item in pieces.items()), True
