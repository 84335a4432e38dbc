"""The wall's stream: all rows once, then what changes, numbered, so that a page that comes back goes on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from uuid import UUID

import structlog
from fastapi import Request
from fastapi.responses import StreamingResponse

from api.browsers import RECHECK_S
from api.deps import Services
from api.pages.stream import STREAM_LIVES_S, as_event
from api.pages.wall_view import walls_of
from api.wall.client_wall import ClientWall
from api.wall.keys import Audience, millis
from api.wall.walls import Walls

log = structlog.get_logger()

#: A page is told this often that its figures are those of now, and the server's clock with it.
BEAT_S = 3.0

#: Asks whether the viewer may go on.
MayGoOn = Callable[[], Awaitable[bool]]


def answer(
    request: Request, services: Services, client_id: UUID, audience: Audience, may: MayGoOn
) -> StreamingResponse:
    """Return the stream for an audience; a browser that lost it says where it was."""
    last = request.headers.get("last-event-id", "")
    return StreamingResponse(
        events(walls_of(request), services, client_id, audience, may, last),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def events(
    walls: Walls,
    services: Services,
    client_id: UUID,
    audience: Audience,
    may: MayGoOn,
    last_id: str = "",
) -> AsyncIterator[str]:
    """Yield server-sent events until the stream is old enough to be renewed."""
    services.metrics.streams.inc()
    try:
        async with walls.viewer(client_id, audience) as (wall, viewer):
            began = asked = monotonic()
            number = _number_in(last_id, wall)
            while monotonic() - began < STREAM_LIVES_S:
                if monotonic() - asked > RECHECK_S:
                    if not await may():
                        yield as_event("gone", "-")
                        return
                    asked = monotonic()
                walls.keep_running(client_id)
                told, number = _told(wall, audience, number)
                yield told + _beat(wall)
                await viewer.wait(BEAT_S)
    finally:
        services.metrics.streams.dec()


def _told(wall: ClientWall, audience: Audience, number: int | None) -> tuple[str, int | None]:
    """Return what a viewer lacks as an event, and the number it then has."""
    if not wall.is_known.is_set():
        return "", number
    now = wall.journal.number
    changes = wall.changes(audience, number) if number is not None else None
    if changes is None:
        return _event(wall, "snapshot", wall.snapshot(audience)), now
    return (_event(wall, "patch", changes) if changes else ""), now


def _number_in(last_id: str, wall: ClientWall) -> int | None:
    """Return the number a browser had; None: it had none, or one of another wall."""
    epoch, _, number = last_id.partition("-")
    return int(number) if epoch == wall.epoch and number.isdigit() else None


def _event(wall: ClientWall, name: str, rows: str) -> str:
    number, now = wall.journal.number, wall.now_ms()
    return f'id: {wall.epoch}-{number}\nevent: {name}\ndata: {{"now":{now},"rows":{rows}}}\n\n'


def _beat(wall: ClientWall) -> str:
    looked = millis(wall.looked_at)
    redis = millis(wall.redis_away_since)
    return (
        f'event: beat\ndata: {{"now":{wall.now_ms()},"looked":{_json(looked)},'
        f'"redis":{_json(redis)}}}\n\n'
    )


def _json(value: int | None) -> str:
    return "null" if value is None else str(value)
