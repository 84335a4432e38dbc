"""The stream that keeps a campaign's page up to date: HTML fragments as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Callable
from time import monotonic
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from api.auth import PageIdentityDep
from api.browsers import RECHECK_S, is_still_in
from api.channels import hearing
from api.deps import Services, services_of
from api.languages import language_of
from api.pages.board import Board, Boards
from api.pages.campaigns import boards_of, figures_context, head_context
from api.templating import render_text
from campaigns.commands import board_channel
from campaigns.tenancy.tokens import Identity

log = structlog.get_logger()

#: Between two updates of a page: twice a second is as fast as people read.
LEAST_GAP_S = 0.5

#: The tables are looked at this often when the runner says nothing.
POLL_S = 1.0

#: An idle stream says something this often, so that neither side takes it for dead.
HEARTBEAT_S = 15.0

#: Then the browser connects anew, and who is asking is checked again.
STREAM_LIVES_S = 900.0

#: Returns the parts of a page by their names.
FragmentsOf = Callable[[Board, Identity, str], dict[str, str]]

router = APIRouter(prefix="/campaigns")


@router.get("/{campaign_id}/stream")
async def stream(request: Request, campaign_id: UUID, who: PageIdentityDep) -> Response:
    """Send ``head`` and ``figures`` fragments, each when it has changed."""
    boards = boards_of(request)
    await boards.board(campaign_id, client_id=who.client_id)  # a 404 must come before the stream
    return StreamingResponse(
        events(services_of(request), boards, campaign_id, who, language_of(request)),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def events(
    services: Services,
    boards: Boards,
    campaign_id: UUID,
    who: Identity,
    language: str,
    *,
    fragments_of: FragmentsOf | None = None,
) -> AsyncIterator[str]:
    """Yield server-sent events until the stream is old enough to be renewed."""
    told_by = fragments_of or _fragments_of
    began = spoke = asked = monotonic()
    sent: dict[str, str] = {}
    services.metrics.streams.inc()
    try:
        async with hearing(services.redis) as pubsub:
            while monotonic() - began < STREAM_LIVES_S:
                if monotonic() - asked > RECHECK_S:
                    if not await is_still_in(services, who):
                        # The page asks for itself, and is led to the sign-in.
                        yield as_event("gone", "-")
                        return
                    asked = monotonic()
                fragments = await _fragments(boards, campaign_id, who, language, told_by)
                changed = {name: html for name, html in fragments.items() if sent.get(name) != html}
                sent.update(changed)
                if changed or monotonic() - spoke > HEARTBEAT_S:
                    spoke = monotonic()
                    yield "".join(as_event(*item) for item in changed.items()) or ": still here\n\n"
                    await asyncio.sleep(LEAST_GAP_S)
                await _wait_for_news(pubsub, campaign_id)
    finally:
        services.metrics.streams.dec()


async def _fragments(
    boards: Boards, campaign_id: UUID, who: Identity, language: str, told_by: FragmentsOf
) -> dict[str, str]:
    try:
        board: Board = await boards.board(campaign_id, client_id=who.client_id)
    except (SQLAlchemyError, OSError) as error:
        log.warning("stream.database_away", error=type(error).__name__)
        return {}  # the page keeps what it shows
    return told_by(board, who, language)


def _fragments_of(board: Board, who: Identity, language: str) -> dict[str, str]:
    return {
        "head": render_text(language, "campaigns/_head.html", **head_context(board, who)),
        "figures": render_text(language, "campaigns/_figures.html", **figures_context(board)),
    }


def as_event(name: str, html: str) -> str:
    """Return a server-sent event. Source: WHATWG HTML, "Server-sent events", 9.2.5."""
    data = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"event: {name}\n{data}\n"


async def _wait_for_news(pubsub: PubSub, campaign_id: UUID) -> None:
    """Wait until the runner publishes, at most ``POLL_S``; older news are passed over."""
    try:
        if not pubsub.subscribed:
            await pubsub.subscribe(board_channel(campaign_id))
        while await pubsub.get_message(ignore_subscribe_messages=True, timeout=0):
            pass
        await pubsub.get_message(ignore_subscribe_messages=True, timeout=POLL_S)
    except (RedisError, OSError):
        await asyncio.sleep(POLL_S)
