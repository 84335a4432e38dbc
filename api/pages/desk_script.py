"""The script in the operator's window: filled for the call, changed live, the place kept."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from time import monotonic
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response, StreamingResponse
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from api import script_words
from api.auth import PageCallTakerDep
from api.browsers import RECHECK_S, is_still_in
from api.channels import hearing
from api.deps import ClockDep, Services, SessionDep, services_of
from api.pages.stream import HEARTBEAT_S, STREAM_LIVES_S, as_event
from api.routes.scripts import own_talk
from api.templating import render
from campaigns.scripts import talks
from campaigns.scripts.publishing import script_channel
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.db import transaction

log = structlog.get_logger()

#: The tables are looked at this often when nobody says that something changed: a message may be lost.
POLL_S = 10.0

router = APIRouter(prefix="/desk/script")

Short = Annotated[str, Query(max_length=40)]


@router.get("/{attempt_id}")
async def script_panel(
    request: Request,
    attempt_id: UUID,
    who: PageCallTakerDep,
    session: SessionDep,
    clock: ClockDep,
    language: Short = "",
    at: Short = "",
    seen: Short = "",
) -> Response:
    """Show the script of a call; nothing (204) when its campaign has none.

    ``at`` is the step the window is at, ``seen`` the version it shows: what changed is said.
    """
    talk = await own_talk(session, attempt_id, who)
    version = await talks.version_for(session, talk)
    if version is None:
        return _none(had_one=bool(seen))
    shown = await talks.show(
        session,
        talk,
        version,
        wished=language,
        at=at,
        agent_name=who.login,
        hide_numbers=who.role is Role.AGENT,
        keep=talk.is_with(who.user_id),
        clock=clock,
    )
    return render(
        request,
        "scripts/_panel.html",
        attempt_id=attempt_id,
        shown=shown,
        steps=shown.steps,
        place=shown.place,
        speaks=shown.language,
        changed=bool(seen) and seen != str(version.id),
        words=script_words,
    )


def _none(*, had_one: bool) -> Response:
    """Return nothing; a script that was there and is gone leaves an empty place."""
    return Response(status_code=HTTPStatus.OK if had_one else HTTPStatus.NO_CONTENT)


@router.post("/{attempt_id}/trail")
async def keep_trail(
    attempt_id: UUID,
    who: PageCallTakerDep,
    session: SessionDep,
    trail: Annotated[str, Form(max_length=20_000)] = "",
) -> Response:
    """Keep the steps the operator went through, so that a new window stands at the same place."""
    talk = await own_talk(session, attempt_id, who)
    await talks.keep_trail(session, talk, trail.split(","))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/{attempt_id}/stream")
async def stream(
    request: Request,
    attempt_id: UUID,
    who: PageCallTakerDep,
    session: SessionDep,
    seen: Short = "",
) -> Response:
    """Say ``script`` whenever the call's script is another one than the window shows."""
    await own_talk(session, attempt_id, who)  # a 404 must come before the stream
    return StreamingResponse(
        events(services_of(request), attempt_id, who, seen),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def events(
    services: Services, attempt_id: UUID, who: Identity, seen: str
) -> AsyncIterator[str]:
    """Yield server-sent events until the stream is old enough to be renewed."""
    began = spoke = asked = monotonic()
    services.metrics.streams.inc()
    try:
        async with hearing(services.redis) as pubsub:
            while monotonic() - began < STREAM_LIVES_S:
                await _listen(pubsub, who.client_id)  # before the look: nothing falls in between
                if monotonic() - asked > RECHECK_S:
                    if not await is_still_in(services, who):
                        yield as_event("gone", "-")
                        return
                    asked = monotonic()
                stands = await _standing(services, attempt_id, who, seen)
                if stands != seen:
                    seen, spoke = stands, monotonic()
                    yield as_event("script", stands or "-")
                elif monotonic() - spoke > HEARTBEAT_S:
                    spoke = monotonic()
                    yield ": still here\n\n"
                await _wait_for_news(pubsub)
    finally:
        services.metrics.streams.dec()


async def _standing(services: Services, attempt_id: UUID, who: Identity, seen: str) -> str:
    """Return the id of the version that stands now; what cannot be read has not changed."""
    try:
        async with transaction(services.sessions, whose=who.whose) as session:
            talk = await talks.find_talk(session, attempt_id, client_id=who.client_id)
            version = await talks.version_for(session, talk)
    except (SQLAlchemyError, OSError) as error:
        log.warning("script_stream.database_away", error=type(error).__name__)
        return seen
    return str(version.id) if version else ""


async def _listen(pubsub: PubSub, client_id: UUID) -> None:
    try:
        if not pubsub.subscribed:
            await pubsub.subscribe(script_channel(client_id))
    except (RedisError, OSError):
        log.warning("script_stream.redis_away")


async def _wait_for_news(pubsub: PubSub) -> None:
    """Wait until somebody publishes a script, at most ``POLL_S``."""
    try:
        said: Any = await pubsub.get_message(timeout=POLL_S)
        while said is not None and said["type"] == "subscribe":
            said = await pubsub.get_message(timeout=POLL_S)
        while said is not None:  # several at once are one
            said = await pubsub.get_message(ignore_subscribe_messages=True, timeout=0)
    except (RedisError, OSError, RuntimeError):  # RuntimeError: it could not subscribe
        await asyncio.sleep(POLL_S)
