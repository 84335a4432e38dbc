"""Hearing channels of Redis that come and go, for as long as it takes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

log = structlog.get_logger()

#: Redis is away: it is asked again after this.
RETRY_S = 0.5
#: Other channels are subscribed to this soon.
LISTEN_S = 0.2


@asynccontextmanager
async def hearing(redis: Redis) -> AsyncIterator[PubSub]:
    """Open a connection on which channels are heard; it is closed however the block ends."""
    pubsub = redis.pubsub()
    try:
        yield pubsub
    finally:
        with suppress(RedisError, OSError):
            await pubsub.aclose()  # type: ignore[no-untyped-call] # redis-py gives it no types


async def listen(
    redis: Redis, wanted: Callable[[], set[str]], take: Callable[[str, bytes], None]
) -> None:
    """Hand over each message of the wanted channels, with its channel, for ever."""
    while True:
        try:
            async with hearing(redis) as pubsub:
                await _hear(pubsub, wanted, take)
        except (RedisError, OSError) as error:
            log.warning("channels.redis_away", error=type(error).__name__)
            await asyncio.sleep(RETRY_S)


async def _hear(
    pubsub: PubSub, wanted: Callable[[], set[str]], take: Callable[[str, bytes], None]
) -> None:
    heard: set[str] = set()
    while True:
        now = wanted()
        if now - heard:
            await pubsub.subscribe(*(now - heard))
        if heard - now:
            await pubsub.unsubscribe(*(heard - now))
        heard = now
        if not heard:
            await asyncio.sleep(LISTEN_S)
            continue
        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=LISTEN_S)
        if message is not None:
            take(message["channel"].decode(), message["data"])
