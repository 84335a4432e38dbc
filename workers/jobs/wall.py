"""Alarms of the live wall: every few seconds each client's figures are compared with its limits.

It is done here and not where walls are shown: what is wrong is wrong when nobody looks.
"""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text

from campaigns.commands import lease_key
from campaigns.wall.alarm_book import keep, standing
from campaigns.wall.alarms import Scene, alarms, nobody_works
from campaigns.wall.looking import Look, look
from campaigns.wall.reading import Reader
from dialer.db import transaction
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: When alarms are looked for, seconds of a minute.
WATCH_SECONDS = set(range(0, 60, 5))

_CLIENTS = text(
    """
    SELECT client_id FROM campaign WHERE state IN ('running', 'paused')
    UNION SELECT client_id FROM wall_alarm WHERE ended_at IS NULL
    """
)


@dataclass(slots=True)
class AlarmWatch:
    """What is remembered between two looks of this process."""

    readers: dict[UUID, Reader] = field(default_factory=dict)
    nobody_since: dict[UUID, datetime] = field(default_factory=dict)
    away_since: dict[UUID, datetime] = field(default_factory=dict)


async def watch_walls(ctx: dict[str, Any]) -> int:
    """Look for alarms of every client with campaigns; return of how many clients."""
    deps: BackgroundDeps = ctx["deps"]
    watch: AlarmWatch = ctx.setdefault("alarm_watch", AlarmWatch())
    async with deps.sessions() as session:
        clients: list[UUID] = list((await session.execute(_CLIENTS)).scalars())
    used = await asyncio.to_thread(_disk_used, deps.settings.recordings())
    for client_id in clients:
        await watch_client(deps, watch, ctx["redis"], client_id, used)
    for client_id in watch.readers.keys() - set(clients):
        del watch.readers[client_id]
    return len(clients)


async def watch_client(
    deps: BackgroundDeps, watch: AlarmWatch, redis: Redis, client_id: UUID, used: float | None
) -> None:
    """Raise and end one client's alarms."""
    reader = watch.readers.setdefault(client_id, Reader(client_id))
    async with transaction(deps.sessions) as session:
        seen = await look(session, client_id, deps.clock.now())
        await reader.read(session, seen)
        _remember(watch.nobody_since, nobody_works(seen), seen)
        away = await _without_a_runner(redis, seen)
        if away is not None:
            _remember(watch.away_since, away, seen)
        scene = Scene(
            seen,
            reader.figures,
            reader.trunks,
            reader.choice,
            watch.nobody_since,
            watch.away_since,
            used,
        )
        found = alarms(scene, await standing(session, client_id))
        await keep(session, client_id, found, seen.at)


def _remember(since: dict[UUID, datetime], now_so: set[UUID], seen: Look) -> None:
    """Keep since when campaigns of a look are so."""
    for one in seen.campaigns:
        if one in now_so:
            since.setdefault(one, seen.at)
        else:
            since.pop(one, None)


async def _without_a_runner(redis: Redis, seen: Look) -> set[UUID] | None:
    """Return the campaigns nobody holds the lease of; None: Redis does not say."""
    ids = list(seen.campaigns)
    if not ids:
        return set()
    try:
        held: Sequence[bytes | None] = await redis.mget([lease_key(one) for one in ids])
    except (RedisError, OSError) as error:
        log.warning("wall.redis_away", error=type(error).__name__)
        return None
    return {one for one, holder in zip(ids, held, strict=True) if holder is None}


def _disk_used(folder: Path) -> float | None:
    """Return which share of the recordings' disk is used, 0..1; None: it is not there."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), None)
    if there is None:
        return None
    usage = shutil.disk_usage(there)
    return 1 - usage.free / usage.total
