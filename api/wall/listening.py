"""Hearing channels of Redis that come and go, for as long as it takes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

log = structlog.get_logger()

#: Redis is away: it is asked again after this.
RETRY_S = 0.5
#: Other channels are subscribed to this soon.
LISTEN_S = 0.2


async def listen(
    redis: Redis, wanted: Callable[[], set[str]], take: Callable[[str, bytes], None]
) -> None:
    """Hand over each message of the wanted channels, with its channel, for ever."""
    while True:
        pubsub = redis.pubsub()
        try:
            await _hear(pubsub, wanted, take)
        except (RedisError, OSError) as error:
            log.warning("wall.redis_away", error=type(error).__name__)
            await asyncio.sleep(RETRY_S)
        finally:
            with suppress(RedisError, OSError):
                await pubsub.aclose()  # type: ignore[no-untyped-call] # of redis-py


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
