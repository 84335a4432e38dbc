"""How far an import is, in Redis: shown to people, never relied upon."""

import json
from contextlib import suppress
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

#: A worker that has ended shows nothing any more after this, seconds.
_SHOWN_S = 30
#: Tries are forgotten after a day, seconds.
_TRIES_S = 24 * 3600


def progress_key(import_id: UUID) -> str:
    """Return the key with ``{"rows", "total"}`` as JSON; ``total`` is null until the end."""
    return f"outdial:import:{import_id}"


async def show_progress(redis: Redis, import_id: UUID, rows: int, total: int | None) -> None:
    """Show that so many rows are written; an import goes on without Redis."""
    with suppress(RedisError, OSError):
        await redis.set(
            progress_key(import_id), json.dumps({"rows": rows, "total": total}), ex=_SHOWN_S
        )


async def progress_of(redis: Redis, import_id: UUID) -> int | None:
    """Return how many rows are written; None when nobody tells."""
    with suppress(RedisError, OSError):
        kept = await redis.get(progress_key(import_id))
        return int(json.loads(kept)["rows"]) if kept else None
    return None


async def clear_progress(redis: Redis, import_id: UUID) -> None:
    """Forget an import that is over."""
    with suppress(RedisError, OSError):
        await redis.delete(progress_key(import_id), _tries_key(import_id))


async def count_try(redis: Redis, import_id: UUID) -> int:
    """Count one more try to write the import and return how many there were."""
    with suppress(RedisError, OSError):
        tries = int(await redis.incr(_tries_key(import_id)))
        await redis.expire(_tries_key(import_id), _TRIES_S)
        return tries
    return 1


def _tries_key(import_id: UUID) -> str:
    return f"outdial:import:{import_id}:tries"
